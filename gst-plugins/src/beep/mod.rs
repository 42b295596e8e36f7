//! `lecternbeep`: mixes a beep into the sound at each whole second of running time.
//!
//! The beep begins on the sample that belongs to the second, whatever the buffers' sizes, at the same
//! moment as the flash of `lecternstamp`. `lecternbeepread` finds it at the receiver.
//!
//! # Caps
//!
//! `audio/x-raw`, S16LE or F32LE, interleaved, any rate and number of channels. Sound is changed in
//! place; what would exceed full scale is clipped.
//!
//! # Properties
//!
//! | name | type, default | meaning |
//! |---|---|---|
//! | `frequency` | double, 1000 Hz | pitch |
//! | `duration` | uint, 60 ms | length of a beep |
//! | `level` | double, −6 dBFS | level of the beep's sine |
//!
//! # Example
//!
//! ```text
//! gst-launch-1.0 lecternvoicesrc ! lecternbeep ! audioconvert ! autoaudiosink
//! ```

use gst::glib;
use gst::prelude::*;

pub(crate) mod imp;
pub(crate) mod samples;
pub mod tone;

glib::wrapper! {
    /// The element `lecternbeep`.
    pub struct Beep(ObjectSubclass<imp::Beep>)
        @extends gst_audio::AudioFilter, gst_base::BaseTransform, gst::Element, gst::Object;
}

pub(crate) fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(Some(plugin), "lecternbeep", gst::Rank::NONE, Beep::static_type())
}
