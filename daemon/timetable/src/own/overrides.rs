//! The tables of dated changes.

use lectern_api::messages::timetable as words;
use toml::de::DeTable;

use super::decode::{slot, slot_of};
use super::reader::{Notes, Reader, list};
use super::values::{Moment, any_text, date, grades, moment, text, texts};
use crate::MAX_OVERRIDES;
use crate::check::Item;
use crate::overrides::{Cancel, Exam, Extra, Move, Overrides, Pick, Stretch, Substitute, Suspend, Swap};

pub(super) fn overrides(root: &DeTable<'_>, notes: &mut Notes<'_>) -> Overrides {
    let most = MAX_OVERRIDES;
    Overrides {
        cancels: list(root, ("cancel", "[[cancel]]"), most, Item::Cancel, notes, |table| {
            let pick = pick(table);
            let reason = reason(table);
            Some(Cancel { pick: pick?, reason })
        }),
        moves: list(root, ("move", "[[move]]"), most, Item::Move, notes, |table| {
            let pick = pick(table);
            let to_date = table.optional("to_date", date);
            let to_slot = slot_of(table, ["to_period", "to_time"], false);
            let to_room = table.optional("to_room", text);
            let reason = reason(table);
            Some(Move { pick: pick?, to_date, to_slot, to_room, reason })
        }),
        swaps: list(root, ("swap", "[[swap]]"), most, Item::Swap, notes, swap),
        substitutes: list(root, ("substitute", "[[substitute]]"), most, Item::Substitute, notes, |table| {
            let pick = pick(table);
            let by = table.required("by", text);
            let subject = table.optional("subject", text);
            let reason = reason(table);
            Some(Substitute { pick: pick?, by: by?, subject, reason })
        }),
        extras: list(root, ("extra", "[[extra]]"), most, Item::Extra, notes, extra),
        exams: list(root, ("exam", "[[exam]]"), most, Item::Exam, notes, |table| {
            let name = table.optional("name", any_text).unwrap_or_default();
            let during = stretch(table);
            let grades = table.optional("grades", grades).unwrap_or_default();
            let rooms = table.optional("rooms", texts).unwrap_or_default();
            Some(Exam { name, during: during?, grades, rooms })
        }),
        suspends: list(root, ("suspend", "[[suspend]]"), most, Item::Suspend, notes, |table| {
            let during = stretch(table);
            let reason = any_reason(table);
            Some(Suspend { reason, during: during? })
        }),
    }
}

fn reason(table: &mut Reader<'_, '_, '_>) -> Option<String> {
    table.optional("reason", text)
}

fn any_reason(table: &mut Reader<'_, '_, '_>) -> String {
    table.optional("reason", any_text).unwrap_or_default()
}

fn pick(table: &mut Reader<'_, '_, '_>) -> Option<Pick> {
    let date = table.required("date", date);
    let slot = slot(table, false);
    let class = table.optional("class", text);
    let room = table.optional("room", text);
    let teacher = table.optional("teacher", text);
    Some(Pick { date: date?, slot, class, room, teacher })
}

/// The other lesson is of the same class where nothing else is said.
fn swap(table: &mut Reader<'_, '_, '_>) -> Option<Swap> {
    let one = pick(table);
    let date = table.required("with_date", date);
    let slot = slot_of(table, ["with_period", "with_time"], true);
    let class = table.optional("with_class", text);
    let room = table.optional("with_room", text);
    let teacher = table.optional("with_teacher", text);
    let reason = reason(table);
    let one = one?;
    let mut with = Pick { date: date?, slot: Some(slot?), class, room, teacher };
    if !with.names_somebody() {
        with.class.clone_from(&one.class);
        with.room.clone_from(&one.room);
    }
    Some(Swap { pick: one, with, reason })
}

fn extra(table: &mut Reader<'_, '_, '_>) -> Option<Extra> {
    let date = table.required("date", date);
    let slot = slot(table, true);
    let class = table.optional("class", text);
    let subject = table.required("subject", text);
    let teacher = table.optional("teacher", text);
    let room = table.optional("room", text);
    Some(Extra { date: date?, slot: slot?, class, subject: subject?, teacher, room })
}

/// `from` and `to`, days or minutes; a day as the end is meant to its end.
fn stretch(table: &mut Reader<'_, '_, '_>) -> Option<Stretch> {
    let (from, to) = (table.required("from", moment), table.required("to", moment));
    let from = match from? {
        Moment::Date(date) => date.at(0, 0, 0, 0),
        Moment::DateTime(moment) => moment,
    };
    let until = match to? {
        Moment::Date(date) => Stretch::of_days(date, date).until,
        Moment::DateTime(moment) => moment,
    };
    if from >= until {
        table.mistake("to", words::ends_before(), |_| words::ends_before_remedy());
        return None;
    }
    Some(Stretch { from, until })
}
