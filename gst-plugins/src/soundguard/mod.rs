//! `soundguard`: says when a sound is silent, clipped, or has the hum of the mains in it.
//!
//! Sound passes untouched and uncopied; every sample is heard. A message is posted only when the verdict
//! changes. That no sound comes is not its affair.
//!
//! # Caps
//!
//! The same as `lecternbeep`: `audio/x-raw`, interleaved, S16LE or F32LE, any rate and number of channels.
//!
//! # What is what
//!
//! | verdict | when |
//! |---|---|
//! | silent | a tenth of a second is no louder than `silent-level`; below that even an open microphone does not go |
//! | clipping | `clipping-share` of the last five seconds (in tenths) hold three samples in a row at full scale in one channel; over when no tenth does so for `clear-time` |
//! | hum | the lines of the mains and the next three multiples stand 13 dB out of their neighbourhood again and again and are together louder than `hum-level`, see [`hum`]; what a voice covers counts neither for nor against |
//!
//! # Properties
//!
//! All can be changed while sound passes.
//!
//! | name | type, default | meaning |
//! |---|---|---|
//! | `check-silent`, `check-clipping`, `check-hum` | bool, true | what is listened for |
//! | `silent-time` | uint, 15000 ms | how long it must last before it is said: longer than a pause behind a noise gate |
//! | `mute-time` | uint, 1500 ms | the same for a microphone without such a gate: one that was never silent in the 20 s before, not even for a tenth, and in which no silence ended by itself in the last ten minutes |
//! | `hum-time` | uint, 3000 ms | the same for hum, from when it is known: three seconds of it alone, or the pauses of ten seconds of speech |
//! | `clear-time` | uint, 2000 ms | how long a condition must be over before that is said |
//! | `silent-level` | double, −72 dBFS | loudness (RMS) |
//! | `hum-level` | double, −50 dBFS | loudness (RMS) |
//! | `clipping-share` | double, 0.1 | a share of time, 0 to 1 |
//! | `mains-frequency` | uint, 50 Hz | 60 in some countries |
//! | `verdict` | structure, read-only | the fields of the message as they are now |
//!
//! # Messages
//!
//! One element message `lectern-sound` when the verdict changes, and only then. It is whole.
//!
//! | field | type | meaning |
//! |---|---|---|
//! | `silent`, `clipping`, `hum` | bool | what holds |
//! | `level-db` | double | loudness of the newest tenth of a second, dB below full scale (RMS); −144 is digital silence |
//! | `hum-db` | double | loudness of the hum in the last ten seconds, likewise; absent without hum |
//! | `pts` | guint64, ns | running time at which it became known |
//! | `since` | guint64, ns | running time since when it has been so |
//!
//! In the property `verdict` `level-db` and `pts` are those of the newest tenth of a second and absent before the
//! first since the element started; `since` is absent before the first change.
//!
//! # Time
//!
//! All times are running time. A seam of more than 20 ms between two buffers, a flush and new caps begin the
//! counts anew; what stands, stands until the sound says otherwise. Buffers without a time are not
//! judged; what is flagged as a gap is heard as the silence that it is.
//!
//! # Example
//!
//! ```text
//! gst-launch-1.0 -m alsasrc ! audioconvert ! soundguard ! fakesink
//! ```

use gst::glib;
use gst::prelude::*;

pub mod hum;
mod imp;
pub mod judge;
pub mod limits;

glib::wrapper! {
    /// The element `soundguard`.
    pub struct SoundGuard(ObjectSubclass<imp::SoundGuard>)
        @extends gst_audio::AudioFilter, gst_base::BaseTransform, gst::Element, gst::Object;
}

pub(crate) fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(Some(plugin), "soundguard", gst::Rank::NONE, SoundGuard::static_type())
}
