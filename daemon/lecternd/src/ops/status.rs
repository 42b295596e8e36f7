//! Puts the one status together from what the units tell.

use std::sync::{Arc, Mutex, PoisonError};

use lectern_api::manifest::LessonInfo;
use lectern_api::status::{
    ArchiveStatus, ClockStatus, DeviceStatus, LessonState, LessonStatus, LiveStatus, Role, SourceStatus,
    SpoolStatus, Status,
};
use lectern_api::{Bytes, Clock, Kbps, Name};
use lectern_spool::{Spool, SpoolError};
use tokio::sync::watch;

use crate::capture::guard::GuardState;
use crate::capture::input::MixerInput;
use crate::capture::time::ClockPoint;
use crate::health::FaultBook;
use crate::lesson::machine::State;
use crate::live::target::TargetState;
use crate::spooler::Progress;
use crate::supervisor::Restarts;
use crate::upload::unit::UploadState;

/// A source and what its guard tells.
#[derive(Debug)]
pub(crate) struct SourceView {
    pub(crate) name: Name,
    pub(crate) role: Role,
    pub(crate) input: Arc<MixerInput>,
    pub(crate) state: watch::Receiver<GuardState>,
}

/// Where the status comes from.
#[derive(Debug)]
pub(crate) struct StatusView {
    pub(crate) device: DeviceStatus,
    pub(crate) sources: Vec<SourceView>,
    pub(crate) live: Vec<(Name, watch::Receiver<TargetState>)>,
    pub(crate) archives: Vec<(Name, watch::Receiver<UploadState>)>,
    pub(crate) lesson: watch::Receiver<State>,
    pub(crate) spool: Arc<Spool>,
    pub(crate) progress: watch::Receiver<Progress>,
    pub(crate) restarts: Restarts,
    pub(crate) clock: Arc<dyn Clock>,
    /// Of a recording, sound included: how long the room on the disk lasts.
    pub(crate) record_rate: Kbps,
    pub(crate) faults: Mutex<FaultBook>,
}

impl StatusView {
    /// The status now. Reads the disk's facts: not for an async thread.
    pub(crate) fn status(&self) -> Result<Status, SpoolError> {
        let on_air = self.lesson.borrow().on_air.clone();
        let lesson = on_air.map(|on_air| self.lesson(&on_air.info));
        let mut archive = Vec::new();
        let (mut pending_s, mut pending_bytes) = (0.0_f64, Bytes(0));
        for (name, state) in &self.archives {
            let pending = self.spool.pending(name);
            pending_s = pending_s.max(pending.duration.as_secs_f64());
            pending_bytes = pending_bytes.max(pending.bytes);
            archive.push(ArchiveStatus {
                name: name.clone(),
                state: state.borrow().state,
                pending_s: pending.duration.as_secs_f64(),
                pending_bytes: pending.bytes,
                rate_kbps: Kbps(0),
                through_in_s: None,
                last_error: None,
            });
        }
        let sync = lectern_hal::clock::sync();
        let mut status = Status {
            device: self.device.clone(),
            lesson,
            next: None,
            sources: self.sources.iter().map(SourceView::status).collect(),
            live: self.live.iter().map(live_status).collect(),
            spool: SpoolStatus { pending_s, pending_bytes, free_s: self.free_s()? },
            archive,
            faults: Vec::new(),
            clock: ClockStatus {
                synced: sync.synced,
                offset_ms: if sync.synced {
                    i64::try_from(sync.error.as_millis()).unwrap_or(i64::MAX)
                } else {
                    0
                },
            },
            units: self.restarts.list(),
        };
        let mut book = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        status.faults = book.open_faults(&status, self.clock.utc());
        Ok(status)
    }

    /// The running lesson, as far as the spool has it by now.
    fn lesson(&self, info: &LessonInfo) -> LessonStatus {
        let record = self.spool.lesson(&info.id);
        let fragments = record.as_ref().map_or(0, |r| r.fragments);
        let newest = self.progress.borrow().newest;
        LessonStatus {
            id: info.id.clone(),
            title: info.title.clone(),
            state: if fragments == 0 { LessonState::Preparing } else { LessonState::OnAir },
            since: info.since,
            until: info.planned_until,
            trigger: info.trigger,
            recorded_s: record.as_ref().map_or(0.0, |r| r.recorded_90k.as_secs_f64()),
            gap_s: record.as_ref().map_or(0.0, |r| r.gap_90k.as_secs_f64()),
            fragments,
            last_fragment_age_ms: newest
                .and_then(|at| u64::try_from(ClockPoint::now().duration_since(at).as_millis()).ok()),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds for people")]
    fn free_s(&self) -> Result<f64, SpoolError> {
        let bytes_per_second = f64::from(self.record_rate.0) * 1000.0 / 8.0;
        Ok(self.spool.usage()?.free_bytes.0 as f64 / bytes_per_second)
    }
}

impl SourceView {
    fn status(&self) -> SourceStatus {
        let guard = *self.state.borrow();
        SourceStatus {
            name: self.name.clone(),
            role: self.role,
            state: guard.state,
            last_frame_age_ms: self.input.age().and_then(|age| u64::try_from(age.as_millis()).ok()),
            restarts: guard.restarts,
        }
    }
}

fn live_status((name, state): &(Name, watch::Receiver<TargetState>)) -> LiveStatus {
    let target = state.borrow();
    LiveStatus {
        name: name.clone(),
        state: target.state,
        bitrate_kbps: target.rate,
        step: 0,
        rtt_ms: target.round_trip.and_then(|rtt| u64::try_from(rtt.as_millis()).ok()),
        attempts: target.attempts,
        abandoned: target.abandoned,
        dropped_frames: target.dropped_pictures,
    }
}
