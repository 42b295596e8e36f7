//! What was understood, in numbers and names, for a person to look at before it
//! is applied.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use crate::model::Timetable;

/// What is in a timetable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The term's first day.
    pub monday: Date,
    /// The term's last day.
    pub end: Date,
    /// How many weeks it has.
    pub weeks: u8,
    /// Lessons of the ordinary week, one for every second week included.
    pub lessons: usize,
    /// Of them on Monday … Sunday.
    pub by_weekday: [usize; 7],
    /// Of them in which weeks, as the own form writes these.
    pub by_weeks: BTreeMap<String, usize>,
    /// How many of each subject.
    pub subjects: BTreeMap<String, usize>,
    /// Who is taught.
    pub classes: BTreeSet<String>,
    /// Who teaches.
    pub teachers: BTreeSet<String>,
    /// Where.
    pub rooms: BTreeSet<String>,
    /// Bell schedules.
    pub bells: usize,
    /// Holidays.
    pub holidays: usize,
    /// Make-up days.
    pub makeups: usize,
    /// Of them without an answer to whose lessons they have.
    pub makeups_open: Vec<Date>,
    /// Dated changes.
    pub changes: usize,
}

impl Summary {
    /// Counts.
    #[must_use]
    pub fn of(timetable: &Timetable) -> Self {
        let mut by_weekday = [0; 7];
        let mut by_weeks: BTreeMap<String, usize> = BTreeMap::new();
        let mut subjects: BTreeMap<String, usize> = BTreeMap::new();
        for lesson in &timetable.lessons {
            if let Some(count) = by_weekday.get_mut(usize::from(lesson.weekday).wrapping_sub(1)) {
                *count += 1;
            }
            *by_weeks.entry(lesson.weeks.to_string()).or_default() += 1;
            *subjects.entry(lesson.subject.clone()).or_default() += 1;
        }
        let all = &timetable.overrides;
        let open = timetable.makeups.iter().filter(|makeup| makeup.follows.is_none());
        Self {
            monday: timetable.term.monday,
            end: timetable.term.end,
            weeks: timetable.term.weeks(),
            lessons: timetable.lessons.len(),
            by_weekday,
            by_weeks,
            subjects,
            classes: timetable.lessons.iter().filter_map(|lesson| lesson.class.clone()).collect(),
            teachers: timetable.lessons.iter().filter_map(|lesson| lesson.teacher.clone()).collect(),
            rooms: timetable.rooms().into_iter().map(str::to_owned).collect(),
            bells: timetable.bells.len(),
            holidays: timetable.holidays.len(),
            makeups: timetable.makeups.len(),
            makeups_open: open.map(|makeup| makeup.date).collect(),
            changes: all.cancels.len()
                + all.moves.len()
                + all.swaps.len()
                + all.substitutes.len()
                + all.extras.len()
                + all.exams.len()
                + all.suspends.len(),
        }
    }
}
