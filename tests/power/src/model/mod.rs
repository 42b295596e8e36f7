//! What a process was told to be durable, and nothing else. The lines that it
//! writes ([`Mark`]) are folded into a [`Model`]; what one of them leaves open
//! may be there or not.

mod facts;
mod fold;
mod mark;
mod payload;

use std::collections::BTreeMap;

use lectern_api::manifest::{Gap, LessonInfo, Trigger};
use lectern_api::{LessonId, Name, Ticks};
use serde::{Deserialize, Serialize};

pub use facts::{Facts, changes};
pub use mark::{Mark, Op, Spoil};
pub use payload::payload;

/// The archive that acknowledges.
#[must_use]
pub fn archive() -> Name {
    name("district")
}

/// A name that is known to be one.
///
/// # Panics
/// When it is not.
#[must_use]
pub fn name(text: &str) -> Name {
    Name::new(text).unwrap_or_else(|e| panic!("{text} is no name: {e}"))
}

/// A fragment that was acknowledged, or tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fragment {
    /// The run it belongs to.
    pub run: u32,
    /// Its payload, see [`payload()`].
    pub seed: u64,
    /// Its size.
    pub bytes: usize,
    /// Begin.
    pub pts_90k: Ticks,
    /// Length.
    pub duration_90k: Ticks,
}

/// A run that was begun, or tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its track.
    pub track: Name,
    /// Its init segment, see [`payload()`].
    pub seed: u64,
    /// Size of the init segment.
    pub bytes: usize,
}

/// A track.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Acknowledged, in order of their numbers.
    pub fragments: Vec<Fragment>,
    /// Tried since the last one that was acknowledged: one may be there.
    pub maybe: Vec<Fragment>,
    /// The highest number that the archive surely has, and the highest it may have.
    pub archived: (u64, u64),
}

/// A lesson.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// In order of their numbers.
    pub runs: Vec<Run>,
    /// Tried since the last one that stood.
    pub maybe_runs: Vec<Run>,
    /// By name.
    pub tracks: BTreeMap<Name, Track>,
    /// Committed gaps.
    pub gaps: Vec<Gap>,
    /// Recorded gaps that no commit followed.
    pub maybe_gaps: Vec<Gap>,
    /// Whether it ended.
    pub closed: bool,
    /// Whether the archive has finished it.
    pub finished: bool,
    /// Whether its media were let go.
    pub removed: bool,
}

/// Everything that was acknowledged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// By number.
    pub lessons: BTreeMap<usize, Lesson>,
    /// What was begun and not answered.
    pub pending: Option<Op>,
    /// Whether the spool was open once: from then on it is never fresh.
    pub born: bool,
    /// Whether the index was destroyed on purpose since it was last open.
    pub index_lost: bool,
    /// What the store alone holds.
    #[serde(default)]
    pub facts: Facts,
    /// Counts payloads, so that no two are alike.
    pub seeds: u64,
}

/// The id of a lesson.
///
/// # Panics
/// Never: the text is an id.
#[must_use]
pub fn id(number: usize) -> LessonId {
    LessonId::new(format!("lesson-{number}")).unwrap_or_else(|e| panic!("{e}"))
}

/// A lesson as it is begun.
#[must_use]
pub fn info(number: usize) -> LessonInfo {
    let since = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(496_000 + number as i64);
    LessonInfo {
        id: id(number),
        title: format!("语文 {number}"),
        date: jiff::civil::date(2026, 9, 21),
        since,
        until: None,
        planned_until: None,
        trigger: Trigger::Hand,
        planned: None,
    }
}
