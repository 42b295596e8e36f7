//! What a check can find, one type per kind, and in plain words.

use lectern_api::manifest::Deletion;
use lectern_api::{Bytes, Name, Ticks};

use crate::signature::PublicKey;

/// One thing that is wrong with an archived lesson.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// The manifest was written by a newer version.
    Version {
        /// The version it has.
        found: u32,
    },
    /// More of something than any lesson has: nothing of it is checked.
    Absurd {
        /// `tracks` or `runs`.
        what: &'static str,
        /// How many.
        listed: usize,
        /// How many there may be.
        limit: usize,
    },
    /// It was deleted on purpose; nothing was lost.
    Deleted {
        /// When, by whom and why.
        deletion: Deletion,
    },
    /// A closed lesson without a signature.
    Unsigned,
    /// The signature does not hold: something in the manifest was changed.
    Altered,
    /// Another box, or somebody else, made it.
    OtherKey {
        /// The key it was signed with.
        found: PublicKey,
        /// The key that was expected.
        expected: PublicKey,
    },
    /// A part of the ledger that cannot be read.
    LedgerDamaged {
        /// Its path.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// More may still come.
    Open,
    /// Neither media nor a gap that explains its absence.
    Nothing,
    /// Two tracks have one name.
    TrackTwice {
        /// The track.
        track: Name,
    },
    /// Two runs of a track have one number.
    RunTwice {
        /// The track.
        track: Name,
        /// The run.
        run: u32,
    },
    /// A fragment needs a run that is not listed.
    RunUnknown {
        /// The track.
        track: Name,
        /// The fragment.
        seq: u64,
        /// The run.
        run: u32,
    },
    /// A later fragment belongs to an earlier run.
    RunBackwards {
        /// The track.
        track: Name,
        /// The fragment.
        seq: u64,
        /// The run.
        run: u32,
    },
    /// Fragments are not listed.
    SequenceHole {
        /// The track.
        track: Name,
        /// The first missing number.
        first: u64,
        /// How many are missing.
        count: u64,
    },
    /// A number comes again, or after a higher one.
    SequenceDouble {
        /// The track.
        track: Name,
        /// The number.
        seq: u64,
    },
    /// A path that leaves the lesson's folder or that no store could hold.
    PathIllegal {
        /// The path as listed.
        path: String,
    },
    /// Two entries are one file.
    PathTwice {
        /// The path.
        path: String,
    },
    /// A file is not there.
    Missing {
        /// The path.
        path: String,
    },
    /// A file cannot be read.
    Unreadable {
        /// The path.
        path: String,
        /// What the store said.
        why: String,
    },
    /// A file is shorter or longer than listed.
    Length {
        /// The path.
        path: String,
        /// Bytes as listed.
        listed: u64,
        /// Bytes there are.
        found: u64,
    },
    /// A file's content is not what was recorded.
    Hash {
        /// The path.
        path: String,
    },
    /// A fragment of no length.
    NoDuration {
        /// The track.
        track: Name,
        /// The fragment.
        seq: u64,
    },
    /// No media and no gap: silence about lost time.
    TimeHole {
        /// The track.
        track: Name,
        /// Begin.
        from_90k: Ticks,
        /// End.
        to_90k: Ticks,
    },
    /// Many holes, each shorter than a frame.
    TimeLost {
        /// The track.
        track: Name,
        /// Their sum.
        lost_90k: Ticks,
    },
    /// A fragment begins before the one in front of it ends.
    TimeOverlap {
        /// The track.
        track: Name,
        /// The later fragment.
        seq: u64,
        /// By how much.
        by_90k: Ticks,
    },
    /// A gap that ends before it begins, or at once.
    GapBackwards {
        /// The track.
        track: Name,
        /// Begin.
        from_90k: Ticks,
        /// End.
        to_90k: Ticks,
    },
    /// Two gaps share time.
    GapsOverlap {
        /// The track.
        track: Name,
        /// Begin of the later one.
        from_90k: Ticks,
    },
    /// A gap claims that nothing was recorded where something was.
    GapOverMedia {
        /// The track.
        track: Name,
        /// Begin of the gap.
        from_90k: Ticks,
        /// A fragment it covers.
        seq: u64,
    },
    /// A gap of a track that is not listed.
    GapWithoutTrack {
        /// The track.
        track: Name,
    },
    /// The playlist is no playlist.
    PlaylistDamaged {
        /// What is wrong.
        why: String,
    },
    /// The playlist does not say that it is complete.
    PlaylistOpen,
    /// The playlist lacks a fragment.
    PlaylistLacks {
        /// The fragment.
        path: String,
    },
    /// The playlist lists something the manifest does not, or twice.
    PlaylistExtra {
        /// What it lists.
        path: String,
    },
    /// The same fragments in another order.
    PlaylistOrder {
        /// The first one out of order.
        path: String,
    },
    /// A fragment is to be played with the wrong init segment.
    PlaylistMap {
        /// The fragment.
        path: String,
    },
    /// A duration in the playlist is wrong.
    PlaylistDuration {
        /// The fragment.
        path: String,
    },
    /// The gaps in the playlist are not those of the manifest.
    PlaylistGaps {
        /// Their sum in the playlist.
        listed_90k: Ticks,
        /// Their sum in the manifest.
        manifest_90k: Ticks,
    },
}

impl Problem {
    /// Whether it is only that the lesson still runs: more is to come, and the
    /// playlist may be behind or ahead of the manifest by what came in between.
    #[must_use]
    pub fn is_of_growth(&self) -> bool {
        matches!(
            self,
            Self::Open | Self::PlaylistOpen | Self::PlaylistLacks { .. } | Self::PlaylistExtra { .. }
        )
    }
}

/// What a check found out.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The lesson.
    pub lesson: lectern_api::LessonId,
    /// Fragments listed, over all tracks.
    pub fragments: u64,
    /// Bytes that were read and hashed.
    pub bytes: Bytes,
    /// Media of the main track.
    pub recorded: Ticks,
    /// Gaps of the main track.
    pub gaps: Ticks,
    /// Whose signature holds.
    pub signed_by: Option<PublicKey>,
    /// Whether that was compared with a key from elsewhere.
    pub compared: bool,
    /// What is wrong, in the order it was found.
    pub problems: Vec<Problem>,
    /// Problems beyond [`MAX_PROBLEMS`](super::MAX_PROBLEMS), only counted.
    pub omitted: u64,
}

impl Report {
    /// Whether the lesson is proven complete. Gaps are allowed: they are facts
    /// with a reason.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.problems.is_empty()
    }
}
