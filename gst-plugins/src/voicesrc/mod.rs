//! `lecternvoicesrc`: a sound like speech, for a classroom without a microphone.
//!
//! Pulses of a glottis with a gliding pitch (120–220 Hz) through three moving formants, about four
//! syllables a second, fricatives, and pauses between phrases; about −20 dBFS RMS. The same seed always
//! speaks the same.
//!
//! # Caps
//!
//! `audio/x-raw`, S16LE or F32LE, 48000 Hz, mono.
//!
//! # Time
//!
//! The source is live: a buffer of 20 ms is pushed when the clock shows its end, and its time is exactly
//! its first sample's number / 48000. When the source falls more than 200 ms behind, it leaves time
//! out (the next buffer is marked DISCONT). Latency: 20 ms.
//!
//! # Properties
//!
//! | name | type, default | meaning |
//! |---|---|---|
//! | `seed` | uint64, 1 | what is spoken |
//! | `is-live` | bool, true | wait for the clock; when false, sound is made as fast as it is taken, from time zero |
//!
//! # Example
//!
//! ```text
//! gst-launch-1.0 lecternvoicesrc seed=5 ! audioconvert ! autoaudiosink
//! ```

use gst::glib;
use gst::prelude::*;

mod imp;
pub mod voice;

glib::wrapper! {
    /// The element `lecternvoicesrc`.
    pub struct VoiceSrc(ObjectSubclass<imp::VoiceSrc>)
        @extends gst_base::BaseSrc, gst::Element, gst::Object;
}

pub(crate) fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(Some(plugin), "lecternvoicesrc", gst::Rank::NONE, VoiceSrc::static_type())
}
