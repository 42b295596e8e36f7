//! The mixer: every picture into the program's frame, every sound into its
//! sound, at the program's pace, whatever the sources do.
//!
//! Beneath each picture lies its slate. A source that brings nothing for a
//! second is no longer repeated, and the slate shows; while the source lives,
//! the slate is covered, and the compositor does not touch covered pictures.
//! So there is nothing to switch, and nothing that can switch wrongly.
//!
//! Slates come at the program's own rate: the mixer works as far ahead as all
//! of its inputs reach, and must not make pictures before their time.

use std::sync::Arc;
use std::time::Duration;

use gst::prelude::*;
use gst_app::{AppSink, AppSinkCallbacks, AppSrc};
use lectern_api::{Language, messages, status::Role};
use tokio::sync::watch;

use super::feed::ProgramFeed;
use super::input::MixerInput;
use super::intake::{self, Intake};
use super::layout::{Rect, layout};
use super::slate;
use super::source::{AUDIO_CAPS, picture_caps};
use super::stage::{Stage, StageError};
use super::time::ClockPoint;

/// One input as the mixer sees it.
#[derive(Debug, Clone)]
pub(crate) struct MixerSlot {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) latency: Duration,
    pub(crate) input: Arc<MixerInput>,
}

/// What is mixed, and how.
#[derive(Debug, Clone)]
pub(crate) struct MixerPlan {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) fps: u32,
    pub(crate) language: Language,
    pub(crate) slots: Vec<MixerSlot>,
}

/// A picture that is older is no longer shown.
const REPEAT: Duration = Duration::from_secs(1);
const START_LIMIT: Duration = Duration::from_secs(5);
/// The mixer makes frames whatever its sources do; if not, it hangs.
const PATIENCE: Duration = Duration::from_secs(3);

/// Mixes while wanted. Returns only with an error, or when the daemon ends.
pub(crate) async fn run(
    plan: MixerPlan,
    feed: Arc<ProgramFeed>,
    mut wanted: watch::Receiver<bool>,
) -> Result<(), StageError> {
    // Before any picture: where it cannot be drawn, a closed shutter shows none.
    let text = messages::slate_shutter();
    match slate::draw(plan.width, plan.height, text.in_language(plan.language)).await {
        Ok(slate) => feed.set_slate(slate),
        Err(error) => tracing::error!(%error, "no slate for the privacy shutter"),
    }
    loop {
        if wanted.wait_for(|wanted| *wanted).await.is_err() {
            return Ok(());
        }
        let mut stage = build(&plan, &feed)?;
        let end = tokio::select! {
            end = play(&mut stage, &plan, &feed) => Err(end),
            _ = wanted.wait_for(|wanted| !*wanted) => Ok(()),
        };
        feed.close();
        for slot in &plan.slots {
            slot.input.disconnect();
        }
        stage.stop().await;
        end?;
    }
}

async fn play(stage: &mut Stage, plan: &MixerPlan, feed: &ProgramFeed) -> StageError {
    stage.count_from_now();
    if let Err(error) = stage.play(START_LIMIT).await {
        return error;
    }
    let base = stage.base_time();
    let mut intakes = Vec::with_capacity(plan.slots.len());
    for (i, slot) in plan.slots.iter().enumerate() {
        match stage.element::<AppSrc>(&format!("in{i}")) {
            Ok(appsrc) => {
                intakes.push((slot, Intake::of(&appsrc)));
                slot.input.connect(appsrc, base);
            }
            Err(error) => return error,
        }
    }
    feed.open(base, plan.fps);
    let begun = ClockPoint::now();
    let mut look = tokio::time::interval(intake::LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            error = stage.failed() => return error,
            _ = look.tick() => {}
        }
        let now = ClockPoint::now();
        for (slot, intake) in &mut intakes {
            if intake.hangs(slot.input.offered(), now.0.saturating_sub(base)) {
                let stage = format!("{}, {}", stage.name(), slot.name);
                return StageError::Stalled { stage, limit: intake::PATIENCE };
            }
        }
        let since_begin = now.duration_since(begun);
        if since_begin > PATIENCE && feed.age().is_none_or(|age| age > PATIENCE) {
            return StageError::Stalled { stage: stage.name().to_owned(), limit: PATIENCE };
        }
    }
}

fn build(plan: &MixerPlan, feed: &Arc<ProgramFeed>) -> Result<Stage, StageError> {
    let stage = Stage::parse("program", &description(plan))?;
    for (i, slot) in plan.slots.iter().enumerate() {
        let latency = gst::ClockTime::try_from(slot.latency).unwrap_or(gst::ClockTime::ZERO);
        stage.element::<AppSrc>(&format!("in{i}"))?.set_latency(latency, gst::ClockTime::NONE);
        if slot.role.is_video() {
            let text = match slot.role {
                Role::Board => messages::slate_board(&slot.name),
                _ => messages::slate_camera(&slot.name),
            };
            let overlay = stage.element::<gst::Element>(&format!("text{i}"))?;
            overlay.set_property("text", text.in_language(plan.language));
        }
    }
    for (sink, sound) in [("pictures", false), ("sounds", true)] {
        let feed = Arc::clone(feed);
        let pipeline = stage.pipeline().downgrade();
        let callbacks = AppSinkCallbacks::builder().new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            let base = pipeline.upgrade().and_then(|p| p.base_time());
            if let (Some(buffer), Some(segment), Some(base)) = (sample.buffer_owned(), sample.segment(), base)
                && let Some(at) = ClockPoint::of(&buffer, segment, base)
            {
                if sound { feed.sound(&buffer, at) } else { feed.picture(&buffer, at) }
            }
            Ok(gst::FlowSuccess::Ok)
        });
        stage.element::<AppSink>(sink)?.set_callbacks(callbacks.build());
    }
    Ok(stage)
}

/// What the mixer makes itself is there at once and must wait for the slowest
/// source. Without a queue it says that it cannot (its longest latency is a
/// frame), and then the mixer waits for nobody.
const WAITS: &str = "queue max-size-buffers=0 max-size-bytes=0 max-size-time=1000000000";

fn description(plan: &MixerPlan) -> String {
    let MixerPlan { width, height, fps, .. } = plan;
    let repeat = REPEAT.as_nanos();
    let picture = picture_caps(*width, *height);
    let roles: Vec<Role> = plan.slots.iter().map(|s| s.role).filter(|r| r.is_video()).collect();
    let mut rects = layout(&roles, *width, *height).into_iter();
    // `force-live`: the clock drives both mixers, sources or none.
    let mut mixers =
        "compositor name=mix background=black force-live=true ignore-inactive-pads=true".to_owned();
    let mut sounds = "audiomixer name=sum force-live=true ignore-inactive-pads=true latency=20000000 \
                      output-buffer-duration=20000000"
        .to_owned();
    let mut sources = String::new();
    let mut pad = 0;
    for (i, slot) in plan.slots.iter().enumerate() {
        let appsrc = format!(
            "appsrc name=in{i} is-live=true format=time max-buffers=8 leaky-type=downstream \
             max-bytes=0 max-time=0"
        );
        if !slot.role.is_video() {
            sources.push_str(&format!("{appsrc} caps={AUDIO_CAPS} ! sum. "));
            continue;
        }
        let Some(Rect { x, y, width, height }) = rects.next() else { continue };
        let main = width == plan.width;
        let caps = picture_caps(width, height);
        let (slate, live) = (pad, pad + 1);
        // The frame-filling picture lies at the bottom.
        let z = if main { 0 } else { 2 + i * 2 };
        mixers.push_str(&format!(
            " sink_{slate}::xpos={x} sink_{slate}::ypos={y} sink_{slate}::zorder={z} \
             sink_{live}::xpos={x} sink_{live}::ypos={y} sink_{live}::zorder={} \
             sink_{live}::max-last-buffer-repeat={repeat}",
            z + 1
        ));
        pad += 2;
        sources.push_str(&format!(
            "{} ! {caps},framerate=1/1 ! textoverlay name=text{i} {} ! imagefreeze is-live=true ! {caps},framerate={fps}/1 ! {WAITS} ! mix.sink_{slate} \
             {appsrc} caps={caps},framerate=0/1 ! mix.sink_{live} ",
            slate::PLAIN,
            slate::LETTERS,
        ));
    }
    if roles.is_empty() {
        // Sound only: the program still has a picture, so that every player
        // and platform takes it.
        sources.push_str(&format!(
            "videotestsrc is-live=true pattern=black ! {picture},framerate={fps}/1 ! {WAITS} ! mix. "
        ));
    }
    sounds.push_str(&format!(
        " audiotestsrc is-live=true wave=silence samplesperbuffer=960 ! {AUDIO_CAPS} ! {WAITS} ! sum. "
    ));
    format!(
        "{mixers} ! {picture},framerate={fps}/1 ! \
         appsink name=pictures sync=false async=false max-buffers=4 enable-last-sample=false \
         {sounds} {sources} sum. ! {AUDIO_CAPS} ! \
         appsink name=sounds sync=false async=false max-buffers=16 enable-last-sample=false"
    )
}
