//! Which lesson runs and what is to be done about it: a pure function of what
//! was and what happens. A lesson only moves forward: on air, draining, closed.

use std::time::Duration;

use jiff::Timestamp;
use lectern_api::command::{Done, Refusal};
use lectern_api::manifest::{LessonInfo, Trigger};
use lectern_api::status::LessonState;
use lectern_api::{LessonId, messages};

/// What the box is doing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct State {
    pub(crate) on_air: Option<OnAir>,
    /// Ended, with their last fragments still on the way to the disk.
    draining: Vec<Draining>,
    /// No lesson begins any more.
    stopping: bool,
}

/// The running lesson.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OnAir {
    pub(crate) info: LessonInfo,
    /// Monotonic time at which it ends by itself. The wall clock may leap in
    /// the middle of a lesson; the lesson must not.
    ends_at: Option<Duration>,
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
    /// Somebody wants a lesson to begin.
    Start { info: LessonInfo },
    /// A lesson was found that had not ended when the daemon did.
    Resume { info: LessonInfo },
    /// Somebody wants it to end.
    Stop,
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
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    pub(crate) utc: Timestamp,
    pub(crate) monotonic: Duration,
}

/// What is to be done, in this order.
#[derive(Debug, PartialEq)]
pub(crate) enum Effect {
    /// Make the lesson durable: before its first fragment.
    Persist(LessonInfo),
    /// Record and broadcast. `resumed`: media of it may exist already.
    GoOnAir { info: LessonInfo, resumed: bool },
    /// Record and broadcast it no longer.
    LeaveAir(LessonId),
    /// Nothing more comes of the lesson: write its end.
    Close { lesson: LessonId, until: Timestamp },
    /// Answer whoever asked.
    Answer(Result<Done, Refusal>),
    /// Nothing is left to be waited for.
    Finished,
}

/// From the last frame to the spool's queue; beyond it something is broken and
/// waiting longer saves nothing. Shorter than what the daemon's end may take.
const DRAIN_LIMIT: Duration = Duration::from_secs(6);

/// One step.
pub(crate) fn step(mut state: State, event: Event, now: Now) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    match event {
        Event::Start { info } => start(&mut state, info, now, &mut effects),
        Event::Resume { info } => {
            effects.push(Effect::GoOnAir { info: info.clone(), resumed: true });
            state.on_air = Some(OnAir::new(info, now));
        }
        Event::Stop => match state.on_air.take() {
            Some(on_air) => {
                effects.push(Effect::LeaveAir(on_air.info.id.clone()));
                effects.push(Effect::Answer(Ok(Done { lesson: on_air.info.id.clone() })));
                state.drain(on_air, now, true);
            }
            None => {
                let text = messages::no_lesson_running();
                effects.push(Effect::Answer(Err(Refusal { code: "no_lesson_running".to_owned(), text })));
            }
        },
        Event::Drained { lesson } => state.close_if(&mut effects, |d| d.lesson == lesson),
        Event::Closed { lesson } => state.draining.retain(|d| d.lesson != lesson),
        Event::Shutdown { end_lesson } => {
            state.stopping = true;
            if let Some(on_air) = state.on_air.take() {
                effects.push(Effect::LeaveAir(on_air.info.id.clone()));
                state.drain(on_air, now, end_lesson);
            }
        }
        Event::Tick => {
            state.close_if(&mut effects, |d| d.limit <= now.monotonic);
            let ends_at = state.on_air.as_ref().and_then(|on_air| on_air.ends_at);
            let over = ends_at.is_some_and(|ends_at| ends_at <= now.monotonic);
            if over && let Some(on_air) = state.on_air.take() {
                effects.push(Effect::LeaveAir(on_air.info.id.clone()));
                state.drain(on_air, now, true);
            }
        }
    }
    if state.stopping && state.draining.is_empty() {
        effects.push(Effect::Finished);
    }
    (state, effects)
}

fn start(state: &mut State, info: LessonInfo, now: Now, effects: &mut Vec<Effect>) {
    let refusal = match (&state.on_air, state.stopping) {
        (_, true) => Some(Refusal { code: "stopping".to_owned(), text: messages::stopping() }),
        (Some(running), false) => Some(Refusal {
            code: "lesson_running".to_owned(),
            text: messages::lesson_running(&running.info.title),
        }),
        (None, false) => None,
    };
    if let Some(refusal) = refusal {
        effects.push(Effect::Answer(Err(refusal)));
        return;
    }
    effects.push(Effect::Persist(info.clone()));
    effects.push(Effect::GoOnAir { info: info.clone(), resumed: false });
    effects.push(Effect::Answer(Ok(Done { lesson: info.id.clone() })));
    state.on_air = Some(OnAir::new(info, now));
}

impl OnAir {
    fn new(info: LessonInfo, now: Now) -> Self {
        let left = |until: Timestamp| Duration::try_from(until.duration_since(now.utc)).unwrap_or_default();
        let ends_at = info.planned_until.map(|until| now.monotonic + left(until));
        Self { info, ends_at }
    }
}

impl State {
    fn drain(&mut self, on_air: OnAir, now: Now, close: bool) {
        let limit = now.monotonic + DRAIN_LIMIT;
        let then = if close { Then::Close } else { Then::LeaveOpen };
        self.draining.push(Draining { lesson: on_air.info.id, ended: now.utc, limit, then });
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
            effects.push(Effect::Close { lesson: d.lesson.clone(), until: d.ended });
            true
        });
    }

    /// Whether sources and mixer are needed.
    pub(crate) fn needs_room(&self) -> bool {
        self.on_air.is_some() || self.draining.iter().any(|d| d.then != Then::Closing)
    }

    /// Whether nothing has happened yet.
    pub(crate) fn is_new(&self) -> bool {
        *self == Self::default()
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

/// Whether a lesson that was cut short goes on: not when its planned end has
/// passed, and not the next morning.
pub(crate) fn resumes(info: &LessonInfo, last_media: Timestamp, now: Timestamp) -> bool {
    let dead = now.duration_since(last_media);
    let over = info.planned_until.is_some_and(|until| until <= now);
    !over && dead <= jiff::SignedDuration::from_hours(RESUME_WITHIN_HOURS)
}

const RESUME_WITHIN_HOURS: i64 = 3;

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
