//! The record: program → H.264 and AAC → fragmented MP4, one fragment per
//! group of pictures → the spool.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gst::prelude::*;
use lectern_api::Clock;
use lectern_api::manifest::GapReason;
use tokio::sync::{mpsc, watch};

use super::air::Air;
use super::encoder::EncoderKind;
use super::feed::{GOP, ProgramFeed, Tap};
use super::session::{Conditions, EncodePlan, Ended, Ready, START_LIMIT};
use super::stage::{BusEvent, Stage, StageError};
use super::time::{ClockPoint, Pulse};
use super::writer::{self, Recorded, Writer, Written};

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

/// From the order to end to the last fragment.
const DRAIN_LIMIT: Duration = Duration::from_secs(3);
/// The mixer's latency, generously: by then the last frame has come.
const LAST_FRAME_LIMIT: Duration = Duration::from_secs(1);

/// Records every lesson that goes on air. Returns only with an error, or when
/// the daemon ends.
pub(crate) async fn run(plan: EncodePlan, ports: RecordPorts) -> Result<(), StageError> {
    let mut conditions = Conditions::new(&ports.feed, ports.air.clone(), ports.encoder.clone());
    while let Some(ready) = conditions.ready().await {
        let ended = session(&plan, &ports, &mut conditions, &ready).await;
        if ended.is_err() {
            let _ = ports.failed.try_send(ready.encoder);
        }
        if ended? == Ended::OffAir {
            let _ = ports.spool.send(Recorded::End { lesson: ready.air.lesson.clone() }).await;
        }
    }
    Ok(())
}

async fn session(
    plan: &EncodePlan,
    ports: &RecordPorts,
    conditions: &mut Conditions,
    ready: &Ready,
) -> Result<Ended, StageError> {
    let Ready { air, epoch, encoder } = ready;
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
    let tap = plan.tap(&stage, ENTRANCES, begin, begin)?;
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
        state: Mutex::new(Written::nothing(at)),
    };
    writer::connect(&stage, writer)?;
    ports.feed.attach(&tap);
    tracing::info!(lesson = %air.lesson, encoder = encoder.factory, at_s = at.as_secs_f64(), "recording");
    let end = match conditions.hold(&mut stage, &output, ready).await {
        Err(error) => Err(error),
        Ok(ended) => {
            tap.end_at(ClockPoint::now());
            drain(&mut stage, &tap, ended).await.map(|()| ended)
        }
    };
    ports.feed.detach(&tap);
    stage.stop().await;
    end
}

/// Waits until the last fragment has come out.
async fn drain(stage: &mut Stage, tap: &Tap, ended: Ended) -> Result<(), StageError> {
    let rest = match ended {
        Ended::OffAir => LAST_FRAME_LIMIT,
        Ended::MixerGone => Duration::ZERO,
    };
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
        BusEvent::Error { element, message } => {
            Err(StageError::Element { stage: stage.name().to_owned(), element, message })
        }
    }
}

/// Where picture and sound come in.
const ENTRANCES: (&str, &str) = ("rec-picture", "rec-sound");

fn build(plan: &EncodePlan, encoder: &EncoderKind) -> Result<Stage, StageError> {
    let (picture, sound) = (plan.picture(ENTRANCES.0, encoder), EncodePlan::sound(ENTRANCES.1));
    let gop = GOP.nseconds();
    Stage::parse(
        "record",
        &format!(
            "{picture} ! mux.sink_0 {sound} ! mux.sink_1 \
             isofmp4mux name=mux fragment-duration={gop} send-force-keyunit=false offset-to-zero=true ! \
             appsink name=fragments buffer-list=true sync=false async=false enable-last-sample=false"
        ),
    )
}
