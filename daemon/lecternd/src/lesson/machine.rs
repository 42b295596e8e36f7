//! Which lesson runs and what is to be done about it: a pure function of what
//! was and what happens. A lesson only moves forward: planned, preparing, on
//! air, draining, closed.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use lectern_api::account::Cause;
use lectern_api::command::{Done, Refusal};
use lectern_api::manifest::{GapReason, LessonInfo, Trigger};
use lectern_api::status::LessonState;
use lectern_api::{LessonId, Text, Ticks, messages};

use super::agenda::{Agenda, Due};
use super::bell;
use super::resume::{CutShort, Stale};
use super::shutter::{self, Shutter};
use crate::journal::Entry;

/// What the box is doing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct State {
    pub(crate) on_air: Option<OnAir>,
    /// Ready to begin at its bell.
    pub(super) armed: Option<Armed>,
    /// The planned lesson that the room is made ready for.
    pub(super) preparing: Option<LessonId>,
    /// Ended, with their last fragments still on the way to the disk.
    draining: Vec<Draining>,
    /// Planned lessons that are over and do not begin again, by their date.
    pub(super) over: BTreeMap<LessonId, Date>,
    /// Lessons that the daemon's last end cut short, until the clock is known.
    pub(super) cut_short: Vec<CutShort>,
    pub(crate) shutter: Option<Shutter>,
    /// Whether the room must be left alone.
    pub(super) suspended: bool,
    /// No lesson begins any more.
    stopping: bool,
}

impl State {
    /// Whether a lesson runs or is about to begin: no time for a restart.
    pub(crate) fn is_in_use(&self) -> bool {
        self.on_air.is_some() || self.armed.is_some() || self.preparing.is_some()
    }
}

/// The running lesson.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OnAir {
    pub(crate) info: LessonInfo,
    /// Monotonic time at which this start of the daemon began to record it.
    pub(crate) joined_at: Duration,
    /// Monotonic time at which it ends by itself. The wall clock may leap in
    /// the middle of a lesson; the lesson must not.
    pub(super) ends_at: Option<Duration>,
    /// The end that the recorder has been told of ahead.
    pub(super) told_end: Option<Duration>,
}

/// A planned lesson that the recorder has been told of ahead.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Armed {
    pub(super) due: Due,
    /// Monotonic time of its bell.
    pub(super) begins_at: Duration,
}

#[derive(Debug, Clone, PartialEq)]
struct Draining {
    lesson: LessonId,
    ended: Timestamp,
    /// Monotonic time after which its last fragment is no longer waited for.
    limit: Duration,
    then: Then,
}

/// What follows a lesson's last fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Its end is to be written.
    Close,
    /// Its end is being written.
    Closing,
    /// It stays open and goes on after a restart.
    LeaveOpen,
}

/// What happens.
#[derive(Debug)]
pub(crate) enum Event {
    /// Somebody or something wants a lesson to begin.
    Start { info: LessonInfo },
    /// What an earlier start of the daemon left: lessons that had not ended,
    /// planned ones that had.
    Found { cut_short: Vec<CutShort>, over: Vec<(LessonId, Date)>, shutter: Option<shutter::Kept> },
    /// Somebody wants it to end.
    Stop,
    /// What began a lesson by itself has gone away.
    Gone { lesson: LessonId },
    /// Somebody wants it to end later.
    Prolong { minutes: u32 },
    /// Somebody wants picture and sound off, or on again.
    Shutter { closed: bool, today: bool },
    /// Everything that was recorded of a lesson has been handed to the disk.
    Drained { lesson: LessonId },
    /// A lesson's end is on the disk.
    Closed { lesson: LessonId },
    /// The daemon ends; the lesson ends with it, or goes on after a restart.
    Shutdown { end_lesson: bool },
    /// Time passes.
    Tick,
}

/// When it happens.
#[derive(Debug, Clone)]
pub(crate) struct Now {
    pub(crate) utc: Timestamp,
    pub(crate) monotonic: Duration,
    /// What the timetable wants; nothing while the hour is not known.
    pub(crate) agenda: Option<Agenda>,
    /// Whether the hour is known beyond doubt.
    pub(crate) is_sure: bool,
    /// When the local day ends.
    pub(crate) midnight: Timestamp,
}

impl Now {
    /// The monotonic time of a moment; now when it has passed.
    pub(super) fn monotonic_of(&self, moment: Timestamp) -> Duration {
        self.monotonic + Duration::try_from(moment.duration_since(self.utc)).unwrap_or_default()
    }

    /// The moment of a monotonic time.
    pub(super) fn moment_of(&self, monotonic: Duration) -> Timestamp {
        let moved = if monotonic >= self.monotonic {
            self.utc.checked_add(monotonic - self.monotonic)
        } else {
            self.utc.checked_sub(self.monotonic - monotonic)
        };
        moved.unwrap_or(self.utc)
    }

    /// The monotonic time at which a lesson is to end.
    pub(super) fn end_of(&self, info: &LessonInfo) -> Option<Duration> {
        info.planned_until.map(|until| self.monotonic_of(until))
    }

    /// Why nothing may be recorded.
    pub(super) fn forbidden(&self) -> Option<&Text> {
        self.agenda.as_ref()?.forbidden.as_ref()
    }
}

/// How a lesson comes onto the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// Now.
    Fresh,
    /// At this monotonic time, which lies ahead.
    Bell(Duration),
    /// Now, although it was to begin when its facts say: what is missing is a
    /// gap.
    Late,
    /// Now, behind what was recorded of it before a restart.
    Resumed,
}

/// What is to be done, in this order.
#[derive(Debug, PartialEq)]
pub(crate) enum Effect {
    /// Make the lesson durable: before its first fragment.
    Persist(LessonInfo),
    /// Record and broadcast.
    PutOnAir { info: LessonInfo, entrance: Entrance },
    /// Record and broadcast it no longer, from this monotonic time on; it may
    /// lie ahead, and be moved while it does. A lesson that has not begun by
    /// then leaves nothing.
    TakeOffAir { lesson: LessonId, at: Duration },
    /// Nothing more comes of the lesson: write its end. `at` is where its time
    /// line ends, where that does not follow from when it left the air; `gap` is
    /// why it has nothing before its end, if it has nothing there.
    Close { lesson: LessonId, until: Timestamp, at: Option<Ticks>, gap: GapReason },
    /// Close the shutter or open it.
    Shutter { closed: bool },
    /// Write into the journal that lessons are not recorded from here on, and
    /// why, or that this has ended: the accounts of lessons follow from it.
    Journal(Entry),
    /// Remember the shutter across a restart.
    Remember(Option<shutter::Kept>),
    /// Answer whoever asked.
    Answer(Result<Done, Refusal>),
    /// Nothing is left to be waited for.
    Finished,
}

/// From the last frame to the spool's queue; beyond it something is broken and
/// waiting longer saves nothing. Shorter than what the daemon's end may take.
const DRAIN_LIMIT: Duration = Duration::from_secs(6);

/// One step.
pub(crate) fn step(mut state: State, event: Event, now: &Now) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    match event {
        Event::Start { info } => {
            let answer = state.start(info, now, &mut effects);
            effects.push(Effect::Answer(answer));
        }
        Event::Found { cut_short, over, shutter } => {
            state.cut_short = cut_short;
            state.over.extend(over);
            state.shutter_found(shutter, now, &mut effects);
        }
        Event::Stop => match state.on_air.take() {
            Some(on_air) => {
                let done = Done { lesson: Some(on_air.info.id.clone()), until: None };
                if on_air.info.planned.is_some() {
                    let until = on_air.info.planned_until;
                    effects.push(Effect::Journal(Entry::Began { cause: Cause::StoppedByHand, until }));
                }
                state.take_off(on_air, now.monotonic, now, &mut effects, true);
                effects.push(Effect::Answer(Ok(done)));
            }
            None => effects.push(Effect::Answer(Err(no_lesson_running()))),
        },
        Event::Gone { lesson } => {
            if let Some(on_air) = state.on_air.take_if(|on_air| on_air.info.id == lesson) {
                state.take_off(on_air, now.monotonic, now, &mut effects, true);
            }
        }
        Event::Prolong { minutes } => {
            let answer = bell::prolong(&mut state, minutes, now, &mut effects);
            effects.push(Effect::Answer(answer));
        }
        Event::Shutter { closed, today } => {
            let answer = state.move_shutter(closed, today, now, &mut effects);
            effects.push(Effect::Answer(answer));
        }
        Event::Drained { lesson } => {
            // The recorder may be faster than the next look at the time.
            bell::pass(&mut state, now, &mut effects);
            state.close_if(&mut effects, |d| d.lesson == lesson);
        }
        Event::Closed { lesson } => state.draining.retain(|d| d.lesson != lesson),
        Event::Shutdown { end_lesson } => {
            state.stopping = true;
            bell::disarm(&mut state, now, &mut effects);
            if let Some(on_air) = state.on_air.take() {
                state.take_off(on_air, now.monotonic, now, &mut effects, end_lesson);
            }
        }
        Event::Tick => {
            state.close_if(&mut effects, |d| d.limit <= now.monotonic);
            if !state.stopping {
                bell::follow(&mut state, now, &mut effects);
            }
            state.open_shutter_if_due(now, &mut effects);
        }
    }
    if state.stopping && state.draining.is_empty() {
        effects.push(Effect::Finished);
    }
    (state, effects)
}

impl State {
    fn start(&mut self, info: LessonInfo, now: &Now, effects: &mut Vec<Effect>) -> Result<Done, Refusal> {
        if self.stopping {
            return Err(Refusal::new("stopping", messages::stopping()));
        }
        if let Some(why) = now.forbidden() {
            return Err(Refusal::new("suspended", why.clone()));
        }
        if let Some(running) = &self.on_air {
            let text = messages::lesson_running(&running.info.title);
            return Err(Refusal::new("lesson_running", text));
        }
        if info.trigger.is_automatic() {
            bell::let_begin_by_itself(now)?;
        }
        let info = bell::by_hand(self, info, now, effects);
        let done = Done { lesson: Some(info.id.clone()), until: info.planned_until };
        effects.push(Effect::Persist(info.clone()));
        effects.push(Effect::PutOnAir { info: info.clone(), entrance: Entrance::Fresh });
        self.on_air = Some(OnAir::new(info, now));
        Ok(done)
    }

    /// The lesson leaves the air at a monotonic time, which may have passed by a
    /// moment. With `close` it is over; without, it goes on after a restart.
    pub(super) fn take_off(
        &mut self,
        on_air: OnAir,
        at: Duration,
        now: &Now,
        effects: &mut Vec<Effect>,
        close: bool,
    ) {
        let OnAir { info, told_end, .. } = on_air;
        if told_end != Some(at) {
            effects.push(Effect::TakeOffAir { lesson: info.id.clone(), at });
        }
        if close && info.planned.is_some() {
            self.over.retain(|_, date| info.date.duration_since(*date) <= REMEMBERED);
            self.over.insert(info.id.clone(), info.date);
        }
        let then = if close { Then::Close } else { Then::LeaveOpen };
        let limit = at.max(now.monotonic) + DRAIN_LIMIT;
        // At its bell, to the letter, and not as two clocks round it.
        let (moment, planned) = (now.moment_of(at), info.planned_until);
        let ended = planned.filter(|planned| planned.duration_since(moment).unsigned_abs() <= bell::SLEW);
        let ended = ended.unwrap_or(moment);
        self.draining.push(Draining { lesson: info.id.clone(), ended, limit, then });
        if close {
            self.lesson_ended(effects);
        }
    }

    /// The last fragment of these is there, or is not waited for any longer.
    fn close_if(&mut self, effects: &mut Vec<Effect>, is_due: impl Fn(&Draining) -> bool) {
        self.draining.retain_mut(|d| {
            if d.then == Then::Closing || !is_due(d) {
                return true;
            }
            if d.then == Then::LeaveOpen {
                return false;
            }
            d.then = Then::Closing;
            let (lesson, gap) = (d.lesson.clone(), GapReason::PipelineRestarted);
            effects.push(Effect::Close { lesson, until: d.ended, at: None, gap });
            true
        });
    }

    /// Closes a lesson that does not go on: while it was to be recorded the
    /// daemon was away.
    pub(super) fn close_stale(&mut self, stale: Stale, effects: &mut Vec<Effect>) {
        let Stale { info, until, at } = stale;
        if info.planned.is_some() {
            self.over.insert(info.id.clone(), info.date);
        }
        effects.push(Effect::Close { lesson: info.id, until, at: Some(at), gap: GapReason::NotRunning });
    }

    /// Whether sources and mixer are needed.
    pub(crate) fn needs_room(&self) -> bool {
        self.on_air.is_some()
            || self.preparing.is_some()
            || self.armed.is_some()
            || self.draining.iter().any(|d| d.then != Then::Closing)
    }

    /// The planned lesson that the room is made ready for.
    pub(crate) fn preparing(&self) -> Option<&LessonId> {
        self.preparing.as_ref()
    }

    /// Where a lesson is in its life.
    pub(crate) fn state_of(&self, info: &LessonInfo) -> LessonState {
        if self.on_air.as_ref().is_some_and(|l| l.info.id == info.id) {
            LessonState::OnAir
        } else if info.until.is_none() || self.draining.iter().any(|d| d.lesson == info.id) {
            LessonState::Draining
        } else {
            LessonState::Complete
        }
    }
}

/// Planned lessons that are over are remembered so long: over a night and a day.
const REMEMBERED: jiff::SignedDuration = jiff::SignedDuration::from_hours(48);

impl OnAir {
    pub(super) fn new(info: LessonInfo, now: &Now) -> Self {
        let ends_at = now.end_of(&info);
        Self { info, joined_at: now.monotonic, ends_at, told_end: None }
    }
}

pub(super) fn no_lesson_running() -> Refusal {
    Refusal::new("no_lesson_running", messages::no_lesson_running())
}

/// What began a lesson, for its facts.
pub(crate) fn info(
    id: LessonId,
    title: Option<String>,
    minutes: Option<u32>,
    trigger: Trigger,
    at: Timestamp,
    zone: &jiff::tz::TimeZone,
) -> LessonInfo {
    let local = at.to_zoned(zone.clone());
    let title = title.unwrap_or_else(|| local.strftime("%H:%M").to_string());
    let length = minutes.map(|m| jiff::SignedDuration::from_mins(m.into()));
    let planned_until = length.and_then(|length| at.checked_add(length).ok());
    LessonInfo {
        id,
        title,
        date: local.date(),
        since: at,
        until: None,
        planned_until,
        trigger,
        planned: None,
    }
}

#[cfg(test)]
mod tests;
