//! What the box says about the room on its disk.

use serde::{Deserialize, Serialize};

use crate::{Bytes, LessonId, Name};

/// The answer of `/api/v1/spool`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpoolRoom {
    /// What everything of the spool takes on the disk, the ballast included.
    pub used_bytes: Bytes,
    /// What it may take.
    pub quota_bytes: Bytes,
    /// What recordings may still take: free now, or taken by lessons that may go.
    pub free_bytes: Bytes,
    /// What of `free_bytes` lessons take that may go.
    pub reclaimable_bytes: Bytes,
    /// Seconds of recording that fit into `free_bytes`.
    pub free_s: f64,
    /// What of `used_bytes` is the index.
    pub index_bytes: Bytes,
    /// What of `used_bytes` is ballast; 0 while it is given up, because the disk
    /// is or was full.
    pub ballast_bytes: Bytes,
    /// Whether the ballast is given up.
    pub ballast_given_up: bool,
    /// What each archive lacks still.
    pub pending: Vec<PendingUpload>,
    /// Lessons that must not go.
    pub held: Vec<LessonId>,
    /// Lessons that made way although no archive had all of them.
    pub made_way: Vec<LostLesson>,
    /// Why facts are not on the disk yet, in English, when they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index_error: Option<String>,
}

/// What an archive lacks still.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PendingUpload {
    /// The archive.
    pub archive: Name,
    /// Seconds of media.
    pub pending_s: f64,
    /// The same in bytes.
    pub pending_bytes: Bytes,
}

/// A lesson that made way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostLesson {
    /// Which.
    pub lesson: LessonId,
    /// When, UTC.
    pub at: jiff::Timestamp,
}
