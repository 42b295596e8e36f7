//! Keeps one source alive: opens it when it is needed, notices when it dies,
//! opens it again, for ever.

use std::sync::Arc;
use std::time::Duration;

use gst::prelude::*;
use lectern_api::status::{Role, SourceState};
use tokio::sync::watch;

use super::gauge::Gauge;
use super::input::MixerInput;
use super::source::{self, Pace, Shape};
use super::stage::{Stage, StageError, Stopped};
use super::wanted::Wanted;
use crate::backoff::Backoff;
use crate::config::SourceUri;
use crate::discovery;

/// One source and where its frames go.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) uri: SourceUri,
    /// Whether `auto` may stand for the test room.
    pub(crate) trial: bool,
    pub(crate) shape: Shape,
    pub(crate) gauge: Arc<Gauge>,
    pub(crate) input: Arc<MixerInput>,
    /// Counts how often somebody wanted it closed and opened anew, whatever it
    /// looks like from here.
    pub(crate) reopen: watch::Receiver<u64>,
}

/// Why a session ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Unwanted,
    /// It is to be opened anew at once.
    Reopen,
}

/// What the guard tells about its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GuardState {
    pub(crate) state: SourceState,
    /// How often it had to be opened again.
    pub(crate) restarts: u64,
    /// Pipelines that would not stop.
    pub(crate) abandoned: u64,
}

impl Default for GuardState {
    fn default() -> Self {
        Self { state: SourceState::Idle, restarts: 0, abandoned: 0 }
    }
}

/// How often the age of the newest frame is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// A camera on the network may take this long to answer.
const START_LIMIT: Duration = Duration::from_secs(10);
/// Delivering for so long, a source counts as good and the pause begins anew.
const GOOD_AFTER: Duration = Duration::from_secs(10);
/// What is plugged in again is found within a second.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(1));

/// Every so many failures one is told: with the longest pause, one a minute.
const TOLD_EVERY: u32 = 60;

/// Runs for the life of the daemon.
pub(crate) async fn run(guard: Guard, mut wanted: Wanted, state: watch::Sender<GuardState>) {
    let mut failures = 0;
    let mut reopen = guard.reopen.clone();
    loop {
        if !wanted.becomes(true).await {
            return;
        }
        // It is about to be opened: what was asked before is done.
        reopen.mark_unchanged();
        let error = match session(&guard, &mut wanted, &mut reopen, &state, &mut failures).await {
            Ok(Ended::Reopen) => {
                failures = 0;
                tracing::info!(source = guard.name, "source is opened anew");
                state.send_modify(|s| s.restarts += 1);
                continue;
            }
            Ok(Ended::Unwanted) => {
                failures = 0;
                state.send_modify(|s| s.state = SourceState::Idle);
                continue;
            }
            // A file begins again; nothing is lost.
            Err(StageError::Ended { .. }) if matches!(guard.uri, SourceUri::File(_)) => continue,
            Err(error) => error,
        };
        let pause = BACKOFF.pause(failures);
        // A board that is watched all night is off all night.
        if failures.is_multiple_of(TOLD_EVERY) {
            tracing::warn!(source = guard.name, %error, failures, retry_in = ?pause, "source lost");
        } else {
            tracing::debug!(source = guard.name, %error, retry_in = ?pause, "source lost");
        }
        failures += 1;
        state.send_modify(|s| {
            s.state = SourceState::Lost;
            s.restarts += 1;
        });
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            // What nobody wants is not lost.
            _ = wanted.becomes(false) => state.send_modify(|s| s.state = SourceState::Idle),
            () = asked(&mut reopen) => failures = 0,
        }
    }
}

/// Waits until somebody wants the source opened anew.
async fn asked(reopen: &mut watch::Receiver<u64>) {
    if reopen.changed().await.is_err() {
        std::future::pending().await
    }
}

/// One opening of the source, until it is no longer wanted or fails.
async fn session(
    guard: &Guard,
    wanted: &mut Wanted,
    reopen: &mut watch::Receiver<u64>,
    state: &watch::Sender<GuardState>,
    failures: &mut u32,
) -> Result<Ended, StageError> {
    let Pace { patience, .. } = source::pace(&guard.uri);
    state.send_if_modified(|s| {
        s.state != SourceState::Lost && {
            s.state = SourceState::Connecting;
            true
        }
    });
    guard.input.reset();
    // Looked up anew each time: a camera may be plugged in at any moment.
    let uri = discovery::resolve(&guard.uri, guard.role, guard.trial)
        .ok_or_else(|| StageError::NoDevice { stage: format!("source {}", guard.name) })?;
    let of = guard.clone();
    let build = move || source::build(&of.name, of.role, &uri, of.shape, of.gauge, of.input);
    let mut stage = Stage::build_apart(format!("source {}", guard.name), START_LIMIT, build).await?;
    let end = tokio::select! {
        end = watch_over(&mut stage, guard, patience, state, failures) => Err(end),
        _ = wanted.becomes(false) => Ok(Ended::Unwanted),
        () = asked(reopen) => Ok(Ended::Reopen),
    };
    guard.gauge.forget();
    if stage.stop().await == Stopped::Abandoned {
        state.send_modify(|s| s.abandoned += 1);
    }
    end
}

/// Returns why the source cannot go on.
async fn watch_over(
    stage: &mut Stage,
    guard: &Guard,
    patience: Duration,
    state: &watch::Sender<GuardState>,
    failures: &mut u32,
) -> StageError {
    if let Err(error) = stage.play(START_LIMIT).await {
        return error;
    }
    let begun = super::time::ClockPoint::now();
    let watch = stage.element::<gst::Element>(source::WATCH).ok();
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            error = stage.failed() => return error,
            _ = look.tick() => {}
        }
        judge(watch.as_ref(), guard);
        let limit = match guard.input.age() {
            Some(age) if age <= patience => {
                if super::time::ClockPoint::now().duration_since(begun) > GOOD_AFTER {
                    *failures = 0;
                }
                if state.send_if_modified(|s| {
                    std::mem::replace(&mut s.state, SourceState::Running) != SourceState::Running
                }) {
                    tracing::info!(source = guard.name, "source delivers");
                }
                continue;
            }
            Some(_) => patience,
            // The first frame of a camera on the network waits for its keyframe.
            None => START_LIMIT,
        };
        let silent =
            guard.input.age().unwrap_or_else(|| super::time::ClockPoint::now().duration_since(begun));
        if silent > limit {
            return StageError::Stalled { stage: stage.name().to_owned(), limit };
        }
    }
}

/// Takes over what the guard in the pipeline says: asked for rather than heard
/// on the bus, since its age is looked at here anyway, and what is asked for is
/// never of a source that has gone.
fn judge(watch: Option<&gst::Element>, guard: &Guard) {
    let verdict = watch.map(|watch| watch.property::<gst::Structure>("verdict"));
    match verdict {
        Some(verdict) if !guard.input.is_shut() => guard.gauge.judged(&verdict),
        _ => guard.gauge.forget(),
    }
}

#[cfg(test)]
mod tests;
