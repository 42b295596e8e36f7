//! A timetable of a week, dates, and what people said. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use lectern_api::Text;
use lectern_api::timetable::DayLessons;
use lectern_timetable::{Follows, Place, Timetable, check};

use super::record::Answer;

/// Whether two timetables differ in nothing but their dates and the school's
/// name.
pub(crate) fn same_week(one: &Timetable, other: &Timetable) -> bool {
    let without_dates = |timetable: &Timetable| Timetable {
        school: String::new(),
        holidays: Vec::new(),
        makeups: Vec::new(),
        overrides: lectern_timetable::Overrides::default(),
        ..timetable.clone()
    };
    without_dates(one) == without_dates(other)
}

/// The week of one timetable with the dates of another, and with the answers
/// that still count.
pub(crate) fn composed(
    week: &Arc<Timetable>,
    dates: &Arc<Timetable>,
    answers: &BTreeMap<Date, Answer>,
) -> Arc<Timetable> {
    if Arc::ptr_eq(week, dates) && answers.is_empty() {
        return Arc::clone(week);
    }
    let mut timetable = Timetable {
        holidays: dates.holidays.clone(),
        makeups: dates.makeups.clone(),
        overrides: dates.overrides.clone(),
        ..Timetable::clone(week)
    };
    for makeup in &mut timetable.makeups {
        let answer = answers.get(&makeup.date);
        let counts = |answer: &&Answer| makeup.follows.is_none() || makeup.follows.map(said) == answer.over;
        if let Some(answer) = answer.filter(counts) {
            makeup.follows = Some(follows_of(answer.said.follows));
        }
    }
    Arc::new(timetable)
}

/// Whether the dates of a timetable fit the week of another: every change finds
/// its lesson.
pub(crate) fn fits(week: &Arc<Timetable>, dates: &Arc<Timetable>, answers: &BTreeMap<Date, Answer>) -> bool {
    sound(&composed(week, dates, answers)).is_ok()
}

/// Whether a timetable has no mistake; the first one.
pub(crate) fn sound(timetable: &Timetable) -> Result<(), Text> {
    let findings = check::check(timetable, &|_, _| Place::File);
    findings.mistakes.into_iter().next().map_or(Ok(()), |mistake| Err(mistake.cause))
}

pub(crate) fn follows_of(said: DayLessons) -> Follows {
    match said {
        DayLessons::Weekday(day) => Follows::Weekday(day.clamp(1, 7)),
        DayLessons::Date(date) => Follows::Date(date),
        DayLessons::Nothing => Follows::Nothing,
    }
}

pub(crate) fn said(follows: Follows) -> DayLessons {
    match follows {
        Follows::Weekday(day) => DayLessons::Weekday(day),
        Follows::Date(date) => DayLessons::Date(date),
        Follows::Nothing => DayLessons::Nothing,
    }
}
