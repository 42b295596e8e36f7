//! One process per spool.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use crate::SpoolError;
use crate::error::io_error;

/// Held as long as the spool is open; the kernel lets go of it with the
/// process, however that ends.
#[derive(Debug)]
pub(crate) struct FolderLock {
    file: File,
}

impl FolderLock {
    pub(crate) fn take(dir: &Path) -> Result<Self, SpoolError> {
        let path = dir.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| io_error("opening", &path, e))?;
        if let Err(errno) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
            if errno.kind() != ErrorKind::WouldBlock {
                return Err(io_error("locking", &path, errno.into()));
            }
            let mut text = String::new();
            let known = file.read_to_string(&mut text).is_ok_and(|read| read > 0);
            let pid = if known { text.trim().to_owned() } else { "unknown".to_owned() };
            return Err(SpoolError::InUse { path: dir.to_owned(), pid });
        }
        let noted = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        if let Err(error) = noted {
            // The lock holds all the same; on a full disk the pid is a luxury.
            tracing::warn!("writing the process id to {} failed: {error}", path.display());
        }
        Ok(Self { file })
    }
}

impl Drop for FolderLock {
    /// Closing the file is not enough: a process that was forked a moment ago,
    /// and has not yet become another program, holds a copy of it.
    fn drop(&mut self) {
        if let Err(errno) = flock(&self.file, FlockOperation::Unlock) {
            tracing::warn!("unlocking the spool failed: {errno}; it ends with the process");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_free_at_once_although_a_child_still_holds_a_copy_of_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let lock = FolderLock::take(dir.path()).unwrap();
        let _copy = lock.file.try_clone().unwrap();
        assert!(matches!(FolderLock::take(dir.path()), Err(SpoolError::InUse { .. })));
        drop(lock);
        FolderLock::take(dir.path()).unwrap();
    }
}
