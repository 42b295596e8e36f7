//! `lecternroomsrc`: a classroom without a camera.
//!
//! `scene=board` is a dark green board on which Chinese and Latin handwriting appears stroke by stroke,
//! page by page; each page is written for at most 20 s and stands for 3 s. No fonts are needed: the
//! strokes are a table of our own. `scene=camera` is a teacher with a pointer before a blackboard, with
//! the noise of a sensor, as real motion for an encoder.
//!
//! # Caps
//!
//! `video/x-raw,format=I420`, any size from 16 × 16 and any fixed frame rate; 1280 × 720 at 25/1 when
//! nothing else is asked for.
//!
//! # Time
//!
//! The source is live: picture n of the pipeline's running time is pushed when the clock shows
//! n / frame rate and carries exactly that time. What it shows depends on that time alone, so two
//! sources in one pipeline are in step and a restarted source goes on where it would have been. When it
//! falls more than 3 pictures behind it leaves pictures out (the next one is marked DISCONT) instead
//! of pushing late ones. Latency: one picture.
//!
//! # Properties
//!
//! | name | type, default | meaning |
//! |---|---|---|
//! | `scene` | `board` | `board` or `camera` |
//! | `is-live` | bool, true | wait for the clock; when false, pictures are made as fast as they are taken, from time zero |
//!
//! # Example
//!
//! ```text
//! gst-launch-1.0 lecternroomsrc scene=camera ! video/x-raw,width=640,height=360 ! lecternstamp ! videoconvert ! autovideosink
//! ```

use gst::glib;
use gst::prelude::*;

mod board;
mod camera;
mod canvas;
mod handwriting;
mod imp;

pub use imp::Scene;

glib::wrapper! {
    /// The element `lecternroomsrc`.
    pub struct RoomSrc(ObjectSubclass<imp::RoomSrc>)
        @extends gst_base::BaseSrc, gst::Element, gst::Object;
}

pub(crate) fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(Some(plugin), "lecternroomsrc", gst::Rank::NONE, RoomSrc::static_type())
}
