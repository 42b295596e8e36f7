//! What the spool tells about a lesson, its tracks and its runs.

use lectern_api::lessons::{DeletionRequest, Hold};
use lectern_api::manifest::{Anchor, Deletion, LessonInfo, ManifestState, Run};
use lectern_api::{Bytes, Name, Ticks};

/// A lesson.
#[derive(Debug, Clone, PartialEq)]
pub struct LessonRecord {
    /// What it is; `until` is set once it has ended.
    pub info: LessonInfo,
    /// Whether more may come, or it was let go or deleted.
    pub state: ManifestState,
    /// Whether its media are gone from this disk, for whatever reason.
    pub removed: bool,
    /// Somebody wants it deleted; an administrator decides.
    pub deletion_request: Option<DeletionRequest>,
    /// It must not go, by anybody or by age.
    pub hold: Option<Hold>,
    /// Who let it go or deleted it, and why; absent when it was lost.
    pub deletion: Option<Deletion>,
    /// Fragments over all tracks, damaged ones included.
    pub fragments: u64,
    /// Media of the longest track, without gaps.
    pub recorded_90k: Ticks,
    /// Gaps of the track that has most of them.
    pub gap_90k: Ticks,
    /// Payload over all tracks, without what was damaged.
    pub bytes: Bytes,
}

/// A track of a lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackRecord {
    /// Its name.
    pub name: Name,
    /// The number of the newest fragment; 0 when there is none.
    pub last_seq: u64,
    /// Media, without gaps.
    pub recorded_90k: Ticks,
    /// Without media. Gaps that overlap count twice.
    pub gap_90k: Ticks,
    /// Payload, without what was damaged.
    pub bytes: Bytes,
    /// Where the newest fragment or gap ends.
    pub end_90k: Ticks,
}

/// One start of the record pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// Counts from 1 within the lesson.
    pub run: u32,
    /// The track it belongs to.
    pub track: Name,
    /// RFC 6381 codecs.
    pub codecs: String,
    /// SHA-256 of the init segment, lower-case hex.
    pub init_sha256: String,
    /// Size of the init segment.
    pub init_bytes: u64,
    /// Where the time line touches wall time, in order.
    pub anchors: Vec<Anchor>,
}

impl RunRecord {
    /// As a manifest lists it whose init segment lies at `init`.
    #[must_use]
    pub fn listed(self, init: String) -> Run {
        let Self { run, track, codecs, init_sha256, init_bytes, anchors } = self;
        Run { run, track, init, init_sha256, init_bytes, codecs, anchors }
    }
}
