//! A few files of segments that were let go, kept for the next ones: writing
//! over blocks that exist spares the filesystem's journal an entry with every
//! `fdatasync`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::SpoolError;
use crate::disk::{Disk, DiskFile};
use crate::error::io_error;
use crate::segment::{epoch_of, file_name};
use crate::spool::Options;

/// So many files at most…
const MAX_FILES: usize = 4;
/// …that take so much of the quota at most.
const QUOTA_SHARE: u64 = 16;

/// Files of exactly one segment's size, under the name of the last epoch that
/// they held; no frame in them is of a higher one. Never read as data.
#[derive(Debug)]
pub(crate) struct Pool {
    folder: PathBuf,
    segment_bytes: u64,
    limit_bytes: u64,
    /// Epoch and allocated bytes. A leaf among the locks.
    files: Mutex<BTreeMap<u64, u64>>,
}

impl Pool {
    /// Takes over what lies in the folder; what does not fit is removed.
    pub(crate) fn open(disk: &dyn Disk, dir: &Path, options: &Options) -> Result<Self, SpoolError> {
        let folder = dir.join("pool");
        fs::create_dir_all(&folder).map_err(|e| io_error("creating", &folder, e))?;
        let pool = Self {
            folder,
            segment_bytes: options.segment_bytes,
            limit_bytes: options.quota_bytes / QUOTA_SHARE,
            files: Mutex::default(),
        };
        let listed = fs::read_dir(&pool.folder).map_err(|e| io_error("listing", &pool.folder, e))?;
        for entry in listed {
            let path = entry.map_err(|e| io_error("listing", &pool.folder, e))?.path();
            let Some(epoch) = epoch_of(&path) else { continue };
            match pool.admits(disk, &path) {
                Some(allocated) => drop(pool.files().insert(epoch, allocated)),
                None => {
                    // It takes room that nobody counts; nothing else hangs on it.
                    if let Err(error) = disk.remove(&path) {
                        tracing::error!("{} is of no use and stays: {error}", path.display());
                    }
                }
            }
        }
        Ok(pool)
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<u64, u64>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path_of(&self, epoch: u64) -> PathBuf {
        self.folder.join(file_name(epoch))
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Epochs up to here may stand in these files.
    pub(crate) fn last_epoch(&self) -> u64 {
        self.files().last_key_value().map_or(0, |(epoch, _)| *epoch)
    }

    /// What the files take on the disk.
    pub(crate) fn bytes(&self) -> u64 {
        self.files().values().sum()
    }

    /// Its allocated bytes, when the file is whole and there is room for it.
    fn admits(&self, disk: &dyn Disk, path: &Path) -> Option<u64> {
        let size = disk.open(path).and_then(|file| file.size()).ok()?;
        let is_whole = size.bytes == self.segment_bytes && size.allocated_bytes >= self.segment_bytes;
        let files = self.files();
        let taken: u64 = files.values().sum();
        let has_room = files.len() < MAX_FILES && taken + size.allocated_bytes <= self.limit_bytes;
        (is_whole && has_room).then_some(size.allocated_bytes)
    }

    /// Moves a file in; says whether it did. The caller syncs the folders.
    pub(crate) fn take_in(&self, disk: &dyn Disk, path: &Path, epoch: u64) -> bool {
        let Some(allocated) = self.admits(disk, path) else { return false };
        match disk.rename(path, &self.path_of(epoch)) {
            Ok(()) => {
                self.files().insert(epoch, allocated);
                true
            }
            Err(error) => {
                tracing::warn!("{} is not kept for reuse: {error}", path.display());
                false
            }
        }
    }

    /// Moves a file out, to become a new segment. Neither folder is synced yet.
    pub(crate) fn hand_out(&self, disk: &dyn Disk, to: &Path) -> Option<Arc<dyn DiskFile>> {
        loop {
            let (epoch, _) = self.files().pop_first()?;
            let from = self.path_of(epoch);
            match disk.rename(&from, to).and_then(|()| disk.open(to)) {
                Ok(file) => return Some(file),
                Err(error) => {
                    tracing::warn!("{} cannot be used again: {error}", from.display());
                    for path in [from.as_path(), to] {
                        let removed = disk.remove(path);
                        if let Err(e) = removed.or_else(absent_is_fine) {
                            tracing::warn!("removing {} failed: {e}", path.display());
                        }
                    }
                }
            }
        }
    }

    /// Gives one file back to the disk; says whether there was one.
    pub(crate) fn drop_one(&self, disk: &dyn Disk) -> Result<bool, SpoolError> {
        let Some(epoch) = self.files().last_key_value().map(|(epoch, _)| *epoch) else { return Ok(false) };
        let path = self.path_of(epoch);
        disk.remove(&path).or_else(absent_is_fine).map_err(|e| io_error("removing", &path, e))?;
        self.files().remove(&epoch);
        Ok(true)
    }
}

pub(crate) fn absent_is_fine(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
