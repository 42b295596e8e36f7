//! The one live encode that all targets share.

use std::sync::Arc;
use std::time::Duration;

use gst_app::{AppSink, AppSinkCallbacks, AppSrc};
use lectern_api::Kbps;
use tokio::sync::watch;

use super::gate::UnitKind;
use super::stream::LiveStream;
use crate::capture::encoder::{EncoderKind, audio_description};
use crate::capture::feed::{Epoch, ProgramFeed, Tap};
use crate::capture::record::{Air, encoder_pad};
use crate::capture::source::{AUDIO_CAPS, picture_caps};
use crate::capture::stage::{Stage, StageError};
use crate::capture::time::{ClockPoint, Pulse};

/// The pictures as they leave the encoder.
pub(crate) const PICTURE_CAPS: &str = "video/x-h264,stream-format=byte-stream,alignment=au";
/// The sound as it leaves the encoder: each piece names its own format, so
/// that a target can begin anywhere.
pub(crate) const SOUND_CAPS: &str =
    "audio/mpeg,mpegversion=4,stream-format=adts,framed=true,rate=48000,channels=2";

/// What is encoded.
#[derive(Debug, Clone)]
pub(crate) struct EncodePlan {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) fps: u32,
    pub(crate) rate: Kbps,
}

/// The ends of channels that the encode is given.
#[derive(Debug, Clone)]
pub(crate) struct EncodePorts {
    pub(crate) feed: Arc<ProgramFeed>,
    pub(crate) air: watch::Receiver<Option<Air>>,
    pub(crate) encoder: watch::Receiver<Option<&'static EncoderKind>>,
    pub(crate) stream: Arc<LiveStream>,
}

const START_LIMIT: Duration = Duration::from_secs(5);
/// An encoder that is silent for so long hangs, and hung chips report no error.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_secs(1);
/// The mixer's latency, generously.
const LAST_UNIT_LIMIT: Duration = Duration::from_secs(1);

/// Encodes every lesson that goes on air. Returns only with an error, or when
/// the daemon ends.
pub(crate) async fn run(plan: EncodePlan, mut ports: EncodePorts) -> Result<(), StageError> {
    let mut epochs = ports.feed.epochs();
    loop {
        let Ok(air) = ports.air.wait_for(Option::is_some).await.map(|air| air.clone()) else { return Ok(()) };
        let Ok(epoch) = epochs.wait_for(Option::is_some).await.map(|epoch| *epoch) else { return Ok(()) };
        let Ok(encoder) = ports.encoder.wait_for(Option::is_some).await.map(|kind| *kind) else {
            return Ok(());
        };
        let (Some(air), Some(epoch), Some(encoder)) = (air, epoch, encoder) else { continue };
        let result = session(&plan, &mut ports, &mut epochs, &air, epoch, encoder).await;
        ports.stream.end();
        result?;
    }
}

async fn session(
    plan: &EncodePlan,
    ports: &mut EncodePorts,
    epochs: &mut watch::Receiver<Option<Epoch>>,
    air: &Air,
    epoch: Epoch,
    encoder: &EncoderKind,
) -> Result<(), StageError> {
    let mut stage = build(plan, encoder)?;
    let number = ports.stream.begin();
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
    // Time stamps count from the bell, so that they go on when the encode is
    // restarted in the middle of a lesson.
    let tap = Arc::new(Tap::new(
        stage.element::<AppSrc>("live-picture")?,
        stage.element::<AppSrc>("live-sound")?,
        encoder_pad(&stage)?,
        // A frame that the mixer has made already is missed, which is soonest.
        epoch.first_frame_from(air.begin.max(ClockPoint::now())),
        air.begin,
        plan.fps,
    ));
    ports.feed.attach(&tap);
    let end = tokio::select! {
        error = stage.failed() => Err(error),
        () = output.stops(LOOK, PATIENCE) => {
            Err(StageError::Stalled { stage: stage.name().to_owned(), limit: PATIENCE })
        }
        _ = ports.air.wait_for(|now| now.as_ref() != Some(air)) => Ok(()),
        _ = epochs.wait_for(|now| *now != Some(epoch)) => Ok(()),
    };
    if end.is_ok() {
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
    end
}

/// x264 counts from 1000 hours, so that decode times never become negative,
/// and says so in its segment. Behind here there is no segment any more.
fn in_running_time(unit: &mut gst::BufferRef, segment: &gst::FormattedSegment<gst::ClockTime>) {
    let running = |at: Option<gst::ClockTime>| segment.to_running_time(at);
    let (pts, dts) = (running(unit.pts()), running(unit.dts()));
    unit.set_pts(pts);
    unit.set_dts(dts);
}

fn build(plan: &EncodePlan, encoder: &EncoderKind) -> Result<Stage, StageError> {
    let EncodePlan { width, height, fps, rate } = plan;
    let (encoder, audio) = (encoder.description(*rate), audio_description());
    let picture = picture_caps(*width, *height);
    let sink = "sync=false async=false enable-last-sample=false";
    Stage::parse(
        "live encode",
        &format!(
            "appsrc name=live-picture format=time max-bytes=0 max-buffers=0 max-time=0 \
             caps={picture},framerate={fps}/1 ! {encoder} ! h264parse config-interval=-1 ! {PICTURE_CAPS} ! \
             appsink name=pictures {sink} \
             appsrc name=live-sound format=time max-bytes=0 max-buffers=0 max-time=0 caps={AUDIO_CAPS} ! \
             {audio} ! aacparse ! {SOUND_CAPS} ! appsink name=sounds {sink}"
        ),
    )
}
