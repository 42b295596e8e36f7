//! Letting go of segment files, and with them of what they were encrypted with.
//!
//! On a disk that writes in place the key is gone with its page. Flash memory
//! and copying filesystems may keep an old page for a while; what they keep is
//! wrapped with the device's key.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use lectern_api::Bytes;

use crate::SpoolError;
use crate::disk::{Disk, write_all};
use crate::error::io_error;
use crate::frame::{ALIGN_BYTES, HEADER_BYTES, Header, KEY_AT};
use crate::pool::absent_is_fine;
use crate::segment::file_name;
use crate::spool::Spool;

/// Overwrites the first two pages, durably: nothing in the file names its
/// lesson or opens its frames any more, and opening finishes what is cut short.
pub(crate) fn wipe(disk: &dyn Disk, path: &Path, epoch: u64) -> io::Result<()> {
    let file = match disk.open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let mut pages = vec![0; (KEY_AT + ALIGN_BYTES) as usize];
    pages[..HEADER_BYTES].copy_from_slice(&Header::released(epoch).encode());
    // A file that is shorter was never a segment.
    let length = file.size()?.bytes.min(pages.len() as u64) as usize;
    write_all(file.as_ref(), &pages[..length], 0)?;
    file.sync_data()
}

impl Spool {
    /// Lets the files of segments go, durably: overwrites the pages with the
    /// lesson's key, then moves them the pool, or removes them.
    /// **Their removal from the index must be committed before.** Repeating it
    /// changes nothing. Gives the room that new segments have from it.
    ///
    /// # Errors
    /// [`SpoolError::Io`]; the segments that are still there stay among the
    /// doomed, for a later call.
    pub(crate) fn release(&self, epochs: &BTreeSet<u64>) -> Result<Bytes, SpoolError> {
        let mut released = Bytes(0);
        let mut failed = None;
        for &epoch in epochs {
            let path = self.folder.join(file_name(epoch));
            // One that fails does not keep the others.
            if let Err(error) = self.release_one(epoch, &path) {
                tracing::error!("{error}; its lesson's key is not overwritten yet");
                failed.get_or_insert(error);
                continue;
            }
            let mut facts = self.facts();
            facts.doomed.remove(&epoch);
            released.0 += facts.allocated.remove(&epoch).unwrap_or(0);
        }
        self.keys.forget();
        for folder in [self.pool.folder(), &self.folder] {
            self.disk.sync_folder(folder).map_err(|e| io_error("syncing", folder, e))?;
        }
        failed.map_or(Ok(released), Err)
    }

    fn release_one(&self, epoch: u64, path: &Path) -> Result<(), SpoolError> {
        wipe(self.disk.as_ref(), path, epoch).map_err(|e| io_error("wiping", path, e))?;
        if !self.pool.take_in(self.disk.as_ref(), path, epoch) {
            let removed = self.disk.remove(path).or_else(absent_is_fine);
            removed.map_err(|e| io_error("removing", path, e))?;
        }
        Ok(())
    }

    /// Gives files of the pool back to the disk while `is_short` says so.
    pub(crate) fn drain_pool(
        &self,
        is_short: impl Fn(&Self) -> Result<bool, SpoolError>,
    ) -> Result<(), SpoolError> {
        while is_short(self)? && self.pool.drop_one(self.disk.as_ref())? {}
        Ok(())
    }
}
