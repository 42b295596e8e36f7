//! What was decided about lessons as a whole: wished away, kept, held, let go,
//! deleted. One line each in `<spool>/decisions.jsonl`, which outlives the
//! index: what is gone on purpose must never look like damage, come back, or
//! be forgotten in a store. `<spool>/audit.jsonl` says the same for people.

mod opening;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::Timestamp;
use lectern_api::lessons::{DeletionRequest, Hold};
use lectern_api::manifest::{Deletion, LessonInfo, Trigger};
use lectern_api::{LessonId, Name, Ticks};
use serde::{Deserialize, Serialize};

use crate::SpoolError;
use crate::facts::TrackFacts;
use crate::journal::Journal;

/// Why a lesson's media are not on this disk any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Gone {
    /// 按申请删除: here and in every store.
    OnRequest,
    /// Older than the configuration keeps lessons.
    ByAge,
    /// The disk was full, and every archive has it.
    ForRoom,
    /// The disk was full, and no archive has it: a loss, and a gap says so.
    MadeWay,
}

/// Behind what an archive has, everything of a track is lost.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Lost {
    /// An archive has everything up to this number.
    pub(crate) kept_seq: u64,
    /// Where that ends.
    pub(crate) from_90k: Ticks,
}

/// All that stays of a lesson. It has no title: a title may name a person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tombstone {
    pub(crate) why: Gone,
    pub(crate) date: jiff::civil::Date,
    pub(crate) since: Timestamp,
    pub(crate) until: Option<Timestamp>,
    pub(crate) trigger: Trigger,
    /// The archives that have all of it.
    pub(crate) archived: BTreeSet<Name>,
    /// The archives that may have something of it.
    pub(crate) stores: BTreeSet<Name>,
    /// How much there was; empty after a deletion on request.
    pub(crate) tracks: Vec<TrackFacts>,
    /// By track, what of it is lost; only of a lesson that made way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) lost: Vec<Lost>,
    /// Of a lesson that was deleted on request, each track's last number: what
    /// an archive that cannot list has to look for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) numbers: Vec<(Name, u64)>,
    /// How many runs it had.
    #[serde(default)]
    pub(crate) runs: u32,
    /// The epochs of its segments. None of them is ever used again.
    pub(crate) segments: BTreeSet<u64>,
}

impl Tombstone {
    pub(crate) fn info(&self, id: &LessonId) -> LessonInfo {
        LessonInfo {
            id: id.clone(),
            title: String::new(),
            date: self.date,
            since: self.since,
            until: self.until,
            planned_until: None,
            trigger: self.trigger,
            planned: None,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum What {
    /// Somebody wants it deleted.
    Requested,
    /// That wish is taken back or refused.
    Kept,
    Held,
    Released,
    Gone(Tombstone),
    /// An archive has nothing of it any more.
    Cleaned {
        archive: Name,
    },
    /// It made way, and an archive's manifest says what is lost of it.
    Told {
        archive: Name,
    },
}

/// A line of `decisions.jsonl`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Decision {
    /// Counts from 1.
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
    pub(crate) by: String,
    pub(crate) lesson: LessonId,
    pub(crate) reason: String,
    #[serde(flatten)]
    pub(crate) what: What,
}

impl Decision {
    /// As a lesson's record and manifest tell it. What made way was not
    /// deleted: it was lost, and its gap says so.
    pub(crate) fn deletion(&self, tombstone: &Tombstone) -> Option<Deletion> {
        (tombstone.why != Gone::MadeWay).then(|| Deletion {
            at: self.at,
            by: self.by.clone(),
            reason: self.reason.clone(),
        })
    }

    fn audit_line(&self) -> AuditLine<'_> {
        let what = match &self.what {
            What::Requested => "deletion_requested",
            What::Kept => "kept",
            What::Held => "held",
            What::Released => "released",
            What::Gone(tombstone) => match tombstone.why {
                Gone::OnRequest => "deleted",
                Gone::ByAge => "let_go_by_age",
                Gone::ForRoom => "let_go_for_room",
                Gone::MadeWay => "made_way",
            },
            What::Cleaned { .. } => "store_cleaned",
            What::Told { .. } => "store_told",
        };
        let store = match &self.what {
            What::Cleaned { archive } | What::Told { archive } => Some(archive),
            _ => None,
        };
        let (number, at) = (self.number, self.at);
        AuditLine { number, at, by: &self.by, what, lesson: &self.lesson, reason: &self.reason, store }
    }
}

/// A line of `audit.jsonl`.
#[derive(Serialize)]
struct AuditLine<'a> {
    number: u64,
    at: Timestamp,
    by: &'a str,
    what: &'a str,
    lesson: &'a LessonId,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'a Name>,
}

/// Every decision that still means something.
#[derive(Debug)]
pub(crate) struct Decisions {
    journal: Journal,
    audit: Journal,
    /// Decided, and not in the audit's file yet: it could not be written.
    unaudited: Vec<String>,
    last_number: u64,
    /// The file in which decisions lie that nobody can read. While there is
    /// one, any lesson may be held.
    pub(crate) unreadable: Option<PathBuf>,
    pub(crate) requests: BTreeMap<LessonId, DeletionRequest>,
    pub(crate) holds: BTreeMap<LessonId, Hold>,
    /// By lesson, each a [`What::Gone`].
    pub(crate) gone: BTreeMap<LessonId, (Decision, Tombstone)>,
    cleaned: BTreeSet<(LessonId, Name)>,
    told: BTreeSet<(LessonId, Name)>,
}

impl Decisions {
    /// Makes a decision durable. It stands from then on, whatever fails later.
    pub(crate) fn record(
        &mut self,
        at: Timestamp,
        by: &str,
        lesson: &LessonId,
        reason: &str,
        what: What,
    ) -> Result<Decision, SpoolError> {
        let number = self.last_number + 1;
        let (by, lesson, reason) = (by.to_owned(), lesson.clone(), reason.to_owned());
        let decision = Decision { number, at, by, lesson, reason, what };
        self.journal.append(&line_of(&decision))?;
        self.unaudited.push(line_of(&decision.audit_line()));
        self.apply(decision.clone());
        self.write_audit();
        Ok(decision)
    }

    /// To be asked before an answer that rests on an earlier decision.
    pub(crate) fn settle(&mut self) -> Result<(), SpoolError> {
        self.journal.settle()
    }

    /// What cannot be written now is written with the next decision or at the
    /// next opening: the numbers tell what is missing.
    pub(crate) fn write_audit(&mut self) {
        while let Some(line) = self.unaudited.first() {
            if let Err(error) = self.audit.append(line) {
                tracing::error!("{error}; the audit's file lacks {} lines for now", self.unaudited.len());
                return;
            }
            self.unaudited.remove(0);
        }
    }

    fn apply(&mut self, decision: Decision) {
        self.last_number = self.last_number.max(decision.number);
        let (lesson, at, by) = (decision.lesson.clone(), decision.at, decision.by.clone());
        let reason = decision.reason.clone();
        match &decision.what {
            What::Requested => drop(self.requests.insert(lesson, DeletionRequest { at, by, reason })),
            What::Kept => drop(self.requests.remove(&lesson)),
            What::Held => drop(self.holds.insert(lesson, Hold { since: at, by, reason })),
            What::Released => drop(self.holds.remove(&lesson)),
            What::Gone(tombstone) => {
                // A lesson that was let go can still be deleted.
                let mut tombstone = tombstone.clone();
                if let Some((_, former)) = self.gone.get(&lesson) {
                    tombstone.segments.extend(&former.segments);
                }
                if tombstone.why == Gone::OnRequest {
                    self.requests.remove(&lesson);
                }
                self.gone.insert(lesson, (decision, tombstone));
            }
            What::Cleaned { archive } => drop(self.cleaned.insert((lesson, archive.clone()))),
            What::Told { archive } => drop(self.told.insert((lesson, archive.clone()))),
        }
    }

    /// The lessons that made way and of which an archive's manifest does not say
    /// so yet.
    pub(crate) fn untold(&self, archive: &Name) -> impl Iterator<Item = &(Decision, Tombstone)> {
        self.gone.values().filter(move |(decision, tombstone)| {
            tombstone.why == Gone::MadeWay
                && tombstone.stores.contains(archive)
                && !tombstone.archived.contains(archive)
                && !self.told.contains(&(decision.lesson.clone(), archive.clone()))
        })
    }

    /// The lessons deleted on request that an archive may still have something of.
    pub(crate) fn uncleaned(&self, archive: &Name) -> impl Iterator<Item = &(Decision, Tombstone)> {
        self.gone.values().filter(move |(decision, tombstone)| {
            tombstone.why == Gone::OnRequest
                && tombstone.stores.contains(archive)
                && !self.cleaned.contains(&(decision.lesson.clone(), archive.clone()))
        })
    }
}

/// Our own types have string keys and finite numbers: they always encode.
fn line_of<T: Serialize>(line: &T) -> String {
    serde_json::to_string(line).unwrap_or_default()
}
