//! A disk whose every write and flush is known, and the disks that a power cut
//! could have left of it.

mod behaviour;
mod cut;
mod ext4;
mod files;
mod log;
mod recorder;

pub use behaviour::{Behaviour, Counts, Flushes, Records};
pub use cut::{Cut, Fate};
pub use ext4::Mounted;
pub use log::{Event, Log};
pub use recorder::Recorder;

/// Size of a disk for power cuts. Room for an ext4 with a journal of 4 MiB and a spool of
/// 40 MiB.
pub const DISK_BYTES: usize = 64 << 20;

/// What a machine must have. Without it the tests fail; nothing takes the place
/// of the kernel's own file system.
pub(crate) const NEEDS: &str =
    "recorded disks need root, /dev/fuse, /dev/loop-control and ext4 in the kernel";

/// What a disk writes whole or not at all: a page. ext4 is made with blocks of
/// this size, as on the box.
pub const PAGE_BYTES: usize = 4096;

/// What older disks write whole or not at all.
pub const SECTOR_BYTES: usize = 512;
