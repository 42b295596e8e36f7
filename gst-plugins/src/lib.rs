//! GStreamer elements of Lectern.
//!
//! Two pairs of elements mark a programme where it is made and read the marks where it is received:
//! [`lecternstamp`](stamp) / [`lecternstampread`](stampread) number every picture and flash once per
//! second, [`lecternbeep`](beep) / [`lecternbeepread`](beepread) do the same for the sound. Together
//! they tell which pictures were lost, how late they are, and whether lips match the voice
//! ([`lipsync`]).
//!
//! Two live sources stand in for a classroom where there is none:
//! [`lecternroomsrc`](roomsrc) (a board with handwriting, or a teacher before a board) and
//! [`lecternvoicesrc`](voicesrc) (a sound like speech).
//!
//! Two guards watch a source and say when something changes: [`pictureguard`] (black, frozen, no signal,
//! too dark, too bright) and [`soundguard`] (silent, clipped, humming).
//!
//! Every algorithm lives in a module free of GStreamer beside its element and is tested there.
//!
//! Programs that link this crate call [`plugin_register_static`] once after `gst::init()`.

pub mod beep;
pub mod beepread;
pub mod condition;
pub mod lipsync;
pub mod pictureguard;
pub mod roomsrc;
pub mod soundguard;
pub mod stamp;
pub mod stampread;
pub mod voicesrc;

mod pace;

use gst::glib;

fn plugin_init(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    stamp::register(plugin)?;
    stampread::register(plugin)?;
    beep::register(plugin)?;
    beepread::register(plugin)?;
    pictureguard::register(plugin)?;
    roomsrc::register(plugin)?;
    soundguard::register(plugin)?;
    voicesrc::register(plugin)
}

#[allow(missing_docs, reason = "the macro writes items without documentation")]
mod plugin {
    use super::plugin_init;

    gst::plugin_define!(
        lectern,
        env!("CARGO_PKG_DESCRIPTION"),
        plugin_init,
        concat!(env!("CARGO_PKG_VERSION"), "-", env!("COMMIT_ID")),
        "MIT/X11",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_NAME"),
        "Lectern",
        env!("BUILD_REL_DATE")
    );
}

pub use plugin::plugin_register_static;
