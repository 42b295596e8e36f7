//! What the timetable wants at a moment, in the terms of the lesson's machine.

use std::ops::Range;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{RoundMode, SignedDuration, Timestamp};
use lectern_api::manifest::{LessonInfo, Planned, Trigger};
use lectern_api::status::NextLesson;
use lectern_api::{LessonId, Text};
use lectern_timetable::plan::Window;

use crate::timetable::InForce;

/// What is wanted now, what comes next, and what must not be.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Agenda {
    /// The planned lesson whose time it is.
    pub(crate) running: Option<Due>,
    /// The one after it.
    pub(crate) next: Option<Due>,
    /// Why nothing may be recorded, shown or listened to here now.
    pub(crate) forbidden: Option<Text>,
}

/// A planned lesson and its time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Due {
    /// Its facts: `since` is when it begins, `planned_until` when it ends,
    /// margins included.
    pub(crate) info: LessonInfo,
    pub(crate) begin: Timestamp,
    pub(crate) until: Timestamp,
}

impl Due {
    pub(crate) fn id(&self) -> &LessonId {
        &self.info.id
    }

    /// Its facts when it does not begin at its bell, but with `start`.
    pub(super) fn begun_as(&self, start: &LessonInfo) -> LessonInfo {
        LessonInfo { since: start.since, trigger: start.trigger, ..self.info.clone() }
    }

    /// For the status.
    pub(crate) fn as_next(&self) -> NextLesson {
        let Self { info, begin, until } = self;
        NextLesson { id: info.id.clone(), title: info.title.clone(), since: *begin, until: *until }
    }
}

impl From<Window> for Due {
    fn from(window: Window) -> Self {
        let Window { occurrence, from, until } = window;
        let info = LessonInfo {
            id: occurrence.id.clone(),
            title: occurrence.title(),
            date: occurrence.date,
            since: from,
            until: None,
            planned_until: Some(until),
            trigger: Trigger::Timetable,
            planned: Some(Planned {
                begin: occurrence.begin,
                end: occurrence.end,
                slot: occurrence.slot.to_string(),
                subject: occurrence.subject,
                class: occurrence.class,
                teacher: occurrence.teacher,
            }),
        };
        Self { info, begin: from, until }
    }
}

/// The plan of the room, asked for agendas. Asking costs a walk over three
/// days, so an answer is kept until another may be due.
#[derive(Debug, Default)]
pub(crate) struct Outlook {
    in_force: Arc<InForce>,
    kept: Option<(Range<Timestamp>, Agenda)>,
}

/// Suspensions begin and end at full minutes.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(1);

impl Outlook {
    /// Without a plan nothing is wanted.
    pub(crate) fn new(in_force: Arc<InForce>) -> Self {
        Self { in_force, kept: None }
    }

    /// What is wanted at a moment.
    pub(crate) fn at(&mut self, now: Timestamp) -> Agenda {
        if let Some((valid, agenda)) = &self.kept
            && valid.contains(&now)
        {
            return agenda.clone();
        }
        let Some(state) = self.in_force.state_at(now) else { return Agenda::default() };
        let agenda = Agenda {
            running: state.running.map(Due::from),
            next: state.next.map(Due::from),
            forbidden: self.in_force.suspended_at(now).map(|reason| reason.text()),
        };
        let minute =
            now.round(jiff::TimestampRound::new().smallest(jiff::Unit::Minute).mode(RoundMode::Floor));
        let look_again = minute.unwrap_or(now).checked_add(LOOK_AGAIN).unwrap_or(now);
        let until = state.changes_at.map_or(look_again, |changes| changes.min(look_again));
        self.kept = Some((now..until, agenda.clone()));
        agenda
    }
}

/// When the local day ends that a moment lies in.
pub(crate) fn end_of_day(now: Timestamp, zone: &TimeZone) -> Timestamp {
    let today = now.to_zoned(zone.clone());
    today.tomorrow().and_then(|next| next.start_of_day()).map_or(now, |midnight| midnight.timestamp())
}
