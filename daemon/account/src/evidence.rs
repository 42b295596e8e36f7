//! What is known about a stretch of time: where there are media, where it is
//! known why there are none, where somebody watched live.

use lectern_api::LessonId;
use lectern_api::account::Cause;
use lectern_api::manifest::GapReason;

use crate::span::{Span, Spans};

/// A stretch that there are media of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// The recording that it lies in.
    pub recording: LessonId,
    /// When it was captured.
    pub span: Span,
}

/// A stretch in which nothing could be recorded, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// From when to when.
    pub span: Span,
    /// Why.
    pub cause: Cause,
}

/// Everything that is known. What of it lies outside of a lesson does not
/// matter to it; media outweigh every cause.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Of any recording, begun by the timetable or by hand.
    pub media: Vec<Media>,
    /// Of the journal and of the recordings' gaps; they may overlap.
    pub stretches: Vec<Stretch>,
    /// When at least one live target was sent to.
    pub live: Spans,
}

/// The cause that a gap of a recording stands for; nothing for one that lies
/// over media.
#[must_use]
pub fn cause_of_gap(reason: GapReason) -> Option<Cause> {
    Some(match reason {
        GapReason::NotRunning => Cause::NotRunning,
        GapReason::PipelineRestarted => Cause::PipelineDown,
        GapReason::SpoolTooSlow => Cause::DiskSlow,
        GapReason::SpoolRefused => Cause::DiskRefused,
        GapReason::Overload => return None,
        GapReason::Damaged => Cause::Damaged,
        GapReason::MadeWay => Cause::MadeWay,
        GapReason::Shutter => Cause::Shutter,
        GapReason::JoinedLate => Cause::OffOrClockUnknown,
    })
}
