//! Which timetable is in force, which is to come, and why. Pure: whoever holds
//! the book tells it what was found and what day it is, and makes it durable.
//!
//! A version has two parts. Its *week* (term, zone, bells, classes, lessons,
//! the room of the file) comes into force on the next local day, or when a
//! person confirms it. Its *dates* (holidays, make-up days, dated changes) come
//! into force at once, laid over whatever week is in force, where they fit it:
//! a substitution for today has to work today. A doubtful version and one from
//! a USB stick wait as a whole for a person, for ever.

mod decisions;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use lectern_api::messages::book as words;
use lectern_api::timetable::{Origin, OriginKind, Outcome, Version};
use lectern_timetable::Timetable;
use lectern_timetable::plan::Window;

use super::compose::{self, composed, same_week};
use super::gate;
use super::record::{Candidate, Coming, Kept, Now, Record, Taken, Verdict, Waiting};

/// So many versions are kept.
pub(crate) const KEPT: usize = 10;
/// Answers about days that are over for longer are forgotten.
const ANSWERS_KEPT_DAYS: i64 = 60;

/// The book.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book {
    record: Record,
    kept: BTreeMap<String, Kept>,
}

impl Book {
    /// What was read back. A version whose timetable is lost is none; when it
    /// was in force, the newest other one is.
    pub(crate) fn restored(mut record: Record, kept: BTreeMap<String, Kept>) -> Self {
        record.versions.retain(|version| kept.contains_key(&version.sha256));
        let numbers: Vec<u32> = record.versions.iter().map(|version| version.number).collect();
        let known = |number: &u32| numbers.contains(number);
        record.coming = record.coming.filter(|coming| known(&coming.number));
        record.waiting.retain(|waiting| known(&waiting.number));
        record.newest = record.newest.max(numbers.iter().copied().max().unwrap_or(0));
        if record.week.is_some_and(|number| !known(&number)) {
            let to_come = record.to_come();
            record.week = numbers.iter().rev().copied().find(|number| !to_come.contains(number));
        }
        record.dates = record.dates.filter(known).or(record.week).filter(|_| record.week.is_some());
        Self { record, kept }
    }

    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    pub(crate) fn texts(&self) -> &BTreeMap<String, Kept> {
        &self.kept
    }

    pub(crate) fn version(&self, number: u32) -> Option<&Version> {
        self.record.versions.iter().find(|version| version.number == number)
    }

    fn timetable(&self, number: u32) -> Option<&Arc<Timetable>> {
        self.version(number).and_then(|version| self.kept.get(&version.sha256)).map(|kept| &kept.timetable)
    }

    /// The timetable in force: a week, dates, and what people said about
    /// make-up days.
    pub(crate) fn in_force(&self) -> Option<Arc<Timetable>> {
        let week = self.timetable(self.record.week?)?;
        let dates = self.record.dates.and_then(|number| self.timetable(number)).unwrap_or(week);
        Some(composed(week, dates, &self.record.answers))
    }

    /// What a file that is not a whole timetable is read on top of: the version
    /// that is to come by itself, else the one in force.
    pub(crate) fn base(&self) -> Option<Arc<Timetable>> {
        self.timetable(self.record.coming.as_ref().map(|coming| coming.number).or(self.record.dates)?)
            .cloned()
    }

    /// Whether a source brought these bytes before and they were taken.
    pub(crate) fn knows(&self, origin: &Origin, raw_sha256: &str) -> bool {
        self.record.taken.get(&source_key(origin)).is_some_and(|taken| taken.raw_sha256 == raw_sha256)
    }

    /// A timetable was found. The same one again changes nothing.
    pub(crate) fn offer(&mut self, candidate: &Candidate, now: Now<'_>) -> Verdict {
        let source = source_key(&candidate.origin);
        if candidate.origin.kind != OriginKind::Push {
            let taken = Taken { raw_sha256: candidate.raw_sha256.clone(), sha256: candidate.sha256.clone() };
            let former = self.record.taken.insert(source.clone(), taken);
            if former.is_some_and(|former| former.sha256 == candidate.sha256) {
                return self.standing(&candidate.sha256).unwrap_or(Verdict::of_nothing(self.record.newest));
            }
        }
        // What a source brings takes the place of what it brought before.
        let of_source = |number: u32| self.version(number).is_some_and(|v| source_key(&v.origin) == source);
        let replaced = self.record.waiting.iter().position(|waiting| of_source(waiting.number));
        let is_to_come = self
            .standing(&candidate.sha256)
            .filter(|verdict| matches!(verdict.outcome, Outcome::Waits | Outcome::FromLaterDay));
        if let Some(verdict) = is_to_come {
            return verdict;
        }
        if let Some(replaced) = replaced {
            self.record.waiting.remove(replaced);
        }
        let week = self.record.week.and_then(|week| self.version(week));
        if let Some(number) = week.filter(|week| week.sha256 == candidate.sha256).map(|week| week.number) {
            if candidate.origin.kind == OriginKind::Stick {
                // Who put it in may want to take back what is to come, or may not.
                return Verdict {
                    dates_now: self.record.dates == Some(number),
                    ..Verdict::of_nothing(number)
                };
            }
            // Whoever brings the one in force takes back what was to come.
            let was_whole = self.record.dates == Some(number) && self.record.coming.is_none();
            self.record.coming = None;
            self.record.dates = Some(number);
            let outcome = if was_whole { Outcome::Unchanged } else { Outcome::InForce };
            return Verdict { outcome, number, dates_now: true };
        }
        let number = self.enter(candidate, now.utc);
        let verdict = self.judge(candidate, number, now);
        self.forget_old(now.today);
        verdict
    }

    /// How a version stands that is kept.
    fn standing(&self, sha256: &str) -> Option<Verdict> {
        let number = self.record.versions.iter().find(|version| version.sha256 == *sha256)?.number;
        let Record { week, dates, coming, waiting, .. } = &self.record;
        let outcome = if waiting.iter().any(|waiting| waiting.number == number) {
            Outcome::Waits
        } else if coming.as_ref().is_some_and(|coming| coming.number == number) {
            Outcome::FromLaterDay
        } else {
            Outcome::Unchanged
        };
        let dates_now = *dates == Some(number) || (*week == Some(number) && dates.is_none());
        Some(Verdict { outcome, number, dates_now })
    }

    /// Keeps a version; one that is kept already is the newest again.
    fn enter(&mut self, candidate: &Candidate, now: Timestamp) -> u32 {
        let known = self.record.versions.iter().position(|version| version.sha256 == candidate.sha256);
        let version = match known {
            Some(at) => {
                let former = self.record.versions.remove(at);
                Version { origin: candidate.origin.clone(), received: now, confirmed_by: None, ..former }
            }
            None => {
                self.record.newest += 1;
                Version {
                    number: self.record.newest,
                    sha256: candidate.sha256.clone(),
                    origin: candidate.origin.clone(),
                    received: now,
                    lessons: u32::try_from(candidate.timetable.lessons.len()).unwrap_or(u32::MAX),
                    confirmed_by: None,
                }
            }
        };
        let number = version.number;
        self.record.versions.push(version);
        let kept = Kept { text: Arc::clone(&candidate.text), timetable: Arc::clone(&candidate.timetable) };
        self.kept.insert(candidate.sha256.clone(), kept);
        number
    }

    fn judge(&mut self, candidate: &Candidate, number: u32, now: Now<'_>) -> Verdict {
        let week = self.record.week.and_then(|week| self.timetable(week)).cloned();
        let mut doubts = Vec::new();
        if candidate.origin.kind == OriginKind::Stick {
            doubts.push(words::doubt_stick(&candidate.origin.place));
        }
        if let Some(former) = self.base() {
            doubts.extend(gate::doubts(&former, &candidate.timetable, now.room));
        }
        if !doubts.is_empty() {
            self.record.waiting.push(Waiting { number, doubts });
            return Verdict { outcome: Outcome::Waits, number, dates_now: false };
        }
        let Some(week) = week.filter(|week| !same_week(week, &candidate.timetable)) else {
            // The first one of this box, or only its dates are others.
            self.put_in_force(number, now.utc);
            return Verdict { outcome: Outcome::InForce, number, dates_now: true };
        };
        self.record.coming = Some(Coming { number, from: next_day(now.today) });
        let dates_now = compose::fits(&week, &candidate.timetable, &self.record.answers);
        if dates_now {
            self.record.dates = Some(number);
        }
        Verdict { outcome: Outcome::FromLaterDay, number, dates_now }
    }

    fn put_in_force(&mut self, number: u32, now: Timestamp) {
        self.record.week = Some(number);
        self.record.dates = Some(number);
        self.record.since = Some(now);
        self.record.coming = None;
        self.record.waiting.retain(|waiting| waiting.number != number);
    }

    /// A person changes what is in force: what runs then runs on as planned.
    pub(crate) fn let_run_on(&mut self, running: Option<Window>) {
        self.record.runs_on = running;
    }

    /// The day may have turned.
    pub(crate) fn turn_day(&mut self, now: Now<'_>) {
        if let Some(coming) = self.record.coming.take_if(|coming| coming.from <= now.today) {
            self.put_in_force(coming.number, now.utc);
        }
    }

    /// The clock was set, and what comes tomorrow was dated by the wrong day.
    pub(crate) fn come_tomorrow(&mut self, today: Date) {
        if let Some(coming) = &mut self.record.coming {
            coming.from = next_day(today);
        }
    }

    /// The last ten stay, and whatever is in force or to come.
    fn forget_old(&mut self, today: Date) {
        let mut needed = self.record.to_come();
        needed.extend(self.record.week);
        needed.extend(self.record.dates);
        while self.record.versions.len() > KEPT {
            let oldest = self.record.versions.iter().position(|v| !needed.contains(&v.number));
            match oldest {
                Some(at) => drop(self.record.versions.remove(at)),
                None => break,
            }
        }
        let versions = &self.record.versions;
        self.kept.retain(|sha256, _| versions.iter().any(|version| version.sha256 == *sha256));
        let long_ago = today.saturating_sub(jiff::Span::new().days(ANSWERS_KEPT_DAYS));
        self.record.answers.retain(|date, _| *date >= long_ago);
    }
}

fn next_day(today: Date) -> Date {
    today.tomorrow().unwrap_or(today)
}

/// One for each place that files come from; all sticks are one.
fn source_key(origin: &Origin) -> String {
    match origin.kind {
        OriginKind::File | OriginKind::Web => origin.place.clone(),
        OriginKind::Stick => "stick".to_owned(),
        OriginKind::Push => "push".to_owned(),
    }
}

#[cfg(test)]
mod tests;
