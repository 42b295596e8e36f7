//! Which lessons are over and have no account yet.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use lectern_api::Text;
use lectern_api::account::PlannedLesson;
use lectern_timetable::{Occurrence, RoomPlan};

use crate::span::Span;

/// So long after its bell a lesson is settled: the last fragment is on the disk
/// long before (8 s), and a clock that is corrected a little changes nothing.
pub const GRACE: Duration = Duration::from_secs(60);

/// A lesson of a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The lesson.
    pub lesson: PlannedLesson,
    /// Why nobody is owed it, where that is so.
    pub not_owed: Option<Text>,
}

/// The lessons that end in a stretch, its beginning exclusive and its end
/// inclusive, by time: so that stretches that follow each other take every
/// lesson once.
#[must_use]
pub fn due(plan: &RoomPlan, during: Span) -> Vec<Due> {
    let zone = &plan.school().timetable().time_zone;
    let date = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let mut all = lessons(plan, date(during.from), date(during.until));
    all.retain(|due| during.from < due.lesson.end && due.lesson.end <= during.until);
    all
}

/// Every lesson from one date to another, both included, by time: those that
/// are held, and those that the timetable took out.
#[must_use]
pub fn lessons(plan: &RoomPlan, from: Date, to: Date) -> Vec<Due> {
    let held = plan.occurrences(from, to).into_iter().map(|occurrence| (occurrence, None));
    let out = plan.not_owed(from, to).into_iter().map(|(occurrence, why)| (occurrence, Some(why.text())));
    let due = |(occurrence, not_owed)| Due { lesson: planned_lesson(plan, occurrence), not_owed };
    let mut all: Vec<Due> = held.chain(out).map(due).collect();
    all.sort_by(|a, b| (a.lesson.begin, &a.lesson.id).cmp(&(b.lesson.begin, &b.lesson.id)));
    // Of two extra lessons in one place one is held, and counts.
    all.dedup_by(|b, a| (a.lesson.begin, &a.lesson.id) == (b.lesson.begin, &b.lesson.id));
    all
}

/// A lesson as its account keeps it.
#[must_use]
pub fn planned_lesson(plan: &RoomPlan, occurrence: Occurrence) -> PlannedLesson {
    PlannedLesson {
        week: plan.school().timetable().term.week_of(occurrence.date),
        slot: occurrence.slot.text(),
        id: occurrence.id,
        date: occurrence.date,
        subject: occurrence.subject,
        class: occurrence.class,
        teacher: occurrence.teacher,
        begin: occurrence.begin,
        end: occurrence.end,
    }
}
