//! Which cameras, screens and sound inputs are there.

pub mod devices;
pub mod hotplug;

use std::path::{Path, PathBuf};

pub use devices::{Camera, Changes, Devices, SoundCard, Usb};
pub use hotplug::Hotplug;

/// The first camera that can capture, as a device node.
#[must_use]
pub fn first_camera(root: &Path) -> Option<PathBuf> {
    Devices::read(root).cameras.first().map(Camera::node)
}

/// The first X display that answers, as `:0`. The session's own comes first. A
/// socket that a dead server left behind does not count.
///
/// `display` is the value of `DISPLAY`, when there is one.
#[must_use]
pub fn first_screen(root: &Path, display: Option<&str>) -> Option<String> {
    if let Some(display) = display.filter(|d| !d.is_empty()) {
        return Some(display.to_owned());
    }
    let mut numbers: Vec<u32> = std::fs::read_dir(root.join("tmp/.X11-unix"))
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_prefix('X')?.parse().ok())
        .collect();
    numbers.sort_unstable();
    let answers = |number: &u32| answers(&root.join(format!("tmp/.X11-unix/X{number}")));
    numbers.into_iter().find(answers).map(|number| format!(":{number}"))
}

/// The first sound card with an input, as an ALSA device such as `hw:1,0`.
/// Source: `/proc/asound/pcm`.
#[must_use]
pub fn first_sound_card(root: &Path) -> Option<String> {
    let streams = std::fs::read_to_string(root.join("proc/asound/pcm")).ok()?;
    devices::inputs(&streams).next().map(|(_, input)| input)
}

fn answers(socket: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(socket).is_ok()
}

/// Whether a PulseAudio server (or PipeWire in its place) answers here.
///
/// `runtime` is the value of `XDG_RUNTIME_DIR`, when there is one.
#[must_use]
pub fn has_pulse(root: &Path, runtime: Option<&str>) -> bool {
    let own = runtime.map(|dir| root.join(dir.trim_start_matches('/')).join("pulse/native"));
    own.into_iter().chain([root.join("run/pulse/native")]).any(|socket| answers(&socket))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        root
    }

    #[test]
    fn the_metadata_node_of_a_usb_camera_is_no_camera() {
        let root = fixture(&[
            ("sys/class/video4linux/video0/index", "1\n"),
            ("sys/class/video4linux/video1/index", "0\n"),
        ]);
        assert_eq!(first_camera(root.path()), Some(PathBuf::from("/dev/video1")));
    }

    #[test]
    fn a_codec_is_no_camera_when_udev_knows_better() {
        let root = fixture(&[
            ("sys/class/video4linux/video0/index", "0\n"),
            ("sys/class/video4linux/video0/dev", "81:0\n"),
            ("run/udev/data/c81:0", "E:ID_V4L_CAPABILITIES=:video_m2m:\n"),
            ("sys/class/video4linux/video10/index", "0\n"),
            ("sys/class/video4linux/video10/dev", "81:10\n"),
            ("run/udev/data/c81:10", "E:ID_V4L_CAPABILITIES=:capture:\n"),
        ]);
        assert_eq!(first_camera(root.path()), Some(PathBuf::from("/dev/video10")));
    }

    #[test]
    fn a_box_without_devices_has_none() {
        let root = fixture(&[]);
        assert_eq!(first_camera(root.path()), None);
        assert_eq!(first_screen(root.path(), None), None);
        assert_eq!(first_sound_card(root.path()), None);
        assert!(!has_pulse(root.path(), Some("/run/user/0")));
    }

    #[test]
    fn a_card_that_only_plays_is_skipped() {
        let root = fixture(&[(
            "proc/asound/pcm",
            "00-03: HDMI 0 : HDMI 0 : playback 1\n01-00: USB Audio : USB Audio : playback 1 : capture 1\n",
        )]);
        assert_eq!(first_sound_card(root.path()).as_deref(), Some("hw:1,0"));
    }

    #[test]
    fn the_sessions_own_display_comes_first_and_a_dead_servers_socket_does_not_count() {
        let root = fixture(&[("tmp/.X11-unix/X1", "")]);
        let folder = root.path().join("tmp/.X11-unix");
        let _servers =
            ["X7", "X2"].map(|name| std::os::unix::net::UnixListener::bind(folder.join(name)).unwrap());
        assert_eq!(first_screen(root.path(), Some(":9")).as_deref(), Some(":9"));
        assert_eq!(first_screen(root.path(), None).as_deref(), Some(":2"));
    }
}
