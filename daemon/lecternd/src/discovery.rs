//! What `auto` stands for on this box, and which folders are ours to make.

use std::path::Path;

use lectern_api::status::Role;
use lectern_hal::capture::{first_camera, first_screen, first_sound_card, has_pulse};

use crate::config::{SourceUri, TestSource};

/// Turns `auto` into the first real device of the role, or into the test
/// room's part where there is none.
pub(crate) fn resolve(uri: &SourceUri, role: Role) -> SourceUri {
    if *uri != SourceUri::Auto {
        return uri.clone();
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
    let resolved = found.unwrap_or(SourceUri::Test(test));
    tracing::info!(?role, ?resolved, "auto");
    resolved
}

/// Makes the folder of a `file:` archive when its parent is there: a missing
/// parent is a medium that is not mounted, and must not be filled instead.
pub(crate) fn make_own_folder(folder: &Path) {
    if folder.parent().is_some_and(Path::is_dir)
        && let Err(error) = std::fs::create_dir(folder)
        && error.kind() != std::io::ErrorKind::AlreadyExists
    {
        tracing::warn!(folder = %folder.display(), %error, "the archive's folder could not be made");
    }
}
