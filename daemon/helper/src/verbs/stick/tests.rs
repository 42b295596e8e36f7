use std::os::unix::fs::symlink;

use super::*;
use rustix::fs::{FileType, makedev, mknodat};

const ROOT: Peer = Peer { uid: 0, gid: 0, pid: 1 };

/// A machine with one disk, in a folder.
struct Machine(tempfile::TempDir);

impl Machine {
    /// A stick `sdz` with a partition, on USB or not, removable or not. Its node
    /// is that of the given number.
    fn new(disk: &str, removable: &str, number: (u32, u32)) -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        let partition = format!("{disk}/sdz1");
        machine.file(&format!("{disk}/removable"), removable);
        machine.file(&format!("{partition}/partition"), "1");
        machine.file(&format!("{partition}/dev"), &format!("{}:{}\n", number.0, number.1));
        machine.file("sys/devices/usb1/1-2/idVendor", "0951");
        for folder in ["sys/class/block", "dev", "run/lectern"] {
            fs::create_dir_all(machine.path(folder)).unwrap();
        }
        symlink(machine.path(&partition), machine.path("sys/class/block/sdz1")).unwrap();
        machine
    }

    fn path(&self, place: &str) -> PathBuf {
        self.0.path().join(place)
    }

    fn file(&self, place: &str, text: &str) {
        fs::create_dir_all(self.path(place).parent().unwrap()).unwrap();
        fs::write(self.path(place), text).unwrap();
    }

    fn mount(&self) -> Refusal {
        mount(self.0.path(), &Partition::new("sdz1").unwrap(), false, ROOT).unwrap_err()
    }
}

const ON_USB: &str = "sys/devices/usb1/1-2/1-2:1.0/block/sdz";

#[test]
fn what_is_not_a_stick_is_not_mounted() {
    let cause = |machine: &Machine| match machine.mount() {
        Refusal::NoStick { cause, .. } => cause,
        other => panic!("{other}"),
    };
    let number = (7, 0);
    assert_eq!(cause(&Machine::new(ON_USB, "0", number)), "it is built in");
    let elsewhere = Machine::new("sys/devices/pci0/ata1/block/sdz", "1", number);
    assert_eq!(cause(&elsewhere), "it is not plugged into USB");
    let file = Machine::new(ON_USB, "1", number);
    file.file("dev/sdz1", "no node");
    assert_eq!(cause(&file), "its node is another device's");
    let gone = Machine::new(ON_USB, "1", number);
    fs::remove_file(gone.path("sys/class/block/sdz1")).unwrap();
    assert_eq!(cause(&gone), "it is not plugged in");
}

#[test]
fn a_node_that_is_a_link_is_not_followed() {
    let machine = Machine::new(ON_USB, "1", (7, 0));
    symlink("/etc/passwd", machine.path("dev/sdz1")).unwrap();
    assert_eq!(machine.mount().code(), "kernel");
}

#[test]
fn a_filesystem_is_known_by_its_first_sector() {
    let sector = |at: usize, text: &[u8]| {
        let mut sector = [0; 512];
        sector[at..at + text.len()].copy_from_slice(text);
        kind_of(&sector).map(|kind| kind.name)
    };
    assert_eq!(sector(3, b"EXFAT   "), Some("exfat"));
    assert_eq!(sector(3, b"NTFS    "), Some("ntfs3"));
    assert_eq!(sector(82, b"FAT32   "), Some("vfat"));
    assert_eq!(sector(54, b"FAT16   "), Some("vfat"));
    assert_eq!(sector(0, b""), None);
}

#[test]
fn the_mount_point_is_no_link_whoever_made_it() {
    let root = tempfile::tempdir().unwrap();
    let (folder, elsewhere) = (root.path().join("run/lectern"), root.path().join("etc"));
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir_all(&elsewhere).unwrap();
    symlink(&elsewhere, folder.join("stick")).unwrap();
    assert_eq!(open_point(&root.path().join(STICK)).unwrap_err().code(), "kernel");
    fs::remove_file(folder.join("stick")).unwrap();
    open_point(&root.path().join(STICK)).unwrap();
    assert!(folder.join("stick").is_dir());
}

#[test]
fn nothing_is_unmounted_where_nothing_is_mounted() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(unmount(root.path()).unwrap_err().code(), "not_mounted");
}

/// Needs root. The kernel here may know no filesystem of sticks: what is really
/// mounted is its own memory, with the flags and the way a stick gets.
#[test]
fn what_is_mounted_runs_nothing_and_goes_again() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("not root: nothing can be mounted");
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let point = root.path().join(STICK);
    fs::create_dir_all(point.parent().unwrap()).unwrap();
    for write in [false, true] {
        let opened = open_point(&point).unwrap();
        if let Err(refusal) = attach(Path::new("none"), &opened, "tmpfs", "size=64k", write) {
            assert!(refusal.to_string().contains("not permitted"), "{refusal}");
            eprintln!("{refusal}: this sandbox mounts nothing");
            return;
        }
        let line = fs::read_to_string(MOUNTS).unwrap();
        let line = line.lines().find(|line| line.contains(point.to_str().unwrap())).unwrap().to_owned();
        let written = fs::write(point.join("lesson.mp4"), "media");
        unmount(root.path()).unwrap();
        for flag in ["nosuid", "nodev", "noexec", if write { " rw" } else { " ro" }] {
            assert!(line.contains(flag), "{flag}: {line}");
        }
        assert_eq!(written.is_ok(), write);
    }
    assert_eq!(unmount(root.path()).unwrap_err().code(), "not_mounted");
}

/// Needs root, for a node of a loop device that has no file behind it.
#[test]
fn a_stick_without_a_filesystem_of_sticks_is_refused() {
    let Some(number) = idle_loop_device() else {
        eprintln!("every loop device here has a file behind it");
        return;
    };
    let machine = Machine::new(ON_USB, "1", number);
    let node = machine.path("dev/sdz1");
    let device = makedev(number.0, number.1);
    let made = mknodat(CWD, &node, FileType::BlockDevice, Mode::from_raw_mode(0o600), device);
    if made.is_err() || File::open(&node).is_err() {
        eprintln!("no device can be opened here");
        return;
    }
    assert_eq!(machine.mount().code(), "unknown_filesystem");
}

/// The number of the last: who wants one takes the first.
fn idle_loop_device() -> Option<(u32, u32)> {
    let devices = fs::read_dir("/sys/class/block").ok()?.flatten();
    let idle = devices.filter(|device| !device.path().join("loop/backing_file").exists());
    let minor = idle.filter_map(|device| device.file_name().to_str()?.strip_prefix("loop")?.parse().ok());
    Some((7, minor.max()?))
}
