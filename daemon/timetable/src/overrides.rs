//! Dated changes. None of them edits a lesson of the ordinary week: they are
//! laid over it, each names the lesson where the ordinary week has it, and so
//! their order means nothing.

use jiff::civil::{Date, DateTime};

use crate::hours::Slot;
use crate::model::{Lesson, Timetable};

/// All dated changes of a timetable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overrides {
    /// Lessons that are not held.
    pub cancels: Vec<Cancel>,
    /// Lessons at another date, time or place.
    pub moves: Vec<Move>,
    /// Pairs that change places.
    pub swaps: Vec<Swap>,
    /// Lessons with another teacher.
    pub substitutes: Vec<Substitute>,
    /// Lessons that the ordinary week does not have.
    pub extras: Vec<Extra>,
    /// Exams.
    pub exams: Vec<Exam>,
    /// Times in which the whole school does nothing.
    pub suspends: Vec<Suspend>,
}

/// Which lessons of a date are meant: all that agree with what is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// The date that the ordinary week has them on.
    pub date: Date,
    /// When; every lesson of the day if nothing is given.
    pub slot: Option<Slot>,
    /// Of which class.
    pub class: Option<String>,
    /// In which room.
    pub room: Option<String>,
    /// Of which teacher.
    pub teacher: Option<String>,
}

impl Pick {
    /// Whether a lesson that the ordinary week has on the pick's date is meant.
    #[must_use]
    pub fn takes(&self, lesson: &Lesson, timetable: &Timetable) -> bool {
        let agrees = |wanted: &Option<String>, is: Option<&str>| wanted.is_none() || wanted.as_deref() == is;
        self.slot.is_none_or(|slot| slot.meets(&lesson.slot))
            && agrees(&self.class, lesson.class.as_deref())
            && agrees(&self.teacher, lesson.teacher.as_deref())
            && agrees(&self.room, timetable.room_of(lesson.room.as_deref(), lesson.class.as_deref()))
    }

    /// Whether anything but the time is given.
    #[must_use]
    pub fn names_somebody(&self) -> bool {
        self.class.is_some() || self.room.is_some() || self.teacher.is_some()
    }
}

/// A lesson is not held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancel {
    /// Which.
    pub pick: Pick,
    /// Why, for people.
    pub reason: Option<String>,
}

/// A lesson is held elsewhere or at another time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Which; exactly one.
    pub pick: Pick,
    /// To which date.
    pub to_date: Option<Date>,
    /// To which time.
    pub to_slot: Option<Slot>,
    /// To which room.
    pub to_room: Option<String>,
    /// Why, for people.
    pub reason: Option<String>,
}

/// Two lessons change date and time; each keeps its class, teacher and room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swap {
    /// The one; exactly one.
    pub pick: Pick,
    /// The other; exactly one, as long as the first.
    pub with: Pick,
    /// Why, for people.
    pub reason: Option<String>,
}

/// Somebody else teaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substitute {
    /// Which lessons.
    pub pick: Pick,
    /// Who teaches instead.
    pub by: String,
    /// What is taught instead.
    pub subject: Option<String>,
    /// Why, for people.
    pub reason: Option<String>,
}

/// A lesson that the ordinary week does not have (补课, 占课). In its room it
/// takes the place of what else begins at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extra {
    /// When.
    pub date: Date,
    /// When on this day.
    pub slot: Slot,
    /// Who is taught.
    pub class: Option<String>,
    /// What is taught.
    pub subject: String,
    /// Who teaches.
    pub teacher: Option<String>,
    /// Where, if not in the class's home room.
    pub room: Option<String>,
}

/// An exam: nothing of these grades and in these rooms is recorded, whatever
/// else is planned, extra lessons included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exam {
    /// `期中考试`
    pub name: String,
    /// How long.
    pub during: Stretch,
    /// Grades that sit the exam.
    pub grades: Vec<u8>,
    /// Rooms that it is sat in. Without grades and rooms the whole school is
    /// meant.
    pub rooms: Vec<String>,
}

impl Exam {
    /// Whether a lesson of this grade in this room is suspended.
    #[must_use]
    pub fn concerns(&self, grade: Option<u8>, room: Option<&str>) -> bool {
        let everybody = self.grades.is_empty() && self.rooms.is_empty();
        everybody
            || grade.is_some_and(|grade| self.grades.contains(&grade))
            || room.is_some_and(|room| self.rooms.iter().any(|r| r == room))
    }
}

/// The whole school records nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspend {
    /// `防汛停课`
    pub reason: String,
    /// How long; it always ends.
    pub during: Stretch,
}

/// From a point in local time to another, the end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The beginning.
    pub from: DateTime,
    /// The end, after the beginning.
    pub until: DateTime,
}

impl Stretch {
    /// Whole days, both included.
    #[must_use]
    pub fn of_days(from: Date, to: Date) -> Self {
        let until = to.tomorrow().map_or_else(|_| to.at(23, 59, 59, 0), |day| day.at(0, 0, 0, 0));
        Self { from: from.at(0, 0, 0, 0), until }
    }

    /// Whether some moment of it lies between the two.
    #[must_use]
    pub fn overlaps(&self, from: DateTime, until: DateTime) -> bool {
        self.from < until && from < self.until
    }

    /// Whether a moment lies in it.
    #[must_use]
    pub fn contains(&self, moment: DateTime) -> bool {
        self.from <= moment && moment < self.until
    }
}
