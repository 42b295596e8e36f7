//! What the book is made of, and what it is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use lectern_api::Text;
use lectern_api::timetable::{DayLessons, MakeupAnswer, Origin, Outcome, Version};
use lectern_timetable::Timetable;
use lectern_timetable::plan::Window;
use serde::{Deserialize, Serialize};

/// What is durable of the book beside the timetables themselves.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Record {
    /// In the order they were last offered, the oldest first.
    pub(crate) versions: Vec<Version>,
    /// The number of the newest version ever.
    pub(crate) newest: u32,
    /// Whose week is in force, and whose dates.
    pub(crate) week: Option<u32>,
    pub(crate) dates: Option<u32>,
    /// When the week came into force.
    pub(crate) since: Option<Timestamp>,
    /// The version that comes into force by itself.
    pub(crate) coming: Option<Coming>,
    /// The versions that wait for a person, one of a source at most.
    pub(crate) waiting: Vec<Waiting>,
    /// By day.
    pub(crate) answers: BTreeMap<Date, Answer>,
    /// What each source brought last, when it was taken: what somebody went
    /// back from does not come again by itself.
    pub(crate) taken: BTreeMap<String, Taken>,
    /// The lesson that ran when a person changed the timetable at once: it runs
    /// on as it was planned, over a restart too. Means nothing once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) runs_on: Option<Window>,
}

impl Record {
    /// The numbers of the versions that are not in force yet.
    pub(crate) fn to_come(&self) -> Vec<u32> {
        let coming = self.coming.iter().map(|coming| coming.number);
        coming.chain(self.waiting.iter().map(|waiting| waiting.number)).collect()
    }
}

/// A version and its first local day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Coming {
    pub(crate) number: u32,
    pub(crate) from: Date,
}

/// A version and why a person should look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) number: u32,
    pub(crate) doubts: Vec<Text>,
}

/// What was taken from a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Taken {
    /// SHA-256 of the bytes.
    pub(crate) raw_sha256: String,
    /// SHA-256 of the timetable in them.
    pub(crate) sha256: String,
}

/// What a person said about a make-up day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) said: MakeupAnswer,
    /// What the timetable said then. When it says something else later, it has
    /// been corrected since, and counts.
    pub(crate) over: Option<DayLessons>,
}

/// A timetable that was understood.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) timetable: Arc<Timetable>,
    /// The own form of it.
    pub(crate) text: Arc<str>,
    /// SHA-256 of the text.
    pub(crate) sha256: String,
    pub(crate) origin: Origin,
    /// SHA-256 of the bytes that it was read from.
    pub(crate) raw_sha256: String,
}

/// What the book is told of the world.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now<'r> {
    pub(crate) utc: Timestamp,
    /// The local day.
    pub(crate) today: Date,
    /// The room of this box.
    pub(crate) room: Option<&'r str>,
}

/// A timetable that is kept, by the SHA-256 of its text.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) text: Arc<str>,
    pub(crate) timetable: Arc<Timetable>,
}

/// What became of a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) outcome: Outcome,
    pub(crate) number: u32,
    /// Whether its dates are in force.
    pub(crate) dates_now: bool,
}

impl Verdict {
    pub(super) fn of_nothing(number: u32) -> Self {
        Self { outcome: Outcome::Unchanged, number, dates_now: false }
    }
}
