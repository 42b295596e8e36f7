//! Weekdays across, periods down: one grid for each class, several on a sheet.

use lectern_api::messages::{import as words, timetable};

use super::{Reading, Sheet, cell, list};
use crate::hours::{Hours, Slot, plain};
use crate::import::names;
use crate::mistake::Mistake;
use crate::model::Lesson;

/// How far above its header the title of a grid is looked for, in rows.
const TITLE_WITHIN: usize = 3;

/// The columns of the weekdays, and the class.
type Header = (Vec<(usize, u8)>, Option<String>);

/// Whether there is a grid on the sheet; then it has been read.
pub(super) fn read(sheet: &Sheet, reading: &mut Reading<'_>) -> bool {
    let days = |cells: &[String]| -> Vec<(usize, u8)> {
        let named =
            cells.iter().enumerate().filter_map(|(at, cell)| Some((at, names::weekday_heading(cell)?)));
        named.collect()
    };
    let mut open: Option<Header> = None;
    let mut found = false;
    for (at, (row, cells)) in sheet.rows.iter().enumerate() {
        let header = days(cells);
        if header.len() >= 3 {
            open = Some((header, class_above(sheet, at, reading)));
            found = true;
            continue;
        }
        if let Some((days, class)) = &open {
            grid_row(sheet, (*row, cells), days, class.as_ref(), reading);
        }
    }
    found
}

/// The class that the title above a grid, else the sheet's name, tells.
fn class_above(sheet: &Sheet, at: usize, reading: &Reading<'_>) -> Option<String> {
    let above = sheet.rows[at.saturating_sub(TITLE_WITHIN)..at].iter().rev();
    let titles = above.flat_map(|(_, cells)| cells.iter()).chain(sheet.name.iter());
    titles.into_iter().find_map(|title| names::class_in(title)).or_else(|| reading.options.class.clone())
}

fn grid_row(
    sheet: &Sheet,
    (row, cells): (usize, &[String]),
    days: &[(usize, u8)],
    class: Option<&String>,
    reading: &mut Reading<'_>,
) {
    let first_day = days.first().map_or(0, |(at, _)| *at);
    let labels = &cells[..first_day.min(cells.len())];
    let slot = labels.iter().rev().find_map(|label| label_slot(label));
    let hours = labels.iter().find_map(|label| label_hours(label));
    let filled = |(at, _): &&(usize, u8)| cells.get(*at).is_some_and(|cell| !cell.trim().is_empty());
    let slot = match (slot, hours) {
        (Some(slot), hours) => {
            if let (Slot::Periods { first, last }, Some(hours)) = (slot, hours)
                && first == last
            {
                reading.bells.entry(first).or_insert(hours);
            }
            slot
        }
        (None, Some(hours)) => Slot::Hours(hours),
        (None, None) => {
            // 午休, 大课间, a note below the grid: no lesson, but something.
            if days.iter().any(|day| filled(&day)) {
                let label = labels.iter().find(|label| !label.trim().is_empty());
                let label = label.map_or("", |label| label.trim());
                reading.ignore(sheet.place(row, 0), words::ignored_label(label));
            }
            return;
        }
    };
    for (column, weekday) in days.iter().filter(filled) {
        let place = sheet.place(row, *column);
        let slot = taller(slot, sheet.tall.get(&(row, *column)).copied());
        for entry in cell::entries(&cells[*column], &|word| reading.is_room(word)) {
            for rest in &entry.rest {
                reading.ignore(place.clone(), words::ignored_word(rest));
            }
            let weeks = entry.weeks.unwrap_or_default();
            let weeks = list::within(weeks, reading.found.timetable.term.weeks());
            let slot = entry.slot.unwrap_or(slot);
            if entry.subject.chars().count() > 40 {
                let short: String = entry.subject.chars().take(20).collect();
                let wrong = (timetable::bad_text(short), timetable::bad_text_remedy(40));
                reading.mistakes.push(Mistake::new(place.clone(), "", wrong));
                continue;
            }
            let lesson = Lesson {
                weekday: *weekday,
                slot,
                weeks,
                class: entry.class.or_else(|| class.cloned()),
                subject: entry.subject,
                teacher: entry.teacher,
                room: entry.room,
            };
            reading.take(place.clone(), lesson);
        }
    }
}

/// A cell that goes on for several rows is a lesson of several periods.
fn taller(slot: Slot, rows: Option<usize>) -> Slot {
    match (slot, rows.and_then(|rows| u8::try_from(rows).ok())) {
        (Slot::Periods { first, last }, Some(rows)) if last.saturating_add(rows) <= crate::MAX_PERIOD => {
            Slot::Periods { first, last: last + rows - 1 }
        }
        _ => slot,
    }
}

/// `第1节`, `一`, `1`, `1-2`, `上午 第1节 08:20-09:00`.
fn label_slot(label: &str) -> Option<Slot> {
    let text = plain(label);
    let text = ["上午", "下午", "晚上"].iter().find_map(|half| text.strip_prefix(half)).unwrap_or(&text);
    // The hours behind it are not the number.
    let number = match (text.find('节'), text.find(':')) {
        (Some(end), _) => &text[..end],
        (None, Some(_)) => return None,
        (None, None) => text,
    };
    Slot::parse_periods(number)
}

fn label_hours(label: &str) -> Option<Hours> {
    let text = plain(label);
    let begin = text.find(|c: char| c.is_ascii_digit() || c == ':').filter(|_| text.contains(':'))?;
    let from = text.find("节").map_or(begin, |at| at + "节".len());
    Hours::parse(text.get(from..)?.trim_matches(['(', ')']))
}
