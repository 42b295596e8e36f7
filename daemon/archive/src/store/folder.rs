//! What `object_store` leaves open for a folder on a disk.
//!
//! It writes to a temporary name, syncs the file, renames it and syncs the
//! folder, and syncs the parents that it created itself. A parent that an
//! earlier process created and was killed before syncing is not among those,
//! nor one that a second upload is just creating: so every folder up to the
//! root is synced once more, the first time that a file is put into it.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Folders remembered; beyond it all are forgotten and synced once more.
const REMEMBERED: usize = 256;

/// The root of a folder store.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    durable: Mutex<HashSet<PathBuf>>,
}

impl Folder {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, durable: Mutex::new(HashSet::new()) }
    }

    /// Whether the root is there. It is never created: where a stick should be
    /// mounted, the files would fill the system's own disk.
    pub(super) fn is_there(&self) -> bool {
        self.root.is_dir()
    }

    /// Makes every folder between the root and the file's durable, the root's
    /// own entries included. Blocks on the disk.
    ///
    /// # Errors
    /// What the system said about a folder.
    pub(super) fn settle(&self, file: &Path) -> io::Result<()> {
        let Some(parent) = file.parent() else { return Ok(()) };
        let known = |durable: &HashSet<PathBuf>| durable.contains(parent);
        if known(&self.durable.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(());
        }
        for folder in parent.ancestors().take_while(|folder| folder.starts_with(&self.root)) {
            File::open(folder)?.sync_all()?;
        }
        let mut durable = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        if durable.len() >= REMEMBERED {
            durable.clear();
        }
        durable.insert(parent.to_owned());
        Ok(())
    }
}
