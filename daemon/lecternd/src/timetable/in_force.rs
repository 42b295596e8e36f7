//! What is announced: the plan of this room, and how the timetable stands.

use std::sync::Arc;

use jiff::Timestamp;
use lectern_api::messages::timetable as words;
use lectern_api::timetable::{MakeupAnswer, TimetableReport, TimetableStatus, Version};
use lectern_timetable::plan::{Reason, Window};
use lectern_timetable::{Margins, RoomPlan, State, Timetable};

/// The timetable in force, as this room sees it.
#[derive(Debug, Clone, Default)]
pub(crate) struct InForce {
    /// What is planned here; nothing without a timetable, or when it does not
    /// tell which room this is. Ask [`Self::state_at`] for what runs.
    pub(crate) plan: Option<RoomPlan>,
    pub(crate) margins: Margins,
    pub(crate) status: TimetableStatus,
    pub(crate) versions: Vec<Version>,
    pub(crate) makeups: Vec<MakeupAnswer>,
    /// The lesson that ran when a person changed the timetable at once: it runs
    /// on as it was planned.
    pub(super) runs_on: Option<Window>,
    pub(super) timetable: Option<Arc<Timetable>>,
}

impl InForce {
    /// What runs at a point in time, what comes next, and why; nothing without
    /// a plan.
    pub(crate) fn state_at(&self, now: Timestamp) -> Option<State> {
        let plan = self.plan.as_ref()?;
        let state = plan.state_at(now, self.margins);
        let is_on = |kept: &&Window| kept.from <= now && now < kept.until;
        let runs_on = self.runs_on.as_ref().filter(is_on);
        let Some(kept) = runs_on.filter(|_| self.suspended_at(now).is_none()) else {
            return Some(state);
        };
        // Who it is about may have been corrected; when it ends has not.
        let same = state.running.as_ref().filter(|running| running.occurrence.id == kept.occurrence.id);
        let occurrence = same.map_or(&kept.occurrence, |same| &same.occurrence).clone();
        let later = plan.state_at(kept.until, self.margins);
        let follows = later.running.filter(|next| next.occurrence.id != occurrence.id);
        let next = follows.map(|next| Window { from: kept.until, ..next }).or(later.next);
        let zone = &plan.school().timetable().time_zone;
        let until = kept.until.to_zoned(zone.clone()).strftime("%H:%M");
        Some(State {
            why: words::state_running(occurrence.title(), until),
            running: Some(Window { occurrence, ..kept.clone() }),
            next,
            changes_at: Some(kept.until),
        })
    }

    /// Why this room must be left alone now, lesson or no lesson.
    pub(crate) fn suspended_at(&self, now: Timestamp) -> Option<Reason> {
        self.plan.as_ref()?.suspended_at(now)
    }

    /// A plan that is in force, and nothing else.
    #[cfg(test)]
    pub(crate) fn of(plan: RoomPlan, margins: Margins) -> Self {
        Self { plan: Some(plan), margins, ..Self::default() }
    }

    /// A plan that a person put in force while a lesson ran.
    #[cfg(test)]
    pub(crate) fn put_in_force_at(plan: RoomPlan, former: &Self, now: Timestamp) -> Self {
        let runs_on = former.state_at(now).and_then(|state| state.running);
        Self { runs_on, ..Self::of(plan, former.margins) }
    }

    /// Everything, for people and programs.
    pub(crate) fn report(&self) -> TimetableReport {
        TimetableReport {
            status: self.status.clone(),
            versions: self.versions.clone(),
            makeups: self.makeups.clone(),
        }
    }

    /// Whether there is nothing to announce.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let same_timetable = match (&self.timetable, &other.timetable) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other) || one == other,
            (None, None) => true,
            _ => false,
        };
        same_timetable
            && self.status == other.status
            && self.versions == other.versions
            && self.makeups == other.makeups
            && self.runs_on == other.runs_on
            && self.margins == other.margins
    }
}
