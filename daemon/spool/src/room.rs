//! Room: what is taken, what is left, and what may go.

use lectern_api::{Bytes, LessonId, Name};

use crate::SpoolError;
use crate::decisions::{Gone, Tombstone};
use crate::error::io_error;
use crate::facts::Lesson;
use crate::spool::Spool;

/// Who lets lessons go when nobody asked for it.
pub(crate) const RETENTION: &str = "retention";

/// How full the spool is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// What the configuration allows.
    pub quota_bytes: Bytes,
    /// What segments, the pool of files to use again, and the index take on the
    /// disk, unused ends of segments included.
    pub allocated_bytes: Bytes,
    /// What new segments may still take, by the quota and by the disk.
    pub free_bytes: Bytes,
    /// Segment files.
    pub segments: u64,
    /// Changes of the index that are not durable yet.
    pub uncommitted: u64,
    /// Why the last commit failed, until one succeeds.
    pub index_error: Option<String>,
}

/// What [`Spool::make_room`] let go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoomMade {
    /// Lessons whose media are gone from this disk.
    pub lessons: Vec<LessonId>,
    /// What that gave back.
    pub bytes: Bytes,
}

impl Spool {
    pub(crate) fn allocated_bytes(&self) -> u64 {
        let segments: u64 = self.facts().allocated.values().sum();
        segments.saturating_add(self.pool.bytes()).saturating_add(self.index.allocated_bytes())
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
            uncommitted: uncommitted as u64,
            index_error,
        })
    }

    /// Whether the next segments may not fit.
    fn is_tight(&self) -> Result<bool, SpoolError> {
        let soft_limit = self.options.quota_bytes / 10 * 9;
        let disk = self
            .disk
            .free_bytes(&self.folder)
            .map_err(|e| io_error("asking for room on", &self.folder, e))?;
        let wanted = self.options.reserve_bytes + 2 * self.options.segment_bytes;
        Ok(self.allocated_bytes() > soft_limit || disk < wanted)
    }

    /// When nine tenths of the quota are taken, or the disk has little left:
    /// removes the media of the oldest lessons that are closed and that every
    /// one of the archives has, lesson by lesson, until there is room. The
    /// facts stay. Without an archive nothing is ever removed.
    ///
    /// # Errors
    /// The index's error (no file was touched) or [`SpoolError::Io`]. What was
    /// not removed is removed by a later call.
    pub fn make_room(&self, archives: &[Name]) -> Result<RoomMade, SpoolError> {
        let mut made = RoomMade::default();
        // Appending need not wait for files to be removed.
        drop(self.writers()?);
        self.unlink_doomed(&mut made)?;
        self.drain_pool(Self::is_tight)?;
        if archives.is_empty() {
            return Ok(made);
        }
        while self.is_tight()? {
            let Some(lesson) = self.let_go_of_oldest(archives)? else { break };
            // The facts first: a segment without facts is a leftover, facts
            // without their segment would be damage.
            self.commit()?;
            self.unlink_doomed(&mut made)?;
            self.drain_pool(Self::is_tight)?;
            tracing::info!("the media of lesson {lesson} left this disk; every archive has them");
            made.lessons.push(lesson);
        }
        Ok(made)
    }

    /// Takes the oldest lesson that may go out of the facts.
    fn let_go_of_oldest(&self, archives: &[Name]) -> Result<Option<LessonId>, SpoolError> {
        let mut decisions = self.decisions();
        let (id, tombstone) = {
            let facts = self.facts();
            let may_go = |lesson: &Lesson| {
                let stored = &lesson.facts;
                stored.closed
                    && !stored.removed
                    && lesson.hold.is_none()
                    && archives.iter().all(|archive| stored.archived.contains(archive))
            };
            let oldest = facts.lessons.iter().filter(|(_, lesson)| may_go(lesson));
            let Some((no, lesson)) = oldest.min_by_key(|(_, lesson)| lesson.facts.info.since) else {
                return Ok(None);
            };
            let tombstone = Tombstone::of(&facts, &self.index, *no, Gone::ForRoom)?;
            (lesson.facts.info.id.clone(), tombstone)
        };
        let reason = "the disk was full, and every archive has it";
        self.let_go(&mut decisions, &id, (RETENTION, reason), tombstone)?;
        Ok(Some(id))
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

impl Spool {
    /// Runs a small write that must not fail for want of room.
    pub(crate) fn with_ballast<T>(
        &self,
        mut write: impl FnMut() -> Result<T, SpoolError>,
    ) -> Result<T, SpoolError> {
        write()
    }
}
