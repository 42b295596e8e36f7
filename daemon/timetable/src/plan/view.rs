//! A day of a room, as others see it.

use jiff::civil::Date;
use lectern_api::timetable::{NotHeld, PlanChange, PlanDay, PlanEntry, PlanPlace};

use super::{Change, Occurrence, RoomPlan, Whereabouts};

impl RoomPlan {
    /// What is planned here on a date, what is not held, and why.
    #[must_use]
    pub fn day(&self, date: Date) -> PlanDay {
        let fallen = self.fallen(date).into_iter();
        PlanDay {
            room: self.room.clone(),
            date,
            week: self.plan.timetable.term.week_of(date),
            lessons: self.occurrences(date, date).into_iter().map(PlanEntry::from).collect(),
            empty: self.why_empty(date).map(|reason| reason.text()),
            not_held: fallen
                .map(|(slot, subject, reason)| NotHeld { slot: slot.text(), subject, why: reason.text() })
                .collect(),
        }
    }
}

impl From<Occurrence> for PlanEntry {
    fn from(lesson: Occurrence) -> Self {
        Self {
            id: lesson.id,
            date: lesson.date,
            slot: lesson.slot.text(),
            hours: lesson.hours.to_string(),
            begin: lesson.begin,
            end: lesson.end,
            class: lesson.class,
            grade: lesson.grade,
            subject: lesson.subject,
            teacher: lesson.teacher,
            instead_of: lesson.instead_of,
            room: lesson.room,
            change: lesson.change.map(PlanChange::from),
        }
    }
}

impl From<Change> for PlanChange {
    fn from(change: Change) -> Self {
        let place = |at: Whereabouts| PlanPlace { date: at.date, slot: at.slot.text(), room: at.room };
        match change {
            Change::Moved(from) => Self::Moved(place(from)),
            Change::Swapped(from) => Self::Swapped(place(from)),
            Change::Extra => Self::Extra,
        }
    }
}
