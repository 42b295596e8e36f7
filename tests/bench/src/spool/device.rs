//! A disk of its own for a measurement: ext4 on memory, every byte that
//! reaches it counted, every flush as slow as wanted.

use std::path::PathBuf;
use std::time::Duration;

use lectern_power::disk::{Behaviour, Counts, Mounted, Recorder};
use tempfile::TempDir;

use crate::BenchError;

/// Dropped in this order: unmounted, then gone.
#[derive(Debug)]
pub(crate) struct Device {
    _mounted: Mounted,
    recorder: Recorder,
    folder: TempDir,
}

/// Where the file system is, below the device's folder.
const MOUNTED: &str = "ext4";
const DISK: &str = "fuse";

impl Device {
    /// An empty one, mounted.
    pub(crate) fn new(bytes: usize, flush_takes: Duration) -> Result<Self, BenchError> {
        let folder = tempfile::tempdir().map_err(BenchError::io("a folder for a disk"))?;
        let [disk, at] = [DISK, MOUNTED].map(|name| folder.path().join(name));
        for path in [&disk, &at] {
            std::fs::create_dir(path).map_err(BenchError::io(path.display()))?;
        }
        let empty = Mounted::empty_disk(bytes).map_err(BenchError::io("an empty ext4"))?;
        let recorder = Recorder::mount(&disk, Behaviour::counted(flush_takes))
            .map_err(BenchError::io("a disk that counts"))?;
        recorder.insert(empty);
        let mounted = Mounted::mount(&recorder, &at).map_err(BenchError::io("a disk that counts"))?;
        Ok(Self { _mounted: mounted, recorder, folder })
    }

    /// Its file system.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().join(MOUNTED)
    }

    /// What reached it since it was made. What the file system still holds back
    /// is written first.
    pub(crate) fn counts(&self) -> Result<Counts, BenchError> {
        let folder = std::fs::File::open(self.folder()).map_err(BenchError::io("the disk's folder"))?;
        rustix::fs::syncfs(&folder).map_err(|e| BenchError::io("syncing the disk")(e.into()))?;
        Ok(self.recorder.counts())
    }

    /// What reached it since it was made; nothing is asked of the file system.
    pub(crate) fn counts_as_is(&self) -> Counts {
        self.recorder.counts()
    }
}
