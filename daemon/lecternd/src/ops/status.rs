//! Puts the one status together from what the units tell.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lectern_api::account::AccountStatus;
use lectern_api::check::PreClassCheck;
use lectern_api::fault::Fault;
use lectern_api::hardware::{CertificateStatus, EncoderStatus};
use lectern_api::room::{LostLesson, PendingUpload, SpoolRoom};
use lectern_api::status::{
    ArchiveStatus, BrokerStatus, ClockStatus, ConfigStatus, DeviceStatus, LessonState, LessonStatus,
    LiveStatus, RobotStatus, Role, SourceStatus, SpoolStatus, Status, UnusableFile,
};
use lectern_api::{Bytes, Clock, Kbps, LessonId, Name};
use lectern_mqtt::client::LinkState;
use lectern_spool::{Pending, Spool, SpoolError};
use tokio::sync::watch;

use crate::capture::gauge::{Gauge, Heard};
use crate::capture::guard::GuardState;
use crate::capture::shutter::Shutter;
use crate::capture::time::ClockPoint;
use crate::clock::ClockState;
use crate::hardware::Sampled;
use crate::lesson::agenda::Agenda;
use crate::lesson::machine::{OnAir, State};
use crate::live::target::TargetState;
use crate::room::{self, Room};
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
    pub(crate) gauge: Arc<Gauge>,
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
    /// How long the disk lasts.
    pub(crate) disk: Room,
    /// What the pre-class check has found.
    pub(crate) check: watch::Receiver<Option<PreClassCheck>>,
    pub(crate) progress: watch::Receiver<Progress>,
    /// What became of planned lessons.
    pub(crate) accounts: watch::Receiver<AccountStatus>,
    pub(crate) restarts: Restarts,
    pub(crate) clock: Arc<dyn Clock>,
    /// What is known about that clock.
    pub(crate) time: watch::Receiver<ClockState>,
    /// What is wrong, as of the last second.
    pub(crate) faults: watch::Receiver<Arc<[Fault]>>,
    pub(crate) hardware: watch::Receiver<Option<Sampled>>,
    pub(crate) encoder: watch::Receiver<EncoderStatus>,
    pub(crate) certificates: watch::Receiver<Vec<CertificateStatus>>,
    /// The connection to the broker, where one is configured.
    pub(crate) broker: Option<watch::Receiver<LinkState>>,
    /// The group robot, where one is configured.
    pub(crate) robot: Option<watch::Receiver<RobotStatus>>,
    /// `lectern.toml`, and what is wrong with it and the file beside it.
    pub(crate) config: (PathBuf, watch::Receiver<Vec<UnusableFile>>),
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
        let growth = if lesson.is_some() { self.disk.record_rate } else { Kbps(0) };
        for view in &self.archives {
            let pending = self.spool.pending(&view.name);
            pending_s = pending_s.max(pending.duration.as_secs_f64());
            pending_bytes = pending_bytes.max(pending.bytes);
            archive.push(view.status(pending, growth));
        }
        Ok(Status {
            device: self.device.clone(),
            lesson,
            next: self.agenda.borrow().as_ref().and_then(|agenda| Some(agenda.next.as_ref()?.as_next())),
            shutter: shutter.map(|shutter| shutter.status(ends)),
            check: self.check.borrow().clone(),
            sources: self.sources.iter().map(SourceView::status).collect(),
            live: self.live.iter().map(live_status).collect(),
            spool: SpoolStatus {
                pending_s,
                pending_bytes,
                free_s: self.disk.free_s()?,
                made_way: self.made_way(),
                locked_lessons: self.locked_lessons(),
                unreadable_decisions: self
                    .spool
                    .unreadable_decisions()
                    .map(|path| path.display().to_string()),
            },
            archive,
            accounts: self.accounts.borrow().clone(),
            faults: self.faults.borrow().to_vec(),
            clock: self.clock(),
            units: self.restarts.list(),
            timetable: Some(self.timetable.borrow().status.clone()),
            hardware: self.hardware.borrow().as_ref().map(|sampled| sampled.status(self.clock.monotonic())),
            encoder: Some(self.encoder.borrow().clone()),
            certificates: self.certificates.borrow().clone(),
            broker: self.broker.as_ref().map(broker_status),
            robot: self.robot.as_ref().map(|robot| robot.borrow().clone()),
            config: Some(ConfigStatus {
                path: self.config.0.display().to_string(),
                unusable: self.config.1.borrow().clone(),
            }),
        })
    }

    /// What time it is, and how far that is to be trusted.
    pub(crate) fn clock(&self) -> ClockStatus {
        let sync = lectern_hal::clock::sync(Path::new("/"));
        let state = self.time.borrow();
        // The state is a second old at most; the trust in it need not be.
        let trust = self.clock.trust();
        let ms = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        ClockStatus {
            synced: sync.synced,
            offset_ms: if sync.synced { i64::try_from(ms(sync.error)).unwrap_or(i64::MAX) } else { 0 },
            utc: Some(self.clock.utc()),
            source: trust.source,
            verdict: Some(trust.verdict),
            uncertainty_ms: trust.uncertainty.map(ms),
            ahead_ms: state.contradiction.map(ms),
            correction_ms: i64::try_from(state.correction.as_millis()).unwrap_or_default(),
            jumped_at: state.jumped_at,
            boots: state.boots,
        }
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
            bell: info.planned.as_ref().map(|planned| planned.begin),
            trigger: info.trigger,
            recorded_s: record.as_ref().map_or(0.0, |r| r.recorded_90k.as_secs_f64()),
            gap_s: record.as_ref().map_or(0.0, |r| r.gap_90k.as_secs_f64()),
            fragments,
            recording_since: self.clock.utc().checked_sub(joined).ok(),
            last_fragment_age_ms: newest
                .and_then(|at| u64::try_from(ClockPoint::now().duration_since(at).as_millis()).ok()),
        }
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
        let reclaimable_bytes = self.spool.reclaimable_bytes(&self.disk.retention);
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
            free_s: room::free_s(&usage, reclaimable_bytes, self.disk.record_rate),
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
            last_frame_age_ms: self.gauge.age().and_then(|age| u64::try_from(age.as_millis()).ok()),
            level_db: self.gauge.heard().filter(Heard::is_settled).map(Heard::level),
            picture: self.gauge.picture_status(),
            sound: self.gauge.sound_status(),
            restarts: guard.restarts,
        }
    }
}

fn broker_status(link: &watch::Receiver<LinkState>) -> BrokerStatus {
    let LinkState { up, since, cause, connections } = link.borrow().clone();
    BrokerStatus { up, since, cause, connections }
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
