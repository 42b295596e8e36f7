//! Where a source is plugged in. A camera that is gone is no longer listed, so
//! the last port at which it was seen is remembered.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use lectern_api::status::Role;
use lectern_hal::capture::{Devices, SoundCard, Usb};
use lectern_helper::UsbPort;

use crate::config::SourceUri;
use crate::discovery;

/// A source, and its USB port if it has one.
#[derive(Debug)]
pub(crate) struct UsbSource {
    root: PathBuf,
    role: Role,
    uri: SourceUri,
    seen_at: Mutex<Option<UsbPort>>,
}

impl UsbSource {
    /// Looks it up below `root`, `/` in life.
    pub(crate) fn new(root: PathBuf, role: Role, uri: SourceUri) -> Self {
        let this = Self { root, role, uri, seen_at: Mutex::default() };
        this.port();
        this
    }

    /// Whether it hangs on this machine: a network camera does not care when the
    /// box is started again.
    pub(crate) fn is_of_this_machine(&self) -> bool {
        !matches!(self.uri, SourceUri::Rtsp(_) | SourceUri::File(_) | SourceUri::Test(..))
    }

    /// The port at which it is or was seen last.
    pub(crate) fn port(&self) -> Option<UsbPort> {
        let mut seen_at = self.seen_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(port) = self.look() {
            *seen_at = Some(port);
        }
        seen_at.clone()
    }

    fn look(&self) -> Option<UsbPort> {
        let usb = match discovery::resolve(&self.uri, self.role, false)? {
            SourceUri::V4l2(node) => self.camera(&node),
            SourceUri::Alsa(device) => self.card(&device),
            _ => None,
        };
        UsbPort::new(usb?.port).ok()
    }

    fn camera(&self, node: &Path) -> Option<Usb> {
        // `/dev/v4l/by-id/…` is a link.
        let below = self.root.join(node.strip_prefix("/").unwrap_or(node));
        let node = below.canonicalize().unwrap_or(below);
        let name = node.file_name()?.to_str()?;
        let cameras = Devices::read(&self.root).cameras;
        cameras.into_iter().find(|camera| camera.name == name)?.usb
    }

    /// The card of `hw:1`, `plughw:1,0` or `hw:CARD=C920,DEV=0`.
    fn card(&self, device: &str) -> Option<Usb> {
        let (_, card) = device.split_once(':')?;
        let card = card.split(',').next()?;
        let card = card.strip_prefix("CARD=").unwrap_or(card);
        let is_it = |known: &SoundCard| {
            known.name.strip_prefix("card") == Some(card) || known.id.as_deref() == Some(card)
        };
        Devices::read(&self.root).sound_cards.into_iter().find(is_it)?.usb
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn plug_in(root: &Path) {
        let device = root.join("sys/devices/usb1/1-1/1-1.4");
        for folder in ["1-1.4:1.0", "1-1.4:1.2"] {
            fs::create_dir_all(device.join(folder)).unwrap();
        }
        fs::write(device.join("idVendor"), "046d\n").unwrap();
        for (class, name, interface) in
            [("video4linux", "video2", "1-1.4:1.0"), ("sound", "card1", "1-1.4:1.2")]
        {
            let folder = root.join("sys/class").join(class).join(name);
            fs::create_dir_all(&folder).unwrap();
            symlink(device.join(interface), folder.join("device")).unwrap();
        }
        fs::write(root.join("sys/class/video4linux/video2/index"), "0\n").unwrap();
        fs::write(root.join("sys/class/sound/card1/id"), "C920\n").unwrap();
        fs::create_dir_all(root.join("dev/v4l/by-id")).unwrap();
        fs::write(root.join("dev/video2"), "").unwrap();
        symlink("../../video2", root.join("dev/v4l/by-id/usb-camera")).unwrap();
    }

    fn port(root: &Path, uri: SourceUri) -> Option<String> {
        UsbSource::new(root.to_owned(), Role::Camera, uri).port().map(String::from)
    }

    #[test]
    fn a_source_is_found_at_its_usb_port_by_any_of_its_names() {
        let root = tempfile::tempdir().unwrap();
        plug_in(root.path());
        for node in ["/dev/video2", "/dev/v4l/by-id/usb-camera"] {
            assert_eq!(port(root.path(), SourceUri::V4l2(node.into())).as_deref(), Some("1-1.4"), "{node}");
        }
        for card in ["hw:1", "plughw:1,0", "hw:CARD=C920,DEV=0"] {
            assert_eq!(port(root.path(), SourceUri::Alsa(card.into())).as_deref(), Some("1-1.4"), "{card}");
        }
        for other in [SourceUri::V4l2("/dev/video0".into()), SourceUri::Alsa("default".into())] {
            assert_eq!(port(root.path(), other), None);
        }
    }

    #[test]
    fn the_port_of_a_camera_that_is_gone_is_remembered() {
        let root = tempfile::tempdir().unwrap();
        plug_in(root.path());
        let source =
            UsbSource::new(root.path().to_owned(), Role::Camera, SourceUri::V4l2("/dev/video2".into()));
        fs::remove_dir_all(root.path().join("sys/class/video4linux")).unwrap();
        assert_eq!(source.port().map(String::from).as_deref(), Some("1-1.4"));
        assert!(source.is_of_this_machine());
    }
}
