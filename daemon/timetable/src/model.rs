//! What a school writes down: term, bells, classes, lessons, free days.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use lectern_api::{Text, messages::timetable as words};

use crate::MAX_WEEKS;
use crate::hours::{Hours, Slot};
use crate::overrides::Overrides;
use crate::weeks::Weeks;

/// The timetable of one school for one term.
#[derive(Debug, Clone, PartialEq)]
pub struct Timetable {
    /// The school's name; may be empty.
    pub school: String,
    /// Where the bells ring.
    pub time_zone: TimeZone,
    /// The room of lessons and classes that name none.
    pub room: Option<String>,
    /// First and last day.
    pub term: Term,
    /// In the order of the file: of those that apply, the last one rings.
    pub bells: Vec<Bell>,
    /// Grades and home rooms.
    pub classes: Vec<Class>,
    /// What is taught in an ordinary week.
    pub lessons: Vec<Lesson>,
    /// Days without lessons.
    pub holidays: Vec<Holiday>,
    /// Days with another day's lessons.
    pub makeups: Vec<Makeup>,
    /// Dated changes.
    pub overrides: Overrides,
}

impl Timetable {
    /// A term without lessons, in Asia/Shanghai where that zone is known.
    #[must_use]
    pub fn new(term: Term) -> Self {
        Self {
            school: String::new(),
            time_zone: TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC),
            room: None,
            term,
            bells: Vec::new(),
            classes: Vec::new(),
            lessons: Vec::new(),
            holidays: Vec::new(),
            makeups: Vec::new(),
            overrides: Overrides::default(),
        }
    }

    /// A class by its name.
    #[must_use]
    pub fn class(&self, name: Option<&str>) -> Option<&Class> {
        self.classes.iter().find(|class| Some(class.name.as_str()) == name)
    }

    /// The room of a lesson: its own, else its class's, else the school's only
    /// one.
    #[must_use]
    pub fn room_of<'a>(&'a self, room: Option<&'a str>, class: Option<&str>) -> Option<&'a str> {
        room.or_else(|| self.class(class)?.room.as_deref()).or(self.room.as_deref())
    }

    /// The bells that ring for a grade on a date.
    #[must_use]
    pub fn bell(&self, date: Date, grade: Option<u8>) -> Option<&Bell> {
        self.bells.iter().rev().find(|bell| bell.rings(date, grade))
    }

    /// The hours of a slot for a grade on a date.
    #[must_use]
    pub fn hours(&self, date: Date, grade: Option<u8>, slot: Slot) -> Option<Hours> {
        match slot {
            Slot::Hours(hours) => Some(hours),
            Slot::Periods { .. } => self.bell(date, grade)?.hours(slot),
        }
    }

    /// Every room that a lesson is in, sorted.
    #[must_use]
    pub fn rooms(&self) -> Vec<&str> {
        let of_lessons = self.lessons.iter().map(|l| self.room_of(l.room.as_deref(), l.class.as_deref()));
        let of_moves = self.overrides.moves.iter().map(|m| m.to_room.as_deref());
        let of_extras =
            self.overrides.extras.iter().map(|e| self.room_of(e.room.as_deref(), e.class.as_deref()));
        let mut rooms: Vec<&str> = of_lessons.chain(of_moves).chain(of_extras).flatten().collect();
        rooms.sort_unstable();
        rooms.dedup();
        rooms
    }
}

/// The term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// `2026—2027学年第一学期`; may be empty.
    pub name: String,
    /// The Monday of week 1.
    pub monday: Date,
    /// The last day.
    pub end: Date,
}

impl Term {
    /// Whether a date lies in the term.
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        self.monday <= date && date <= self.end
    }

    /// The number of the week that a date lies in. Weeks begin on Mondays.
    #[must_use]
    pub fn week_of(&self, date: Date) -> Option<u8> {
        let days = date.since(self.monday).ok()?.get_days();
        (self.contains(date)).then_some(())?;
        u8::try_from(days / 7 + 1).ok().filter(|week| *week <= MAX_WEEKS)
    }

    /// The number of the last week.
    #[must_use]
    pub fn weeks(&self) -> u8 {
        self.week_of(self.end).unwrap_or(0)
    }

    /// Every day of it.
    pub fn days(&self) -> impl Iterator<Item = Date> + use<> {
        days(self.monday, self.end)
    }
}

/// Every day from one to another, both included.
pub(crate) fn days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |date| date.tomorrow().ok()).take_while(move |date| *date <= to)
}

/// 1 for Monday … 7 for Sunday.
#[must_use]
pub fn weekday_of(date: Date) -> u8 {
    match date.weekday() {
        Weekday::Monday => 1,
        Weekday::Tuesday => 2,
        Weekday::Wednesday => 3,
        Weekday::Thursday => 4,
        Weekday::Friday => 5,
        Weekday::Saturday => 6,
        Weekday::Sunday => 7,
    }
}

/// The name of a weekday, 1 for Monday.
#[must_use]
pub fn weekday_text(weekday: u8) -> Text {
    match weekday {
        1 => words::monday(),
        2 => words::tuesday(),
        3 => words::wednesday(),
        4 => words::thursday(),
        5 => words::friday(),
        6 => words::saturday(),
        _ => words::sunday(),
    }
}

/// When the bells ring, for some grades in some part of the year.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bell {
    /// `冬季作息`; may be empty.
    pub name: String,
    /// Grades 1–12; empty for all, and for lessons whose grade is not known.
    pub grades: Vec<u8>,
    /// The first day, if not the term's.
    pub from: Option<Date>,
    /// The last day, if not the term's.
    pub to: Option<Date>,
    /// A part of every year.
    pub season: Option<Season>,
    /// The hours of each period.
    pub periods: BTreeMap<u8, Hours>,
}

impl Bell {
    /// Whether these bells are for a grade on a date.
    #[must_use]
    pub fn rings(&self, date: Date, grade: Option<u8>) -> bool {
        let of_grade = self.grades.is_empty() || grade.is_some_and(|grade| self.grades.contains(&grade));
        let in_range = self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date <= to);
        of_grade && in_range && self.season.is_none_or(|season| season.contains(date))
    }

    /// The hours of a slot by these bells.
    #[must_use]
    pub fn hours(&self, slot: Slot) -> Option<Hours> {
        match slot {
            Slot::Hours(hours) => Some(hours),
            Slot::Periods { first, last } => {
                Hours::new(self.periods.get(&first)?.begin(), self.periods.get(&last)?.end())
            }
        }
    }
}

/// A part of every year, over the year's end when it ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Season {
    /// The first day.
    pub from: MonthDay,
    /// The last day.
    pub to: MonthDay,
}

impl Season {
    /// Whether a date lies in it.
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        let day = MonthDay { month: date.month(), day: date.day() };
        if self.from <= self.to {
            self.from <= day && day <= self.to
        } else {
            self.from <= day || day <= self.to
        }
    }

    /// Reads `10-01..04-30`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once("..")?;
        Some(Self { from: MonthDay::parse(from)?, to: MonthDay::parse(to)? })
    }
}

impl std::fmt::Display for Season {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}-{:02}..{:02}-{:02}", from.month, from.day, to.month, to.day)
    }
}

/// A day of every year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MonthDay {
    /// 1–12
    pub month: i8,
    /// 1–31; 29 February too.
    pub day: i8,
}

impl MonthDay {
    fn parse(text: &str) -> Option<Self> {
        let (month, day) = text.trim().split_once('-')?;
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        // A leap year has every day that there is.
        Date::new(2024, month, day).ok().map(|_| Self { month, day })
    }
}

/// A class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// `三(2)班`
    pub name: String,
    /// 1–12: 7 is 初一, 10 is 高一.
    pub grade: u8,
    /// Its home room.
    pub room: Option<String>,
}

/// A lesson of the ordinary week.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lesson {
    /// 1 for Monday … 7 for Sunday.
    pub weekday: u8,
    /// When on this day.
    pub slot: Slot,
    /// Which weeks of the term.
    pub weeks: Weeks,
    /// Who is taught.
    pub class: Option<String>,
    /// What is taught.
    pub subject: String,
    /// Who teaches.
    pub teacher: Option<String>,
    /// Where, if not in the class's home room.
    pub room: Option<String>,
}

/// Days without lessons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// `国庆节`
    pub name: String,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

/// A day off that is worked, for a holiday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Makeup {
    /// The day, most often a Saturday or Sunday.
    pub date: Date,
    /// The holiday that it makes up for.
    pub name: String,
    /// Whose lessons; until somebody has said so, none are planned.
    pub follows: Option<Follows>,
}

/// Whose lessons a make-up day has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// Those of a weekday, in the week that the make-up day lies in.
    Weekday(u8),
    /// Those that another date would have had, its weekday and its week.
    Date(Date),
    /// None: the school does not teach on this day.
    Nothing,
}
