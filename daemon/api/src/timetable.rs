//! What the box says about its timetable, and what it is told.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{LessonId, Text};

/// How a timetable came to the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OriginKind {
    /// From the file of the configuration.
    File,
    /// From the URL of the configuration.
    Web,
    /// From a USB stick.
    Stick,
    /// Somebody sent it.
    Push,
}

/// Where a timetable came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// How.
    pub kind: OriginKind,
    /// The path, the URL without its secrets, or who sent it.
    pub place: String,
}

/// One timetable that the box keeps. The last ten are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Counts up, on this box.
    pub number: u32,
    /// SHA-256 of what it says, 64 hex digits: the same on every box.
    pub sha256: String,
    /// Where it came from.
    pub origin: Origin,
    /// When it came, UTC.
    pub received: Timestamp,
    /// Lessons of the ordinary week.
    pub lessons: u32,
    /// Who confirmed it or went back to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<String>,
}

/// A timetable that is to come into force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingVersion {
    /// Which.
    pub version: Version,
    /// From which local day by itself; null when it waits for a person.
    pub from: Option<Date>,
    /// Why it waits for a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Text>,
}

/// A file that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedFile {
    /// Where it came from.
    pub origin: Origin,
    /// When, UTC.
    pub at: Timestamp,
    /// Each mistake with line, field, cause and remedy; the first twenty.
    pub mistakes: Vec<Text>,
}

/// A make-up day that nobody has said the lessons of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenMakeup {
    /// The day.
    pub date: Date,
    /// The holiday that it makes up for.
    pub name: String,
    /// 0 is today.
    pub in_days: u32,
}

/// The timetable at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TimetableStatus {
    /// Whether the configuration names one.
    pub configured: bool,
    /// The room that this box stands in, by the timetable; null when it cannot
    /// be told.
    pub room: Option<String>,
    /// The rooms of the timetable, where this box's cannot be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<String>,
    /// The one in force: its ordinary week.
    pub in_force: Option<Version>,
    /// Since when, UTC.
    pub since: Option<Timestamp>,
    /// The version that holidays, make-up days and dated changes are of, when
    /// it is a newer one: its week comes into force later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates_of: Option<u32>,
    /// Those to come: the one that comes by itself, then those that wait for a
    /// person.
    pub pending: Vec<PendingVersion>,
    /// The last file that was not taken, until its source brings another.
    pub refused: Option<RefusedFile>,
    /// Why its source cannot be read at the moment.
    pub trouble: Option<Text>,
    /// Make-up days of today and the next three days without lessons.
    pub ambiguous: Vec<OpenMakeup>,
}

/// Everything about the timetable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimetableReport {
    /// At a glance.
    #[serde(flatten)]
    pub status: TimetableStatus,
    /// Every version that is kept, by number.
    pub versions: Vec<Version>,
    /// What people said about make-up days.
    pub makeups: Vec<MakeupAnswer>,
}

/// What somebody said about a make-up day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MakeupAnswer {
    /// The day.
    pub date: Date,
    /// Whose lessons it has.
    pub follows: DayLessons,
    /// Who said so.
    pub by: String,
    /// When, UTC.
    pub at: Timestamp,
}

/// Whose lessons a day has: `monday` … `sunday`, a date, or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DayLessons {
    /// Those of a weekday, 1 for Monday … 7 for Sunday.
    Weekday(u8),
    /// Those that another date would have had.
    Date(Date),
    /// None.
    Nothing,
}

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const WEEKDAYS_ZH: [&str; 7] = ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"];

/// Not whose lessons a day has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not say whose lessons the day has; write monday … sunday, a date, or none")]
pub struct NotDayLessons(String);

impl FromStr for DayLessons {
    type Err = NotDayLessons;

    fn from_str(text: &str) -> Result<Self, NotDayLessons> {
        let plain = text.trim().to_lowercase();
        let zh = |day: &&str| plain == **day || plain.replace('周', "星期") == **day;
        let named = WEEKDAYS.iter().position(|day| plain == *day).or_else(|| WEEKDAYS_ZH.iter().position(zh));
        let number = plain.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < 7);
        match (named.or(number), plain.as_str()) {
            (Some(index), _) => Ok(Self::Weekday(u8::try_from(index + 1).unwrap_or(7))),
            (None, "none" | "nothing" | "不上课") => Ok(Self::Nothing),
            (None, date) => date.parse().map(Self::Date).map_err(|_| NotDayLessons(text.to_owned())),
        }
    }
}

impl TryFrom<String> for DayLessons {
    type Error = NotDayLessons;
    fn try_from(text: String) -> Result<Self, NotDayLessons> {
        text.parse()
    }
}

impl From<DayLessons> for String {
    fn from(lessons: DayLessons) -> String {
        lessons.to_string()
    }
}

impl fmt::Display for DayLessons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weekday(day) => f.write_str(WEEKDAYS[usize::from(day.clamp(&1, &7) - 1)]),
            Self::Date(date) => date.fmt(f),
            Self::Nothing => f.write_str("none"),
        }
    }
}

/// What became of a timetable that somebody sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pushed {
    /// What.
    pub outcome: Outcome,
    /// The version that it is.
    pub version: Version,
    /// From which local day its week is in force by itself.
    pub from: Option<Date>,
    /// Whether its holidays, make-up days and dated changes are in force now.
    pub dates_now: bool,
    /// Why it waits for a person.
    pub doubts: Vec<Text>,
    /// What of the file was left out, and why.
    pub ignored: Vec<Text>,
    /// What deserves a word.
    pub notices: Vec<Text>,
}

/// What became of a timetable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It says what the one in force says.
    Unchanged,
    /// It is in force.
    InForce,
    /// Its week comes into force by itself on a later day.
    FromLaterDay,
    /// It waits for a person.
    Waits,
}

/// Which version is meant; the pending one where none is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WhichVersion {
    /// Its number.
    #[serde(default)]
    pub version: Option<u32>,
}

/// An answer to the question whose lessons a make-up day has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetMakeup {
    /// The day.
    pub date: Date,
    /// Whose lessons it has.
    pub follows: DayLessons,
}

/// What is planned in this room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanReport {
    /// What today is in the school.
    pub today: Date,
    /// Every day asked for.
    pub days: Vec<PlanDay>,
    /// What is going on now, and why.
    pub now: Text,
}

/// One day of one room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDay {
    /// The room.
    pub room: String,
    /// The day.
    pub date: Date,
    /// The week of the term.
    pub week: Option<u8>,
    /// What is planned, by time.
    pub lessons: Vec<PlanEntry>,
    /// Why nothing is planned.
    pub empty: Option<Text>,
    /// What was to be here and is not.
    pub not_held: Vec<NotHeld>,
}

/// A lesson that was to be and is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotHeld {
    /// When it was to be.
    pub slot: Text,
    /// What was to be taught.
    pub subject: String,
    /// Why it is not.
    pub why: Text,
}

/// A lesson of a day's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanEntry {
    /// The same after a re-import and after a dated change.
    pub id: LessonId,
    /// When it is held.
    pub date: Date,
    /// Which period, or hours.
    pub slot: Text,
    /// Local hours, `08:20-09:00`.
    pub hours: String,
    /// The bell that begins it, UTC.
    pub begin: Timestamp,
    /// The bell that ends it, UTC.
    pub end: Timestamp,
    /// Who is taught.
    pub class: Option<String>,
    /// The class's grade, 1–12.
    pub grade: Option<u8>,
    /// What is taught.
    pub subject: String,
    /// Who teaches.
    pub teacher: Option<String>,
    /// Who would have taught, when somebody stands in.
    pub instead_of: Option<String>,
    /// Where.
    pub room: Option<String>,
    /// Why it is not as in the ordinary week.
    pub change: Option<PlanChange>,
}

/// How a lesson came to where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanChange {
    /// Moved from there.
    Moved(PlanPlace),
    /// Swapped with another, from there.
    Swapped(PlanPlace),
    /// Only on this date.
    Extra,
}

/// A date, a slot and a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanPlace {
    /// The date.
    pub date: Date,
    /// The slot on it.
    pub slot: Text,
    /// The room, where it is known.
    pub room: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_lessons_a_day_has_is_read_as_people_say_it_and_written_one_way() {
        for (said, written) in [
            ("Friday", "friday"),
            ("5", "friday"),
            ("星期五", "friday"),
            ("周五", "friday"),
            ("none", "none"),
            ("不上课", "none"),
            ("2026-10-08", "2026-10-08"),
        ] {
            assert_eq!(said.parse::<DayLessons>().unwrap().to_string(), written, "{said}");
        }
        for bad in ["", "0", "8", "freitag", "2026-13-01"] {
            assert!(bad.parse::<DayLessons>().is_err(), "{bad}");
        }
    }
}
