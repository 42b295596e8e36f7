//! The record: program → H.264 and AAC → fragmented MP4, one fragment per
//! group of pictures → the spool.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use gst::prelude::*;
use gst_app::{AppSink, AppSinkCallbacks, AppSrc};
use lectern_api::manifest::{Anchor, GapReason, LessonInfo};
use lectern_api::{Clock, Kbps, LessonId, Ticks};
use tokio::sync::{mpsc, watch};

use super::encoder::{EncoderKind, audio_description};
use super::feed::{Epoch, GOP, ProgramFeed, Tap};
use super::source::{AUDIO_CAPS, picture_caps};
use super::stage::{BusEvent, Stage, StageError};
use super::time::{ClockPoint, Pulse};

/// Where a lesson's time line touches the shared clock. A pair, and not the
/// clock's time at position zero: after a reboot that lies before the clock's
/// own beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) at: ClockPoint,
    pub(crate) position: Ticks,
}

impl Origin {
    /// The position of a point that is not before the origin.
    pub(crate) fn position_of(&self, point: ClockPoint) -> Ticks {
        self.position + Ticks::from_nanos(point.since(self.at).nseconds())
    }
}

/// A lesson that is to be recorded and broadcast.
#[derive(Debug, Clone)]
pub(crate) struct Air {
    pub(crate) lesson: LessonId,
    /// Nothing captured before is stored or published.
    pub(crate) begin: ClockPoint,
    /// Known at once for a lesson that goes on after a restart, set by the
    /// first frame otherwise.
    pub(crate) origin: Arc<OnceLock<Origin>>,
    /// Why there may be a gap before the first run of this process.
    pub(crate) gap: GapReason,
    /// Runs of this lesson that this process has begun.
    pub(crate) runs: Arc<AtomicU32>,
}

impl PartialEq for Air {
    fn eq(&self, other: &Self) -> bool {
        self.lesson == other.lesson && Arc::ptr_eq(&self.origin, &other.origin)
    }
}

impl Air {
    /// Where a point lies on the lesson's time line; where it would lie, had
    /// the lesson begun at the bell, when nothing was recorded yet.
    pub(crate) fn position_of(&self, point: ClockPoint) -> Ticks {
        let at_bell = Origin { at: self.begin, position: Ticks(0) };
        self.origin.get().unwrap_or(&at_bell).position_of(point)
    }

    /// The origin, settled by the first frame of the first run: the time line
    /// begins there, or at the bell when the record could not begin for longer
    /// than a busy machine needs, and then what is missing is a gap.
    fn settle(&self, first_frame: ClockPoint) -> Origin {
        let late = first_frame.since(self.begin) > LATE;
        let at = if late { self.begin } else { first_frame };
        *self.origin.get_or_init(|| Origin { at, position: Ticks(0) })
    }
}

/// How long after the bell the first frame may come without being late.
const LATE: gst::ClockTime = gst::ClockTime::from_seconds(2);

/// One start of the record pipeline. Travels with each of its fragments, so
/// that it cannot be lost apart from them.
#[derive(Debug)]
pub(crate) struct RunHead {
    pub(crate) lesson: LessonId,
    pub(crate) at: Ticks,
    pub(crate) anchor: Anchor,
    pub(crate) init: Vec<u8>,
    pub(crate) codecs: String,
    /// Why there is a gap before it, if there is one.
    pub(crate) gap: GapReason,
}

/// What the spool is handed, in order.
#[derive(Debug)]
pub(crate) enum Recorded {
    /// A lesson begins.
    Begin(LessonInfo),
    /// A group of pictures with its sound.
    Fragment { run: Arc<RunHead>, pts: Ticks, duration: Ticks, payload: Vec<u8> },
    /// A stretch without media, or without pictures.
    Gap { lesson: LessonId, from: Ticks, to: Ticks, reason: GapReason },
    /// The last fragment of a lesson has been handed over.
    End { lesson: LessonId },
    /// A lesson has ended at this position: what is missing before it is a gap.
    Close { lesson: LessonId, at: Ticks, until: jiff::Timestamp },
}

/// What the record needs to know.
#[derive(Debug, Clone)]
pub(crate) struct RecordPlan {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) fps: u32,
    pub(crate) rate: Kbps,
}

/// The ends of channels and the effects that the record is given.
#[derive(Debug, Clone)]
pub(crate) struct RecordPorts {
    pub(crate) feed: Arc<ProgramFeed>,
    pub(crate) air: watch::Receiver<Option<Air>>,
    pub(crate) encoder: watch::Receiver<Option<&'static EncoderKind>>,
    /// Told of an encoder with which the record failed.
    pub(crate) failed: mpsc::Sender<&'static EncoderKind>,
    pub(crate) spool: mpsc::Sender<Recorded>,
    pub(crate) clock: Arc<dyn Clock>,
}

const START_LIMIT: Duration = Duration::from_secs(5);
/// From the order to end to the last fragment.
const DRAIN_LIMIT: Duration = Duration::from_secs(3);
/// Three groups of pictures: an encoder that is silent for so long hangs, and
/// hung chips report no error.
const PATIENCE: Duration = Duration::from_secs(6);
const LOOK: Duration = Duration::from_secs(1);
/// The mixer's latency, generously: by then the last frame has come.
const LAST_FRAME_LIMIT: Duration = Duration::from_secs(1);

/// Records every lesson that goes on air. Returns only with an error, or when
/// the daemon ends.
pub(crate) async fn run(plan: RecordPlan, mut ports: RecordPorts) -> Result<(), StageError> {
    let mut epochs = ports.feed.epochs();
    loop {
        let Ok(air) = ports.air.wait_for(Option::is_some).await.map(|air| air.clone()) else { return Ok(()) };
        let Some(air) = air else { continue };
        let Ok(epoch) = epochs.wait_for(Option::is_some).await.map(|epoch| *epoch) else { return Ok(()) };
        let Ok(encoder) = ports.encoder.wait_for(Option::is_some).await.map(|kind| *kind) else {
            return Ok(());
        };
        let (Some(epoch), Some(encoder)) = (epoch, encoder) else { continue };
        let ended = session(&plan, &mut ports, &mut epochs, &air, epoch, encoder).await;
        if ended.is_err() {
            let _ = ports.failed.try_send(encoder);
        }
        match ended? {
            Ended::Drained => {
                let _ = ports.spool.send(Recorded::End { lesson: air.lesson.clone() }).await;
                // Until the lesson is off the air it must not begin again.
                let over = ports.air.wait_for(|now| now.as_ref() != Some(&air)).await.map(|_| ());
                if over.is_err() {
                    return Ok(());
                }
            }
            Ended::MixerGone => {}
        }
    }
}

/// How a session ended without an error.
enum Ended {
    Drained,
    MixerGone,
}

async fn session(
    plan: &RecordPlan,
    ports: &mut RecordPorts,
    epochs: &mut watch::Receiver<Option<Epoch>>,
    air: &Air,
    epoch: Epoch,
    encoder: &'static EncoderKind,
) -> Result<Ended, StageError> {
    let mut stage = build(plan, encoder)?;
    stage.play(START_LIMIT).await?;
    // The pipeline plays, so no frame from here on is missed: a run that begins
    // late, because something failed, begins now and not at the bell.
    let begin = epoch.next_frame_from(air.begin);
    let origin = air.settle(begin);
    let at = origin.position_of(begin);
    stage
        .element::<gst::Element>("mux")?
        .set_property("decode-time-offset", i64::try_from(at.as_nanos()).unwrap_or(i64::MAX));
    let earlier = air.runs.fetch_add(1, Ordering::Relaxed);
    let tap = Arc::new(Tap::new(
        stage.element::<AppSrc>("rec-picture")?,
        stage.element::<AppSrc>("rec-sound")?,
        encoder_pad(&stage)?,
        begin,
        begin,
        plan.fps,
    ));
    let output = Arc::new(Pulse::new());
    let writer = Writer {
        lesson: air.lesson.clone(),
        at,
        origin,
        begin,
        reason: if earlier == 0 { air.gap } else { GapReason::PipelineRestarted },
        tap: Arc::clone(&tap),
        spool: ports.spool.clone(),
        clock: Arc::clone(&ports.clock),
        output: Arc::clone(&output),
        state: Mutex::new(Written { head: None, end: at, lost: None }),
    };
    connect(&stage, writer)?;
    ports.feed.attach(&tap);
    tracing::info!(lesson = %air.lesson, encoder = encoder.factory, at_s = at.as_secs_f64(), "recording");
    let end = tokio::select! {
        event = stage.next_event() => Err(failure(&stage, event)),
        () = output.stops(LOOK, PATIENCE) => {
            Err(StageError::Stalled { stage: stage.name().to_owned(), limit: PATIENCE })
        }
        _ = ports.air.wait_for(|now| now.as_ref() != Some(air)) => Ok(Ended::Drained),
        _ = epochs.wait_for(|now| *now != Some(epoch)) => Ok(Ended::MixerGone),
    };
    let end = match end {
        Err(error) => Err(error),
        Ok(ended) => {
            tap.end_at(ClockPoint::now());
            drain(&mut stage, &tap, matches!(ended, Ended::MixerGone)).await.map(|()| ended)
        }
    };
    ports.feed.detach(&tap);
    stage.stop().await;
    end
}

/// Waits until the last fragment has come out.
async fn drain(stage: &mut Stage, tap: &Tap, mixer_gone: bool) -> Result<(), StageError> {
    let mut rest = LAST_FRAME_LIMIT;
    if mixer_gone {
        rest = Duration::ZERO;
    }
    let event = match tokio::time::timeout(rest, stage.next_event()).await {
        Ok(event) => event,
        Err(_) => {
            tap.end_now();
            let limit = DRAIN_LIMIT;
            tokio::time::timeout(limit, stage.next_event())
                .await
                .map_err(|_| StageError::Stalled { stage: stage.name().to_owned(), limit })?
        }
    };
    match event {
        BusEvent::Eos => Ok(()),
        event @ BusEvent::Error { .. } => Err(failure(stage, event)),
    }
}

fn failure(stage: &Stage, event: BusEvent) -> StageError {
    let stage = stage.name().to_owned();
    match event {
        BusEvent::Error { element, message } => StageError::Element { stage, element, message },
        BusEvent::Eos => StageError::Ended { stage },
    }
}

/// The pad that takes orders for keyframes.
pub(crate) fn encoder_pad(stage: &Stage) -> Result<gst::Pad, StageError> {
    stage.element::<gst::Element>("encoder")?.static_pad("src").ok_or_else(|| StageError::Build {
        stage: stage.name().to_owned(),
        cause: "the encoder has no source pad".to_owned(),
    })
}

fn build(plan: &RecordPlan, encoder: &EncoderKind) -> Result<Stage, StageError> {
    let RecordPlan { width, height, fps, rate } = plan;
    let (encoder, audio) = (encoder.description(*rate), audio_description());
    let picture = picture_caps(*width, *height);
    let gop = GOP.nseconds();
    // Threads are named after the first element of their stretch, the
    // encoder's own too: `top -H` tells record and broadcast apart.
    Stage::parse(
        "record",
        &format!(
            "appsrc name=rec-picture format=time max-bytes=0 max-buffers=0 max-time=0 \
             caps={picture},framerate={fps}/1 ! {encoder} ! h264parse ! mux.sink_0 \
             appsrc name=rec-sound format=time max-bytes=0 max-buffers=0 max-time=0 caps={AUDIO_CAPS} ! \
             {audio} ! aacparse ! mux.sink_1 \
             isofmp4mux name=mux fragment-duration={gop} send-force-keyunit=false offset-to-zero=true ! \
             appsink name=fragments buffer-list=true sync=false async=false enable-last-sample=false"
        ),
    )
}

/// Two pieces of sound and a frame at 10 fps.
const LARGEST_SAMPLE: Ticks = Ticks(Ticks::PER_SECOND / 7);

/// Turns the muxer's buffer lists into what the spool takes. Called from the
/// muxer's streaming thread, so it never waits: what the spool cannot take in
/// time becomes an explicit gap.
#[derive(Debug)]
struct Writer {
    lesson: LessonId,
    at: Ticks,
    origin: Origin,
    begin: ClockPoint,
    reason: GapReason,
    tap: Arc<Tap>,
    spool: mpsc::Sender<Recorded>,
    clock: Arc<dyn Clock>,
    output: Arc<Pulse>,
    state: Mutex<Written>,
}

/// How far the writer is.
#[derive(Debug)]
struct Written {
    head: Option<Arc<RunHead>>,
    /// Where the newest fragment ended.
    end: Ticks,
    /// A stretch that the spool did not take and does not know of yet.
    lost: Option<(Ticks, Ticks)>,
}

fn connect(stage: &Stage, writer: Writer) -> Result<(), StageError> {
    let mux = stage.element::<gst::Element>("mux")?;
    let callbacks = AppSinkCallbacks::builder().new_sample(move |sink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        let (Some(list), Some(segment)) = (sample.buffer_list(), sample.segment()) else {
            tracing::error!("the muxer gave something that is no fragment");
            return Err(gst::FlowError::Error);
        };
        // An error ends the run; what it lacks becomes a gap when the next begins.
        writer.take(list, segment, &mux).map(|()| gst::FlowSuccess::Ok)
    });
    stage.element::<AppSink>("fragments")?.set_callbacks(callbacks.build());
    Ok(())
}

impl Writer {
    fn take(
        &self,
        list: &gst::BufferListRef,
        segment: &gst::Segment,
        mux: &gst::Element,
    ) -> Result<(), gst::FlowError> {
        self.output.beat();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let init_flags = gst::BufferFlags::DISCONT | gst::BufferFlags::HEADER;
        let mut buffers: Vec<&gst::BufferRef> = list.iter().collect();
        if buffers.first().is_some_and(|first| first.flags().contains(init_flags)) {
            let init = bytes(&buffers[..1])?;
            buffers.remove(0);
            state.head = Some(Arc::new(RunHead {
                lesson: self.lesson.clone(),
                at: self.at,
                anchor: self.anchor(),
                init,
                codecs: codecs(mux),
                gap: self.reason,
            }));
        }
        let Some(first) = buffers.first() else { return Ok(()) };
        let segment = segment.downcast_ref::<gst::ClockTime>();
        let running = segment.and_then(|segment| segment.to_running_time(first.pts()?));
        let (Some(running), Some(head)) = (running, state.head.clone()) else {
            tracing::error!(lesson = %self.lesson, "a fragment without time or without init segment");
            return Err(gst::FlowError::Error);
        };
        let duration = Ticks::from_nanos(first.duration().unwrap_or(GOP).nseconds());
        let pts = self.on_time_line(&mut state, running, duration);
        let payload = bytes(&buffers)?;
        for (from, to) in self.tap.take_losses() {
            let (from, to) = (self.origin.position_of(from), self.origin.position_of(to));
            self.send(Recorded::Gap { lesson: self.lesson.clone(), from, to, reason: GapReason::Overload });
        }
        self.report_lost(&mut state);
        if !self.send(Recorded::Fragment { run: head, pts, duration, payload }) {
            let from = state.lost.map_or(pts, |(from, _)| from);
            state.lost = Some((from, pts + duration));
        }
        Ok(())
    }

    /// Where a fragment begins. The muxer's time stamp is that of its earliest
    /// sample, and sound is cut in pieces of 21 ms that do not end with the
    /// pictures: what follows directly begins where the one before ended.
    fn on_time_line(&self, state: &mut Written, running: gst::ClockTime, duration: Ticks) -> Ticks {
        let stamped = self.at + Ticks::from_nanos(running.nseconds());
        let follows = state.end.abs_diff(stamped) < LARGEST_SAMPLE;
        let pts = if follows { state.end } else { stamped };
        state.end = pts + duration;
        pts
    }

    fn report_lost(&self, state: &mut Written) {
        if let Some((from, to)) = state.lost {
            let reason = GapReason::SpoolTooSlow;
            if self.send(Recorded::Gap { lesson: self.lesson.clone(), from, to, reason }) {
                state.lost = None;
            }
        }
    }

    /// Whether the spool took it.
    fn send(&self, recorded: Recorded) -> bool {
        let sent = self.spool.try_send(recorded).is_ok();
        if !sent {
            tracing::error!(lesson = %self.lesson, "the spool is too slow: a stretch of the record is lost");
        }
        sent
    }

    /// Where the beginning of this run lies on the wall clock.
    fn anchor(&self) -> Anchor {
        let ago = ClockPoint::now().duration_since(self.begin);
        let utc = self.clock.utc();
        let utc = jiff::SignedDuration::try_from(ago).ok().and_then(|ago| utc.checked_sub(ago).ok());
        let sync = lectern_hal::clock::sync();
        Anchor {
            pts_90k: self.at,
            utc: utc.unwrap_or_else(|| self.clock.utc()),
            synced: sync.synced,
            uncertainty_ms: sync.synced.then(|| sync.error.as_millis().try_into().unwrap_or(u32::MAX)),
        }
    }
}

fn bytes(buffers: &[&gst::BufferRef]) -> Result<Vec<u8>, gst::FlowError> {
    let size = buffers.iter().map(|b| b.size()).sum();
    let mut out = Vec::with_capacity(size);
    for buffer in buffers {
        // A part that cannot be read makes the whole of no use.
        out.extend_from_slice(&buffer.map_readable().map_err(|_| gst::FlowError::Error)?);
    }
    Ok(out)
}

/// RFC 6381: profile, constraints and level from the H.264 configuration
/// record, and AAC-LC, the only sound there is.
fn codecs(mux: &gst::Element) -> String {
    let caps = mux.static_pad("sink_0").and_then(|pad| pad.current_caps());
    let data = caps.and_then(|caps| caps.structure(0)?.get::<gst::Buffer>("codec_data").ok());
    let profile = data.and_then(|data| {
        let map = data.map_readable().ok()?;
        map.get(1..4).map(|p| format!("{:02x}{:02x}{:02x}", p[0], p[1], p[2]))
    });
    format!("avc1.{},mp4a.40.2", profile.unwrap_or_else(|| "64001f".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> ClockPoint {
        ClockPoint(gst::ClockTime::from_seconds(seconds))
    }

    #[test]
    fn a_lesson_that_goes_on_soon_after_a_reboot_goes_on_behind_what_is_recorded() {
        // Half an hour was recorded, and the kernel has run for 20 s.
        let recorded = Ticks(30 * 60 * Ticks::PER_SECOND);
        let origin = Origin { at: at(20), position: recorded };
        assert_eq!(origin.position_of(at(25)), recorded + Ticks(5 * Ticks::PER_SECOND));
    }

    fn an_air(begin: ClockPoint) -> Air {
        let lesson = LessonId::by_hand(jiff::Timestamp::UNIX_EPOCH);
        let gap = GapReason::PipelineRestarted;
        Air { lesson, begin, origin: Arc::default(), gap, runs: Arc::default() }
    }

    #[test]
    fn a_record_that_begins_late_owes_the_time_since_the_bell() {
        let air = an_air(at(100));
        assert_eq!(air.settle(at(109)).position_of(at(109)), Ticks(9 * Ticks::PER_SECOND));
    }

    #[test]
    fn the_time_line_begins_with_the_first_frame() {
        let air = an_air(at(100));
        let frame = ClockPoint(gst::ClockTime::from_mseconds(100_400));
        assert_eq!(air.settle(frame).position_of(frame), Ticks(0));
        // A second run of the same lesson keeps the first one's origin.
        assert_eq!(air.settle(at(150)).at, frame);
    }
}
