//! `lecternstamp`: writes a number that machines can read, and a flash that everybody can see, on
//! every picture.
//!
//! The stamp survives a lossy encoder and scaling; `lecternstampread` reads it at the receiver. What it
//! looks like is written down in [`code`] and [`layout`].
//!
//! # Caps
//!
//! `video/x-raw` with 8 bits per component: I420, NV12, YV12, NV21, Y42B, Y444, YUY2, UYVY, GRAY8, and
//! every order of RGB with or without alpha. Pictures are changed in place.
//!
//! # Properties
//!
//! | name | type, default | meaning |
//! |---|---|---|
//! | `preset` | `strip` | rectangle with a name: `strip` for pictures shown in full, `wide` for a picture that is shown at a quarter of its width; sets the next four |
//! | `x`, `y`, `width`, `height` | double 0..1; 0.01, 0.01, 0.48, 0.06 | the stamp's rectangle in fractions of the picture |
//! | `source` | `counter` | `counter` counts the pictures that pass; `time` is running time × frame rate, so that a picture lost before the stamp leaves a hole too |
//! | `first` | uint 0..16777215, 0 | first number of `source=counter`, and added to the number of `source=time` |
//! | `flash` | bool, true | during the first 80 ms of each second of running time the patch is white and the flash bit is set |
//!
//! # Example
//!
//! ```text
//! gst-launch-1.0 lecternroomsrc scene=board ! lecternstamp source=time ! videoconvert ! autovideosink
//! ```

use gst::glib;
use gst::prelude::*;

pub mod code;
mod imp;
pub mod layout;
mod properties;
pub mod raster;

pub use imp::Source;
pub use properties::Preset;
pub(crate) use properties::{CAPS, Placement, area_properties, format_of, get_area, set_area};

glib::wrapper! {
    /// The element `lecternstamp`.
    pub struct Stamp(ObjectSubclass<imp::Stamp>)
        @extends gst_video::VideoFilter, gst_base::BaseTransform, gst::Element, gst::Object;
}

pub(crate) fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(Some(plugin), "lecternstamp", gst::Rank::NONE, Stamp::static_type())
}
