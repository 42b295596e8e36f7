//! The record: program → H.264 and AAC → fragmented MP4, one fragment per
//! group of pictures → the spool. There are two lanes: at a bell the lesson
//! before drains in one while the lesson behind plays in the other.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gst::prelude::*;
use lectern_api::Clock;
use lectern_api::manifest::GapReason;
use tokio::sync::{mpsc, watch};

use super::encoder::EncoderKind;
use super::feed::{Epoch, ProgramFeed};
use super::schedule::{Air, Lane, Schedule};
use super::seats::Seats;
use super::session::{EncodePlan, Equipment, START_LIMIT};
use super::shutter::Shutter;
use super::stage::{BusEvent, Stage, StageError};
use super::tap::{GOP, Tap};
use super::time::{ClockPoint, Pulse, sleep_until};
use super::window::Window;
use super::writer::{self, Recorded, Writer, Written};

/// The ends of channels and the effects that a lane of the record is given.
#[derive(Debug, Clone)]
pub(crate) struct RecordPorts {
    pub(crate) feed: Arc<ProgramFeed>,
    pub(crate) schedule: watch::Receiver<Schedule>,
    pub(crate) shutter: watch::Receiver<Shutter>,
    pub(crate) encoder: watch::Receiver<Option<&'static EncoderKind>>,
    /// Told of an encoder with which the record failed.
    pub(crate) failed: mpsc::Sender<&'static EncoderKind>,
    pub(crate) seats: Arc<Seats>,
    pub(crate) spool: mpsc::Sender<Recorded>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// From the order to end to the last fragment.
const DRAIN_LIMIT: Duration = Duration::from_secs(3);
/// The mixer's latency, generously: by then the last frame has come.
const LAST_FRAME_LIMIT: Duration = Duration::from_secs(1);

/// Records every lesson of a lane. Returns only with an error, or when the
/// daemon ends.
pub(crate) async fn run(lane: Lane, plan: EncodePlan, ports: RecordPorts) -> Result<(), StageError> {
    let mut schedule = ports.schedule.clone();
    let equipment = Equipment::new(&ports.feed, ports.encoder.clone());
    loop {
        let next = schedule.wait_for(|schedule| schedule.next_in(lane, ClockPoint::now()).is_some()).await;
        let Some(air) = next.ok().and_then(|next| next.next_in(lane, ClockPoint::now()).cloned()) else {
            return Ok(());
        };
        let shutter = ports.shutter.clone();
        let (schedule, equipment) = (schedule.clone(), equipment.clone());
        let record = Record { plan: &plan, ports: &ports, air, schedule, shutter, hidden: None, equipment };
        record.run().await?;
    }
}

/// How a lesson leaves the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    AtItsEnd,
    /// Taken off before it began, or put on anew.
    Withdrawn,
}

/// Why a run ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    OffAir(Left),
    Shut(ClockPoint),
    MixerGone,
}

/// One lesson's record.
struct Record<'a> {
    plan: &'a EncodePlan,
    ports: &'a RecordPorts,
    air: Air,
    schedule: watch::Receiver<Schedule>,
    shutter: watch::Receiver<Shutter>,
    /// Until when the shutter was closed, while nothing has been recorded since.
    hidden: Option<ClockPoint>,
    equipment: Equipment,
}

impl Record<'_> {
    async fn run(mut self) -> Result<(), StageError> {
        let (result, left) = self.runs().await;
        if left == Some(Left::AtItsEnd) {
            self.mark_hidden().await;
            let lesson = self.air.lesson().clone();
            let _ = self.ports.spool.send(Recorded::End { lesson }).await;
        }
        result
    }

    /// Run after run, until the lesson has left the air.
    async fn runs(&mut self) -> (Result<(), StageError>, Option<Left>) {
        loop {
            if let Some(left) = self.wait_for_shutter().await {
                return (Ok(()), Some(left));
            }
            let ready = tokio::select! {
                left = leaves(&mut self.schedule, &self.air, |_| {}) => return (Ok(()), Some(left)),
                ready = self.equipment.ready() => ready,
            };
            let Some((epoch, encoder)) = ready else { return (Ok(()), None) };
            let (lane, seats) = (self.air.lane, &self.ports.seats);
            let shared = seats.is_shared_by(lane);
            let (ended, result) = self.session(epoch, encoder).await;
            if result.is_err() {
                self.mark_hidden().await;
            }
            if ended.is_none()
                && shared
                && let Err(error) = &result
            {
                tracing::warn!(%error, "no second record beside the one that ends: waiting for it");
                tokio::select! {
                    left = leaves(&mut self.schedule, &self.air, |_| {}) => return (Ok(()), Some(left)),
                    () = seats.alone(lane) => continue,
                }
            }
            if result.is_err() {
                let _ = self.ports.failed.try_send(encoder);
            }
            match ended {
                Some(Ended::OffAir(left)) => return (result, Some(left)),
                _ if result.is_err() => return (result, None),
                _ => {}
            }
        }
    }

    /// Returns when the shutter is open; with how the lesson left the air when
    /// that came first. What it hid is a gap.
    async fn wait_for_shutter(&mut self) -> Option<Left> {
        let since = self.shutter.borrow_and_update().closed_since()?;
        let (air, shutter) = (&self.air, &mut self.shutter);
        let left = tokio::select! {
            left = leaves(&mut self.schedule, air, |_| {}) => Some(left),
            _ = shutter.wait_for(|shutter| !shutter.is_closed()) => None,
        };
        let until = match left {
            Some(_) => self.end(),
            None => self.shutter.borrow().opened(),
        };
        if let Some(until) = until.filter(|until| *until > self.air.begin) {
            self.air.settle_at_bell();
            if self.air.runs.load(Ordering::Relaxed) == 0 {
                self.missing(since.max(self.air.begin), self.air.gap).await;
            }
            self.hidden = Some(until);
        }
        left
    }

    fn end(&self) -> Option<ClockPoint> {
        self.schedule.borrow().find(&self.air).and_then(|air| air.end)
    }

    /// Says what the shutter hid, when no run begins that would say so: a lesson
    /// that ends opens it, and either may be noticed first.
    async fn mark_hidden(&mut self) {
        if let Some(until) = self.hidden.take() {
            let until = self.end().map_or(until, |end| until.min(end));
            self.missing(until, GapReason::Shutter).await;
        }
    }

    async fn missing(&self, until: ClockPoint, reason: GapReason) {
        let (lesson, until) = (self.air.lesson().clone(), self.air.position_of(until));
        let _ = self.ports.spool.send(Recorded::Missing { lesson, until, reason }).await;
    }

    /// One run: why it ended, unless it failed before, and whether all of it
    /// came out.
    async fn session(
        &mut self,
        epoch: Epoch,
        encoder: &'static EncoderKind,
    ) -> (Option<Ended>, Result<(), StageError>) {
        let _seat = self.ports.seats.take(self.air.lane);
        let mut stage = match build(self.air.lane, self.plan, encoder) {
            Ok(stage) => stage,
            Err(error) => return (None, Err(error)),
        };
        let output = Arc::new(Pulse::new());
        let tap = match self.tap(&mut stage, epoch, &output).await {
            Ok(tap) => tap,
            Err(error) => {
                stage.stop().await;
                return (None, Err(error));
            }
        };
        let Some((begin, tap)) = tap else { return (Some(Ended::MixerGone), Ok(())) };
        let (air, schedule) = (&self.air, &mut self.schedule);
        self.ports.feed.attach(&tap);
        tracing::info!(lesson = %air.lesson(), lane = air.lane.name(), encoder = encoder.factory, "recording");
        let ended = tokio::select! {
            left = leaves(schedule, air, |air| tap.set_window(window(epoch, begin, air))) => Ok(Ended::OffAir(left)),
            shut = closes(&mut self.shutter, begin) => Ok(Ended::Shut(shut)),
            lost = self.equipment.lost(&mut stage, (&tap, &output), epoch) => lost.map(|()| Ended::MixerGone),
        };
        let (ended, result) = match ended {
            Err(error) => (None, Err(error)),
            Ok(ended) => {
                match ended {
                    Ended::OffAir(Left::AtItsEnd) => {}
                    Ended::Shut(at) => tap.end_at(at),
                    Ended::OffAir(Left::Withdrawn) | Ended::MixerGone => tap.end_at(ClockPoint::now()),
                }
                (Some(ended), drain(&mut stage, &tap, ended).await)
            }
        };
        self.ports.feed.detach(&tap);
        if tap.passed() > 0 {
            self.hidden = None;
            self.air.runs.fetch_add(1, Ordering::Relaxed);
        }
        stage.stop().await;
        (ended, result)
    }

    /// Plays the pipeline and makes its tap, which begins at the bell or, when
    /// something failed before, now: the pipeline plays, so no frame from here
    /// on is missed.
    async fn tap(
        &self,
        stage: &mut Stage,
        epoch: Epoch,
        output: &Arc<Pulse>,
    ) -> Result<Option<(ClockPoint, Arc<Tap>)>, StageError> {
        stage.play(START_LIMIT).await?;
        let air = self.schedule.borrow().find(&self.air).unwrap_or(&self.air).clone();
        let Some(begin) = window(epoch, epoch.next_frame_from(air.begin), &air).begin() else {
            return Ok(None);
        };
        let origin = air.settle(begin);
        let at = origin.position_of(begin);
        stage
            .element::<gst::Element>("mux")?
            .set_property("decode-time-offset", i64::try_from(at.as_nanos()).unwrap_or(i64::MAX));
        let tap = EncodePlan::tap(stage, ENTRANCES, &epoch, window(epoch, begin, &air), begin)?;
        let first = air.runs.load(Ordering::Relaxed) == 0;
        let writer = Writer {
            info: Arc::clone(&air.info),
            at,
            origin,
            begin,
            reason: match self.hidden {
                Some(_) => GapReason::Shutter,
                None if first => air.gap,
                None => GapReason::PipelineRestarted,
            },
            tap: Arc::clone(&tap),
            spool: self.ports.spool.clone(),
            clock: Arc::clone(&self.ports.clock),
            output: Arc::clone(output),
            state: Mutex::new(Written::nothing(at)),
        };
        writer::connect(stage, writer)?;
        Ok(Some((begin, tap)))
    }
}

fn window(epoch: Epoch, from: ClockPoint, air: &Air) -> Window {
    Window::new(&epoch, from, &[(air.begin, air.end)])
}

/// Waits until a lesson has left the air, and tells of every change until then.
async fn leaves(schedule: &mut watch::Receiver<Schedule>, air: &Air, mut changed: impl FnMut(&Air)) -> Left {
    loop {
        let Some(now) = schedule.borrow_and_update().find(air).cloned() else { return Left::Withdrawn };
        changed(&now);
        tokio::select! {
            changed = schedule.changed() => if changed.is_err() {
                // Nobody is left to decide: the daemon ends.
                return std::future::pending().await;
            },
            () = sleep_until(now.end) => return Left::AtItsEnd,
        }
    }
}

/// Waits until the shutter hides something that was captured from `begin` on.
async fn closes(shutter: &mut watch::Receiver<Shutter>, begin: ClockPoint) -> ClockPoint {
    let hides = shutter.wait_for(|shutter| shutter.hides_from(begin).is_some()).await;
    match hides.ok().and_then(|shutter| shutter.hides_from(begin)) {
        Some(at) => at,
        None => std::future::pending().await,
    }
}

/// Waits until the last fragment has come out.
async fn drain(stage: &mut Stage, tap: &Arc<Tap>, ended: Ended) -> Result<(), StageError> {
    let rest = match ended {
        // Taken off before the bell.
        Ended::OffAir(Left::Withdrawn) if tap.passed() == 0 => return Ok(()),
        Ended::OffAir(_) | Ended::Shut(_) => LAST_FRAME_LIMIT,
        Ended::MixerGone => Duration::ZERO,
    };
    let event = match tokio::time::timeout(rest, stage.next_event()).await {
        Ok(event) => event,
        Err(_) => {
            // Not here: a mixer's thread that hangs in an entrance keeps it locked.
            let ending = Arc::clone(tap);
            std::thread::spawn(move || ending.end_now());
            let limit = DRAIN_LIMIT;
            tokio::time::timeout(limit, stage.next_event())
                .await
                .map_err(|_| StageError::Stalled { stage: stage.name().to_owned(), limit })?
        }
    };
    match event {
        BusEvent::Eos => Ok(()),
        // Muxers complain when they are ended before they began.
        BusEvent::Error { .. } if tap.passed() == 0 => Ok(()),
        BusEvent::Error { element, message } => {
            Err(StageError::Element { stage: stage.name().to_owned(), element, message })
        }
    }
}

/// Where picture and sound come in.
const ENTRANCES: (&str, &str) = ("rec-picture", "rec-sound");

fn build(lane: Lane, plan: &EncodePlan, encoder: &EncoderKind) -> Result<Stage, StageError> {
    let (picture, sound) = (plan.picture(ENTRANCES.0, encoder), EncodePlan::sound(ENTRANCES.1));
    let gop = GOP.nseconds();
    Stage::parse(
        format!("record {}", lane.name()),
        &format!(
            "{picture} ! mux.sink_0 {sound} ! mux.sink_1 \
             isofmp4mux name=mux fragment-duration={gop} send-force-keyunit=false offset-to-zero=true ! \
             appsink name=fragments buffer-list=true sync=false async=false enable-last-sample=false"
        ),
    )
}
