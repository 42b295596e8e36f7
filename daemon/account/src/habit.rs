//! When the mains are usually off: many schools switch them off every evening
//! and for the holidays, and that is no fault. A power cut that touches a
//! planned lesson is one, whatever is usual.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::history::Off;
use crate::span::{Span, Spans};

/// Quarters of an hour of a day.
const QUARTERS: usize = 96;
/// So many days are looked back: three of each weekday.
const DAYS: i32 = 21;
/// So much earlier than usual is usual too: four quarters.
const EARLY: usize = 4;
/// Nobody teaches and nobody has switched the mains on for so long: a holiday.
const HOLIDAY: SignedDuration = SignedDuration::from_hours(24);
/// The school is in use from so long before its first lesson.
const BEFORE_SCHOOL: SignedDuration = SignedDuration::from_hours(1);

/// What the configuration says about the mains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Power {
    /// Whatever the last three weeks show.
    #[default]
    Learned,
    /// Off outside of school hours, by the timetable.
    Evenings,
    /// Never off.
    Always,
}

impl Power {
    /// `learned`, `evenings`, `always`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "learned" => Some(Self::Learned),
            "evenings" => Some(Self::Evenings),
            "always" => Some(Self::Always),
            _ => None,
        }
    }
}

/// When the mains are usually off, by weekday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habit {
    /// From Monday on; nothing where too little is known.
    off: [Option<[bool; QUARTERS]>; 7],
}

/// What of a day was seen.
#[derive(Debug, Clone)]
struct Day {
    weekday: usize,
    off: [bool; QUARTERS],
}

impl Habit {
    /// What is usual before a moment, by the three weeks before its day. `since`
    /// is when the journal begins: days before it say nothing.
    #[must_use]
    pub fn learn(off: &[Off], since: Option<Timestamp>, before: Timestamp, zone: &TimeZone) -> Self {
        let off: Spans = off.iter().map(|off| off.span).collect();
        let mut date = before.to_zoned(zone.clone()).date();
        let mut days: Vec<Day> = Vec::new();
        for _ in 0..DAYS {
            let Ok(day) = date.yesterday() else { break };
            date = day;
            let known = since.zip(start_of(date, zone)).is_some_and(|(since, start)| since <= start);
            if !known {
                break;
            }
            days.extend(seen(date, &off, zone));
        }
        Self { off: std::array::from_fn(|weekday| usual(&days, weekday)) }
    }

    /// Whether the mains are usually off at a moment, or soon will be. Nothing
    /// when too little is known of its weekday.
    #[must_use]
    pub fn is_usual(&self, at: Timestamp, zone: &TimeZone) -> Option<bool> {
        let local = at.to_zoned(zone.clone()).datetime();
        let (weekday, quarter) = (weekday(local.date()), quarter(local.time()));
        let today = self.off[weekday]?;
        let tomorrow = self.off[(weekday + 1) % 7].unwrap_or(today);
        Some((quarter..=quarter + EARLY).any(|quarter| match quarter.checked_sub(QUARTERS) {
            None => today[quarter],
            Some(quarter) => tomorrow[quarter],
        }))
    }

    /// From when to when the mains are usually on, where they are off in the
    /// morning and in the evening; 1 for Monday.
    #[must_use]
    pub fn hours(&self, weekday: u8) -> Option<(Time, Time)> {
        let off = self.off.get(usize::from(weekday).checked_sub(1)?)?.as_ref()?;
        let on = off.iter().position(|off| !off).filter(|quarter| *quarter > 0)?;
        let last = off.iter().rposition(|off| !off).filter(|quarter| *quarter + 1 < QUARTERS)?;
        Some((time_of(on)?, time_of(last + 1)?))
    }
}

/// Whether a power cut is one that nobody expected. `lessons` are those that
/// were owed, at least of the days that the stretch lies in.
#[must_use]
pub fn is_unexpected(off: &Off, lessons: &[Span], power: Power, habit: &Habit, zone: &TimeZone) -> bool {
    if !off.is_power_cut() {
        return false;
    }
    if lessons.iter().any(|lesson| lesson.and(&off.span).is_some()) {
        return true;
    }
    let in_school = || in_school_hours(off.span.from, lessons, zone);
    match power {
        Power::Always => true,
        _ if off.span.length() >= HOLIDAY => false,
        Power::Evenings => in_school(),
        Power::Learned => habit.is_usual(off.span.from, zone).map_or_else(in_school, |usual| !usual),
    }
}

/// Whether the day's first lesson is near and its last one not over.
fn in_school_hours(at: Timestamp, lessons: &[Span], zone: &TimeZone) -> bool {
    let date = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let today = || lessons.iter().filter(|lesson| date(lesson.from) == date(at));
    let first = today().map(|lesson| lesson.from).min();
    let last = today().map(|lesson| lesson.until).max();
    let opens = first.and_then(|first| first.checked_sub(BEFORE_SCHOOL).ok());
    opens.zip(last).is_some_and(|(opens, closes)| opens <= at && at < closes)
}

fn start_of(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible().ok()
}

fn weekday(date: Date) -> usize {
    usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0)
}

fn quarter(time: Time) -> usize {
    usize::try_from(i32::from(time.hour()) * 4 + i32::from(time.minute()) / 15).unwrap_or(0)
}

fn time_of(quarter: usize) -> Option<Time> {
    let hour = i8::try_from(quarter / 4).ok()?;
    Time::new(hour, i8::try_from(quarter % 4).ok()? * 15, 0, 0).ok()
}

/// A day by quarters, each by its middle.
fn seen(date: Date, off: &Spans, zone: &TimeZone) -> Option<Day> {
    let start = start_of(date, zone)?;
    let all_day = off.within(&Span::new(start, start_of(date.tomorrow().ok()?, zone)?)?);
    let is_off = |quarter: usize| {
        let middle = time_of(quarter)?.saturating_add(jiff::Span::new().minutes(7));
        let at = zone.to_ambiguous_timestamp(date.to_datetime(middle)).compatible().ok()?;
        all_day.iter().any(|span| span.from <= at && at < span.until).then_some(())
    };
    Some(Day { weekday: weekday(date), off: std::array::from_fn(|quarter| is_off(quarter).is_some()) })
}

/// By most of the same weekday; where fewer than two were seen, by most of at
/// least three of the school days, or of the other days.
fn usual(days: &[Day], weekday: usize) -> Option<[bool; QUARTERS]> {
    let same: Vec<&Day> = days.iter().filter(|day| day.weekday == weekday).collect();
    let alike: Vec<&Day> = days.iter().filter(|day| (day.weekday < 5) == (weekday < 5)).collect();
    let days = match (same.len(), alike.len()) {
        (2.., _) => same,
        (_, 3..) => alike,
        _ => return None,
    };
    let often = |quarter: usize| days.iter().filter(|day| day.off[quarter]).count() * 2 > days.len();
    Some(std::array::from_fn(often))
}
