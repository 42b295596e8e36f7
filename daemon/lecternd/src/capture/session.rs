//! What the records and the broadcast's encode have in common: while the mixer
//! plays and an encoder is known, the program goes through that encoder.

use std::sync::Arc;
use std::time::Duration;

use gst::prelude::*;
use gst_app::AppSrc;
use lectern_api::Kbps;
use tokio::sync::watch;

use super::encoder::{EncoderKind, audio_description};
use super::feed::{Epoch, ProgramFeed};
use super::schedule::{Broadcast, Schedule};
use super::source::{AUDIO_CAPS, picture_caps};
use super::stage::{Stage, StageError};
use super::tap::{Entrances, Tap};
use super::time::{ClockPoint, Pulse, sleep_until};
use super::window::Window;

/// What is encoded, and how large.
#[derive(Debug, Clone)]
pub(crate) struct EncodePlan {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) fps: u32,
    pub(crate) rate: Kbps,
}

/// How long a pipeline may take to play.
pub(crate) const START_LIMIT: Duration = Duration::from_secs(5);
/// Three groups of pictures: an encoder that is silent for so long hangs, and
/// hung chips report no error.
const PATIENCE: Duration = Duration::from_secs(6);
const LOOK: Duration = Duration::from_secs(1);
const QUEUE: &str = "format=time max-bytes=0 max-buffers=0 max-time=0";

impl EncodePlan {
    /// From the program's frames to parsed H.264. The thread, the encoder's own
    /// too, is named after the first element: `top -H` tells who is who.
    pub(crate) fn picture(&self, name: &str, encoder: &EncoderKind) -> String {
        let Self { width, height, fps, rate } = self;
        let (caps, encoder) = (picture_caps(*width, *height), encoder.description(*rate));
        format!("appsrc name={name} {QUEUE} caps={caps},framerate={fps}/1 ! {encoder} ! h264parse")
    }

    /// From the program's sound to parsed AAC.
    pub(crate) fn sound(name: &str) -> String {
        let audio = audio_description();
        format!("appsrc name={name} {QUEUE} caps={AUDIO_CAPS} ! {audio} ! aacparse")
    }

    /// The tap that feeds such a pipeline what is in `window`, with time stamps
    /// that count from `zero`.
    pub(crate) fn tap(
        stage: &Stage,
        (picture, sound): (&str, &str),
        epoch: &Epoch,
        window: Window,
        zero: ClockPoint,
    ) -> Result<Arc<Tap>, StageError> {
        let encoder = stage.element::<gst::Element>("encoder")?;
        let encoder = encoder.static_pad("src").ok_or_else(|| StageError::Build {
            stage: stage.name().to_owned(),
            cause: "the encoder has no source pad".to_owned(),
        })?;
        let (picture, sound) = (stage.element::<AppSrc>(picture)?, stage.element::<AppSrc>(sound)?);
        Ok(Arc::new(Tap::new(Entrances { picture, sound, encoder }, epoch, window, zero)))
    }
}

/// What is needed to encode, whatever is on the air.
#[derive(Debug, Clone)]
pub(crate) struct Equipment {
    epochs: watch::Receiver<Option<Epoch>>,
    encoder: watch::Receiver<Option<&'static EncoderKind>>,
}

impl Equipment {
    pub(crate) fn new(feed: &ProgramFeed, encoder: watch::Receiver<Option<&'static EncoderKind>>) -> Self {
        Self { epochs: feed.epochs(), encoder }
    }

    /// Waits until the mixer plays and an encoder is known; nothing when the
    /// daemon ends.
    pub(crate) async fn ready(&mut self) -> Option<(Epoch, &'static EncoderKind)> {
        loop {
            let epoch = *self.epochs.wait_for(Option::is_some).await.ok()?;
            let encoder = *self.encoder.wait_for(Option::is_some).await.ok()?;
            if let (Some(epoch), Some(encoder)) = (epoch, encoder) {
                return Some((epoch, encoder));
            }
        }
    }

    /// Waits until the mixer is gone, or the encoder fails. `output` beats with
    /// all that comes out.
    pub(crate) async fn lost(
        &mut self,
        stage: &mut Stage,
        (tap, output): (&Tap, &Pulse),
        epoch: Epoch,
    ) -> Result<(), StageError> {
        let stalled = StageError::Stalled { stage: stage.name().to_owned(), limit: PATIENCE };
        tokio::select! {
            error = stage.failed() => Err(error),
            () = hangs(tap, output) => Err(stalled),
            _ = self.epochs.wait_for(|now| *now != Some(epoch)) => Ok(()),
        }
    }
}

/// Returns when an encoder that is fed gives nothing for too long. Before the
/// bell and in a break it is not fed, and owes nothing.
async fn hangs(tap: &Tap, output: &Pulse) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut before = tap.passed();
    loop {
        look.tick().await;
        let now = tap.passed();
        if std::mem::replace(&mut before, now) == now {
            output.beat();
        } else if output.age().is_none_or(|age| age > PATIENCE) {
            return;
        }
    }
}

/// Waits until a broadcast is over, and tells of every change until then.
pub(crate) async fn broadcast_over(
    schedule: &mut watch::Receiver<Schedule>,
    broadcast: Broadcast,
    mut changed: impl FnMut(&Schedule),
) {
    loop {
        let end = {
            let now = schedule.borrow_and_update();
            if now.bells(broadcast).is_empty() {
                return; // Taken off before it began.
            }
            changed(&now);
            now.end_of(broadcast)
        };
        tokio::select! {
            changed = schedule.changed() => if changed.is_err() {
                // Nobody is left to decide: the daemon ends.
                return std::future::pending().await;
            },
            () = sleep_until(end) => return,
        }
    }
}
