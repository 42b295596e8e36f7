//! USB sticks: FAT, exFAT and NTFS, removable and plugged into USB, nothing else.
//!
//! What is on the stick is read here only to know its filesystem, so that the
//! kernel is asked for that one and tries no other. The mount point lies in a
//! folder of the daemon's user, which may put a link there: it is opened without
//! following links, and mounted on as opened.

use std::ffi::CString;
use std::fs::{self, File};
use std::io::Read as _;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, major, minor, mkdirat, openat};
use rustix::io::Errno;
use rustix::mount::{MountFlags, UnmountFlags};

use crate::STICK;
use crate::audit::Peer;
use crate::name::Partition;
use crate::refusal::Refusal;

/// What this process sees mounted.
const MOUNTS: &str = "/proc/self/mountinfo";

/// A filesystem of sticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    /// The kernel's name of it.
    name: &'static str,
    /// What its names are written in; files belong to whoever asked.
    options: &'static str,
}

const FAT: Kind = Kind { name: "vfat", options: "utf8=1,umask=0077" };
const EXFAT: Kind = Kind { name: "exfat", options: "iocharset=utf8,umask=0077" };
const NTFS: Kind = Kind { name: "ntfs3", options: "iocharset=utf8,umask=0077" };

pub(super) fn mount(root: &Path, partition: &Partition, write: bool, peer: Peer) -> Result<(), Refusal> {
    let device = Device::find(root, partition)?;
    let point = root.join(STICK);
    let mounted = mounts()?;
    if mounted.iter().any(|mounted| mounted.number == device.number || mounted.at == point) {
        return Err(Refusal::Mounted);
    }
    let kind = device.kind().ok_or_else(|| Refusal::UnknownFilesystem(partition.clone()))?;
    let owner = format!("{},uid={},gid={}", kind.options, peer.uid, peer.gid);
    attach(&device.node, &open_point(&point)?, kind.name, &owner, write)
}

/// Nothing on it can be executed, no device, no set-user-ID.
fn attach(node: &Path, point: &OwnedFd, kind: &str, options: &str, write: bool) -> Result<(), Refusal> {
    let mut flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC | MountFlags::NOATIME;
    if !write {
        flags |= MountFlags::RDONLY;
    }
    let failed = Refusal::kernel(format!("mounting {} as {kind}", node.display()));
    let point = format!("/proc/self/fd/{}", point.as_raw_fd());
    let options = CString::new(options).map_err(|error| Refusal::Malformed(error.to_string()))?;
    rustix::mount::mount(node, point, kind, flags, options.as_c_str()).map_err(|error| failed(error.into()))
}

pub(super) fn unmount(root: &Path) -> Result<(), Refusal> {
    let point = root.join(STICK);
    if !mounts()?.iter().any(|mounted| mounted.at == point) {
        return Err(Refusal::NotMounted);
    }
    let failed = Refusal::kernel(format!("unmounting {}", point.display()));
    rustix::mount::unmount(&point, UnmountFlags::NOFOLLOW).map_err(|error| failed(error.into()))
}

/// A stick's node, which is what the kernel says it is.
#[derive(Debug)]
struct Device {
    node: PathBuf,
    /// Major and minor number.
    number: (u32, u32),
    file: File,
}

impl Device {
    fn find(root: &Path, partition: &Partition) -> Result<Self, Refusal> {
        let no_stick = |cause| Refusal::NoStick { partition: partition.clone(), cause };
        let place = root.join("sys/class/block").join(partition.as_str()).canonicalize();
        let place = place.map_err(|_| no_stick("it is not plugged in"))?;
        let text = |file: &Path| fs::read_to_string(file).map(|text| text.trim().to_owned()).ok();
        let disk = if place.join("partition").exists() { place.parent() } else { Some(&*place) };
        if disk.and_then(|disk| text(&disk.join("removable"))).as_deref() != Some("1") {
            return Err(no_stick("it is built in"));
        }
        // Only USB devices have this file.
        if !place.ancestors().any(|folder| folder.join("idVendor").is_file()) {
            return Err(no_stick("it is not plugged into USB"));
        }
        let number = text(&place.join("dev")).and_then(|text| {
            let (major, minor) = text.split_once(':')?;
            Some((major.parse().ok()?, minor.parse().ok()?))
        });
        let number = number.ok_or_else(|| no_stick("the kernel gives it no number"))?;
        let node = root.join("dev").join(partition.as_str());
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opening = Refusal::kernel(format!("opening {}", node.display()));
        let file = openat(CWD, &node, flags, Mode::empty()).map_err(|error| opening(error.into()))?;
        let file = File::from(file);
        let asking = Refusal::kernel(format!("asking for {}", node.display()));
        let found = file.metadata().map_err(asking)?;
        if !found.file_type().is_block_device() || (major(found.rdev()), minor(found.rdev())) != number {
            return Err(no_stick("its node is another device's"));
        }
        Ok(Self { node, number, file })
    }

    /// By what stands in its first sector.
    fn kind(&self) -> Option<Kind> {
        let mut sector = [0; 512];
        (&self.file).read_exact(&mut sector).ok()?;
        kind_of(&sector)
    }
}

/// Sources: "exFAT file system specification" 3.1.2, "FAT specification" 3.3,
/// where the NTFS boot sector has its name in the same place as exFAT's.
fn kind_of(sector: &[u8; 512]) -> Option<Kind> {
    match (&sector[3..11], &sector[54..59], &sector[82..87]) {
        (b"EXFAT   ", ..) => Some(EXFAT),
        (b"NTFS    ", ..) => Some(NTFS),
        (_, b"FAT12" | b"FAT16", _) | (.., b"FAT32") => Some(FAT),
        _ => None,
    }
}

/// The mount point, made where it is missing. `/run` is root's; what is below
/// need not be.
fn open_point(point: &Path) -> Result<OwnedFd, Refusal> {
    let (Some(folder), Some(name)) = (point.parent(), point.file_name()) else {
        return Err(Refusal::NotMounted);
    };
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let failed = |error: Errno| Refusal::kernel(format!("opening {}", point.display()))(error.into());
    let folder = openat(CWD, folder, flags, Mode::empty()).map_err(failed)?;
    match mkdirat(&folder, name, Mode::from_raw_mode(0o755)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(failed(error)),
    }
    openat(&folder, name, flags, Mode::empty()).map_err(failed)
}

/// Something that is mounted.
#[derive(Debug)]
struct Mounted {
    /// Major and minor number of what.
    number: (u32, u32),
    at: PathBuf,
}

/// Source: proc_pid_mountinfo(5).
fn mounts() -> Result<Vec<Mounted>, Refusal> {
    let text = fs::read_to_string(MOUNTS).map_err(Refusal::kernel(format!("reading {MOUNTS}")))?;
    let mount = |line: &str| {
        let mut fields = line.split(' ').skip(2);
        let (major, minor) = fields.next()?.split_once(':')?;
        let at = fields.nth(1)?.replace("\\040", " ");
        Some(Mounted { number: (major.parse().ok()?, minor.parse().ok()?), at: PathBuf::from(at) })
    };
    Ok(text.lines().filter_map(mount).collect())
}

#[cfg(test)]
mod tests;
