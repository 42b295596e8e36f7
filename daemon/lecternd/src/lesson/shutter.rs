//! The privacy shutter: picture and sound off at once, in every state. It lifts
//! by itself at the end of the lesson, or of the day; at the end of the day in
//! any case.

use jiff::Timestamp;
use lectern_api::account::Cause;
use lectern_api::command::{Done, Refusal};
use lectern_api::messages;
use lectern_api::status::ShutterStatus;
use serde::{Deserialize, Serialize};

use super::machine::{Effect, Now, State};
use crate::journal::Entry;

/// The closed shutter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shutter {
    kept: Kept,
    /// Monotonic time of the end of the day.
    day_ends_at: std::time::Duration,
}

/// What is remembered of it across a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    since: Timestamp,
    /// The end of the day.
    midnight: Timestamp,
    /// Whether it stays closed when the lesson ends.
    today: bool,
}

impl Shutter {
    /// For the status; `lesson_ends` is the planned end of the running lesson.
    pub(crate) fn status(&self, lesson_ends: Option<Timestamp>) -> ShutterStatus {
        let Kept { since, midnight, today } = self.kept;
        let until = if today { Some(midnight) } else { lesson_ends };
        ShutterStatus { since, until }
    }
}

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

impl State {
    pub(super) fn move_shutter(
        &mut self,
        closed: bool,
        today: bool,
        now: &Now,
        effects: &mut Vec<Effect>,
    ) -> Result<Done, Refusal> {
        if closed {
            let since = self.shutter.map_or(now.utc, |shutter| shutter.kept.since);
            let today = today || self.shutter.is_some_and(|shutter| shutter.kept.today);
            self.close_shutter(Kept { since, midnight: now.midnight, today }, now, effects);
        } else if self.shutter.is_some() {
            self.open_shutter(effects);
        } else {
            return Err(Refusal::new("shutter_open", messages::shutter_is_open()));
        }
        let on_air = self.on_air.as_ref().map(|on_air| on_air.info.id.clone());
        Ok(Done { lesson: on_air, until: None })
    }

    fn close_shutter(&mut self, kept: Kept, now: &Now, effects: &mut Vec<Effect>) {
        // First of all the picture.
        if self.shutter.is_none() {
            effects.push(Effect::Shutter { closed: true });
            effects.push(Effect::Journal(Entry::Began { cause: Cause::Shutter, until: None }));
        }
        // Where the hour is not known, a day from now.
        let is_known = now.agenda.is_some();
        let day_ends_at = if is_known { now.monotonic_of(kept.midnight) } else { now.monotonic + DAY };
        self.shutter = Some(Shutter { kept, day_ends_at });
        effects.push(Effect::Remember(Some(kept)));
    }

    fn open_shutter(&mut self, effects: &mut Vec<Effect>) {
        if self.shutter.take().is_some() {
            effects.push(Effect::Shutter { closed: false });
            effects.push(Effect::Journal(Entry::Ended { cause: Cause::Shutter }));
            effects.push(Effect::Remember(None));
        }
    }

    /// What an earlier start left. While the hour is unknown it stays closed.
    pub(super) fn shutter_found(&mut self, found: Option<Kept>, now: &Now, effects: &mut Vec<Effect>) {
        if let Some(kept) = found {
            self.close_shutter(kept, now, effects);
        }
    }

    pub(super) fn lesson_ended(&mut self, effects: &mut Vec<Effect>) {
        if self.shutter.is_some_and(|shutter| !shutter.kept.today) {
            self.open_shutter(effects);
        }
    }

    pub(super) fn open_shutter_if_due(&mut self, now: &Now, effects: &mut Vec<Effect>) {
        // By the monotonic clock: one that is set wrong must not open it.
        if self.shutter.is_some_and(|shutter| shutter.day_ends_at <= now.monotonic) {
            self.open_shutter(effects);
        }
    }
}
