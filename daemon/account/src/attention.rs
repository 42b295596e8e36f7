//! What somebody should take note of: lessons that were missed, and the newest
//! power cut that nobody expected. One absence is told once.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use lectern_api::account::{Account, AccountStatus, Cause, MissedLesson, Outcome, UnexpectedReboot};
use lectern_api::messages::account as messages;

use crate::habit::{Habit, Power, is_unexpected};
use crate::history::{History, Off};
use crate::span::{Span, Spans};
use crate::words;

/// So many lessons are told one by one.
const ONE_BY_ONE: usize = 3;
/// A power cut that cost no lesson is told for so long.
const TOLD: SignedDuration = SignedDuration::from_hours(3 * 24);
/// So many absences back a power cut is looked for.
const REMEMBERED: usize = 20;
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What attention is paid to.
#[derive(Debug)]
pub struct Concern<'a> {
    /// Settled accounts, and that of the running lesson, by time.
    pub accounts: &'a [Account],
    /// The journal.
    pub history: &'a History,
    /// What the configuration says about the mains.
    pub power: Power,
    /// Until when power cuts were taken note of.
    pub noted: Option<Timestamp>,
    /// The time zone of the box.
    pub zone: &'a TimeZone,
    /// Now.
    pub now: Timestamp,
}

/// What of it somebody should take note of.
#[must_use]
pub fn attention(concern: &Concern<'_>) -> AccountStatus {
    let unnoted = |account: &&Account| account.is_fault() && account.acknowledged.is_none();
    let missed: Vec<&Account> = concern.accounts.iter().filter(unnoted).collect();
    AccountStatus {
        missed: missed.iter().take(ONE_BY_ONE).map(|account| lesson(account)).collect(),
        missed_total: u32::try_from(missed.len()).unwrap_or(u32::MAX),
        missed_by_cause: by_cause(&missed),
        absent_days: absent_days(&missed, &concern.history.off),
        reboot: concern.history.off.iter().rev().take(REMEMBERED).find_map(|off| reboot(off, concern)),
    }
}

fn lesson(account: &Account) -> MissedLesson {
    MissedLesson {
        id: account.lesson.id.clone(),
        title: account.lesson.title(),
        date: account.lesson.date,
        slot: account.lesson.slot.clone(),
        reason: account.reason.clone(),
    }
}

/// By the cause that cost most of each lesson.
fn by_cause(missed: &[&Account]) -> Vec<(Cause, u32)> {
    let mut counts: BTreeMap<Cause, u32> = BTreeMap::new();
    for account in missed {
        let mut lengths: BTreeMap<Cause, f64> = BTreeMap::new();
        for missing in &account.missing {
            *lengths.entry(missing.cause).or_default() += missing.seconds();
        }
        let most = lengths.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        *counts.entry(most.map_or(Cause::Unknown, |(cause, _)| cause)).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(cause, count)| (std::cmp::Reverse(*count), *cause));
    counts
}

/// The days of the absence that all of them fell into, if it was one.
fn absent_days(missed: &[&Account], off: &[Off]) -> u32 {
    if missed.is_empty() {
        return 0;
    }
    let of = |account: &Account| Span { from: account.lesson.begin, until: account.lesson.end };
    let took_all = |off: &&Off| missed.iter().all(|account| off.span.and(&of(account)).is_some());
    let longest = off.iter().filter(took_all).map(|off| off.span.length()).max();
    let days = longest.filter(|length| *length >= DAY).map_or(0, |length| (length.as_hours() + 12) / 24);
    u32::try_from(days).unwrap_or(u32::MAX)
}

/// What a power cut cost, when nobody expected it or has taken note.
fn reboot(off: &Off, concern: &Concern<'_>) -> Option<UnexpectedReboot> {
    if concern.noted.is_some_and(|noted| off.span.until <= noted) {
        return None;
    }
    let owed = |account: &&Account| account.outcome != Outcome::NotOwed;
    let span = |account: &Account| Span { from: account.lesson.begin, until: account.lesson.end };
    let lessons: Vec<Span> = concern.accounts.iter().filter(owed).map(span).collect();
    let habit = Habit::learn(&concern.history.off, concern.history.since, off.span.from, concern.zone);
    if !is_unexpected(off, &lessons, concern.power, &habit, concern.zone) {
        return None;
    }
    let touched = concern.accounts.iter().filter(owed).filter(|a| span(a).and(&off.span).is_some());
    let mut hit = touched.filter_map(|account| Some((account, lacks(account, off)?)));
    let (from, until, text) = match hit.next() {
        // A lesson that is missing altogether is a fault of its own.
        Some((account, _)) if account.acknowledged.is_some() => return None,
        Some((account, lack)) => {
            let time = |at| words::local(at, concern.zone, false);
            let (from, until) = (time(lack.from), time(lack.until));
            (lack.from, lack.until, messages::reboot_in_lesson(account.lesson.title(), from, until))
        }
        None if concern.now.duration_since(off.span.until) > TOLD => return None,
        None => {
            let time = |at: Timestamp| at.to_zoned(concern.zone.clone()).strftime("%m-%d %H:%M").to_string();
            let Span { from, until } = off.span;
            (from, until, messages::reboot_between_lessons(time(from), time(until)))
        }
    };
    Some(UnexpectedReboot { from, until, text })
}

/// What a lesson lacks because of a power cut, from its last second before to
/// its first one after: with the start of the box, and its search for the time.
fn lacks(account: &Account, off: &Off) -> Option<Span> {
    let stretches = account.missing.iter().filter_map(|m| Span::new(m.from, m.until));
    let holes: Spans = stretches.collect();
    holes.iter().find(|hole| hole.and(&off.span).is_some()).copied()
}
