//! What the record hands over becomes durable here, on a thread of its own:
//! the disk may take its time, the record must not.

use std::sync::Arc;

use lectern_api::manifest::{Anchor, Gap, GapReason};
use lectern_api::{LessonId, Name, Ticks};
use lectern_spool::{NewFragment, Spool, SpoolError};
use tokio::sync::{mpsc, watch};

use crate::capture::record::Recorded;
use crate::capture::time::ClockPoint;
use crate::lesson::actor::Request;

/// The track that holds the mixed picture and sound.
pub(crate) const PROGRAM: &str = "program";

/// What has become durable, for whoever waits for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Counts everything that was written.
    pub(crate) changes: u64,
    /// When the newest fragment became durable.
    pub(crate) newest: Option<ClockPoint>,
}

/// The spool's writer.
#[derive(Debug)]
pub(crate) struct Spooler {
    pub(crate) spool: Arc<Spool>,
    pub(crate) recorded: mpsc::Receiver<Recorded>,
    pub(crate) lesson: mpsc::Sender<Request>,
    pub(crate) progress: watch::Sender<Progress>,
    /// Stores that must have a lesson before it may be let go.
    pub(crate) archives: Vec<Name>,
    track: Name,
    /// The run that is being written, by lesson.
    run: Option<(LessonId, u32)>,
    /// Gaps that could not be written down yet.
    unwritten: Vec<(LessonId, Gap)>,
}

impl Spooler {
    pub(crate) fn new(
        spool: Arc<Spool>,
        recorded: mpsc::Receiver<Recorded>,
        lesson: mpsc::Sender<Request>,
        progress: watch::Sender<Progress>,
        archives: Vec<Name>,
    ) -> Result<Self, lectern_api::IdError> {
        let track = Name::new(PROGRAM)?;
        Ok(Self { spool, recorded, lesson, progress, archives, track, run: None, unwritten: Vec::new() })
    }

    /// Writes until the record is gone for good.
    pub(crate) fn run(&mut self) {
        while let Some(recorded) = self.recorded.blocking_recv() {
            self.take(recorded);
        }
    }

    fn take(&mut self, recorded: Recorded) {
        self.write_gaps();
        let mut newest = None;
        match recorded {
            Recorded::Run { lesson, at, anchor, init, codecs, gap } => {
                self.fill_until(&lesson, at, gap);
                self.begin_run(lesson, &init, &codecs, anchor);
            }
            Recorded::Fragment { lesson, pts, duration, payload } => {
                self.append(&lesson, pts, duration, &payload);
                newest = Some(ClockPoint::now());
            }
            Recorded::Gap { lesson, from, to, reason } => self.gap(lesson, from, to, reason),
            Recorded::End { lesson } => {
                if let Err(error) = self.spool.commit() {
                    tracing::error!(%lesson, %error, "the index could not be committed");
                }
                // The actor waits for this; it drains its queue at all times.
                let _ = self.lesson.blocking_send(Request::Drained { lesson });
            }
        }
        self.progress.send_modify(|progress| {
            progress.changes += 1;
            progress.newest = newest.or(progress.newest);
        });
    }

    /// The time between the last media and a new run is a gap.
    fn fill_until(&mut self, lesson: &LessonId, at: Ticks, reason: GapReason) {
        let end = match self.spool.timeline_end(lesson, &self.track) {
            Ok(end) => end,
            Err(error) => return tracing::error!(%lesson, %error, "the time line's end is unknown"),
        };
        if at > end {
            self.gap(lesson.clone(), end, at, reason);
        }
    }

    fn begin_run(&mut self, lesson: LessonId, init: &[u8], codecs: &str, anchor: Anchor) {
        match self.spool.begin_run(&lesson, &self.track, init, codecs, anchor) {
            Ok(run) => self.run = Some((lesson, run)),
            Err(error) => {
                self.run = None;
                tracing::error!(%lesson, %error, "a run could not be begun: its fragments are lost");
            }
        }
    }

    fn append(&mut self, lesson: &LessonId, pts: Ticks, duration: Ticks, payload: &[u8]) {
        let run = match &self.run {
            Some((of, run)) if of == lesson => *run,
            _ => return self.gap(lesson.clone(), pts, pts + duration, GapReason::SpoolRefused),
        };
        let track = self.track.clone();
        let fragment =
            NewFragment { lesson, track: &track, run, pts_90k: pts, duration_90k: duration, payload };
        let appended = match self.spool.append(fragment) {
            Err(error) if error.is_full() => {
                tracing::warn!(%error, "making room in the spool");
                self.make_room();
                self.spool.append(fragment)
            }
            appended => appended,
        };
        match appended {
            Ok(stored) => {
                tracing::debug!(%lesson, seq = stored.seq, bytes = stored.bytes, "fragment is durable")
            }
            Err(error) => {
                tracing::error!(%lesson, %error, "a fragment is lost");
                self.gap(lesson.clone(), pts, pts + duration, GapReason::SpoolRefused);
            }
        }
        self.make_room();
    }

    fn make_room(&self) {
        match self.spool.make_room(&self.archives) {
            Ok(made) if made.lessons.is_empty() => {}
            Ok(made) => tracing::info!(?made, "lessons that every archive has were let go"),
            Err(error) => tracing::error!(%error, "no room could be made in the spool"),
        }
    }

    fn gap(&mut self, lesson: LessonId, from_90k: Ticks, to_90k: Ticks, reason: GapReason) {
        let gap = Gap { track: self.track.clone(), from_90k, to_90k, reason };
        tracing::warn!(%lesson, ?reason, seconds = (to_90k - from_90k).as_secs_f64(), "gap in the record");
        self.unwritten.push((lesson, gap));
        self.write_gaps();
    }

    /// A gap is as much a fact as a fragment: what the disk does not take now
    /// is tried again with the next thing.
    fn write_gaps(&mut self) {
        let spool = &self.spool;
        self.unwritten.retain(|(lesson, gap)| match spool.record_gap(lesson, gap) {
            Ok(()) => false,
            // Nothing to write it to any more.
            Err(SpoolError::LessonClosed(_) | SpoolError::UnknownLesson(_)) => false,
            Err(error) => {
                tracing::error!(%lesson, %error, "a gap could not be written down yet");
                true
            }
        });
    }
}

/// Commits the index when it is due, also while nothing is recorded.
pub(crate) async fn keep_committed(spool: Arc<Spool>) -> Result<(), SpoolError> {
    let mut tick = tokio::time::interval(COMMIT_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        spool.off_thread(|spool| spool.commit_if_due()).await?;
    }
}

const COMMIT_EVERY: std::time::Duration = std::time::Duration::from_secs(1);

/// The spool waits for the disk; async tasks ask it from here.
pub(crate) trait OffThread {
    /// Does `work` on a thread that may wait.
    fn off_thread<T: Send + 'static, E: Send + 'static>(
        &self,
        work: impl FnOnce(&Spool) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send;
}

impl OffThread for Arc<Spool> {
    async fn off_thread<T: Send + 'static, E: Send + 'static>(
        &self,
        work: impl FnOnce(&Spool) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let spool = Self::clone(self);
        match tokio::task::spawn_blocking(move || work(&spool)).await {
            Ok(result) => result,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }
}
