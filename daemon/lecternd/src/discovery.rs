//! What `auto` stands for on this box.

use std::path::Path;

use lectern_api::status::Role;
use lectern_hal::capture::{first_camera, first_screen, first_sound_card, has_pulse};

use crate::config::{SourceUri, TestSource};

/// Turns `auto` into the first real device of the role. Where there is none, a
/// trial gets the test room's part; a box that records classes gets nothing,
/// because a drawn teacher must never stand in for a real one.
pub(crate) fn resolve(uri: &SourceUri, role: Role, trial: bool) -> Option<SourceUri> {
    if *uri != SourceUri::Auto {
        return Some(uri.clone());
    }
    let root = Path::new("/");
    let variable = |name: &str| std::env::var(name).ok();
    let found = match role {
        Role::Camera => first_camera(root).map(SourceUri::V4l2),
        Role::Board => first_screen(root, variable("DISPLAY").as_deref()).map(SourceUri::X11),
        Role::Mic if has_pulse(root, variable("XDG_RUNTIME_DIR").as_deref()) => Some(SourceUri::Pulse(None)),
        Role::Mic | Role::Line => first_sound_card(root).map(SourceUri::Alsa),
    };
    let test = match role {
        Role::Camera => TestSource::Camera,
        Role::Board => TestSource::Board,
        Role::Mic | Role::Line => TestSource::Mic,
    };
    let resolved = found.or_else(|| trial.then_some(SourceUri::Test(test, None)));
    tracing::info!(?role, ?resolved, "auto");
    resolved
}
