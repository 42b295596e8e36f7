//! The peer: a plain append to a preallocated file, then `fdatasync`. What any
//! program that keeps its word must do at least.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate};

use crate::BenchError;

/// As large as the spool's segments.
const FILE_BYTES: u64 = 32 << 20;

#[derive(Debug)]
pub(crate) struct PlainAppend {
    folder: PathBuf,
    files: u32,
    open: Option<(File, u64)>,
}

impl PlainAppend {
    pub(crate) fn in_folder(folder: &Path) -> Result<Self, BenchError> {
        std::fs::create_dir_all(folder).map_err(BenchError::io(folder.display()))?;
        Ok(Self { folder: folder.to_owned(), files: 0, open: None })
    }

    /// Durable when it returns.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), BenchError> {
        self.try_append(bytes).map_err(BenchError::io(self.folder.display()))
    }

    fn try_append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let length = bytes.len() as u64;
        let (file, offset) = match self.open.take() {
            Some((file, offset)) if offset + length <= FILE_BYTES => (file, offset),
            _ => (self.next_file()?, 0),
        };
        file.write_all_at(bytes, offset)?;
        file.sync_data()?;
        self.open = Some((file, offset + length));
        Ok(())
    }

    fn next_file(&mut self) -> std::io::Result<File> {
        self.files += 1;
        let path = self.folder.join(self.files.to_string());
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        fallocate(&file, FallocateFlags::empty(), 0, FILE_BYTES)?;
        file.sync_all()?;
        File::open(&self.folder)?.sync_all()?;
        Ok(file)
    }
}
