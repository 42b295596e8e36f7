//! Why something is not planned, for people.

use jiff::civil::{Date, DateTime};
use lectern_api::{Text, messages::timetable as words};
use serde::{Deserialize, Serialize};

use super::day::DayKind;
use super::{Change, Occurrence, Plan, RoomPlan};
use crate::hours::Slot;
use crate::model::weekday_text;
use crate::weeks::Weeks;

/// A date, a slot and a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whereabouts {
    /// The date.
    pub date: Date,
    /// The slot on it.
    pub slot: Slot,
    /// The room, where it is known.
    pub room: Option<String>,
}

impl Whereabouts {
    fn text(&self) -> Text {
        let Self { date, slot, room } = self;
        let slot = slot.text();
        words::whereabouts(date, &slot.en, &slot.zh, room.as_deref().unwrap_or_default())
    }
}

/// Why nothing is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The term begins on that date.
    BeforeTerm(Date),
    /// The term ended on that date.
    AfterTerm(Date),
    /// A holiday, by its name.
    Holiday(String),
    /// A make-up day on which the school does not teach.
    NotTaught(String),
    /// A make-up day that nobody has said the lessons of.
    Ambiguous(String),
    /// The ordinary week has nothing on this weekday.
    NothingOnWeekday(u8),
    /// The ordinary week has something on this weekday, but not then.
    NoLesson,
    /// Only in other weeks than this one.
    OtherWeeks {
        /// Which.
        weeks: Weeks,
        /// This one.
        week: u8,
    },
    /// Cancelled, and why.
    Cancelled(Option<String>),
    /// Held elsewhere.
    Moved {
        /// Where.
        to: Whereabouts,
        /// Why.
        reason: Option<String>,
    },
    /// Changed places with another.
    Swapped {
        /// Where it is now.
        to: Whereabouts,
        /// Why.
        reason: Option<String>,
    },
    /// The whole school is suspended.
    Suspended {
        /// Why.
        reason: String,
        /// Until when, exclusive.
        until: DateTime,
    },
    /// An exam.
    Exam {
        /// Its name.
        name: String,
        /// Until when, exclusive.
        until: DateTime,
    },
    /// Another lesson took its place: the subject of it.
    Displaced(String),
    /// The bells of the date do not know the slot.
    NoBell(Slot),
}

impl Reason {
    /// Whether a lesson with this reason is not held at all.
    fn takes_out(&self) -> bool {
        matches!(self, Self::Cancelled(_) | Self::Suspended { .. } | Self::Exam { .. } | Self::Displaced(_))
    }

    /// As a person says it.
    #[must_use]
    pub fn text(&self) -> Text {
        let given = |reason: &Option<String>| reason.as_ref().map_or(String::new(), |r| format!(" ({r})"));
        match self {
            Self::BeforeTerm(date) => words::why_before_term(date),
            Self::AfterTerm(date) => words::why_after_term(date),
            Self::Holiday(name) => words::why_holiday(name),
            Self::NotTaught(name) => words::why_not_taught(name),
            Self::Ambiguous(name) => words::why_ambiguous(name),
            Self::NothingOnWeekday(weekday) => {
                let day = weekday_text(*weekday);
                words::why_weekday(&day.en, &day.zh)
            }
            Self::NoLesson => words::why_no_lesson(),
            Self::OtherWeeks { weeks, week } => {
                let weeks = weeks.text();
                words::why_other_weeks(&weeks.en, &weeks.zh, week)
            }
            Self::Cancelled(reason) => words::why_cancelled(given(reason)),
            Self::Moved { to, reason } => {
                let to = to.text();
                words::why_moved(&to.en, &to.zh, given(reason))
            }
            Self::Swapped { to, reason } => {
                let to = to.text();
                words::why_swapped(&to.en, &to.zh, given(reason))
            }
            Self::Suspended { reason, until } => words::why_suspended(reason, minute(*until)),
            Self::Exam { name, until } => words::why_exam(name, minute(*until)),
            Self::Displaced(subject) => words::why_displaced(subject),
            Self::NoBell(slot) => {
                let slot = slot.text();
                words::why_no_bell(&slot.en, &slot.zh)
            }
        }
    }
}

fn minute(moment: DateTime) -> String {
    moment.strftime("%Y-%m-%d %H:%M").to_string()
}

/// The answer for one slot of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// A lesson is planned.
    Planned(Box<Occurrence>),
    /// None is.
    Not(Reason),
}

impl Why {
    /// As a person says it.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Planned(occurrence) => {
                let name = occurrence.title();
                let from = match &occurrence.change {
                    None => return words::why_planned(name, occurrence.hours),
                    Some(Change::Extra) => return words::why_extra(name, occurrence.hours),
                    Some(Change::Moved(from) | Change::Swapped(from)) => from.text(),
                };
                words::why_moved_here(name, occurrence.hours, &from.en, &from.zh)
            }
            Self::Not(reason) => reason.text(),
        }
    }
}

impl Occurrence {
    /// `数学 三(2)班 李梅`
    #[must_use]
    pub fn title(&self) -> String {
        let parts = [Some(&self.subject), self.class.as_ref(), self.teacher.as_ref()];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

impl Plan {
    /// Why a date has no lessons of the ordinary week at all, if so.
    #[must_use]
    pub fn why_free(&self, date: Date) -> Option<Reason> {
        match self.day(date) {
            DayKind::School { .. } => None,
            DayKind::BeforeTerm => Some(Reason::BeforeTerm(self.timetable.term.monday)),
            DayKind::AfterTerm => Some(Reason::AfterTerm(self.timetable.term.end)),
            DayKind::Holiday(name) => Some(Reason::Holiday(name)),
            DayKind::NotTaught(name) => Some(Reason::NotTaught(name)),
            DayKind::Ambiguous(name) => Some(Reason::Ambiguous(name)),
        }
    }
}

impl RoomPlan {
    /// What is planned here in a slot of a date; if nothing, why not.
    #[must_use]
    pub fn why(&self, date: Date, slot: Slot) -> Why {
        let plan = &self.plan;
        // Periods and hours are compared by the hours that they mean.
        let meets = |grade: Option<u8>, other: Slot| {
            let hours = |slot| plan.timetable.hours(date, grade, slot);
            match (hours(slot), hours(other)) {
                (Some(one), Some(other)) => one.overlaps(&other),
                _ => slot.meets(&other),
            }
        };
        let entries = plan.entries(date, Some(&self.room)).into_iter();
        let (planned, fallen): (Vec<_>, Vec<_>) =
            entries.filter(|e| meets(e.grade, e.slot)).partition(|entry| entry.reason.is_none());
        if let Some(occurrence) = planned.into_iter().find_map(|entry| plan.occurrence(entry)) {
            return Why::Planned(Box::new(occurrence));
        }
        if let Some(reason) = fallen.into_iter().find_map(|entry| entry.reason) {
            return Why::Not(reason);
        }
        if let Some(reason) = plan.why_free(date) {
            return Why::Not(reason);
        }
        let other = plan.in_other_weeks(date, &self.room).find(|(lesson, _)| {
            let grade = plan.timetable.class(lesson.class.as_deref()).map(|class| class.grade);
            meets(grade, lesson.slot)
        });
        Why::Not(match other {
            Some((lesson, week)) => Reason::OtherWeeks { weeks: lesson.weeks.clone(), week },
            None => Reason::NoLesson,
        })
    }

    /// Why nothing at all is planned here on a date; nothing if something is.
    #[must_use]
    pub fn why_empty(&self, date: Date) -> Option<Reason> {
        let entries = self.plan.entries(date, Some(&self.room));
        if entries.iter().any(|entry| entry.reason.is_none()) {
            return None;
        }
        let of_lesson = entries.into_iter().find_map(|entry| entry.reason);
        let of_day = || self.plan.why_free(date);
        let weekday = || Reason::NothingOnWeekday(crate::model::weekday_of(date));
        Some(of_lesson.or_else(of_day).unwrap_or_else(weekday))
    }

    /// What the week has here from one date to another and nobody is owed: taken
    /// out by a cancellation, a suspension, an exam or another lesson in its
    /// place. What was moved or swapped is held elsewhere and is not among it.
    #[must_use]
    pub fn not_owed(&self, from: Date, to: Date) -> Vec<(Occurrence, Reason)> {
        let (first, last) = self.plan.span();
        let days = crate::model::days(from.max(first), to.min(last));
        let mut out: Vec<_> = days
            .flat_map(|date| self.plan.entries(date, Some(&self.room)))
            .filter_map(|entry| {
                let reason = entry.reason.clone().filter(Reason::takes_out)?;
                Some((self.plan.occurrence(entry)?, reason))
            })
            .collect();
        out.sort_by(|(a, _), (b, _)| (a.begin, &a.id).cmp(&(b.begin, &b.id)));
        out
    }

    /// What was to be here on a date and is not, each with its slot, its name
    /// and the reason.
    #[must_use]
    pub fn fallen(&self, date: Date) -> Vec<(Slot, String, Reason)> {
        let entries = self.plan.entries(date, Some(&self.room)).into_iter();
        let mut out: Vec<_> = entries.filter_map(|e| Some((e.slot, e.subject.clone(), e.reason?))).collect();
        out.sort_by_key(|(slot, ..)| *slot);
        out
    }
}
