//! From cameras, boards and microphones to fragments and to the broadcast's
//! stream. Each source, the mixer, each encoder is a pipeline of its own; they
//! meet in [`input`] and [`feed`], which outlive them all.

pub(crate) mod air;
pub(crate) mod encoder;
pub(crate) mod feed;
pub(crate) mod gauge;
pub(crate) mod guard;
pub(crate) mod input;
mod intake;
pub(crate) mod layout;
mod losses;
pub(crate) mod mixer;
mod practice;
pub(crate) mod record;
pub(crate) mod schedule;
pub(crate) mod seats;
pub(crate) mod session;
pub(crate) mod shutter;
mod slate;
pub(crate) mod source;
pub(crate) mod stage;
pub(crate) mod still;
pub(crate) mod tap;
pub(crate) mod time;
pub(crate) mod wanted;
pub(crate) mod window;
pub(crate) mod writer;
pub(crate) mod x11;

pub(crate) use layout::layout;

/// Why GStreamer is not usable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InitError {
    /// The library itself.
    #[error("GStreamer: {0}")]
    Library(#[from] gst::glib::Error),
    /// The elements that are part of this binary.
    #[error("built-in elements: {0}")]
    Elements(String),
}

/// Once per process, before the first pipeline.
pub(crate) fn init() -> Result<(), InitError> {
    gst::init()?;
    // The two crates are built on different versions of the bindings, so their
    // errors are different types.
    gstfmp4::plugin_register_static().map_err(|e| InitError::Elements(e.to_string()))?;
    gstlectern::plugin_register_static().map_err(|e| InitError::Elements(e.to_string()))
}
