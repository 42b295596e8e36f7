//! `lecternstampread`: reads the stamps that `lecternstamp` wrote, and keeps account of them.
//!
//! Pictures pass untouched and uncopied.
//!
//! # Caps
//!
//! The same as `lecternstamp`.
//!
//! # Properties
//!
//! | name | type, default | meaning |
//! |---|---|---|
//! | `preset`, `x`, `y`, `width`, `height` | as in `lecternstamp` | the stamp's rectangle in fractions of the stamped picture |
//! | `frame-x`, `frame-y`, `frame-width`, `frame-height` | double 0..1; 0, 0, 1, 1 | where the stamped picture lies in this one (a picture in a picture) |
//! | `silent` | bool, false | post no messages |
//! | `stats` | structure, read-only | see below |
//!
//! # Messages
//!
//! One element message `lectern-stamp` per picture, with `valid` (bool), `number` (guint64) and `flash`
//! (bool) when valid, and `pts` and `stream-time` (guint64, running and stream time in ns) when known.
//!
//! # Statistics
//!
//! `lectern-stamp-stats`: `frames`, `unreadable`, `missing`, `doubled`, `out-of-order`, `restarts`
//! (guint64), `first` and `last` (guint64, absent before the first number), and `late-max-ms` (double,
//! absent without a frame rate in the caps): the greatest time that one picture came later after its
//! number's time than another did. They begin anew when the element starts. What each counts is
//! written at [`Account`](ledger::Account).
//!
//! # Example
//!
//! ```text
//! gst-launch-1.0 -m srtsrc uri=srt://:7001 ! decodebin ! lecternstampread ! fakesink sync=true
//! ```

use gst::glib;
use gst::prelude::*;

mod imp;
pub mod ledger;

glib::wrapper! {
    /// The element `lecternstampread`.
    pub struct StampRead(ObjectSubclass<imp::StampRead>)
        @extends gst_video::VideoFilter, gst_base::BaseTransform, gst::Element, gst::Object;
}

pub(crate) fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(Some(plugin), "lecternstampread", gst::Rank::NONE, StampRead::static_type())
}
