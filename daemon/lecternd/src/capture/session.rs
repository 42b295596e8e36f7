//! What the record and the broadcast's encode have in common: while a lesson is
//! on the air, the mixer plays and an encoder is known, the program goes
//! through that encoder; when one of these changes, it ends.

use std::sync::Arc;
use std::time::Duration;

use gst::prelude::*;
use gst_app::AppSrc;
use lectern_api::Kbps;
use tokio::sync::watch;

use super::air::Air;
use super::encoder::{EncoderKind, audio_description};
use super::feed::{Epoch, ProgramFeed, Tap};
use super::source::{AUDIO_CAPS, picture_caps};
use super::stage::{Stage, StageError};
use super::time::{ClockPoint, Pulse};

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

    /// The tap that feeds such a pipeline from `begin` on, with time stamps that
    /// count from `origin`.
    pub(crate) fn tap(
        &self,
        stage: &Stage,
        (picture, sound): (&str, &str),
        begin: ClockPoint,
        origin: ClockPoint,
    ) -> Result<Arc<Tap>, StageError> {
        let encoder = stage.element::<gst::Element>("encoder")?;
        let pad = encoder.static_pad("src").ok_or_else(|| StageError::Build {
            stage: stage.name().to_owned(),
            cause: "the encoder has no source pad".to_owned(),
        })?;
        let (picture, sound) = (stage.element::<AppSrc>(picture)?, stage.element::<AppSrc>(sound)?);
        Ok(Arc::new(Tap::new(picture, sound, pad, begin, origin, self.fps)))
    }
}

/// What must hold for a session to go on.
#[derive(Debug)]
pub(crate) struct Conditions {
    air: watch::Receiver<Option<Air>>,
    epochs: watch::Receiver<Option<Epoch>>,
    encoder: watch::Receiver<Option<&'static EncoderKind>>,
}

/// What held when it began.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    pub(crate) air: Air,
    pub(crate) epoch: Epoch,
    pub(crate) encoder: &'static EncoderKind,
}

/// Why a session ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    OffAir,
    MixerGone,
}

impl Conditions {
    pub(crate) fn new(
        feed: &ProgramFeed,
        air: watch::Receiver<Option<Air>>,
        encoder: watch::Receiver<Option<&'static EncoderKind>>,
    ) -> Self {
        Self { air, epochs: feed.epochs(), encoder }
    }

    /// Waits until a session can begin; nothing when the daemon ends.
    pub(crate) async fn ready(&mut self) -> Option<Ready> {
        loop {
            let air = self.air.wait_for(Option::is_some).await.ok()?.clone();
            let epoch = *self.epochs.wait_for(Option::is_some).await.ok()?;
            let encoder = *self.encoder.wait_for(Option::is_some).await.ok()?;
            if let (Some(air), Some(epoch), Some(encoder)) = (air, epoch, encoder) {
                return Some(Ready { air, epoch, encoder });
            }
        }
    }

    /// Waits until a session must end. `output` beats with all that comes out.
    pub(crate) async fn hold(
        &mut self,
        stage: &mut Stage,
        output: &Pulse,
        ready: &Ready,
    ) -> Result<Ended, StageError> {
        let stalled = StageError::Stalled { stage: stage.name().to_owned(), limit: PATIENCE };
        tokio::select! {
            error = stage.failed() => Err(error),
            () = output.stops(LOOK, PATIENCE) => Err(stalled),
            _ = self.air.wait_for(|now| now.as_ref() != Some(&ready.air)) => Ok(Ended::OffAir),
            _ = self.epochs.wait_for(|now| *now != Some(ready.epoch)) => Ok(Ended::MixerGone),
        }
    }
}
