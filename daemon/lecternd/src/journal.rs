//! What happened to the box itself, in the order in which it happened: starts,
//! ends, jumps of the clock. Whoever asks why a lesson is missing finds here
//! whether the box was on, and whether it knew the time.
//!
//! Keys are `NNNNNNNNNNNN`, a number that only grows: the wall clock may say
//! anything when something happens, the order is certain. What was written
//! while nobody knew the time is dated when somebody does, by the time that
//! passed in between ([`Journal::diary`]).

mod diary;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_api::account::Cause;
use lectern_api::{Clock, TimeSource, Verdict};
use serde::{Deserialize, Serialize};

use crate::facts::{Facts, FactsError, JOURNAL};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum Entry {
    /// The daemon started.
    Started {
        /// Which start of the machine this is, counted from 1 since the facts
        /// began.
        boots: u64,
        /// The daemon was ended and started while the machine ran on.
        same_boot: bool,
        /// Whether it had been told to end; otherwise the power went, or it
        /// crashed.
        clean: bool,
        /// When the box is known to have been alive before, to about 5 min.
        last_alive: Option<Timestamp>,
    },
    /// The daemon was told to end.
    Stopped,
    /// The box's time stepped.
    ClockJumped {
        /// What it would have been.
        from: Timestamp,
        /// What it is.
        to: Timestamp,
    },
    /// Somebody set the system's clock; the box's own time went on as it was.
    SystemClockJumped {
        /// What the system said, or would have said.
        from: Timestamp,
        /// What it says.
        to: Timestamp,
    },
    /// From here on the time is believed.
    ClockBelieved,
    /// From here on it is not certain, or not known, any more.
    ClockDoubted {
        /// Which of the two.
        verdict: Verdict,
    },
    /// From here on lessons are not recorded, and why.
    Began {
        /// Why.
        cause: Cause,
        /// When it ends by itself.
        until: Option<Timestamp>,
    },
    /// It ended.
    Ended {
        /// What.
        cause: Cause,
    },
    /// Written by a newer version.
    #[serde(other)]
    Other,
}

/// An entry with its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// When, by the best that was known.
    pub(crate) at: Timestamp,
    /// Who vouched for that.
    pub(crate) source: TimeSource,
    /// Whether it is known at all. Where it is [`Verdict::Unknown`], `at` is
    /// only good for the order.
    pub(crate) verdict: Verdict,
    /// How long the daemon had been running, by the monotonic clock.
    pub(crate) running_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub(crate) entry: Entry,
}

/// Longer than any term's account is asked for.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// Whatever the clock does: 400 days of 25 entries, about 3 MB.
const MOST: usize = 10_000;

/// The journal. Every call blocks on the disk.
#[derive(Debug)]
pub(crate) struct Journal {
    facts: Arc<Facts>,
    clock: Arc<dyn Clock>,
    /// The number of the next entry; nothing before the first one is written.
    next: Mutex<Option<u64>>,
}

impl Journal {
    /// A journal that goes on behind the newest entry.
    pub(crate) fn new(facts: Arc<Facts>, clock: Arc<dyn Clock>) -> Self {
        Self { facts, clock, next: Mutex::default() }
    }

    /// Adds what happened just now, durably.
    pub(crate) fn append(&self, entry: Entry) -> Result<(), FactsError> {
        self.write(&self.record(entry))
    }

    /// Dates what happened just now, for [`Self::write`]. The only call that
    /// does not wait for the disk.
    pub(crate) fn record(&self, entry: Entry) -> Record {
        let trust = self.clock.trust();
        let running_ms = u64::try_from(self.clock.monotonic().as_millis()).unwrap_or(u64::MAX);
        let at = self.clock.utc();
        Record { at, source: trust.source, verdict: trust.verdict, running_ms, entry }
    }

    /// Adds it, durably.
    pub(crate) fn write(&self, record: &Record) -> Result<(), FactsError> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let number = match *next {
            Some(number) => number,
            None => read(&self.facts)?.last().map_or(0, |(number, _)| number + 1),
        };
        self.facts.put(JOURNAL, &Facts::numbered(number), record)?;
        *next = Some(number + 1);
        Ok(())
    }

    /// All of it, the oldest first, dated as well as is known today.
    #[cfg(test)]
    pub(crate) fn records(&self) -> Result<Vec<Record>, FactsError> {
        let mut records: Vec<Record> = read(&self.facts)?.into_iter().map(|(_, record)| record).collect();
        date(&mut records);
        Ok(records)
    }

    /// Takes away what is too old by a clock that is believed, and what is too
    /// much by any.
    pub(crate) fn thin_out(&self) -> Result<(), FactsError> {
        let all = read(&self.facts)?;
        let believed = self.clock.trust().verdict == Verdict::Believed;
        let limit = self.clock.utc().checked_sub(KEPT).ok().filter(|_| believed);
        let old = |(_, record): &(u64, Record)| {
            record.verdict.rings() && limit.is_some_and(|limit| record.at < limit)
        };
        // What is undated goes with the dated entries behind it.
        let aged = all.iter().rposition(old).map_or(0, |newest| newest + 1);
        let gone = aged.max(all.len().saturating_sub(MOST));
        all[..gone].iter().try_for_each(|(number, _)| self.facts.delete(JOURNAL, &Facts::numbered(*number)))
    }
}

fn read(facts: &Facts) -> Result<Vec<(u64, Record)>, FactsError> {
    let found = facts.scan::<serde_json::Value>(JOURNAL, "", "", usize::MAX)?;
    // What a newer version wrote in another form is passed over.
    let known = |(key, value): (String, _)| Some((key.parse().ok()?, serde_json::from_value(value).ok()?));
    Ok(found.into_iter().filter_map(known).collect())
}

/// Dates entries of unknown time by the next one of the same start whose time
/// is known; the verdict on it is [`Verdict::Unsure`] then.
fn date(records: &mut [Record]) {
    let mut known: Option<(Timestamp, u64, TimeSource)> = None;
    for record in records.iter_mut().rev() {
        if record.verdict.rings() {
            known = Some((record.at, record.running_ms, record.source));
        } else if let Some((at, running_ms, source)) = known
            && let Some(passed) = running_ms.checked_sub(record.running_ms)
            && let Ok(at) = at.checked_sub(Duration::from_millis(passed))
        {
            (record.at, record.source, record.verdict) = (at, source, Verdict::Unsure);
        }
        if matches!(record.entry, Entry::Started { .. }) {
            known = None;
        }
    }
}

#[cfg(test)]
mod tests;
