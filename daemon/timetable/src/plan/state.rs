//! What runs at a point in time, and what comes next.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use lectern_api::{Text, messages::timetable as words};
use serde::{Deserialize, Serialize};

use super::reason::Reason;
use super::{Occurrence, RoomPlan, hour_and_minute};

/// How much longer than from bell to bell is recorded. The talk of the break
/// is private, so both are nothing unless somebody wants them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Margins {
    /// Before the bell that begins the lesson.
    pub before: Duration,
    /// After the bell that ends it.
    pub after: Duration,
}

/// A lesson, and when it is the running one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The lesson.
    pub occurrence: Occurrence,
    /// From when.
    pub from: Timestamp,
    /// Until when, exclusive.
    pub until: Timestamp,
}

/// The answer for one point in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The lesson that runs.
    pub running: Option<Window>,
    /// The one that comes next.
    pub next: Option<Window>,
    /// When another answer may be due: the running lesson ends or the next one
    /// begins. Suspensions and questions may change `why` at any time.
    pub changes_at: Option<Timestamp>,
    /// Why it is so, for people.
    pub why: Text,
}

impl RoomPlan {
    /// The lessons of some dates, each with when it is the running one.
    ///
    /// A margin never cuts into another lesson. Where two margins meet, the
    /// next lesson's wins; where two lessons overlap, the next one wins when it
    /// begins, and the earlier one does not come back. Between windows that
    /// touch there is no gap.
    #[must_use]
    pub fn windows(&self, from: Date, to: Date, margins: Margins) -> Vec<Window> {
        let around = (from.yesterday().unwrap_or(from), to.tomorrow().unwrap_or(to));
        let lessons = self.occurrences(around.0, around.1);
        let mut taken = Timestamp::MIN;
        let mut froms = Vec::with_capacity(lessons.len());
        for lesson in &lessons {
            let early = lesson.begin.checked_sub(margins.before).unwrap_or(lesson.begin);
            froms.push(early.max(taken.min(lesson.begin)));
            taken = taken.max(lesson.end);
        }
        let nexts: Vec<Timestamp> = froms.iter().skip(1).copied().chain([Timestamp::MAX]).collect();
        let windows = lessons.into_iter().zip(froms).zip(nexts).map(|((occurrence, from), next)| {
            let late = occurrence.end.checked_add(margins.after).unwrap_or(occurrence.end);
            Window { from, until: late.min(next), occurrence }
        });
        windows.filter(|window| from <= window.occurrence.date && window.occurrence.date <= to).collect()
    }

    /// What runs at a point in time, what comes next, and why.
    #[must_use]
    pub fn state_at(&self, now: Timestamp, margins: Margins) -> State {
        let today = self.plan.local(now).date();
        let (first, last) = self.plan.span();
        let day_before = today.yesterday().unwrap_or(today);
        let day_after = today.tomorrow().unwrap_or(today);
        let near = self.windows(day_before, day_after, margins);
        let running = near.iter().find(|window| window.from <= now && now < window.until).cloned();
        let soon = near.into_iter().find(|window| window.from > now);
        let later = || {
            let begin = day_after.tomorrow().unwrap_or(day_after).max(first);
            crate::model::days(begin, last)
                .find_map(|date| self.windows(date, date, margins).into_iter().next())
        };
        let next = soon.or_else(later);
        let ends = running.as_ref().map(|window| window.until);
        let begins = next.as_ref().map(|window| window.from);
        let changes_at = ends.into_iter().chain(begins).min();
        let why = match &running {
            Some(window) => words::state_running(window.occurrence.title(), self.plan.clock(window.until)),
            None => self.why_idle(now),
        };
        State { running, next, changes_at, why }
    }

    fn why_idle(&self, now: Timestamp) -> Text {
        let local = self.plan.local(now);
        let date = local.date();
        if let Some(reason) = self.suspended_at(now) {
            return reason.text();
        }
        let entries = self.plan.entries(date, Some(&self.room));
        let now_in = |hours: crate::Hours| hours.begin() <= local.time() && local.time() < hours.end();
        let fallen =
            entries.iter().find(|entry| entry.hours.is_some_and(now_in)).and_then(|e| e.reason.clone());
        if let Some(reason) = fallen.or_else(|| self.why_empty(date)) {
            return reason.text();
        }
        let mut begins: Vec<_> = entries.iter().filter_map(|e| Some(e.hours?.begin())).collect();
        begins.sort_unstable();
        match begins.into_iter().find(|begin| *begin > local.time()) {
            Some(begin) => words::state_break(hour_and_minute(begin)),
            None => words::state_over(),
        }
    }

    /// Whether this room must be left alone, lesson or no lesson: the school is
    /// suspended, or an exam is sat here or by the class at home here. Preview,
    /// listening and starts by hand ask this too.
    #[must_use]
    pub fn suspended_at(&self, now: Timestamp) -> Option<Reason> {
        let local = self.plan.local(now);
        let timetable = self.plan.timetable();
        let suspend = timetable.overrides.suspends.iter().find(|suspend| suspend.during.contains(local));
        if let Some(suspend) = suspend {
            let (reason, until) = (suspend.reason.clone(), suspend.during.until);
            return Some(Reason::Suspended { reason, until });
        }
        let at_home = |grade: u8| {
            let mut classes = timetable.classes.iter();
            classes.any(|class| {
                class.grade == grade && timetable.room_of(None, Some(&class.name)) == Some(self.room.as_str())
            })
        };
        let exams = timetable.overrides.exams.iter().filter(|exam| exam.during.contains(local));
        let mut here = exams.filter(|exam| {
            exam.concerns(None, Some(&self.room)) || exam.grades.iter().any(|grade| at_home(*grade))
        });
        here.next().map(|exam| Reason::Exam { name: exam.name.clone(), until: exam.during.until })
    }
}
