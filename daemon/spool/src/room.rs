//! Room: what is taken, what is left, and how more is made.

use lectern_api::{Bytes, LessonId};

use crate::SpoolError;
use crate::error::io_error;
use crate::retention::Retention;
use crate::spool::Spool;

/// How full the spool is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// What the configuration allows.
    pub quota_bytes: Bytes,
    /// What segments, the pool of files to use again, the ballast and the index
    /// take on the disk, unused ends of segments included.
    pub allocated_bytes: Bytes,
    /// What new segments may still take, by the quota and by the disk.
    pub free_bytes: Bytes,
    /// Segment files.
    pub segments: u64,
    /// What of the allocated bytes is the index.
    pub index_bytes: Bytes,
    /// What of the allocated bytes is ballast; 0 while it is given up, because
    /// the disk is or was full.
    pub ballast_bytes: Bytes,
    /// What the ballast takes when it is there.
    pub ballast_wanted_bytes: Bytes,
    /// Changes of the index that are not durable yet.
    pub uncommitted: u64,
    /// Why the last commit failed, until one succeeds.
    pub index_error: Option<String>,
}

/// What [`Spool::make_room`] let go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoomMade {
    /// Lessons whose media are gone from this disk, and are elsewhere or were
    /// too old.
    pub lessons: Vec<LessonId>,
    /// Lessons that made way although no archive had all of them.
    pub discarded: Vec<LessonId>,
    /// What that gave back.
    pub bytes: Bytes,
}

impl Spool {
    pub(crate) fn allocated_bytes(&self) -> u64 {
        let segments: u64 = self.facts().allocated.values().sum();
        let others = [self.pool.bytes(), self.ballast.held_bytes(), self.index.allocated_bytes()];
        others.into_iter().fold(segments, u64::saturating_add)
    }

    /// Bytes that new segments may still take, by the quota and by the disk.
    /// The ballast's room is its own, whether it is there or not.
    pub(crate) fn room_bytes(&self) -> Result<u64, SpoolError> {
        let disk = self.disk.free_bytes(&self.folder);
        let disk = disk.map_err(|e| io_error("asking for room on", &self.folder, e))?;
        let missing = self.ballast.missing_bytes();
        let left = self.options.quota_bytes.saturating_sub(self.allocated_bytes()).saturating_sub(missing);
        Ok(left.min(disk.saturating_sub(self.options.reserve_bytes).saturating_sub(missing)))
    }

    /// How full the spool is.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the filesystem does not tell its free space.
    pub fn usage(&self) -> Result<Usage, SpoolError> {
        let (uncommitted, index_error) = self.index.backlog();
        Ok(Usage {
            quota_bytes: Bytes(self.options.quota_bytes),
            allocated_bytes: Bytes(self.allocated_bytes()),
            free_bytes: Bytes(self.room_bytes()?.saturating_add(self.pool.bytes())),
            segments: self.facts().allocated.len() as u64,
            index_bytes: Bytes(self.index.allocated_bytes()),
            ballast_bytes: Bytes(self.ballast.held_bytes()),
            ballast_wanted_bytes: Bytes(self.ballast.wanted_bytes()),
            uncommitted: uncommitted as u64,
            index_error,
        })
    }

    /// Whether the next segments may not fit.
    fn is_tight(&self) -> Result<bool, SpoolError> {
        let soft_limit = self.options.quota_bytes / 10 * 9;
        let disk = self.disk.free_bytes(&self.folder);
        let disk = disk.map_err(|e| io_error("asking for room on", &self.folder, e))?;
        let wanted =
            self.options.reserve_bytes + self.ballast.missing_bytes() + 2 * self.options.segment_bytes;
        let allocated = self.allocated_bytes() + self.ballast.missing_bytes();
        Ok(allocated > soft_limit || disk < wanted)
    }

    /// Whether the next segments do not fit.
    fn is_full(&self) -> Result<bool, SpoolError> {
        Ok(self.room_bytes()? < 2 * self.options.segment_bytes)
    }

    /// Lets lessons go as the retention says: those that are too old; when nine
    /// tenths of the quota are taken, or the disk has little left, the oldest
    /// that every archive has; when that was not enough and the retention says
    /// so, the oldest that not every archive has. Lesson by lesson, until there
    /// is room. What is open or held never goes; a lesson's dates stay.
    ///
    /// # Errors
    /// The index's error (no file was touched) or [`SpoolError::Io`]. What was
    /// not removed is removed by a later call.
    pub fn make_room(&self, retention: &Retention) -> Result<RoomMade, SpoolError> {
        let mut made = RoomMade::default();
        // Appending need not wait for files to be removed.
        drop(self.writers()?);
        // Neither an index that finds no room nor one bad file keeps the room
        // that others can give.
        if let Err(error) = self.unlink_doomed(&mut made) {
            tracing::error!("{error}; what could be removed was");
        }
        self.drain_pool(Self::is_tight)?;
        self.retire(retention, &mut made)?;
        while self.is_tight()? {
            let Some(lesson) = self.let_archived_go(retention)? else { break };
            if let Err(error) = self.unlink_doomed(&mut made) {
                tracing::error!("{error}; the next lesson is to make room");
            }
            self.drain_pool(Self::is_tight)?;
            tracing::info!("the media of lesson {lesson} left this disk; every archive has them");
            made.lessons.push(lesson);
        }
        // Without an archive the spool is the archive.
        let may_discard = retention.discard_unarchived && !retention.archives.is_empty();
        while may_discard && self.is_full()? {
            let Some(lesson) = self.let_unarchived_go(&retention.archives)? else { break };
            self.unlink_doomed(&mut made)?;
            self.drain_pool(Self::is_full)?;
            tracing::error!("lesson {lesson} made way for new ones; no archive had all of it");
            made.discarded.push(lesson);
        }
        self.make_ballast()?;
        Ok(made)
    }

    /// Lets the files of segments go that are out of the facts.
    pub(crate) fn unlink_doomed(&self, made: &mut RoomMade) -> Result<(), SpoolError> {
        let doomed = self.facts().doomed.clone();
        if doomed.is_empty() {
            return Ok(());
        }
        self.commit()?;
        made.bytes.0 += self.release(&doomed)?.0;
        Ok(())
    }
}
