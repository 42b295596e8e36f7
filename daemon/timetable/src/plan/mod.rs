//! What is planned when: a pure function of the timetable.
//!
//! A day is worked out in this order:
//! 1. Term, holidays and make-up days say whose weekday and week it is.
//! 2. Every lesson of that weekday and week is held, cancelled, moved away or
//!    swapped; what was moved, swapped or added to this day arrives.
//! 3. The bells of the lesson's grade say when.
//! 4. Exams and suspensions take out what they overlap, whatever it is.
//! 5. Of lessons that begin at once in one room a dated one wins over the
//!    ordinary week's, else the later in the file.
//!
//! What falls out keeps its reason.

mod day;
mod reason;
mod state;
mod view;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use lectern_api::LessonId;
use serde::{Deserialize, Serialize};

use crate::hours::{Hours, Slot};
use crate::model::{Lesson, Makeup, Timetable};

pub use day::DayKind;
pub use reason::{Reason, Whereabouts, Why};
pub use state::{Margins, State, Window};

use day::Entry;

/// Numbers of lessons by weekday; index 0 is not used.
type Numbers = [Vec<usize>; 8];

/// The plan of a whole school.
#[derive(Debug, Clone)]
pub struct Plan {
    timetable: Arc<Timetable>,
    by_weekday: Numbers,
    by_room: Arc<HashMap<String, Numbers>>,
}

/// The plan of one room, which is what a box records.
#[derive(Debug, Clone)]
pub struct RoomPlan {
    plan: Plan,
    room: String,
}

/// A planned lesson on its date. Serialised it is what a box keeps on its own
/// disk; others see a [`PlanEntry`](lectern_api::timetable::PlanEntry) of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// The same after a re-import that corrects subject, class or teacher, and
    /// after a dated change: date, slot and room where the ordinary week has
    /// it. The same on every box, so it names a recording only together with
    /// the device.
    pub id: LessonId,
    /// When it is held.
    pub date: Date,
    /// Its slot on this date.
    pub slot: Slot,
    /// Local hours.
    pub hours: Hours,
    /// The bell that begins it.
    pub begin: Timestamp,
    /// The bell that ends it, after `begin`.
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
    pub change: Option<Change>,
}

/// How a lesson came to where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Moved from there.
    Moved(Whereabouts),
    /// Swapped with another, from there.
    Swapped(Whereabouts),
    /// Only on this date.
    Extra,
}

impl Plan {
    /// The plan that follows from a timetable.
    #[must_use]
    pub fn new(timetable: impl Into<Arc<Timetable>>) -> Self {
        let timetable = timetable.into();
        let mut by_weekday = Numbers::default();
        let mut by_room: HashMap<String, Numbers> = HashMap::new();
        for (number, lesson) in timetable.lessons.iter().enumerate() {
            let weekday = usize::from(lesson.weekday);
            let Some(lessons) = by_weekday.get_mut(weekday) else { continue };
            lessons.push(number);
            if let Some(room) = timetable.room_of(lesson.room.as_deref(), lesson.class.as_deref()) {
                by_room.entry(room.to_owned()).or_default()[weekday].push(number);
            }
        }
        Self { timetable, by_weekday, by_room: Arc::new(by_room) }
    }

    /// The lessons of a weekday, of a room where one is given.
    fn on(&self, weekday: u8, room: Option<&str>) -> impl Iterator<Item = &Lesson> {
        let numbers = match room {
            None => Some(&self.by_weekday),
            Some(room) => self.by_room.get(room),
        };
        let numbers = numbers.and_then(|numbers| numbers.get(usize::from(weekday)));
        numbers.into_iter().flatten().filter_map(|number| self.timetable.lessons.get(*number))
    }

    /// The timetable, unchanged by whatever is planned.
    #[must_use]
    pub fn timetable(&self) -> &Timetable {
        &self.timetable
    }

    /// The plan of one room. A room that no lesson names has an empty one.
    #[must_use]
    pub fn for_room(&self, room: impl Into<String>) -> RoomPlan {
        RoomPlan { plan: self.clone(), room: room.into() }
    }

    /// Every planned lesson from one date to another, both included, by time.
    #[must_use]
    pub fn occurrences(&self, from: Date, to: Date) -> Vec<Occurrence> {
        self.planned(from, to, None)
    }

    /// The make-up days within three days from a date, itself included, that
    /// nobody has said the lessons of: nothing is planned on them.
    #[must_use]
    pub fn ambiguous(&self, today: Date) -> Vec<&Makeup> {
        let soon = today.saturating_add(jiff::Span::new().days(3));
        let asked = |makeup: &&Makeup| {
            makeup.follows.is_none()
                && (today..=soon).contains(&makeup.date)
                && matches!(self.day(makeup.date), DayKind::Ambiguous(_))
        };
        self.timetable.makeups.iter().filter(asked).collect()
    }

    /// The first and the last date that anything can be planned on.
    #[must_use]
    pub fn span(&self) -> (Date, Date) {
        let Timetable { term, overrides, .. } = &*self.timetable;
        let extras = overrides.extras.iter().map(|extra| extra.date);
        let moves = overrides.moves.iter().filter_map(|moved| moved.to_date);
        let mut span = (term.monday, term.end);
        for date in extras.chain(moves) {
            span = (span.0.min(date), span.1.max(date));
        }
        span
    }

    fn planned(&self, from: Date, to: Date, room: Option<&str>) -> Vec<Occurrence> {
        let (first, last) = self.span();
        let days = crate::model::days(from.max(first), to.min(last));
        let mut out: Vec<Occurrence> = days
            .flat_map(|date| self.entries(date, room))
            .filter(|entry| entry.reason.is_none())
            .filter_map(|entry| self.occurrence(entry))
            .collect();
        out.sort_by(|a, b| (a.begin, &a.room, &a.id).cmp(&(b.begin, &b.room, &b.id)));
        out
    }

    fn occurrence(&self, entry: Entry) -> Option<Occurrence> {
        let hours = entry.hours?;
        let begin = self.moment(entry.date.to_datetime(hours.begin()))?;
        let end = self.moment(entry.date.to_datetime(hours.end()))?;
        // Where the clock is put forward in the middle of a lesson, its end may
        // come before its beginning: then it lasts as long as it is written.
        let long = hours.begin().duration_until(hours.end());
        let end = if end > begin { end } else { begin.checked_add(long).ok()? };
        Some(Occurrence {
            id: entry.id()?,
            date: entry.date,
            slot: entry.slot,
            hours,
            begin,
            end,
            class: entry.class,
            grade: entry.grade,
            subject: entry.subject,
            teacher: entry.teacher,
            instead_of: entry.instead_of,
            room: entry.room,
            change: entry.change,
        })
    }

    /// A local time as a point in time. One that occurs twice is the first; one
    /// that is left out is as much later as the clock was put forward.
    fn moment(&self, local: DateTime) -> Option<Timestamp> {
        self.timetable.time_zone.to_ambiguous_timestamp(local).compatible().ok()
    }

    fn local(&self, moment: Timestamp) -> DateTime {
        self.timetable.time_zone.to_datetime(moment)
    }

    fn clock(&self, moment: Timestamp) -> String {
        hour_and_minute(self.local(moment).time())
    }
}

fn hour_and_minute(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

impl RoomPlan {
    /// The room.
    #[must_use]
    pub fn room(&self) -> &str {
        &self.room
    }

    /// The plan of the whole school.
    #[must_use]
    pub fn school(&self) -> &Plan {
        &self.plan
    }

    /// Every lesson planned here from one date to another, both included, by
    /// time.
    #[must_use]
    pub fn occurrences(&self, from: Date, to: Date) -> Vec<Occurrence> {
        self.plan.planned(from, to, Some(&self.room))
    }
}
