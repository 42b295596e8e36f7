//! `lecternbeepread`: finds the beeps of `lecternbeep` and dates their onset.
//!
//! Sound passes untouched and uncopied. After AAC at 96 kbit/s, with speech beneath, an onset is dated
//! within 3 ms; it is reported about 20 ms after the beep's end.
//!
//! # Caps
//!
//! The same as `lecternbeep`. Channels are averaged before they are searched.
//!
//! # Properties
//!
//! | name | type, default | meaning |
//! |---|---|---|
//! | `frequency` | double, 1000 Hz | pitch of the beep |
//! | `duration` | uint, 60 ms | length of the beep |
//! | `level` | double, −30 dBFS | softest beep that is reported |
//! | `silent` | bool, false | post no messages |
//! | `stats` | structure, read-only | `lectern-beep-stats`: `count` (guint64) and `last` (guint64, running time of the last onset in ns; absent before the first) |
//!
//! # Messages
//!
//! One element message `lectern-beep` per beep, with `pts` (guint64, running time of the onset in ns)
//! and `count` (guint64, beeps so far).
//!
//! # Example
//!
//! ```text
//! gst-launch-1.0 -m srtsrc uri=srt://:7001 ! decodebin ! audioconvert ! lecternbeepread ! fakesink sync=true
//! ```

use gst::glib;
use gst::prelude::*;

pub mod detector;
mod imp;

glib::wrapper! {
    /// The element `lecternbeepread`.
    pub struct BeepRead(ObjectSubclass<imp::BeepRead>)
        @extends gst_audio::AudioFilter, gst_base::BaseTransform, gst::Element, gst::Object;
}

pub(crate) fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(Some(plugin), "lecternbeepread", gst::Rank::NONE, BeepRead::static_type())
}
