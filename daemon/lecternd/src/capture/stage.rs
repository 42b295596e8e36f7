//! One GStreamer pipeline and its life: made, played, stopped or, when it
//! will not stop, left behind.
//!
//! Every pipeline of the daemon is a `Stage`. A state change can block for
//! ever (a dead server, a hung driver), so it runs on a thread of its own with
//! a time-out, never on an async thread and never from a streaming thread.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use gst::prelude::*;
use tokio::sync::oneshot;

use super::time::ClockPoint;

/// Why a stage is not running.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StageError {
    /// An element is missing or a property is not known to it.
    #[error("{stage}: cannot be built: {cause}; is every GStreamer package installed (`make deps`)?")]
    Build { stage: String, cause: String },
    /// An element reported an error.
    #[error("{stage}: {element}: {message}")]
    Element { stage: String, element: String, message: String },
    /// The state change was refused without a word on the bus.
    #[error("{stage}: would not start")]
    Refused { stage: String },
    /// The state change did not end in time.
    #[error("{stage}: did not start within {limit:?}")]
    StartTimeout { stage: String, limit: Duration },
    /// The stream ended.
    #[error("{stage}: the stream ended")]
    Ended { stage: String },
    /// `auto`, and no device of the kind is there.
    #[error("{stage}: no device of this kind is there; plug one in, or name one in the configuration")]
    NoDevice { stage: String },
    /// Too many earlier pipelines still hang.
    #[error("{stage}: {count} earlier pipelines would not stop and still hang; no more are begun")]
    TooManyLeftBehind { stage: String, count: usize },
    /// Nothing came or went for too long.
    #[error("{stage}: nothing moved for {limit:?}")]
    Stalled { stage: String, limit: Duration },
}

impl StageError {
    /// The same with the element's own words changed, which may repeat what a
    /// server said.
    pub(crate) fn with_message(self, change: impl FnOnce(&str) -> String) -> Self {
        match self {
            Self::Element { stage, element, message } => {
                Self::Element { stage, element, message: change(&message) }
            }
            other => other,
        }
    }
}

/// How a stage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// In state Null, everything released.
    Clean,
    /// Still blocked in its state change; its memory and threads are lost
    /// until whatever it waits for gives way.
    Abandoned,
}

/// What the bus says, as far as anybody here acts on it.
#[derive(Debug)]
pub(crate) enum BusEvent {
    Error { element: String, message: String },
    Eos,
}

/// A pipeline with the shared clock.
#[derive(Debug)]
pub(crate) struct Stage {
    name: String,
    pipeline: gst::Pipeline,
    /// Kept for the whole life: a stream made anew for each wait would lose
    /// what came in between.
    bus: gst::bus::BusStream,
    /// Held during a change of state.
    has_ended: Arc<Mutex<bool>>,
    stopped: bool,
}

/// How long a pipeline may take to reach Null before it is left behind.
const STOP_LIMIT: Duration = Duration::from_secs(2);

impl Stage {
    /// Takes over a pipeline that is still in state Null. It runs on the
    /// monotonic system clock, never on a device's.
    pub(crate) fn new(name: impl Into<String>, pipeline: gst::Pipeline) -> Self {
        pipeline.use_clock(Some(&gst::SystemClock::obtain()));
        let bus = pipeline.bus().unwrap_or_default().stream();
        Self { name: name.into(), pipeline, bus, has_ended: Arc::default(), stopped: false }
    }

    /// Builds from a `gst-launch` description. Values that a user wrote never
    /// go into it: they are set as properties afterwards.
    pub(crate) fn parse(name: impl Into<String>, description: &str) -> Result<Self, StageError> {
        let name = name.into();
        let build = |cause: String| StageError::Build { stage: name.clone(), cause };
        let element = gst::parse::launch(description).map_err(|e| build(e.to_string()))?;
        let pipeline = element.downcast::<gst::Pipeline>().map_err(|_| build("not a pipeline".to_owned()))?;
        Ok(Self::new(name, pipeline))
    }

    /// Makes its running time the shared clock's own time, so that everything
    /// that is derived from it is the same in every stage that does so.
    pub(crate) fn count_from_clock_zero(&self) {
        self.pipeline.set_start_time(gst::ClockTime::NONE);
        self.pipeline.set_base_time(gst::ClockTime::ZERO);
    }

    /// Begins its running time now instead of when it plays. A mixer that the
    /// clock drives is given the clock before the base time (GStreamer 1.22):
    /// in between it counts from zero, believes that it is hours late, and
    /// makes seconds of silence and slates that it then waits for to pass.
    pub(crate) fn count_from_now(&self) {
        self.pipeline.set_start_time(gst::ClockTime::NONE);
        self.pipeline.set_base_time(ClockPoint::now().0);
    }

    /// Builds on a thread of its own: some elements open their device as soon as
    /// they are linked, and a device that hangs must not take an async thread
    /// with it.
    pub(crate) async fn build_apart(
        name: String,
        limit: Duration,
        build: impl FnOnce() -> Result<Self, StageError> + Send + 'static,
    ) -> Result<Self, StageError> {
        refuse_when_too_many_hang(&name)?;
        let (done, mut built) = oneshot::channel();
        std::thread::spawn(move || {
            let _ = done.send(build());
        });
        match tokio::time::timeout(limit, &mut built).await {
            Ok(Ok(stage)) => stage,
            Ok(Err(_)) => Err(StageError::Refused { stage: name }),
            Err(_) => {
                leave_behind(built);
                Err(StageError::StartTimeout { stage: name, limit })
            }
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn pipeline(&self) -> &gst::Pipeline {
        &self.pipeline
    }

    /// An element by its name in the description.
    pub(crate) fn element<T: IsA<gst::Element>>(&self, name: &str) -> Result<T, StageError> {
        self.pipeline.by_name(name).and_then(|e| e.downcast::<T>().ok()).ok_or_else(|| StageError::Build {
            stage: self.name.clone(),
            cause: format!("no element `{name}` of the expected type"),
        })
    }

    /// The clock time at which this pipeline's running time is zero; known
    /// once it plays.
    pub(crate) fn base_time(&self) -> gst::ClockTime {
        self.pipeline.base_time().unwrap_or(gst::ClockTime::ZERO)
    }

    /// Starts it. Errors that come later arrive through [`Self::next_event`].
    pub(crate) async fn play(&mut self, limit: Duration) -> Result<(), StageError> {
        /// The error is posted before the state change fails, on another thread.
        const EXPLANATION: Duration = Duration::from_millis(200);
        refuse_when_too_many_hang(&self.name)?;
        let change = change_state(&self.pipeline, &self.has_ended, gst::State::Playing);
        match tokio::time::timeout(limit, change).await {
            Err(_) => Err(StageError::StartTimeout { stage: self.name.clone(), limit }),
            Ok(Ok(Ok(_))) => Ok(()),
            Ok(_) => match tokio::time::timeout(EXPLANATION, self.failed()).await {
                Ok(error) => Err(error),
                Err(_) => Err(StageError::Refused { stage: self.name.clone() }),
            },
        }
    }

    /// Waits for the next thing that somebody must act on. Cancel-safe.
    pub(crate) async fn next_event(&mut self) -> BusEvent {
        while let Some(message) = self.bus.next().await {
            match message.view() {
                gst::MessageView::Error(error) => {
                    let (element, message) = describe(error);
                    return BusEvent::Error { element, message };
                }
                gst::MessageView::Eos(_) => return BusEvent::Eos,
                gst::MessageView::Latency(_) => {
                    let _ = self.pipeline.recalculate_latency();
                }
                gst::MessageView::Warning(warning) => {
                    tracing::debug!(stage = self.name, "{}", warning.error());
                }
                _ => {}
            }
        }
        std::future::pending().await
    }

    /// Waits for the stage's end: an error, or the end of the stream.
    pub(crate) async fn failed(&mut self) -> StageError {
        match self.next_event().await {
            BusEvent::Error { element, message } => {
                StageError::Element { stage: self.name.clone(), element, message }
            }
            BusEvent::Eos => StageError::Ended { stage: self.name.clone() },
        }
    }

    /// Takes it to Null, or leaves it behind.
    pub(crate) async fn stop(mut self) -> Stopped {
        self.stopped = true;
        let mut change = change_state(&self.pipeline, &self.has_ended, gst::State::Null);
        if tokio::time::timeout(STOP_LIMIT, &mut change).await.is_ok() {
            return Stopped::Clean;
        }
        tracing::warn!(stage = self.name, "would not stop within {STOP_LIMIT:?}: left behind");
        leave_behind(change);
        Stopped::Abandoned
    }
}

impl Drop for Stage {
    /// A task that was cancelled or panicked must not leave a camera open.
    fn drop(&mut self) {
        if !self.stopped {
            drop(change_state(&self.pipeline, &self.has_ended, gst::State::Null));
        }
    }
}

/// Pipelines of this process that were left behind and still hang.
static LEFT_BEHIND: AtomicUsize = AtomicUsize::new(0);
/// Each holds threads and memory. What hangs so often does not mend by trying.
const MOST_LEFT_BEHIND: usize = 16;

/// Counts something that hangs, for as long as it does: it may give way later.
fn leave_behind<T: Send + 'static>(hanging: oneshot::Receiver<T>) {
    LEFT_BEHIND.fetch_add(1, Ordering::Relaxed);
    std::thread::spawn(move || {
        let _ = hanging.blocking_recv();
        LEFT_BEHIND.fetch_sub(1, Ordering::Relaxed);
    });
}

fn refuse_when_too_many_hang(stage: &str) -> Result<(), StageError> {
    let count = LEFT_BEHIND.load(Ordering::Relaxed);
    if count < MOST_LEFT_BEHIND {
        return Ok(());
    }
    Err(StageError::TooManyLeftBehind { stage: stage.to_owned(), count })
}

type StateChange = Result<gst::StateChangeSuccess, gst::StateChangeError>;

/// Changes the state on a thread of its own: one that hangs for ever must not
/// take a thread from those that wait for the disk. Threads begin in any order, so
/// what comes behind the end, `Null`, is refused.
fn change_state(
    pipeline: &gst::Pipeline,
    has_ended: &Arc<Mutex<bool>>,
    state: gst::State,
) -> oneshot::Receiver<StateChange> {
    let (done, is_done) = oneshot::channel();
    let (pipeline, has_ended) = (pipeline.clone(), Arc::clone(has_ended));
    std::thread::spawn(move || {
        let mut has_ended = has_ended.lock().unwrap_or_else(PoisonError::into_inner);
        *has_ended |= state == gst::State::Null;
        let is_late = *has_ended && state != gst::State::Null;
        let _ = done.send(if is_late { Err(gst::StateChangeError) } else { pipeline.set_state(state) });
    });
    is_done
}

fn describe(error: &gst::message::Error) -> (String, String) {
    let element = error.src().map_or_else(|| "?".to_owned(), |s| s.name().to_string());
    (element, error.error().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever plays it is cancelled before it plays: it must not begin then, with
    /// nobody left to stop it.
    #[tokio::test]
    async fn one_that_is_dropped_while_it_begins_ends() {
        gst::init().unwrap();
        for _ in 0..300 {
            let mut stage = Stage::parse("room", "videotestsrc is-live=true ! fakesink").unwrap();
            let pipeline = stage.pipeline().clone();
            assert!(futures_util::FutureExt::now_or_never(stage.play(Duration::from_secs(60))).is_none());
            drop(stage);
            let is_left_alone = async {
                while pipeline.ref_count() > 1 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            let outcome = tokio::time::timeout(Duration::from_secs(60), is_left_alone).await;
            assert!(outcome.is_ok(), "left behind in {:?}", pipeline.current_state());
            assert_eq!(pipeline.current_state(), gst::State::Null);
        }
    }
}
