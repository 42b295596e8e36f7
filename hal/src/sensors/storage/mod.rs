//! Room, work and wear of the disks.

pub mod disk;
pub mod smart;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::tree::Tree;
pub use disk::{Activity, Counters, Disk, Reserve, Wear};

/// All storage.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// Folders whose room was asked for; one that does not exist is left out.
    pub places: Vec<Place>,
    /// Physical disks, cards and sticks.
    pub disks: Vec<Disk>,
}

/// A folder whose room is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// What it is called in a sample, such as `spool`.
    pub name: String,
    /// Where it is; below the root, if it does not begin with `/`.
    pub path: PathBuf,
}

/// The room of a folder's file system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Place {
    /// What it was asked for as.
    pub name: String,
    /// The size of the file system.
    pub total_bytes: Option<u64>,
    /// What a program without privileges may still write.
    pub available_bytes: Option<u64>,
    /// How many files may still be made; nothing where that has no limit.
    pub available_files: Option<u64>,
    /// Whether it can only be read, as after an error of the disk.
    pub read_only: Option<bool>,
    /// The disk or partition it lies on, such as `mmcblk0p2`; nothing for file
    /// systems in memory or over several disks.
    pub device: Option<String>,
}

impl Storage {
    pub(super) fn read(tree: &Tree<'_>, places: &[Watched]) -> Self {
        Self {
            places: places.iter().filter_map(|watched| place(tree, watched)).collect(),
            disks: disk::read(tree),
        }
    }
}

/// Source: statvfs(3), and `/sys/dev/block/<major>:<minor>`.
fn place(tree: &Tree<'_>, watched: &Watched) -> Option<Place> {
    let path = tree.path("").join(&watched.path);
    let answer = rustix::fs::statvfs(&path).and_then(|room| Ok((room, rustix::fs::stat(&path)?)));
    let (room, file) = match answer {
        Ok(answer) => answer,
        Err(rustix::io::Errno::NOENT) => return None,
        Err(error) => {
            tree.trouble(&watched.path.to_string_lossy(), error.to_string());
            return None;
        }
    };
    let (major, minor) = (rustix::fs::major(file.st_dev), rustix::fs::minor(file.st_dev));
    Some(Place {
        name: watched.name.clone(),
        total_bytes: Some(room.f_blocks.saturating_mul(room.f_frsize)),
        available_bytes: Some(room.f_bavail.saturating_mul(room.f_frsize)),
        available_files: Some(room.f_favail).filter(|_| room.f_files > 0),
        read_only: Some(room.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY)),
        device: tree.target(&format!("sys/dev/block/{major}:{minor}")),
    })
}
