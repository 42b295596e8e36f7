//! `pictureguard`: says when a picture is black, frozen, no signal, too dark or too bright.
//!
//! Pictures pass untouched and uncopied; about twelve in a second are looked at, at some 9000 points of
//! brightness and 1200 of colour, without a conversion. A message is posted only when the verdict
//! changes. That no pictures come is not its affair.
//!
//! # Caps
//!
//! `video/x-raw` in plain memory: NV12, NV21, NV16, NV61, NV24, I420, YV12, Y41B, Y42B, Y444, YUY2, UYVY,
//! YVYU, AYUV, GRAY8, every order of RGB with or without alpha, and with more than 8 bits P010_10LE,
//! I420_10LE, I422_10LE, Y444_10LE and GRAY16_LE. Other formats are refused when caps are agreed on. Strides and offsets are those of the
//! buffer's `GstVideoMeta`; a buffer that holds no picture of its caps passes without being judged.
//!
//! # What is what
//!
//! | verdict | when |
//! |---|---|
//! | black | no more than 0.2 % of the points are as bright as `black-level` |
//! | frozen | no point changes from picture to picture, see [`stillness`]; what moves in the picture, a clock too, is no freeze |
//! | no signal | colour bars in the upper half, or one pure blue on nine tenths of the picture, see [`pattern`]; in grey there is neither |
//! | under | no more than 5 % of the points are as bright as `dark-level` |
//! | over | at least `bright-share` of the points are as bright as `bright-level` |
//!
//! What explains another thing hides it: no signal hides all others, black hides frozen and under. A
//! condition that was raised is cleared only when it is clearly over (half as much again of what raised
//! it).
//!
//! # Properties
//!
//! All can be changed while pictures pass and hold from the next picture on.
//!
//! | name | type, default | meaning |
//! |---|---|---|
//! | `check-black`, `check-frozen`, `check-no-signal`, `check-exposure` | bool, true | what is looked for; slides stand still and are white, so for a board leave out frozen and exposure |
//! | `black-time`, `no-signal-time` | uint, 1500 ms | how long it must last before it is said |
//! | `frozen-time` | uint, 1500 ms | the same for a picture that had noise all over before |
//! | `frozen-quiet-time` | uint, 12000 ms | the same for a picture that had none: longer than the source's keyframes are apart |
//! | `exposure-time` | uint, 5000 ms | the same for too dark and too bright: longer than a camera takes to adapt |
//! | `clear-time` | uint, 1000 ms | how long a condition must be over before that is said |
//! | `interval` | uint, 80 ms | least time between two pictures that are looked at; 0 is every picture |
//! | `black-level`, `dark-level`, `bright-level` | double, 0.1, 0.25, 0.95 | brightness, 0 is black and 1 is white in the caps' range |
//! | `bright-share` | double, 0.5 | a share of the picture, 0 to 1 |
//! | `verdict` | structure, read-only | the fields of the message as they are now |
//!
//! # Messages
//!
//! One element message `lectern-picture` when the verdict changes, and only then. It is whole: who missed
//! one knows all from the next.
//!
//! | field | type | meaning |
//! |---|---|---|
//! | `black`, `frozen`, `no-signal` | bool | what holds |
//! | `pattern` | string | with no signal: `bars` or `blue` |
//! | `exposure` | string | `normal`, `under` or `over` |
//! | `brightness` | double | mean of the picture, 0 is black and 1 is white |
//! | `pts` | guint64, ns | running time of the picture by which it became known |
//! | `since` | guint64, ns | running time since when it has been so |
//!
//! The property `verdict` has the same fields; there, `brightness` and `pts` are those of the newest picture
//! that was looked at and absent before the first since the element started, and `since` is absent before
//! the first change. So after a restart a verdict without `pts` means "not known yet".
//!
//! # Time
//!
//! All times are running time. A pause of more than 5 s, a step back in time, a flush and new caps begin
//! the counts anew; what stands, stands until pictures say otherwise. Buffers without a time, and those
//! flagged as gaps, are not judged.
//!
//! # Example
//!
//! ```text
//! gst-launch-1.0 -m v4l2src ! pictureguard ! fakesink
//! ```

use gst::glib;
use gst::prelude::*;

pub mod brightness;
mod frame;
mod imp;
pub mod judge;
pub mod limits;
pub mod pattern;
pub mod picture;
mod properties;
#[cfg(test)]
mod scenes;
pub mod stillness;

glib::wrapper! {
    /// The element `pictureguard`.
    pub struct PictureGuard(ObjectSubclass<imp::PictureGuard>)
        @extends gst_base::BaseTransform, gst::Element, gst::Object;
}

pub(crate) fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(Some(plugin), "pictureguard", gst::Rank::NONE, PictureGuard::static_type())
}
