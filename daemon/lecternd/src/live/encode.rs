//! The one live encode that all targets share.

use std::sync::Arc;
use std::time::Duration;

use gst_app::{AppSink, AppSinkCallbacks};
use tokio::sync::watch;

use super::gate::UnitKind;
use super::stream::LiveStream;
use crate::capture::encoder::EncoderKind;
use crate::capture::feed::{Epoch, ProgramFeed};
use crate::capture::schedule::{Broadcast, Schedule};
use crate::capture::session::{EncodePlan, Equipment, START_LIMIT, broadcast_over};
use crate::capture::stage::{Stage, StageError};
use crate::capture::time::{ClockPoint, Pulse};
use crate::capture::window::Window;

/// The pictures as they leave the encoder.
pub(crate) const PICTURE_CAPS: &str = "video/x-h264,stream-format=byte-stream,alignment=au";
/// The sound as it leaves the encoder: each piece names its own format, so
/// that a target can begin anywhere.
pub(crate) const SOUND_CAPS: &str =
    "audio/mpeg,mpegversion=4,stream-format=adts,framed=true,rate=48000,channels=2";

/// The ends of channels that the encode is given.
#[derive(Debug, Clone)]
pub(crate) struct EncodePorts {
    pub(crate) feed: Arc<ProgramFeed>,
    pub(crate) schedule: watch::Receiver<Schedule>,
    pub(crate) encoder: watch::Receiver<Option<&'static EncoderKind>>,
    pub(crate) stream: Arc<LiveStream>,
}

/// The mixer's latency, generously.
const LAST_UNIT_LIMIT: Duration = Duration::from_secs(1);

/// Encodes every broadcast. Returns only with an error, or when the daemon ends.
pub(crate) async fn run(plan: EncodePlan, ports: EncodePorts) -> Result<(), StageError> {
    let mut schedule = ports.schedule.clone();
    let mut equipment = Equipment::new(&ports.feed, ports.encoder.clone());
    loop {
        let next = schedule.wait_for(|schedule| schedule.next_broadcast(ClockPoint::now()).is_some()).await;
        let Some(broadcast) = next.ok().and_then(|next| next.next_broadcast(ClockPoint::now())) else {
            return Ok(());
        };
        let ready = tokio::select! {
            () = broadcast_over(&mut schedule, broadcast, |_| {}) => continue,
            ready = equipment.ready() => ready,
        };
        let Some(ready) = ready else { return Ok(()) };
        let result = session(&plan, &ports, (&mut schedule, broadcast), &mut equipment, ready).await;
        ports.stream.end();
        result?;
    }
}

async fn session(
    plan: &EncodePlan,
    ports: &EncodePorts,
    (schedule, broadcast): (&mut watch::Receiver<Schedule>, Broadcast),
    equipment: &mut Equipment,
    (epoch, encoder): (Epoch, &'static EncoderKind),
) -> Result<(), StageError> {
    let mut stage = build(plan, encoder)?;
    let number = ports.stream.begin(broadcast.zero);
    let output = Arc::new(Pulse::new());
    for (sink, sound) in [("pictures", false), ("sounds", true)] {
        let (stream, output) = (Arc::clone(&ports.stream), Arc::clone(&output));
        let callbacks = AppSinkCallbacks::builder().new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            let segment = sample.segment().and_then(|s| s.downcast_ref::<gst::ClockTime>().cloned());
            if let (Some(mut unit), Some(segment)) = (sample.buffer_owned(), segment) {
                drop(sample);
                in_running_time(unit.make_mut(), &segment);
                let kind = match (sound, unit.flags().contains(gst::BufferFlags::DELTA_UNIT)) {
                    (true, _) => UnitKind::Sound,
                    (false, true) => UnitKind::Delta,
                    (false, false) => UnitKind::Key,
                };
                if !sound {
                    output.beat();
                }
                stream.push(number, kind, unit);
            }
            Ok(gst::FlowSuccess::Ok)
        });
        stage.element::<AppSink>(sink)?.set_callbacks(callbacks.build());
    }
    stage.play(START_LIMIT).await?;
    // Time stamps count from the broadcast's first bell, so that they go on when
    // the encode is restarted in the middle of a lesson, and at the next bell.
    // A frame that the mixer has made already is missed, which is soonest.
    let from = ClockPoint::now();
    let window = |schedule: &Schedule| Window::new(&epoch, from, &schedule.bells(broadcast));
    let first = window(&schedule.borrow());
    let tap = EncodePlan::tap(&stage, ENTRANCES, &epoch, first, broadcast.zero)?;
    ports.feed.attach(&tap);
    // Whether it is over: when the mixer is gone, nothing more comes.
    let end = tokio::select! {
        () = broadcast_over(schedule, broadcast, |schedule| tap.set_window(window(schedule))) => Ok(true),
        lost = equipment.lost(&mut stage, (&tap, &output), epoch) => lost.map(|()| false),
    };
    if matches!(end, Ok(true)) && tap.passed() > 0 {
        // What was captured before the end is still on its way through the mixer.
        tap.end_at(ClockPoint::now());
        let _ = tokio::time::timeout(LAST_UNIT_LIMIT, stage.next_event()).await;
    }
    ports.feed.detach(&tap);
    ports.stream.end();
    if tap.dropped() > 0 {
        tracing::warn!(frames = tap.dropped(), "the live encoder was too slow and lost pictures");
    }
    stage.stop().await;
    end.map(drop)
}

/// x264 counts from 1000 hours, so that decode times never become negative,
/// and says so in its segment. Behind here there is no segment any more.
fn in_running_time(unit: &mut gst::BufferRef, segment: &gst::FormattedSegment<gst::ClockTime>) {
    let running = |at: Option<gst::ClockTime>| segment.to_running_time(at);
    let (pts, dts) = (running(unit.pts()), running(unit.dts()));
    unit.set_pts(pts);
    unit.set_dts(dts);
}

/// Where picture and sound come in.
const ENTRANCES: (&str, &str) = ("live-picture", "live-sound");

fn build(plan: &EncodePlan, encoder: &EncoderKind) -> Result<Stage, StageError> {
    let (picture, sound) = (plan.picture(ENTRANCES.0, encoder), EncodePlan::sound(ENTRANCES.1));
    let sink = "sync=false async=false enable-last-sample=false";
    Stage::parse(
        "live encode",
        &format!(
            "{picture} config-interval=-1 ! {PICTURE_CAPS} ! appsink name=pictures {sink} \
             {sound} ! {SOUND_CAPS} ! appsink name=sounds {sink}"
        ),
    )
}
