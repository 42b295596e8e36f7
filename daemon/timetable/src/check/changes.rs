//! Dated changes: each must name a lesson that is there, and no two the same.

use std::collections::HashMap;

use jiff::civil::Date;
use lectern_api::messages::timetable as words;

use super::{Checker, Item};
use crate::hours::Slot;
use crate::mistake::Wrong;
use crate::model::Lesson;
use crate::overrides::Pick;
use crate::plan::Plan;

/// A lesson on a date: the date and the lesson's address, which is its identity
/// while the timetable stands still.
type Target = (Date, *const Lesson);

impl Checker<'_, '_> {
    pub(super) fn changes(&mut self) {
        let plan = Plan::new(self.timetable.clone());
        let all = plan.timetable().overrides.clone();
        let mut decided: HashMap<Target, Item> = HashMap::new();
        for (number, cancel) in all.cancels.iter().enumerate() {
            let item = Item::Cancel(number);
            let targets = self.targets(&plan, item, "date", &cancel.pick);
            self.decide(item, targets, &mut decided);
        }
        for (number, moved) in all.moves.iter().enumerate() {
            let item = Item::Move(number);
            if moved.to_date.is_none() && moved.to_slot.is_none() && moved.to_room.is_none() {
                self.mistake(item, "to_date", (words::move_nowhere(), words::move_nowhere_remedy()));
            }
            let date = moved.to_date.unwrap_or(moved.pick.date);
            self.in_term(item, "to_date", date);
            let targets = self.single(&plan, item, "date", &moved.pick);
            if let Some(lesson) = targets.first().map(|(lesson, _)| lesson.clone()) {
                let slot = moved.to_slot.unwrap_or(lesson.slot);
                self.rings(item, "to_period", date, lesson.class.as_deref(), slot);
            }
            self.decide(item, targets, &mut decided);
        }
        for (number, swap) in all.swaps.iter().enumerate() {
            let item = Item::Swap(number);
            let one = self.single(&plan, item, "date", &swap.pick);
            let other = self.single(&plan, item, "with_date", &swap.with);
            if let (Some((a, _)), Some((b, _))) = (one.first(), other.first()) {
                if a.slot.length() != b.slot.length() {
                    self.mistake(item, "with_period", (words::swap_length(), words::swap_length_remedy()));
                }
                let (a, b) = (a.clone(), b.clone());
                self.rings(item, "with_period", swap.with.date, a.class.as_deref(), b.slot);
                self.rings(item, "period", swap.pick.date, b.class.as_deref(), a.slot);
            }
            self.decide(item, one.into_iter().chain(other).collect(), &mut decided);
        }
        for (number, substitute) in all.substitutes.iter().enumerate() {
            self.targets(&plan, Item::Substitute(number), "date", &substitute.pick);
        }
        for (number, extra) in all.extras.iter().enumerate() {
            let item = Item::Extra(number);
            self.in_term(item, "date", extra.date);
            if let Some(wrong) = self.no_room(extra.room.as_deref(), extra.class.as_deref()) {
                self.mistake(item, "room", wrong);
            }
            self.rings(item, "period", extra.date, extra.class.as_deref(), extra.slot);
        }
        let rooms: Vec<String> = self.timetable.rooms().into_iter().map(str::to_owned).collect();
        for (number, exam) in all.exams.iter().enumerate() {
            for room in exam.rooms.iter().filter(|room| !rooms.contains(room)) {
                let wrong = (words::room_unknown(room), words::room_unknown_remedy());
                self.notice(Item::Exam(number), "rooms", wrong);
            }
        }
    }

    fn in_term(&mut self, item: Item, field: &str, date: Date) {
        if !self.timetable.term.contains(date) {
            self.mistake(item, field, self.outside(date));
        }
    }

    /// The bells of a date know the slot.
    fn rings(&mut self, item: Item, field: &str, date: Date, class: Option<&str>, slot: Slot) {
        if self.timetable.hours(date, self.grade(class), slot).is_none() {
            let slot = slot.text();
            let wrong: Wrong = (words::period_unknown(&slot.en, &slot.zh), words::period_unknown_remedy());
            self.mistake(item, field, wrong);
        }
    }

    /// The lessons that a pick names; none is a mistake.
    fn targets(&mut self, plan: &Plan, item: Item, field: &str, pick: &Pick) -> Vec<(Lesson, Target)> {
        if !pick.names_somebody() && self.timetable.rooms().len() > 1 {
            self.mistake(item, field, (words::pick_nobody(), words::pick_nobody_remedy()));
            return Vec::new();
        }
        let lessons = plan.ordinary(pick.date).filter(|lesson| pick.takes(lesson, plan.timetable()));
        let targets: Vec<_> =
            lessons.map(|lesson| (lesson.clone(), (pick.date, std::ptr::from_ref(lesson)))).collect();
        if targets.is_empty() {
            let why = plan.why_free(pick.date).map(|reason| reason.text());
            let why = why.unwrap_or_else(words::pick_no_match);
            let cause = words::pick_nothing(pick.date, &why.en, &why.zh);
            self.mistake(item, field, (cause, words::pick_nothing_remedy()));
        }
        targets
    }

    /// As [`Self::targets`]; more than one is a mistake too.
    fn single(&mut self, plan: &Plan, item: Item, field: &str, pick: &Pick) -> Vec<(Lesson, Target)> {
        let targets = self.targets(plan, item, field, pick);
        if targets.len() > 1 {
            let wrong = (words::pick_several(targets.len()), words::pick_several_remedy());
            self.mistake(item, field, wrong);
            return Vec::new();
        }
        targets
    }

    /// No lesson is cancelled, moved or swapped twice.
    fn decide(&mut self, item: Item, targets: Vec<(Lesson, Target)>, decided: &mut HashMap<Target, Item>) {
        for (lesson, target) in targets {
            if let Some(earlier) = decided.insert(target, item) {
                let place = (self.locate)(earlier, "").to_string();
                let cause = words::changed_twice(&lesson.subject, target.0, place);
                self.mistake(item, "date", (cause, words::changed_twice_remedy()));
            }
        }
    }
}
