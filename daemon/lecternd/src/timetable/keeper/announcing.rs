//! What the keeper tells everybody.

use std::sync::Arc;

use jiff::civil::Date;
use lectern_api::timetable::{OpenMakeup, PendingVersion, TimetableStatus, Version};
use lectern_timetable::{Plan, Timetable};

use super::super::in_force::InForce;
use super::super::record::Answer as MakeupFact;
use super::super::room::room_of;
use super::Keeper;

impl Keeper {
    /// Tells everybody how it stands, when that changed.
    pub(super) fn announce(&mut self) {
        // Working it out costs milliseconds for a large school.
        if self.told == Some((self.today(), self.changes)) {
            return;
        }
        let next = self.in_force();
        self.announced.send_if_modified(|announced| {
            let changes = !announced.says_the_same(&next);
            if changes {
                *announced = Arc::new(next);
            }
            changes
        });
        self.told = Some((self.today(), self.changes));
    }

    fn in_force(&self) -> InForce {
        let timetable = self.book.in_force().map(|new| self.unless_new(new));
        let former = Arc::clone(&self.announced.borrow());
        let is_former = |timetable: &Arc<Timetable>| {
            former.timetable.as_ref().is_some_and(|former| Arc::ptr_eq(former, timetable))
        };
        let room = timetable
            .as_ref()
            .and_then(|timetable| room_of(timetable, self.settings.room.as_deref(), &self.settings.place));
        let plan = timetable.as_ref().zip(room.as_ref()).map(|(timetable, room)| match &former.plan {
            Some(plan) if is_former(timetable) && plan.room() == room => plan.clone(),
            _ => Plan::new(Arc::clone(timetable)).for_room(room.as_str()),
        });
        let record = self.book.record();
        let zone = timetable.as_ref().map_or(&self.settings.time_zone, |timetable| &timetable.time_zone);
        let today = self.clock.utc().to_zoned(zone.clone()).date();
        let rooms = timetable.as_ref().filter(|_| room.is_none());
        let rooms = rooms.map_or_else(Vec::new, |t| t.rooms().into_iter().map(str::to_owned).collect());
        let ambiguous = plan.as_ref().map_or_else(Vec::new, |plan| open_makeups(plan.school(), today));
        let unwritten = self.unwritten.as_ref().map(|unwritten| &unwritten.why);
        let status = TimetableStatus {
            configured: self.settings.configured,
            room,
            rooms,
            in_force: record.week.and_then(|week| self.book.version(week)).cloned(),
            since: record.since,
            dates_of: record.dates.filter(|dates| Some(*dates) != record.week),
            pending: self.pending(),
            refused: self.refused.values().max_by_key(|refused| refused.at).cloned(),
            trouble: self.trouble.values().next().or(unwritten).cloned(),
            ambiguous,
        };
        let mut versions: Vec<Version> = record.versions.clone();
        versions.sort_by_key(|version| version.number);
        InForce {
            plan,
            margins: self.settings.margins,
            status,
            versions,
            makeups: record.answers.values().map(|MakeupFact { said, .. }| said.clone()).collect(),
            runs_on: record.runs_on.clone(),
            timetable,
        }
    }

    /// The timetable that is announced already, when nothing about it changed:
    /// its plan need not be made again.
    fn unless_new(&self, timetable: Arc<Timetable>) -> Arc<Timetable> {
        let announced = self.announced.borrow().timetable.clone();
        let same = |one: &Arc<Timetable>| Arc::ptr_eq(one, &timetable) || **one == *timetable;
        announced.filter(same).unwrap_or(timetable)
    }

    fn pending(&self) -> Vec<PendingVersion> {
        let record = self.book.record();
        let coming = record.coming.as_ref().map(|coming| (coming.number, Some(coming.from), Vec::new()));
        let waiting = record.waiting.iter().map(|w| (w.number, None, w.doubts.clone()));
        let pending = coming.into_iter().chain(waiting).filter_map(|(number, from, doubts)| {
            Some(PendingVersion { version: self.book.version(number)?.clone(), from, doubts })
        });
        pending.collect()
    }
}

fn open_makeups(plan: &Plan, today: Date) -> Vec<OpenMakeup> {
    let open = plan.ambiguous(today).into_iter().map(|makeup| OpenMakeup {
        date: makeup.date,
        name: makeup.name.clone(),
        in_days: today
            .until(makeup.date)
            .ok()
            .and_then(|span| u32::try_from(span.get_days()).ok())
            .unwrap_or(0),
    });
    open.collect()
}
