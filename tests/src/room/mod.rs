//! A classroom with real devices, as far as a machine without any can have
//! them: a screen with a browser, a network camera, and sound.

mod camera;
mod screen;
mod sound;

use std::path::{Path, PathBuf};
use std::process::Command;

pub use camera::Camera;
pub use screen::Screen;
pub use sound::Sound;

use crate::process;

/// Switches everything in a room on.
///
/// # Panics
/// When something is not installed.
#[must_use]
pub fn switch_on() -> (Screen, Camera, Sound) {
    let (sound, (screen, camera)) = Sound::switch_on_beside(|| (Screen::switch_on(), Camera::switch_on()));
    (screen, camera, sound)
}

/// Python as Debian ships it, with the bindings of GStreamer and our elements.
fn python(folder: &Path, script: &str, text: &str) -> Command {
    let path = folder.join(script);
    std::fs::write(&path, text).expect("the script can be written");
    let mut command = process::command("/usr/bin/python3", "python3-gi gir1.2-gst-rtsp-server-1.0");
    command.arg("-u").arg(path);
    command.env("GST_PLUGIN_PATH", plugin_folder(folder));
    // Made once for all: looking at every plugin takes seconds.
    command.env("GST_REGISTRY", target().join("tmp").join("gst-registry.bin"));
    command
}

/// A folder that holds our plugin and nothing else: beside it lie libraries
/// that GStreamer would try too.
fn plugin_folder(folder: &Path) -> PathBuf {
    let folder = folder.join("plugins");
    let library = deps().join("libgstlectern.so");
    assert!(library.is_file(), "{} is not built", library.display());
    let _ = std::fs::create_dir_all(&folder);
    let _ = std::os::unix::fs::symlink(library, folder.join("libgstlectern.so"));
    folder
}

fn deps() -> PathBuf {
    let test = std::env::current_exe().expect("the test knows its own path");
    test.parent().expect("tests lie in target/<profile>/deps").to_owned()
}

fn target() -> PathBuf {
    let deps = deps();
    let target = deps.parent().and_then(Path::parent).expect("tests lie in target/<profile>/deps");
    let _ = std::fs::create_dir_all(target.join("tmp"));
    target.to_owned()
}
