//! Letting go of segment files.

use std::collections::BTreeSet;

use lectern_api::Bytes;

use crate::SpoolError;
use crate::error::io_error;
use crate::pool::absent_is_fine;
use crate::segment::file_name;
use crate::spool::Spool;

impl Spool {
    /// Lets the files of segments go, durably: into the pool, or from the disk.
    /// **Their removal from the index must be committed before.** Repeating it
    /// changes nothing. Gives the room that new segments have from it.
    ///
    /// # Errors
    /// [`SpoolError::Io`]; the segments that are still there stay among the
    /// doomed, for a later call.
    pub(crate) fn release(&self, epochs: &BTreeSet<u64>) -> Result<Bytes, SpoolError> {
        let mut released = Bytes(0);
        for &epoch in epochs {
            let path = self.folder.join(file_name(epoch));
            if !self.pool.take_in(self.disk.as_ref(), &path, epoch) {
                let removed = self.disk.remove(&path).or_else(absent_is_fine);
                removed.map_err(|e| io_error("removing", &path, e))?;
            }
            let mut facts = self.facts();
            facts.doomed.remove(&epoch);
            released.0 += facts.allocated.remove(&epoch).unwrap_or(0);
        }
        for folder in [self.pool.folder(), &self.folder] {
            self.disk.sync_folder(folder).map_err(|e| io_error("syncing", folder, e))?;
        }
        Ok(released)
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
