//! From the muxer's buffer lists to what the spool takes.

use std::sync::{Arc, Mutex, PoisonError};

use gst::prelude::*;
use gst_app::{AppSink, AppSinkCallbacks};
use lectern_api::manifest::{Anchor, GapReason, LessonInfo};
use lectern_api::{Clock, LessonId, Ticks};
use tokio::sync::mpsc;

use super::losses::{Loss, Losses};
use super::schedule::Origin;
use super::stage::{Stage, StageError};
use super::tap::{GOP, Tap};
use super::time::{ClockPoint, Pulse};

/// One start of the record pipeline. Travels with each of its fragments, so
/// that it cannot be lost apart from them.
#[derive(Debug)]
pub(crate) struct RunHead {
    /// The lesson; its first fragment begins it when nothing else has.
    pub(crate) info: Arc<LessonInfo>,
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
    /// Between what is recorded and this position nothing is.
    Missing { lesson: LessonId, until: Ticks, reason: GapReason },
    /// The last fragment of a lesson has been handed over.
    End { lesson: LessonId },
    /// A lesson has ended at this position: what is missing before it is a gap.
    Close { lesson: LessonId, at: Ticks, until: jiff::Timestamp, gap: GapReason },
}

/// Two pieces of sound and a frame at 10 fps.
const LARGEST_SAMPLE: Ticks = Ticks(Ticks::PER_SECOND / 7);

/// Turns the muxer's buffer lists into what the spool takes. Called from the
/// muxer's streaming thread, so it never waits: what the spool cannot take in
/// time becomes an explicit gap.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) info: Arc<LessonInfo>,
    /// Where the run begins.
    pub(super) at: Ticks,
    pub(super) origin: Origin,
    pub(super) begin: ClockPoint,
    /// Why there is a gap before the run, if there is one.
    pub(super) reason: GapReason,
    pub(super) tap: Arc<Tap>,
    pub(super) spool: mpsc::Sender<Recorded>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) output: Arc<Pulse>,
    pub(super) state: Mutex<Written>,
}

/// How far the writer is.
#[derive(Debug)]
pub(super) struct Written {
    head: Option<Arc<RunHead>>,
    /// Where the newest fragment ended.
    end: Ticks,
    losses: Losses,
}

impl Written {
    /// Before the first fragment of a run that begins there.
    pub(super) fn nothing(at: Ticks) -> Self {
        Self { head: None, end: at, losses: Losses::default() }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let end = state.end;
        state.losses.tell(usize::MAX, end, |loss| self.send(self.gap(loss)));
    }
}

pub(super) fn connect(stage: &Stage, writer: Writer) -> Result<(), StageError> {
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
                info: Arc::clone(&self.info),
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
            tracing::error!(lesson = %self.info.id, "a fragment without time or without init segment");
            return Err(gst::FlowError::Error);
        };
        let duration = Ticks::from_nanos(first.duration().unwrap_or(GOP).nseconds());
        let pts = self.on_time_line(&mut state, running, duration);
        let payload = bytes(&buffers)?;
        for (from, to) in self.tap.take_losses() {
            let (from, to) = (self.origin.position_of(from), self.origin.position_of(to));
            state.losses.add(Loss { from, to, reason: GapReason::Overload });
        }
        // One place is the fragment's.
        let room = self.spool.capacity().saturating_sub(1);
        let end = state.end;
        state.losses.tell(room, end, |loss| self.send(self.gap(loss)));
        if !self.send(Recorded::Fragment { run: head, pts, duration, payload }) {
            state.losses.add(Loss { from: pts, to: pts + duration, reason: GapReason::SpoolTooSlow });
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

    fn gap(&self, Loss { from, to, reason }: Loss) -> Recorded {
        Recorded::Gap { lesson: self.info.id.clone(), from, to, reason }
    }

    /// Whether the spool took it.
    fn send(&self, recorded: Recorded) -> bool {
        let sent = self.spool.try_send(recorded).is_ok();
        if !sent {
            tracing::error!(lesson = %self.info.id, "the spool is too slow: a stretch of the record is lost");
        }
        sent
    }

    /// Where the beginning of this run lies on the wall clock.
    fn anchor(&self) -> Anchor {
        let ago = ClockPoint::now().duration_since(self.begin);
        let utc = self.clock.utc();
        let utc = jiff::SignedDuration::try_from(ago).ok().and_then(|ago| utc.checked_sub(ago).ok());
        let trust = self.clock.trust();
        Anchor {
            pts_90k: self.at,
            utc: utc.unwrap_or_else(|| self.clock.utc()),
            synced: trust.is_networked(),
            uncertainty_ms: trust.uncertainty.map(|off| off.as_millis().try_into().unwrap_or(u32::MAX)),
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
