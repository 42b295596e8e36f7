//! One picture of a source, for somebody who asked for it. It is taken where
//! pictures go into the mixer, behind the shutter, and kept by nobody else.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gst::prelude::*;
use tokio::sync::oneshot;

use super::layout::Rect;
use super::source::picture_caps;
use super::time::ClockPoint;

/// A picture, in the mixer's format, and when it was captured.
#[derive(Debug)]
pub(crate) struct Still {
    buffer: gst::Buffer,
    pub(crate) at: ClockPoint,
}

/// Why there is no JPEG of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StillError {
    /// The encoder is missing or does not start.
    #[error("the picture cannot be encoded ({0}); is gstreamer1.0-plugins-good installed?")]
    Encoder(gst::glib::Error),
    /// It takes nothing, or gives nothing in time.
    #[error("the picture's encoder gives nothing within {} s; try again", ENCODED.as_secs())]
    Silent,
}

/// A JPEG of 1080p takes 20 ms.
const ENCODED: Duration = Duration::from_secs(5);

/// Whoever waits for the next picture.
#[derive(Debug, Default)]
pub(crate) struct Asked(Mutex<Option<oneshot::Sender<Still>>>);

impl Asked {
    /// The next picture that may be seen. Whoever asked before hears nothing.
    pub(crate) fn next(&self) -> oneshot::Receiver<Still> {
        let (asks, hears) = oneshot::channel();
        *self.slot() = Some(asks);
        hears
    }

    /// A picture passes that may be seen.
    pub(super) fn offer(&self, buffer: &gst::Buffer, at: ClockPoint) {
        if let Some(asks) = self.slot().take() {
            // Nobody waits any more.
            let _ = asks.send(Still { buffer: buffer.clone(), at });
        }
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<oneshot::Sender<Still>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Still {
    /// As a JPEG; waits for the encoder.
    pub(crate) fn jpeg(self, Rect { width, height, .. }: Rect) -> Result<Vec<u8>, StillError> {
        let caps = picture_caps(width, height);
        let line = format!(
            "appsrc name=in format=time caps=\"{caps},framerate=1/1\" ! jpegenc quality=75 ! appsink name=out sync=false"
        );
        let pipeline = gst::parse::launch(&line).map_err(StillError::Encoder)?;
        let jpeg = self.encoded(&pipeline);
        // Software alone: it does not hang on its way out.
        let _ = pipeline.set_state(gst::State::Null);
        jpeg
    }

    fn encoded(self, pipeline: &gst::Element) -> Result<Vec<u8>, StillError> {
        let bin = pipeline.downcast_ref::<gst::Bin>().ok_or(StillError::Silent)?;
        let element = |name: &str| bin.by_name(name).ok_or(StillError::Silent);
        let input = element("in")?.downcast::<gst_app::AppSrc>().map_err(|_| StillError::Silent)?;
        let output = element("out")?.downcast::<gst_app::AppSink>().map_err(|_| StillError::Silent)?;
        pipeline.set_state(gst::State::Playing).map_err(|_| StillError::Silent)?;
        let mut buffer = self.buffer;
        let meta = buffer.make_mut();
        meta.set_pts(gst::ClockTime::ZERO);
        meta.set_duration(gst::ClockTime::SECOND);
        input.push_buffer(buffer).map_err(|_| StillError::Silent)?;
        let _ = input.end_of_stream();
        let within = gst::ClockTime::try_from(ENCODED).unwrap_or(gst::ClockTime::SECOND);
        let sample = output.try_pull_sample(within).ok_or(StillError::Silent)?;
        let buffer = sample.buffer().ok_or(StillError::Silent)?;
        let map = buffer.map_readable().map_err(|_| StillError::Silent)?;
        Ok(map.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::input::MixerInput;
    use crate::capture::shutter::Shutter;

    const RECT: Rect = Rect { x: 0, y: 0, width: 64, height: 48 };

    fn picture() -> gst::Buffer {
        gst::Buffer::from_slice(vec![128_u8; 64 * 48 * 3 / 2])
    }

    fn at(second: u64) -> ClockPoint {
        ClockPoint(gst::ClockTime::from_seconds(second))
    }

    #[test]
    fn whoever_asked_gets_one_picture_as_a_jpeg() {
        crate::capture::init().unwrap();
        let (_keep, open) = tokio::sync::watch::channel(Shutter::default());
        let input = MixerInput::new(open);
        input.push(picture(), at(1));
        let mut asked = input.stills().next();
        assert!(asked.try_recv().is_err(), "what passed before is not kept");
        input.push(picture(), at(2));
        input.push(picture(), at(3));
        let still = asked.try_recv().unwrap();
        assert_eq!(still.at, at(2));
        let jpeg = still.jpeg(RECT).unwrap();
        assert!(jpeg.starts_with(&[0xff, 0xd8]) && jpeg.ends_with(&[0xff, 0xd9]), "{} bytes", jpeg.len());
    }

    #[test]
    fn behind_a_closed_shutter_nobody_gets_one() {
        gst::init().unwrap();
        let mut shutter = Shutter::default();
        let (turns, seen) = tokio::sync::watch::channel(shutter);
        let input = MixerInput::new(seen);
        let mut asked = input.stills().next();
        shutter.turn(true, at(10));
        turns.send_replace(shutter);
        input.push(picture(), at(9));
        input.push(picture(), at(11));
        assert!(asked.try_recv().is_err(), "closed, whenever it was captured");
        shutter.turn(false, at(20));
        turns.send_replace(shutter);
        input.push(picture(), at(19));
        assert!(asked.try_recv().is_err(), "captured while it was closed");
        input.push(picture(), at(20));
        assert_eq!(asked.try_recv().unwrap().at, at(20));
    }
}
