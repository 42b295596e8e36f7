//! A file that holds nothing. When the disk is full it is given up, so that
//! what ends a lesson properly (index commits, gaps, decisions) still fits.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::SpoolError;
use crate::disk::Disk;
use crate::error::io_error;
use crate::pool::absent_is_fine;
use crate::spool::{Options, Spool};

const MOST_BYTES: u64 = 64 << 20;
/// On a tiny quota the ballast is so small a part of it.
const QUOTA_SHARE: u64 = 64;
/// What the index wants to find free when it is opened again.
const LOW_BYTES: u64 = 8 << 20;

#[derive(Debug)]
pub(crate) struct Ballast {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// How large it is when it is there.
    wanted: u64,
    /// How much of that it takes now: all or nothing.
    held: AtomicU64,
}

impl Ballast {
    /// Takes over the file that is there; one of another size goes.
    pub(crate) fn open(disk: &Arc<dyn Disk>, dir: &Path, options: &Options) -> Self {
        let wanted = (options.quota_bytes / QUOTA_SHARE).min(MOST_BYTES) / 4096 * 4096;
        let path = dir.join("ballast");
        let ballast = Self { disk: Arc::clone(disk), path, wanted, held: AtomicU64::new(0) };
        let size = disk.open(&ballast.path).and_then(|file| file.size());
        match size {
            Ok(size) if size.bytes == wanted && size.allocated_bytes >= wanted => {
                ballast.held.store(wanted, Ordering::Release);
            }
            Ok(_) => {
                if let Err(error) = ballast.remove() {
                    tracing::error!("{error}; there is no ballast");
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => tracing::error!("{}: {e}; there is no ballast", ballast.path.display()),
        }
        ballast
    }

    pub(crate) fn wanted_bytes(&self) -> u64 {
        self.wanted
    }

    pub(crate) fn held_bytes(&self) -> u64 {
        self.held.load(Ordering::Acquire)
    }

    /// Room that belongs to it and that it does not take now.
    pub(crate) fn missing_bytes(&self) -> u64 {
        self.wanted - self.held_bytes()
    }

    /// With so little left on the disk, the index is in danger.
    fn low_bytes(&self) -> u64 {
        LOW_BYTES.min(self.wanted / 2)
    }

    fn remove(&self) -> Result<(), SpoolError> {
        let removed = self.disk.remove(&self.path).or_else(absent_is_fine);
        removed.map_err(|e| io_error("removing", &self.path, e))?;
        self.held.store(0, Ordering::Release);
        Ok(())
    }

    /// Gives it up; says whether there was any.
    fn give_up(&self) -> bool {
        if self.held_bytes() == 0 {
            return false;
        }
        match self.remove() {
            Ok(()) => {
                tracing::warn!("the disk is full: the ballast of {} bytes was given up", self.wanted);
                true
            }
            Err(error) => {
                tracing::error!("{error}; the ballast helps nobody");
                false
            }
        }
    }

    fn make(&self) -> Result<(), SpoolError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        self.disk.create(&self.path, self.wanted).map_err(|e| io_error("allocating", &self.path, e))?;
        self.held.store(self.wanted, Ordering::Release);
        self.disk.sync_folder(folder).map_err(|e| io_error("syncing", folder, e))
    }
}

impl Spool {
    fn disk_left(&self) -> Result<u64, SpoolError> {
        let left = self.disk.free_bytes(&self.folder);
        left.map_err(|e| io_error("asking for room on", &self.folder, e))
    }

    /// Before something small is written that must not fail: sled stays sick
    /// after a write that found no room.
    pub(crate) fn give_up_ballast_if_low(&self) {
        let is_low = |left: u64| left < self.ballast.low_bytes();
        if self.ballast.held_bytes() > 0 && self.disk_left().is_ok_and(is_low) {
            self.ballast.give_up();
        }
    }

    /// Does a small write that must not fail for want of room.
    pub(crate) fn with_ballast<T>(
        &self,
        mut write: impl FnMut() -> Result<T, SpoolError>,
    ) -> Result<T, SpoolError> {
        self.give_up_ballast_if_low();
        match write() {
            Err(error) if error.is_full() && self.ballast.give_up() => write(),
            written => written,
        }
    }

    /// Makes the ballast when it is missing and, with it, as much again would
    /// stay free: what was given up a moment ago is not taken back at once.
    pub(crate) fn make_ballast(&self) -> Result<(), SpoolError> {
        let wanted = self.ballast.wanted_bytes();
        let enough = self.options.reserve_bytes + 2 * wanted + self.ballast.low_bytes();
        if self.ballast.missing_bytes() > 0 && self.disk_left()? >= enough {
            self.ballast.make()?;
        }
        Ok(())
    }
}
