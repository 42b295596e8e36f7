//! Puts the one status together from what the units tell.

use std::sync::{Arc, Mutex, PoisonError};

use lectern_api::room::{LostLesson, PendingUpload, SpoolRoom};
use lectern_api::status::{
    ArchiveStatus, ClockStatus, DeviceStatus, LessonState, LessonStatus, LiveStatus, Role, SourceStatus,
    SpoolStatus, Status,
};
use lectern_api::{Bytes, Clock, Kbps, LessonId, Name};
use lectern_spool::{Pending, Retention, Spool, SpoolError, Usage};
use tokio::sync::watch;

use crate::capture::guard::GuardState;
use crate::capture::input::MixerInput;
use crate::capture::shutter::Shutter;
use crate::capture::time::ClockPoint;
use crate::health::FaultBook;
use crate::lesson::agenda::Agenda;
use crate::lesson::machine::{OnAir, State};
use crate::live::target::TargetState;
use crate::spooler::Progress;
use crate::supervisor::Restarts;
use crate::timetable::InForce;
use crate::upload::UploadState;
use crate::upload::estimate::through_in_s;
use crate::upload::pace::Pace;

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
    pub(crate) archives: Vec<ArchiveView>,
    pub(crate) lesson: watch::Receiver<State>,
    /// What the timetable wants.
    pub(crate) agenda: watch::Receiver<Option<Agenda>>,
    pub(crate) timetable: watch::Receiver<Arc<InForce>>,
    pub(crate) shutter: watch::Receiver<Shutter>,
    pub(crate) spool: Arc<Spool>,
    /// Lessons that were found encrypted with another device key at opening.
    pub(crate) locked: Vec<LessonId>,
    /// What may be let go when room is needed.
    pub(crate) retention: Retention,
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
        let (on_air, shutter) = {
            let state = self.lesson.borrow();
            (state.on_air.clone(), state.shutter)
        };
        let ends = on_air.as_ref().and_then(|on_air| on_air.info.planned_until);
        let lesson = on_air.map(|on_air| self.lesson(&on_air));
        let mut archive = Vec::new();
        let (mut pending_s, mut pending_bytes) = (0.0_f64, Bytes(0));
        let growth = if lesson.is_some() { self.record_rate } else { Kbps(0) };
        for view in &self.archives {
            let pending = self.spool.pending(&view.name);
            pending_s = pending_s.max(pending.duration.as_secs_f64());
            pending_bytes = pending_bytes.max(pending.bytes);
            archive.push(view.status(pending, growth));
        }
        let sync = lectern_hal::clock::sync();
        let mut status = Status {
            device: self.device.clone(),
            lesson,
            next: self.agenda.borrow().as_ref().and_then(|agenda| Some(agenda.next.as_ref()?.as_next())),
            shutter: shutter.map(|shutter| shutter.status(ends)),
            sources: self.sources.iter().map(SourceView::status).collect(),
            live: self.live.iter().map(live_status).collect(),
            spool: SpoolStatus {
                pending_s,
                pending_bytes,
                free_s: self.free_s()?,
                made_way: self.made_way(),
                locked_lessons: self.locked_lessons(),
            },
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
            timetable: Some(self.timetable.borrow().status.clone()),
        };
        let mut book = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        status.faults = book.open_faults(&status, self.clock.utc());
        Ok(status)
    }

    /// The running lesson, as far as the spool has it by now.
    fn lesson(&self, OnAir { info, joined_at, .. }: &OnAir) -> LessonStatus {
        let joined = self.clock.monotonic().saturating_sub(*joined_at);
        // Behind a closed shutter nothing is recorded: its opening counts too.
        let opened = self.shutter.borrow().opened().map(|opened| ClockPoint::now().duration_since(opened));
        let joined = opened.map_or(joined, |opened| opened.min(joined));
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
            recording_since: self.clock.utc().checked_sub(joined).ok(),
            last_fragment_age_ms: newest
                .and_then(|at| u64::try_from(ClockPoint::now().duration_since(at).as_millis()).ok()),
        }
    }

    fn free_s(&self) -> Result<f64, SpoolError> {
        let reclaimable = self.spool.reclaimable_bytes(&self.retention);
        Ok(free_s(&self.spool.usage()?, reclaimable, self.record_rate))
    }

    fn made_way(&self) -> u32 {
        let recent = self.clock.utc() - MADE_WAY_TOLD;
        let lost = self.spool.let_go_unarchived().into_iter().filter(|lost| lost.at > recent);
        u32::try_from(lost.count()).unwrap_or(u32::MAX)
    }

    /// Those that are still here.
    fn locked_lessons(&self) -> u32 {
        let is_held = |lesson: &&LessonId| self.spool.lesson(lesson).is_some_and(|record| !record.removed);
        u32::try_from(self.locked.iter().filter(is_held).count()).unwrap_or(u32::MAX)
    }

    /// How the room on the disk is used.
    pub(crate) fn room(&self) -> Result<SpoolRoom, SpoolError> {
        let usage = self.spool.usage()?;
        let reclaimable_bytes = self.spool.reclaimable_bytes(&self.retention);
        let pending = self.archives.iter().map(|ArchiveView { name: archive, .. }| {
            let pending = self.spool.pending(archive);
            PendingUpload {
                archive: archive.clone(),
                pending_s: pending.duration.as_secs_f64(),
                pending_bytes: pending.bytes,
            }
        });
        let held = self.spool.lessons().into_iter().filter(|lesson| lesson.hold.is_some());
        let lost = self.spool.let_go_unarchived().into_iter();
        Ok(SpoolRoom {
            used_bytes: usage.allocated_bytes,
            quota_bytes: usage.quota_bytes,
            free_bytes: Bytes(usage.free_bytes.0.saturating_add(reclaimable_bytes.0)),
            reclaimable_bytes,
            free_s: free_s(&usage, reclaimable_bytes, self.record_rate),
            index_bytes: usage.index_bytes,
            ballast_bytes: usage.ballast_bytes,
            ballast_given_up: usage.ballast_bytes < usage.ballast_wanted_bytes,
            pending: pending.collect(),
            held: held.map(|lesson| lesson.info.id).collect(),
            made_way: lost.map(|lost| LostLesson { lesson: lost.lesson, at: lost.at }).collect(),
            index_error: usage.index_error,
        })
    }
}

/// So long a lesson that made way is told as a fault.
const MADE_WAY_TOLD: jiff::SignedDuration = jiff::SignedDuration::from_hours(7 * 24);

/// How long the room on the disk lasts: what is free by quota and disk, the pool
/// included and the ballast not, and what may go.
#[expect(clippy::cast_precision_loss, reason = "seconds for people")]
fn free_s(usage: &Usage, reclaimable: Bytes, rate: Kbps) -> f64 {
    let bytes_per_second = f64::from(rate.0) * 1000.0 / 8.0;
    usage.free_bytes.0.saturating_add(reclaimable.0) as f64 / bytes_per_second
}

/// One archive, as far as the status needs it.
#[derive(Debug)]
pub(crate) struct ArchiveView {
    pub(crate) name: Name,
    pub(crate) state: watch::Receiver<UploadState>,
    pub(crate) pace: Pace,
}

impl ArchiveView {
    fn status(&self, pending: Pending, growth: Kbps) -> ArchiveStatus {
        let upload = self.state.borrow();
        let moves = upload.last_error().is_none() && !upload.waits_for_hours();
        let through = through_in_s(pending.bytes, upload.rate, self.pace.rate(), growth);
        ArchiveStatus {
            name: self.name.clone(),
            state: upload.state(),
            pending_s: pending.duration.as_secs_f64(),
            pending_bytes: pending.bytes,
            rate_kbps: upload.rate,
            through_in_s: through.filter(|_| moves),
            last_error: upload.last_error().cloned(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_left_count_what_is_free_and_what_may_go() {
        let usage = Usage {
            quota_bytes: Bytes(100_000_000),
            allocated_bytes: Bytes(90_000_000),
            free_bytes: Bytes(3_000_000),
            segments: 3,
            index_bytes: Bytes(1_000_000),
            ballast_bytes: Bytes(0),
            ballast_wanted_bytes: Bytes(7_000_000),
            uncommitted: 0,
            index_error: None,
        };
        // 2400 kbit/s are 300 000 bytes in a second.
        assert!((free_s(&usage, Bytes(0), Kbps(2400)) - 10.0).abs() < 1e-9);
        assert!((free_s(&usage, Bytes(6_000_000), Kbps(2400)) - 30.0).abs() < 1e-9);
    }
}
