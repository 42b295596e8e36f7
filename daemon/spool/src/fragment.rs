//! A fragment as it is handed in, and as it is kept.

use lectern_api::{LessonId, Name, Ticks};

/// A fragment to append.
#[derive(Debug, Clone, Copy)]
pub struct NewFragment<'a> {
    /// The lesson, which must be open.
    pub lesson: &'a LessonId,
    /// The track of the run.
    pub track: &'a Name,
    /// The run that [`crate::Spool::begin_run`] gave.
    pub run: u32,
    /// Begin on the lesson's time line.
    pub pts_90k: Ticks,
    /// Length.
    pub duration_90k: Ticks,
    /// The bytes, 1 B to 1 GiB.
    pub payload: &'a [u8],
}

/// Whether a fragment's bytes can be read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FragmentState {
    /// They are on this disk.
    Held,
    /// They were let go after archiving.
    Removed,
    /// They were found damaged or missing; a gap covers them.
    Damaged,
}

/// A fragment in the spool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFragment {
    /// Counts from 1 within the lesson and track, without holes.
    pub seq: u64,
    /// The run whose init segment it needs.
    pub run: u32,
    /// Begin on the lesson's time line.
    pub pts_90k: Ticks,
    /// Length.
    pub duration_90k: Ticks,
    /// Size of the payload.
    pub bytes: u64,
    /// SHA-256 of the payload, lower-case hex; all zeros for a damaged
    /// fragment whose header is lost too.
    pub sha256: String,
    /// Whether it can be read.
    pub state: FragmentState,
}
