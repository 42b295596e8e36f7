//! What a check can find, one type per kind, and in plain words.

use lectern_api::{Bytes, Name, Ticks};

/// One thing that is wrong with an archived lesson.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    /// The manifest was written by a newer version.
    #[error("the manifest has version {found}, which this program does not know; update it")]
    Version {
        /// The version it has.
        found: u32,
    },
    /// More may still come.
    #[error("the lesson is still open: it runs, or its upload is not finished")]
    Open,
    /// Neither media nor a gap that explains its absence.
    #[error("the manifest lists no media and no gap: nothing says what became of the lesson")]
    Nothing,
    /// Two tracks have one name.
    #[error("the track {track} is listed twice")]
    TrackTwice {
        /// The track.
        track: Name,
    },
    /// Two runs of a track have one number.
    #[error("run {run} of {track} is listed twice")]
    RunTwice {
        /// The track.
        track: Name,
        /// The run.
        run: u32,
    },
    /// A fragment needs a run that is not listed.
    #[error("fragment {seq} of {track} belongs to run {run}, which is not listed")]
    RunUnknown {
        /// The track.
        track: Name,
        /// The fragment.
        seq: u64,
        /// The run.
        run: u32,
    },
    /// A later fragment belongs to an earlier run.
    #[error("fragment {seq} of {track} goes back to run {run}")]
    RunBackwards {
        /// The track.
        track: Name,
        /// The fragment.
        seq: u64,
        /// The run.
        run: u32,
    },
    /// Fragments are not listed.
    #[error("{track} lacks {count} fragment(s) from number {first}")]
    SequenceHole {
        /// The track.
        track: Name,
        /// The first missing number.
        first: u64,
        /// How many are missing.
        count: u64,
    },
    /// A number comes again, or after a higher one.
    #[error("fragment {seq} of {track} is listed twice or out of order")]
    SequenceDouble {
        /// The track.
        track: Name,
        /// The number.
        seq: u64,
    },
    /// A path that leaves the lesson's folder or that no store could hold.
    #[error("{path:?} is not a path inside a lesson")]
    PathIllegal {
        /// The path as listed.
        path: String,
    },
    /// Two entries are one file.
    #[error("{path} is listed for two entries")]
    PathTwice {
        /// The path.
        path: String,
    },
    /// A file is not there.
    #[error("{path} is missing")]
    Missing {
        /// The path.
        path: String,
    },
    /// A file cannot be read.
    #[error("{path} cannot be read: {why}")]
    Unreadable {
        /// The path.
        path: String,
        /// What the store said.
        why: String,
    },
    /// A file is shorter or longer than listed.
    #[error("{path} has {found} bytes and should have {listed}")]
    Length {
        /// The path.
        path: String,
        /// Bytes as listed.
        listed: u64,
        /// Bytes there are.
        found: u64,
    },
    /// A file's content is not what was recorded.
    #[error("{path} is damaged: its content does not match its SHA-256")]
    Hash {
        /// The path.
        path: String,
    },
    /// A fragment of no length.
    #[error("fragment {seq} of {track} has no duration")]
    NoDuration {
        /// The track.
        track: Name,
        /// The fragment.
        seq: u64,
    },
    /// No media and no gap: silence about lost time.
    #[error("{track} has nothing from {} to {}, and no gap says why", at(from_90k), at(to_90k))]
    TimeHole {
        /// The track.
        track: Name,
        /// Begin.
        from_90k: Ticks,
        /// End.
        to_90k: Ticks,
    },
    /// Many holes, each shorter than a frame.
    #[error("{track} loses {:.1} s in holes that are shorter than a frame each", lost_90k.as_secs_f64())]
    TimeLost {
        /// The track.
        track: Name,
        /// Their sum.
        lost_90k: Ticks,
    },
    /// A fragment begins before the one in front of it ends.
    #[error("fragment {seq} of {track} begins {:.3} s before the end of an earlier one", by_90k.as_secs_f64())]
    TimeOverlap {
        /// The track.
        track: Name,
        /// The later fragment.
        seq: u64,
        /// By how much.
        by_90k: Ticks,
    },
    /// A gap that ends before it begins, or at once.
    #[error("a gap of {track} ends at {} and begins at {}", at(to_90k), at(from_90k))]
    GapBackwards {
        /// The track.
        track: Name,
        /// Begin.
        from_90k: Ticks,
        /// End.
        to_90k: Ticks,
    },
    /// Two gaps share time.
    #[error("two gaps of {track} overlap at {}", at(from_90k))]
    GapsOverlap {
        /// The track.
        track: Name,
        /// Begin of the later one.
        from_90k: Ticks,
    },
    /// A gap claims that nothing was recorded where something was.
    #[error("a gap of {track} at {} covers fragment {seq}, which was recorded", at(from_90k))]
    GapOverMedia {
        /// The track.
        track: Name,
        /// Begin of the gap.
        from_90k: Ticks,
        /// A fragment it covers.
        seq: u64,
    },
    /// A gap of a track that is not listed.
    #[error("a gap names the track {track}, which is not listed")]
    GapWithoutTrack {
        /// The track.
        track: Name,
    },
    /// The playlist is no playlist.
    #[error("index.m3u8 cannot be understood: {why}")]
    PlaylistDamaged {
        /// What is wrong.
        why: String,
    },
    /// The playlist does not say that it is complete.
    #[error("index.m3u8 has no end mark, so players wait for more")]
    PlaylistOpen,
    /// The playlist lacks a fragment.
    #[error("index.m3u8 does not list {path}")]
    PlaylistLacks {
        /// The fragment.
        path: String,
    },
    /// The playlist lists something the manifest does not, or twice.
    #[error("index.m3u8 lists {path:?} once too often")]
    PlaylistExtra {
        /// What it lists.
        path: String,
    },
    /// The same fragments in another order.
    #[error("index.m3u8 lists {path} out of order")]
    PlaylistOrder {
        /// The first one out of order.
        path: String,
    },
    /// A fragment is to be played with the wrong init segment.
    #[error("index.m3u8 plays {path} with the init segment of another run")]
    PlaylistMap {
        /// The fragment.
        path: String,
    },
    /// A duration in the playlist is wrong.
    #[error("index.m3u8 gives a wrong duration for {path}")]
    PlaylistDuration {
        /// The fragment.
        path: String,
    },
    /// The gaps in the playlist are not those of the manifest.
    #[error("index.m3u8 has {:.1} s of gaps and the manifest {:.1} s", listed_90k.as_secs_f64(), manifest_90k.as_secs_f64())]
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

/// `mm:ss.t` on the lesson's time line.
fn at(ticks: &Ticks) -> String {
    let tenths = ticks.0 / (Ticks::PER_SECOND / 10);
    format!("{:02}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
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
