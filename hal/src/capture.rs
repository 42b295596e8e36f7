//! Which cameras, screens and sound inputs are there.

use std::path::{Path, PathBuf};

/// The first camera that can capture, as a device node.
///
/// Looks at `/sys/class/video4linux` in the order of the numbers. Drivers
/// register further nodes for metadata and for codecs: where udev has looked
/// at the node, its `ID_V4L_CAPABILITIES` decides; elsewhere the node's index
/// must be 0, which excludes the metadata nodes of USB cameras.
#[must_use]
pub fn first_camera(root: &Path) -> Option<PathBuf> {
    let class = root.join("sys/class/video4linux");
    let mut nodes: Vec<(u32, String)> = std::fs::read_dir(&class)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| Some((name.strip_prefix("video")?.parse().ok()?, name)))
        .collect();
    nodes.sort_unstable();
    let name = nodes.into_iter().map(|(_, name)| name).find(|name| {
        let read = |file: &str| std::fs::read_to_string(class.join(name).join(file)).unwrap_or_default();
        let by_udev =
            std::fs::read_to_string(root.join("run/udev/data").join(format!("c{}", read("dev").trim())))
                .ok()
                .and_then(|db| {
                    db.lines().find_map(|l| l.strip_prefix("E:ID_V4L_CAPABILITIES=").map(str::to_owned))
                });
        match by_udev {
            Some(capabilities) => capabilities.split(':').any(|c| c == "capture"),
            None => read("index").trim() == "0",
        }
    })?;
    Some(Path::new("/dev").join(name))
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
/// Source: `/proc/asound/pcm`, lines such as
/// `01-00: USB Audio : USB Audio : playback 1 : capture 1`.
#[must_use]
pub fn first_sound_card(root: &Path) -> Option<String> {
    let pcm = std::fs::read_to_string(root.join("proc/asound/pcm")).ok()?;
    pcm.lines().find_map(|line| {
        let (address, rest) = line.split_once(':')?;
        if !rest.split(':').any(|part| part.trim().starts_with("capture")) {
            return None;
        }
        let (card, device) = address.split_once('-')?;
        let (card, device): (u32, u32) = (card.trim().parse().ok()?, device.trim().parse().ok()?);
        Some(format!("hw:{card},{device}"))
    })
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
