//! Lessons that the daemon's last end cut short: one may go on, the others are
//! closed. Nothing is decided before the hour is known.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_api::Ticks;
use lectern_api::manifest::LessonInfo;

use super::machine::{Effect, Entrance, Now, OnAir, State};

/// A lesson that had not ended when the daemon did.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CutShort {
    pub(crate) info: LessonInfo,
    /// When its last media was captured, as far as its anchors tell.
    pub(crate) last_media: Timestamp,
}

/// One that does not go on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stale {
    pub(super) info: LessonInfo,
    pub(super) until: Timestamp,
    pub(super) at: Ticks,
}

/// After a longer break it is not the same lesson.
const RESUME_WITHIN: SignedDuration = SignedDuration::from_hours(3);

impl CutShort {
    /// Whether it goes on: not when its planned end has passed, and not the next
    /// morning.
    fn goes_on(&self, now: Timestamp) -> bool {
        let over = self.info.planned_until.is_some_and(|until| until <= now);
        !over && now.duration_since(self.last_media) <= RESUME_WITHIN
    }

    /// What its plan still had is missing, whether anybody was there or not.
    fn into_stale(self, now: Timestamp) -> Stale {
        let Self { info, last_media } = self;
        let until = info.planned_until.map_or(last_media, |planned| planned.min(now).max(last_media));
        let since = Duration::try_from(until.duration_since(info.since)).unwrap_or_default();
        let at = if info.planned_until.is_some() { Ticks::from_duration(since) } else { Ticks(0) };
        Stale { info, until, at }
    }
}

/// Decides about all of them, once.
pub(super) fn go_on(state: &mut State, now: &Now, effects: &mut Vec<Effect>) {
    let mut lessons = std::mem::take(&mut state.cut_short);
    let newest = (0..lessons.len()).max_by_key(|number| lessons[*number].info.since);
    let may = state.on_air.is_none() && now.forbidden().is_none();
    if let Some(number) = newest.filter(|number| may && lessons[*number].goes_on(now.utc)) {
        let CutShort { info, .. } = lessons.swap_remove(number);
        effects.push(Effect::PutOnAir { info: info.clone(), entrance: Entrance::Resumed });
        state.on_air = Some(OnAir::new(info, now));
    }
    for lesson in lessons {
        state.close_stale(lesson.into_stale(now.utc), effects);
    }
}
