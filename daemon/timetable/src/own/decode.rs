//! From tables to a [`Timetable`].

use std::collections::BTreeMap;

use lectern_api::messages::timetable as words;
use toml::de::{DeTable, DeValue};

use super::overrides::overrides;
use super::reader::{Notes, Places, Reader, list, single};
use super::values::{
    any_text, date, follows, grades, hours, periods, season, text, time_zone, weeks, whole, wrong_type,
};
use crate::check::Item;
use crate::hours::{Hours, Slot};
use crate::mistake::{Mistake, Wrong};
use crate::model::{Bell, Class, Holiday, Lesson, Makeup, Term, Timetable};
use crate::{MAX_LESSONS, MAX_OVERRIDES, MAX_PERIOD};

/// What the tables of the form are called.
const TABLES: [&str; 13] = [
    "term",
    "bell",
    "class",
    "lesson",
    "holiday",
    "makeup",
    "cancel",
    "move",
    "swap",
    "substitute",
    "extra",
    "exam",
    "suspend",
];

pub(super) struct Decoded {
    /// Without the items that have mistakes; nothing at all without a term.
    pub(super) timetable: Option<Timetable>,
    pub(super) places: Places,
    pub(super) mistakes: Vec<Mistake>,
}

pub(super) fn decode(input: &str) -> Decoded {
    let (root, errors) = DeTable::parse_recoverable(input);
    let mut notes = Notes::new(input);
    for error in errors.iter().take(100) {
        notes.unreadable(error.span().map_or(0, |span| span.start), error.message());
    }
    let root = root.get_ref();
    let mut top = Reader::new("", Item::File, root, &(0..0), &mut notes);
    let school = top.optional("school", any_text).unwrap_or_default();
    let zone = top.optional("time_zone", time_zone);
    let room = top.optional("room", text);
    for table in TABLES {
        top.optional(table, |_| Ok(()));
    }
    top.finish();
    if !root.contains_key("term") {
        notes.mistake(0, "term", (words::no_term(), words::no_term_remedy()));
    }
    let term = single(root, "term", "[term]", Item::Term, &mut notes, |table| {
        let name = table.optional("name", any_text).unwrap_or_default();
        let (monday, end) = (table.required("monday", date), table.required("end", date));
        Some(Term { name, monday: monday?, end: end? })
    });
    let bells = list(root, ("bell", "[[bell]]"), 100, Item::Bell, &mut notes, bell);
    let classes = list(root, ("class", "[[class]]"), 1000, Item::Class, &mut notes, |table| {
        let (name, grade) = (table.required("name", text), table.required("grade", whole(1, 12)));
        let room = table.optional("room", text);
        Some(Class { name: name?, grade: grade?, room })
    });
    let lessons = list(root, ("lesson", "[[lesson]]"), MAX_LESSONS, Item::Lesson, &mut notes, lesson);
    let holidays = list(root, ("holiday", "[[holiday]]"), MAX_OVERRIDES, Item::Holiday, &mut notes, holiday);
    let makeups = list(root, ("makeup", "[[makeup]]"), MAX_OVERRIDES, Item::Makeup, &mut notes, |table| {
        let date = table.required("date", date);
        let name = table.optional("name", any_text).unwrap_or_default();
        let follows = table.optional("follows", follows);
        Some(Makeup { date: date?, name, follows })
    });
    let overrides = overrides(root, &mut notes);
    let timetable = term.map(|term| {
        let empty = Timetable::new(term);
        let time_zone = zone.unwrap_or(empty.time_zone.clone());
        Timetable { school, time_zone, room, bells, classes, lessons, holidays, makeups, overrides, ..empty }
    });
    Decoded { timetable, places: notes.places, mistakes: notes.mistakes }
}

fn bell(table: &mut Reader<'_, '_, '_>) -> Option<Bell> {
    let name = table.optional("name", any_text).unwrap_or_default();
    let grades = table.optional("grades", grades).unwrap_or_default();
    let from = table.optional("from", date);
    let to = table.optional("to", date);
    let season = table.optional("season", season);
    let mut numbers = Vec::new();
    let periods = table.required("periods", |value| {
        numbers = period_table(value)?;
        Ok(())
    });
    periods?;
    let mut periods = BTreeMap::new();
    for (at, key, number) in numbers {
        match number {
            Ok((number, hours)) if !periods.contains_key(&number) => drop(periods.insert(number, hours)),
            Ok((number, _)) => {
                table.notes.mistake(at, &key, (words::period_twice(number), words::period_twice_remedy()));
            }
            Err(wrong) => table.notes.mistake(at, &key, wrong),
        }
    }
    Some(Bell { name, grades, from, to, season, periods })
}

type PeriodEntry = (usize, String, Result<(u8, Hours), Wrong>);

/// `{ 1 = "08:20-09:00", 2 = … }`
fn period_table(value: &DeValue<'_>) -> Result<Vec<PeriodEntry>, Wrong> {
    let table =
        value.as_table().ok_or_else(|| wrong_type(value, "{ 1 = \"08:20-09:00\", 2 = \"09:10-09:50\" }"))?;
    let entry = |(key, value): (&toml::Spanned<std::borrow::Cow<'_, str>>, &toml::Spanned<DeValue<'_>>)| {
        let name = key.get_ref().to_string();
        let number = name.parse().ok().filter(|number| *number <= MAX_PERIOD);
        let number =
            number.ok_or_else(|| (words::bad_period(&name), words::bad_period_key_remedy(MAX_PERIOD)));
        let read = number.and_then(|number| Ok((number, hours(value.get_ref())?)));
        let at = if read.is_err() { value.span().start } else { key.span().start };
        (at, name, read)
    };
    Ok(table.iter().map(entry).collect())
}

fn lesson(table: &mut Reader<'_, '_, '_>) -> Option<Lesson> {
    let weekday = table.required("weekday", whole(1, 7));
    let slot = slot(table, true);
    let weeks = table.optional("weeks", weeks);
    let class = table.optional("class", text);
    let subject = table.required("subject", text);
    let teacher = table.optional("teacher", text);
    let room = table.optional("room", text);
    Some(Lesson {
        weekday: weekday?,
        slot: slot?,
        weeks: weeks.unwrap_or_default(),
        class,
        subject: subject?,
        teacher,
        room,
    })
}

fn holiday(table: &mut Reader<'_, '_, '_>) -> Option<Holiday> {
    let name = table.optional("name", any_text).unwrap_or_default();
    let from = table.required("from", date);
    let has_end = table.has("to");
    let to = table.optional("to", date);
    Some(Holiday { name, from: from?, to: if has_end { to? } else { from? } })
}

/// `period` or `time`, not both.
pub(super) fn slot(table: &mut Reader<'_, '_, '_>, required: bool) -> Option<Slot> {
    slot_of(table, ["period", "time"], required)
}

pub(super) fn slot_of(
    table: &mut Reader<'_, '_, '_>,
    [period_key, time_key]: [&'static str; 2],
    required: bool,
) -> Option<Slot> {
    let given = (table.has(period_key), table.has(time_key));
    let by_period = table.optional(period_key, periods);
    let by_hours = table.optional(time_key, hours).map(Slot::Hours);
    match given {
        (true, true) => table.mistake(time_key, words::slot_twice(period_key, time_key), |_| {
            words::slot_twice_remedy(period_key, time_key)
        }),
        (false, false) if required => {
            table.mistake(period_key, words::no_slot(period_key, time_key), |heading| {
                words::no_slot_remedy(heading, period_key, time_key)
            })
        }
        _ => {}
    }
    by_period.or(by_hours)
}
