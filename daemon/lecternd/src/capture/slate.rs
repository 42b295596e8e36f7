//! The picture that stands for the room while the privacy shutter is closed.

use std::sync::Mutex;
use std::time::Duration;

use gst::prelude::*;
use gst_app::{AppSink, AppSinkCallbacks};
use tokio::sync::oneshot;

use super::source::picture_caps;
use super::stage::{Stage, StageError};

const LIMIT: Duration = Duration::from_secs(5);

/// Draws it once, in the mixer's format.
pub(super) async fn draw(width: u32, height: u32, text: &str) -> Result<gst::Buffer, StageError> {
    let caps = picture_caps(width, height);
    let mut stage = Stage::parse(
        "slate",
        &format!(
            "{PLAIN} ! {caps},framerate=1/1 ! textoverlay name=text {LETTERS} ! {caps} ! \
             appsink name=out sync=false async=false enable-last-sample=false"
        ),
    )?;
    stage.element::<gst::Element>("text")?.set_property("text", text);
    let (drawn, is_drawn) = oneshot::channel();
    let drawn = Mutex::new(Some(drawn));
    let callbacks = AppSinkCallbacks::builder().new_sample(move |sink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        let drawn = drawn.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let (Some(drawn), Some(picture)) = (drawn, sample.buffer_owned()) {
            let _ = drawn.send(picture);
        }
        Ok(gst::FlowSuccess::Ok)
    });
    stage.element::<AppSink>("out")?.set_callbacks(callbacks.build());
    let stalled = StageError::Stalled { stage: stage.name().to_owned(), limit: LIMIT };
    let picture = match stage.play(LIMIT).await {
        Ok(()) => match tokio::time::timeout(LIMIT, is_drawn).await {
            Ok(Ok(picture)) => Ok(picture),
            Ok(Err(_)) | Err(_) => Err(stalled),
        },
        Err(error) => Err(error),
    };
    stage.stop().await;
    picture
}

/// What every slate is drawn on.
pub(super) const PLAIN: &str = "videotestsrc num-buffers=1 pattern=solid-color foreground-color=0xff263238";
/// How every slate's text stands there.
pub(super) const LETTERS: &str =
    "valignment=center halignment=center shaded-background=false font-desc=\"sans 30\"";
