//! The part of the machine that follows the timetable.

use std::time::Duration;

use lectern_api::account::Cause;
use lectern_api::command::{Done, Refusal};
use lectern_api::manifest::LessonInfo;
use lectern_api::messages;

use super::agenda::{Agenda, Due};
use super::machine::{Armed, Effect, Entrance, Now, OnAir, State, no_lesson_running};
use super::resume;
use crate::journal::Entry;

/// So long before the bell the room is made ready and checked.
pub(super) const PREPARE: Duration = Duration::from_secs(5 * 60);
/// So long before the bell, or before an end, the recorder is told: longer than
/// encoders and connections take to be ready.
const AHEAD: Duration = Duration::from_secs(8);
/// A bell that moves by less, because the clock is being slewed, stays where it
/// was: a quarter of a second cannot be heard in a classroom.
pub(super) const SLEW: Duration = Duration::from_millis(250);

impl State {
    /// The planned lesson whose time it is, unless it is over.
    fn due_now<'n>(&self, now: &'n Now) -> Option<&'n Due> {
        now.agenda.as_ref()?.running.as_ref().filter(|due| !self.over.contains_key(due.id()))
    }

    /// The planned lesson that comes next, unless it is over: a person may have
    /// begun it before its bell, and ended it.
    fn due_next<'n>(&self, now: &'n Now) -> Option<&'n Due> {
        now.agenda.as_ref()?.next.as_ref().filter(|due| !self.over.contains_key(due.id()))
    }

    /// Whether the recorder has been told of it ahead.
    fn is_armed_for(&self, due: &Due) -> bool {
        self.armed.as_ref().is_some_and(|armed| armed.due.id() == due.id())
    }
}

impl Now {
    /// Whether the bell of a coming lesson is near: the room is made ready for
    /// it, and a person who begins a lesson now means that one.
    fn is_near(&self, due: &Due) -> bool {
        self.monotonic_of(due.begin) - self.monotonic <= PREPARE
    }
}

/// Brings about what the timetable wants at a moment.
pub(super) fn follow(state: &mut State, now: &Now, effects: &mut Vec<Effect>) {
    if let Some(agenda) = &now.agenda {
        let suspended = agenda.forbidden.is_some();
        if std::mem::replace(&mut state.suspended, suspended) != suspended {
            let cause = Cause::Suspended;
            let entry = if suspended { Entry::Began { cause, until: None } } else { Entry::Ended { cause } };
            effects.push(Effect::Journal(entry));
        }
        if suspended {
            leave_alone(state, now, effects);
        }
        resume::go_on(state, now, effects);
        follow_the_clock(state, now);
    }
    pass(state, now, effects);
    if let Some(agenda) = &now.agenda
        && agenda.forbidden.is_none()
    {
        join_late(state, now, effects);
        prepare(state, agenda, now, effects);
    }
    tell_end_ahead(state, now, effects);
}

/// Begins and ends what was to begin and end by now.
pub(super) fn pass(state: &mut State, now: &Now, effects: &mut Vec<Effect>) {
    ring(state, now, effects);
    end_if_due(state, now, effects);
}

/// Suspended: nothing runs, nothing is made ready.
fn leave_alone(state: &mut State, now: &Now, effects: &mut Vec<Effect>) {
    state.preparing = None;
    disarm(state, now, effects);
    if let Some(on_air) = state.on_air.take() {
        state.take_off(on_air, now.monotonic, now, effects, true);
    }
}

/// A clock that was set right in the middle of a planned lesson moves its end.
/// One that is only somewhat trusted does not: it may be wrong.
fn follow_the_clock(state: &mut State, now: &Now) {
    let Some(on_air) = state.on_air.as_mut().filter(|on_air| now.is_sure && on_air.info.planned.is_some())
    else {
        return;
    };
    let (Some(ends_at), Some(end)) = (on_air.ends_at, now.end_of(&on_air.info)) else { return };
    if ends_at > now.monotonic && end.abs_diff(ends_at) > SLEW {
        on_air.ends_at = Some(end);
    }
}

/// The bell of the armed lesson rings: what ran until then ends at that frame.
fn ring(state: &mut State, now: &Now, effects: &mut Vec<Effect>) {
    let Some(Armed { due, begins_at }) = state.armed.take_if(|armed| armed.begins_at <= now.monotonic) else {
        return;
    };
    if let Some(before) = state.on_air.take() {
        state.take_off(before, begins_at, now, effects, true);
    }
    effects.push(Effect::Persist(due.info.clone()));
    let ends_at = begins_at + Duration::try_from(due.until.duration_since(due.begin)).unwrap_or_default();
    state.on_air =
        Some(OnAir { info: due.info, joined_at: begins_at, ends_at: Some(ends_at), told_end: None });
    state.preparing = None;
}

fn end_if_due(state: &mut State, now: &Now, effects: &mut Vec<Effect>) {
    let is_due = |on_air: &mut OnAir| on_air.ends_at.is_some_and(|ends_at| ends_at <= now.monotonic);
    if let Some(on_air) = state.on_air.take_if(is_due) {
        // The frame that the recorder was told of, when it was.
        let at = on_air.told_end.or(on_air.ends_at).unwrap_or(now.monotonic);
        state.take_off(on_air, at, now, effects, true);
    }
}

/// A lesson whose bell has rung already: the box was off, or the hour unknown.
fn join_late(state: &mut State, now: &Now, effects: &mut Vec<Effect>) {
    let Some(due) = state.due_now(now) else { return };
    if state.on_air.is_some() || state.is_armed_for(due) {
        return;
    }
    effects.push(Effect::Persist(due.info.clone()));
    effects.push(Effect::PutOnAir { info: due.info.clone(), entrance: Entrance::Late });
    state.on_air = Some(OnAir::new(due.info.clone(), now));
    state.preparing = None;
}

/// Makes the room ready for the next lesson, and tells the recorder in time.
fn prepare(state: &mut State, agenda: &Agenda, now: &Now, effects: &mut Vec<Effect>) {
    if agenda.running.as_ref().is_some_and(|due| state.is_armed_for(due)) {
        return; // By the wall clock it has begun; the frame comes in a moment.
    }
    let is_on_air = |due: &Due| state.on_air.as_ref().is_some_and(|on_air| on_air.info.id == *due.id());
    let coming = state.due_next(now).filter(|due| now.is_near(due) && !is_on_air(due));
    state.preparing = coming.map(|due| due.id().clone());
    let wanted = coming
        .map(|due| Armed { due: due.clone(), begins_at: now.monotonic_of(due.begin) })
        .filter(|coming| coming.begins_at - now.monotonic <= AHEAD);
    let stays = match (&state.armed, &wanted) {
        (Some(armed), Some(wanted)) => {
            armed.due == wanted.due && armed.begins_at.abs_diff(wanted.begins_at) <= SLEW
        }
        (armed, wanted) => armed.is_none() && wanted.is_none(),
    };
    if stays {
        return;
    }
    disarm(state, now, effects);
    if let Some(wanted) = wanted {
        let (info, entrance) = (wanted.due.info.clone(), Entrance::Bell(wanted.begins_at));
        effects.push(Effect::PutOnAir { info, entrance });
        state.armed = Some(wanted);
    }
}

/// Takes back what the recorder was told of a lesson that has not begun.
pub(super) fn disarm(state: &mut State, now: &Now, effects: &mut Vec<Effect>) {
    if let Some(armed) = state.armed.take() {
        effects.push(Effect::TakeOffAir { lesson: armed.due.info.id, at: now.monotonic });
    }
}

/// The recorder cuts at the frame, so it must know before.
fn tell_end_ahead(state: &mut State, now: &Now, effects: &mut Vec<Effect>) {
    let bell = state.armed.as_ref().map(|armed| armed.begins_at);
    let Some(on_air) = &mut state.on_air else { return };
    let end = on_air.ends_at.into_iter().chain(bell).min();
    let is_near = |end: &Duration| *end <= now.monotonic + AHEAD;
    if let Some(end) = end.filter(|end| is_near(end) || on_air.told_end.is_some())
        && on_air.told_end != Some(end)
    {
        effects.push(Effect::TakeOffAir { lesson: on_air.info.id.clone(), at: end });
        on_air.told_end = Some(end);
    }
}

/// What a person begins: the planned lesson, when its bell is near; the rest of
/// the planned lesson, when it was ended before its time; else one that stands
/// in no timetable.
pub(super) fn by_hand(
    state: &mut State,
    info: LessonInfo,
    now: &Now,
    effects: &mut Vec<Effect>,
) -> LessonInfo {
    if let Some(due) = state.due_next(now).filter(|due| now.is_near(due)) {
        disarm(state, now, effects);
        state.preparing = None;
        return due.begun_as(&info);
    }
    if let Some(due) = state.due_now(now) {
        return due.begun_as(&info);
    }
    let Some(Agenda { running: Some(due), .. }) = &now.agenda else { return info };
    let until = info.planned_until.map_or(due.until, |until| until.min(due.until));
    LessonInfo {
        title: due.info.title.clone(),
        planned: due.info.planned.clone(),
        planned_until: Some(until),
        ..info
    }
}

/// A signal or sound begins a lesson only where the timetable wants none, and
/// only while somebody can tell.
pub(super) fn let_begin_by_itself(now: &Now) -> Result<(), Refusal> {
    let refuse = |code: &str, text| Err(Refusal::new(code, text));
    let Some(agenda) = &now.agenda else { return refuse("hour_unknown", messages::hour_unknown()) };
    if agenda.running.is_some() || agenda.next.as_ref().is_some_and(|due| now.is_near(due)) {
        return refuse("planned_lesson_near", messages::planned_lesson_near());
    }
    Ok(())
}

/// Later by so many minutes, but not into the next planned lesson.
pub(super) fn prolong(
    state: &mut State,
    minutes: u32,
    now: &Now,
    effects: &mut Vec<Effect>,
) -> Result<Done, Refusal> {
    let next = state.due_next(now);
    let Some(on_air) = &mut state.on_air else { return Err(no_lesson_running()) };
    let Some(ends_at) = on_air.ends_at else {
        return Err(Refusal::new("no_end", messages::nothing_to_prolong()));
    };
    let bell = next.map(|due| now.monotonic_of(due.begin));
    let wanted = ends_at + Duration::from_secs(60 * u64::from(minutes));
    let end = bell.map_or(wanted, |bell| wanted.min(bell));
    if let Some(due) = next.filter(|_| end <= ends_at) {
        let text = messages::next_lesson_follows(&due.info.title);
        return Err(Refusal::new("next_lesson_follows", text));
    }
    on_air.ends_at = Some(end);
    let (lesson, until) = (on_air.info.id.clone(), now.moment_of(end));
    on_air.info.planned_until = Some(until);
    effects.push(Effect::Persist(on_air.info.clone()));
    tell_end_ahead(state, now, effects);
    Ok(Done { lesson: Some(lesson), until: Some(until) })
}
