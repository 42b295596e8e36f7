//! What opening the spool found and mended.

use std::path::PathBuf;

use lectern_api::manifest::Gap;
use lectern_api::{LessonId, Name};
use lectern_store::Opened;

/// What opening found. Nothing in it needs an answer; all of it deserves a
/// fault or a line in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenReport {
    /// How the index's database was.
    pub index: Opened,
    /// Whether the index was made anew from the segments. True also when
    /// `index` is [`Opened::Fresh`]: there were segments, so there was an index.
    pub rebuilt: bool,
    /// Lessons that only the segments knew.
    pub recovered_lessons: Vec<LessonId>,
    /// Fragments that only the segments knew.
    pub recovered_fragments: u64,
    /// Frames cut short by the end of the process or the power; they were
    /// never acknowledged.
    pub torn_frames: u64,
    /// Media that was acknowledged once and is not readable any more.
    pub damaged: Vec<(LessonId, Gap)>,
    /// Whole frames, by lesson, track and number, whose number is so far behind
    /// all others that it cannot be true. They are not in the index.
    pub foreign_frames: Vec<(LessonId, Name, u64)>,
    /// Segments that the index knows and that are not on the disk.
    pub missing_segments: Vec<PathBuf>,
    /// Segment files without a readable lesson; set aside with the ending
    /// `.damaged`, still counted against the quota.
    pub unreadable_segments: Vec<PathBuf>,
    /// Segment files whose creation or removal had been cut short; removed.
    pub leftover_segments: u64,
    /// Lessons of which something was encrypted with another device key. They
    /// cannot be read here, and nothing of them is damaged.
    pub locked_lessons: Vec<LessonId>,
    /// Lessons that looked open after a rebuild and were closed, because a
    /// newer one is open.
    pub closed_by_rebuild: Vec<LessonId>,
}

impl OpenReport {
    pub(crate) fn new(index: Opened) -> Self {
        Self {
            index,
            rebuilt: false,
            recovered_lessons: Vec::new(),
            recovered_fragments: 0,
            torn_frames: 0,
            damaged: Vec::new(),
            foreign_frames: Vec::new(),
            missing_segments: Vec::new(),
            unreadable_segments: Vec::new(),
            leftover_segments: 0,
            locked_lessons: Vec::new(),
            closed_by_rebuild: Vec::new(),
        }
    }

    /// Whether something that was durable once is lost: media, or facts.
    #[must_use]
    pub fn lost_something(&self) -> bool {
        self.lost_facts() || self.lost_media()
    }

    /// Whether facts that no segment repeats are gone, or may be: what archives
    /// have acknowledged is then offered to them again.
    #[must_use]
    pub fn lost_facts(&self) -> bool {
        self.rebuilt || self.index.lost_something()
    }

    /// Whether media that was acknowledged, or may have been, cannot be read.
    #[must_use]
    pub fn lost_media(&self) -> bool {
        !self.damaged.is_empty()
            || !self.foreign_frames.is_empty()
            || !self.missing_segments.is_empty()
            || !self.unreadable_segments.is_empty()
    }
}
