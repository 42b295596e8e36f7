//! Tables as schools keep them: a list with a lesson in each row, or a grid of
//! weekdays and periods; CSV in any encoding, or XLSX.

mod cell;
mod csv;
mod grid;
mod list;
mod xlsx;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lectern_api::messages::import as words;

use super::{Found, Ignored, Options, frame, names, slots, text};
use crate::hours::{Hours, Slot};
use crate::mistake::{Mistake, Mistakes, Place};
use crate::model::{Bell, Lesson};

/// A list of every lesson of 120 classes, and room to spare.
const MOST_ROWS: usize = 20_000;
const MOST_COLUMNS: usize = 200;
const MOST_CELLS: usize = 400_000;
/// The longest text of a cell, in bytes.
const LONGEST_CELL: usize = 4_000;

/// One sheet of a file. Rows and columns count from 0.
#[derive(Debug, Default)]
struct Sheet {
    /// None for CSV.
    name: Option<String>,
    /// Each with its number in the file, from 1.
    rows: Vec<(usize, Vec<String>)>,
    /// How many rows a cell goes on for, where that is more than one; by the
    /// number of its row in the file and its column.
    tall: HashMap<(usize, usize), usize>,
}

impl Sheet {
    fn place(&self, row: usize, column: usize) -> Place {
        match &self.name {
            Some(sheet) => Place::Cell { sheet: sheet.clone(), row, column: column + 1 },
            None => Place::line(row),
        }
    }
}

/// What lists and grids read into.
struct Reading<'o> {
    options: &'o Options,
    found: Found,
    /// Hours that the table itself gives to periods.
    bells: BTreeMap<u8, Hours>,
    mistakes: Vec<Mistake>,
}

impl Reading<'_> {
    fn ignore(&mut self, place: Place, why: lectern_api::Text) {
        self.found.ignored.push(Ignored::new(place, why));
    }

    fn take(&mut self, place: Place, lesson: Lesson) {
        self.found.lessons.push((place, lesson));
    }

    /// Whether a word is the name of a room that is known or looks like one.
    fn is_room(&self, word: &str) -> bool {
        let base = self.options.base.as_ref();
        names::is_room(word) || base.is_some_and(|base| base.rooms().contains(&word))
    }
}

pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Found, Mistakes> {
    let sheets = if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(Mistakes::of_file((words::old_excel(), words::old_excel_remedy())));
    } else if bytes.starts_with(b"PK") {
        xlsx::read(bytes)?
    } else {
        vec![csv::read(&text::decode(bytes)?)?]
    };
    let found = Found { timetable: frame(options)?, lessons: Vec::new(), ignored: Vec::new() };
    let mut reading = Reading { options, found, bells: BTreeMap::new(), mistakes: Vec::new() };
    let mut understood = false;
    for sheet in &sheets {
        understood |= list::read(sheet, &mut reading) || grid::read(sheet, &mut reading);
    }
    if !understood {
        return Err(Mistakes::of_file((words::no_header(), words::no_header_remedy())));
    }
    let Reading { mut found, bells, mistakes, .. } = reading;
    if !mistakes.is_empty() {
        return Err(Mistakes::sorted(mistakes));
    }
    ring(&mut found, bells);
    Ok(found)
}

/// Bells from the table, where the base has none; and periods for lessons that
/// the table gives hours only.
fn ring(found: &mut Found, bells: BTreeMap<u8, Hours>) {
    if found.timetable.bells.is_empty() {
        let hours: BTreeSet<Hours> = found.lessons.iter().filter_map(|(_, l)| hours_of(l)).collect();
        let bell = if bells.is_empty() {
            slots::bell_from(&hours)
        } else {
            Some(Bell { periods: bells, ..Bell::default() })
        };
        found.timetable.bells.extend(bell);
    }
    for (_, lesson) in &mut found.lessons {
        if let Some(hours) = hours_of(lesson) {
            let grade = lesson.class.as_deref().and_then(names::grade_of);
            lesson.slot = slots::slot_of(&found.timetable, grade, hours);
        }
    }
}

fn hours_of(lesson: &Lesson) -> Option<Hours> {
    match lesson.slot {
        Slot::Hours(hours) => Some(hours),
        Slot::Periods { .. } => None,
    }
}
