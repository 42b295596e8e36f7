//! Pulls a USB plug and puts it in again, as far as software can.
//!
//! Two ways, both of the kernel's `Documentation/ABI/testing/sysfs-bus-usb`:
//!
//! 1. `<hub's interface>/<hub>-port<N>/disable`, since Linux 6.0: what is plugged
//!    in is disconnected, its current is cut where the hub can do that, and when
//!    the port is enabled it is found anew, with a reset. This wakes a camera
//!    whose firmware hangs, and a port on which nothing was found.
//! 2. `<port>/authorized`: the device is taken out of its configuration, which
//!    unbinds its drivers, and put into it again. No reset: this helps where the
//!    driver hangs, and not where the firmware does.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::name::UsbPort;
use crate::refusal::Refusal;

/// So long a port is without current: what a camera's capacitors hold is gone.
pub(super) const DARK: Duration = Duration::from_secs(2);
/// A port that is off and cannot be switched on is worse than a hung camera.
const TRIES: u32 = 5;

const DEVICES: &str = "sys/bus/usb/devices";

pub(super) fn replug(root: &Path, port: &UsbPort, dark: Duration) -> Result<(), Refusal> {
    let devices = root.join(DEVICES);
    let (interface, folder) = port.on_its_hub();
    let switch = devices.join(interface).join(folder).join("disable");
    let authorized = devices.join(port.as_str()).join("authorized");
    if let Some(disk) = disk_behind(root, port) {
        return Err(Refusal::HoldsDisk { port: port.clone(), disk });
    }
    if switch.exists() {
        match write(&switch, "1") {
            Ok(()) => return put_in(&switch, "0", dark),
            Err(error) if !authorized.exists() => return Err(kernel("switching off", port, error)),
            Err(error) => tracing::warn!(%port, %error, "the hub does not switch the port off"),
        }
    }
    if !authorized.exists() {
        return Err(Refusal::NoPort(port.clone()));
    }
    write(&authorized, "0").map_err(|error| kernel("taking out", port, error))?;
    put_in(&authorized, "1", dark)
}

fn put_in(file: &Path, on: &str, dark: Duration) -> Result<(), Refusal> {
    let mut tried = 0;
    loop {
        std::thread::sleep(dark);
        tried += 1;
        match write(file, on) {
            Ok(()) => return Ok(()),
            Err(error) if tried == TRIES => {
                return Err(Refusal::kernel(format!("writing {on} to {}", file.display()))(error));
            }
            Err(error) => tracing::warn!(file = %file.display(), %error, "trying again"),
        }
    }
}

/// The disk that would go with the plug.
fn disk_behind(root: &Path, port: &UsbPort) -> Option<String> {
    let disks = fs::read_dir(root.join("sys/block")).ok()?;
    let behind = |place: &PathBuf| place.components().any(|part| part.as_os_str() == port.as_str());
    disks.flatten().find_map(|disk| {
        let place = disk.path().canonicalize().ok()?;
        behind(&place).then(|| disk.file_name().to_string_lossy().into_owned())
    })
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    fs::OpenOptions::new().write(true).open(file)?.write_all(text.as_bytes())
}

fn kernel(doing: &str, port: &UsbPort, cause: io::Error) -> Refusal {
    Refusal::kernel(format!("{doing} USB port {port}"))(cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    struct Machine(tempfile::TempDir);

    impl Machine {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn file(&self, place: &str, text: &str) -> PathBuf {
            let path = self.0.path().join(place);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            path
        }

        fn text(&self, place: &str) -> String {
            fs::read_to_string(self.0.path().join(place)).unwrap()
        }

        fn replug(&self, port: &str) -> Result<(), Refusal> {
            replug(self.0.path(), &UsbPort::new(port).unwrap(), Duration::ZERO)
        }
    }

    const SWITCH: &str = "sys/bus/usb/devices/1-1:1.0/1-1-port4/disable";
    const AUTHORIZED: &str = "sys/bus/usb/devices/1-1.4/authorized";

    #[test]
    fn a_port_that_can_be_switched_is_off_and_on_again_whether_something_is_found_on_it_or_not() {
        let machine = Machine::new();
        machine.file(SWITCH, "");
        machine.replug("1-1.4").unwrap();
        // Written one behind the other into a file that is no sysfs.
        assert_eq!(machine.text(SWITCH), "0");
        machine.file(AUTHORIZED, "untouched");
        machine.replug("1-1.4").unwrap();
        assert_eq!(machine.text(AUTHORIZED), "untouched");
    }

    #[test]
    fn on_a_kernel_without_the_switch_the_device_is_configured_anew() {
        let machine = Machine::new();
        machine.file(AUTHORIZED, "");
        machine.replug("1-1.4").unwrap();
        assert_eq!(machine.text(AUTHORIZED), "1");
    }

    #[test]
    fn a_port_that_is_not_there_is_named() {
        let machine = Machine::new();
        machine.file(SWITCH, "");
        let error = machine.replug("1-1.3").unwrap_err();
        assert_eq!(error.code(), "no_port");
        assert!(error.to_string().contains("USB port 1-1.3"), "{error}");
    }

    #[test]
    fn a_disk_is_never_unplugged_neither_itself_nor_with_its_hub() {
        let machine = Machine::new();
        for switch in ["1-1:1.0/1-1-port4", "1-0:1.0/usb1-port1", "1-1:1.0/1-1-port2"] {
            machine.file(&format!("sys/bus/usb/devices/{switch}/disable"), "as it was");
        }
        let disk = "sys/devices/pci0/usb1/1-1/1-1.4/1-1.4:1.0/host0/block/sdb";
        machine.file(&format!("{disk}/removable"), "0");
        fs::create_dir_all(machine.0.path().join("sys/block")).unwrap();
        symlink(machine.0.path().join(disk), machine.0.path().join("sys/block/sdb")).unwrap();
        for port in ["1-1.4", "1-1"] {
            let error = machine.replug(port).unwrap_err();
            assert_eq!((error.code(), error.to_string().contains("sdb")), ("holds_disk", true), "{error}");
        }
        assert_eq!(machine.text(SWITCH), "as it was");
        machine.replug("1-1.2").unwrap();
    }

    #[test]
    fn a_switch_that_refuses_leaves_the_other_way() {
        let machine = Machine::new();
        // A folder in the file's place refuses to be written, to root too.
        fs::create_dir_all(machine.0.path().join(SWITCH)).unwrap();
        fs::set_permissions(machine.0.path().join(SWITCH), fs::Permissions::from_mode(0o500)).unwrap();
        assert_eq!(machine.replug("1-1.4").unwrap_err().code(), "kernel");
        machine.file(AUTHORIZED, "");
        machine.replug("1-1.4").unwrap();
        assert_eq!(machine.text(AUTHORIZED), "1");
    }
}
