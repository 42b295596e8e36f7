//! Forms that know hours, not periods: which period the hours are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::MAX_PERIOD;
use crate::hours::{Hours, Slot};
use crate::model::{Bell, Timetable};

/// The period or periods that begin and end with the hours on a date, else the
/// hours themselves.
pub(super) fn slot_on(timetable: &Timetable, date: Date, grade: Option<u8>, hours: Hours) -> Slot {
    let bell = timetable.bell(date, grade);
    bell.and_then(|bell| slot_by(bell, hours)).unwrap_or(Slot::Hours(hours))
}

/// As [`slot_on`] where no date is known: by the bells of the term's beginning,
/// else by any that ring for the grade.
pub(super) fn slot_of(timetable: &Timetable, grade: Option<u8>, hours: Hours) -> Slot {
    let first = slot_on(timetable, timetable.term.monday, grade, hours);
    if first != Slot::Hours(hours) {
        return first;
    }
    let rings = |bell: &&Bell| bell.grades.is_empty() || grade.is_some_and(|g| bell.grades.contains(&g));
    timetable.bells.iter().filter(rings).find_map(|bell| slot_by(bell, hours)).unwrap_or(first)
}

fn slot_by(bell: &Bell, hours: Hours) -> Option<Slot> {
    let first = bell.periods.iter().find(|(_, p)| p.begin() == hours.begin())?.0;
    let last = bell.periods.iter().find(|(_, p)| p.end() == hours.end())?.0;
    (first <= last).then_some(Slot::Periods { first: *first, last: *last })
}

/// Bells made of the hours that lessons have, numbered by the day; none where
/// they overlap, as those of two grades may.
pub(super) fn bell_from(hours: &BTreeSet<Hours>) -> Option<Bell> {
    let apart = hours.iter().zip(hours.iter().skip(1)).all(|(one, next)| one.end() <= next.begin());
    if hours.is_empty() || !apart || hours.len() > usize::from(MAX_PERIOD) {
        return None;
    }
    let periods: BTreeMap<u8, Hours> = (1..).zip(hours.iter().copied()).collect();
    Some(Bell { periods, ..Bell::default() })
}
