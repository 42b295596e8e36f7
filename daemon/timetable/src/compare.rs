//! Whether a new timetable is plausible beside the one in force. A district
//! that pushes a wrong one to five hundred boxes is asked first.

use std::collections::BTreeSet;

use jiff::civil::{Time, time};
use lectern_api::{Text, messages::timetable as words};

use crate::hours::{Hours, Slot};
use crate::model::{Lesson, Timetable, weekday_text};

/// How much more or fewer lessons a week may have, in percent.
const TOLERANCE_PERCENT: u32 = 30;
/// Before and after these hours nobody teaches.
const DAWN: Time = time(6, 0, 0, 0);
const NIGHT: Time = time(22, 0, 0, 0);

/// Something that a person should look at before the timetable is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// Many more or fewer lessons, in the average week, rounded.
    Count {
        /// Before.
        old: u32,
        /// Now.
        new: u32,
    },
    /// Lessons at night: one of them.
    Night(String),
    /// Lessons on a Sunday: one of them.
    Sunday(String),
}

impl Doubt {
    /// As a person says it.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Count { old, new } => words::doubt_count(old, new, TOLERANCE_PERCENT),
            Self::Night(lesson) => words::doubt_night(lesson),
            Self::Sunday(lesson) => words::doubt_sunday(lesson),
        }
    }
}

/// What is doubtful about `new`, of the whole school or one room. Only the
/// ordinary week is compared: holidays and dated changes are as they are. What
/// was so before is no doubt.
#[must_use]
pub fn compare(old: &Timetable, new: &Timetable, room: Option<&str>) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let (before, after) = (Census::of(old, room), Census::of(new, room));
    let change = u64::from(before.a_week.abs_diff(after.a_week)) * 100;
    // From a timetable without lessons everything is an improvement.
    if before.a_week > 0 && change > u64::from(before.a_week) * u64::from(TOLERANCE_PERCENT) {
        doubts.push(Doubt::Count { old: before.a_week.div_ceil(100), new: after.a_week.div_ceil(100) });
    }
    let first_new = |old: &BTreeSet<String>, new: BTreeSet<String>| {
        if old.is_empty() { new.into_iter().next() } else { None }
    };
    doubts.extend(first_new(&before.nights, after.nights).map(Doubt::Night));
    doubts.extend(first_new(&before.sundays, after.sundays).map(Doubt::Sunday));
    doubts
}

struct Census {
    /// Lessons in the average week, in hundredths.
    a_week: u32,
    nights: BTreeSet<String>,
    sundays: BTreeSet<String>,
}

impl Census {
    fn of(timetable: &Timetable, room: Option<&str>) -> Self {
        let last = timetable.term.weeks().max(1);
        let here = |lesson: &&Lesson| {
            let its = timetable.room_of(lesson.room.as_deref(), lesson.class.as_deref());
            room.is_none_or(|room| its == Some(room))
        };
        let mut census = Self { a_week: 0, nights: BTreeSet::new(), sundays: BTreeSet::new() };
        let mut count = 0_u32;
        for lesson in timetable.lessons.iter().filter(here) {
            let weeks = (1..=last).filter(|week| lesson.weeks.contains(*week)).count();
            count = count.saturating_add(u32::try_from(weeks).unwrap_or(u32::MAX));
            let name = || {
                let day = weekday_text(lesson.weekday);
                let slot = lesson.slot.text();
                format!(
                    "{} {} {} {}",
                    day.zh,
                    slot.zh,
                    lesson.subject,
                    lesson.class.as_deref().unwrap_or_default()
                )
            };
            if lesson.weekday == 7 {
                census.sundays.insert(name());
            }
            let grade = timetable.class(lesson.class.as_deref()).map(|class| class.grade);
            let by_bell = timetable.bells.iter().any(|bell| {
                let rings = bell.grades.is_empty() || grade.is_some_and(|grade| bell.grades.contains(&grade));
                rings && bell.hours(lesson.slot).is_some_and(at_night)
            });
            let by_itself = matches!(lesson.slot, Slot::Hours(hours) if at_night(hours));
            if by_bell || by_itself {
                census.nights.insert(name());
            }
        }
        census.a_week = u32::try_from(u64::from(count) * 100 / u64::from(last)).unwrap_or(u32::MAX);
        census
    }
}

fn at_night(hours: Hours) -> bool {
    hours.begin() < DAWN || hours.end() > NIGHT
}
