//! Holidays and make-up days: the JSON of holiday-cn, a file for each year.

use jiff::civil::Date;
use lectern_api::messages::{import as words, timetable};
use serde::Deserialize;
use serde_json::Value;

use super::{Form, Import, Options, Summary};
use crate::check::{self, Item};
use crate::mistake::{Mistake, Mistakes, Place, Wrong};
use crate::model::{Holiday, Makeup, Term, Timetable, weekday_of};

/// A day of the file.
#[derive(Debug, Deserialize)]
struct Day {
    name: String,
    date: String,
    #[serde(rename = "isOffDay")]
    is_off_day: bool,
}

/// As many as ten years of files put together have.
const MOST_DAYS: usize = 1_000;

pub(super) fn read(text: &str, options: &Options) -> Result<Import, Mistakes> {
    let (holidays, makeups) = days(text)?;
    let only_days = options.base.is_none() && options.term.is_none();
    let mut timetable = match (&options.base, &options.term) {
        (Some(base), _) => base.clone(),
        (None, Some(term)) => Timetable::new(term.clone()),
        (None, None) => Timetable::new(around(&holidays, &makeups)),
    };
    merge(&mut timetable, holidays, makeups);
    let mut notices = Vec::new();
    if !only_days {
        let findings = check::check(&timetable, &|_: Item, _: &str| Place::File);
        if !findings.mistakes.is_empty() {
            return Err(Mistakes::sorted(findings.mistakes));
        }
        notices = findings.notices;
    }
    let summary = Summary::of(&timetable);
    Ok(Import { form: Form::Holidays, timetable, only_days, summary, ignored: Vec::new(), notices })
}

fn days(text: &str) -> Result<(Vec<Holiday>, Vec<Makeup>), Mistakes> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let place = Place::Line { line: error.line().max(1), column: Some(error.column()) };
        let wrong = (words::bad_json(error), words::bad_json_remedy());
        Mistakes(vec![Mistake::new(place, "", wrong)])
    })?;
    let list = value.get("days").unwrap_or(&value).as_array();
    let list = list.filter(|days| days.len() <= MOST_DAYS);
    let list = list.ok_or_else(|| Mistakes::of_file((words::no_days(), words::no_days_remedy())))?;
    // Where the days stand in the text, when nothing else is called a date.
    let at: Vec<usize> = text.match_indices("\"date\"").map(|(at, _)| at).collect();
    let place = |number: usize| match at.get(number) {
        Some(offset) if at.len() == list.len() => Place::line(text[..*offset].matches('\n').count() + 1),
        _ => Place::File,
    };
    let mut mistakes = Vec::new();
    let mut read: Vec<(Date, String, bool)> = Vec::new();
    for (number, day) in list.iter().enumerate() {
        match one_day(day) {
            Ok(day) if read.iter().any(|(date, ..)| *date == day.0) => {
                let wrong = (words::day_twice(day.0), words::day_twice_remedy());
                mistakes.push(Mistake::new(place(number), "date", wrong));
            }
            Ok(day) => read.push(day),
            Err((field, wrong)) => mistakes.push(Mistake::new(place(number), field, wrong)),
        }
    }
    if !mistakes.is_empty() {
        return Err(Mistakes::sorted(mistakes));
    }
    read.sort();
    let mut holidays: Vec<Holiday> = Vec::new();
    let mut makeups = Vec::new();
    for (date, name, off) in read {
        match holidays.last_mut() {
            _ if !off => makeups.push(Makeup { date, name, follows: None }),
            Some(last) if last.name == name && last.to.tomorrow().ok() == Some(date) => last.to = date,
            _ => holidays.push(Holiday { name, from: date, to: date }),
        }
    }
    Ok((holidays, makeups))
}

fn one_day(day: &Value) -> Result<(Date, String, bool), (&'static str, Wrong)> {
    let day =
        Day::deserialize(day).map_err(|error| ("days", (words::bad_day(error), words::bad_day_remedy())))?;
    let date = day.date.parse().map_err(|_| {
        let found: String = day.date.chars().take(20).collect();
        ("date", (timetable::bad_date(found), timetable::bad_date_remedy()))
    })?;
    let name: String = day.name.chars().filter(|c| !c.is_control()).take(40).collect();
    Ok((date, name, day.is_off_day))
}

/// Weeks that hold all of the days.
fn around(holidays: &[Holiday], makeups: &[Makeup]) -> Term {
    let dates = holidays.iter().flat_map(|h| [h.from, h.to]).chain(makeups.iter().map(|m| m.date));
    let (first, last) = (dates.clone().min(), dates.max());
    let first = first.unwrap_or(jiff::civil::date(2026, 1, 1));
    let back = i64::from(weekday_of(first)) - 1;
    let monday = first.saturating_sub(jiff::Span::new().days(back));
    Term { name: String::new(), monday, end: last.unwrap_or(monday) }
}

/// New days take the place of those that they overlap or share a name with in a
/// year. What the school added itself stays, and so do its answers to whose
/// lessons a make-up day has.
fn merge(timetable: &mut Timetable, holidays: Vec<Holiday>, mut makeups: Vec<Makeup>) {
    let replaced = |old: &Holiday| {
        holidays.iter().any(|new| {
            let same = new.name == old.name && new.from.year() == old.from.year();
            same || (new.from <= old.to && old.from <= new.to)
        })
    };
    for makeup in &mut makeups {
        let answered = timetable.makeups.iter().find(|old| old.date == makeup.date);
        makeup.follows = answered.and_then(|old| old.follows);
    }
    let again = |old: &Makeup| {
        makeups
            .iter()
            .any(|new| new.date == old.date || (new.name == old.name && new.date.year() == old.date.year()))
    };
    timetable.holidays.retain(|old| !replaced(old));
    timetable.makeups.retain(|old| !again(old));
    timetable.holidays.extend(holidays);
    timetable.makeups.extend(makeups);
    timetable.holidays.sort_by_key(|holiday| holiday.from);
    timetable.makeups.sort_by_key(|makeup| makeup.date);
}
