//! XLSX, cell by cell, so that a sheet of a few cells at its far end takes no
//! more memory than they do.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx};
use lectern_api::messages::import as words;

use super::{LONGEST_CELL, MOST_CELLS, MOST_COLUMNS, MOST_ROWS, Sheet};
use crate::mistake::{Mistakes, Wrong};

/// The most that all parts of the file may hold, unpacked, in bytes.
const MOST_UNPACKED: u64 = 64 << 20;
const MOST_PARTS: usize = 2_000;
const MOST_SHEETS: usize = 200;

pub(super) fn read(bytes: &[u8]) -> Result<Vec<Sheet>, Mistakes> {
    let bad = |error: &dyn std::fmt::Display| -> Mistakes {
        Mistakes::of_file((words::bad_xlsx(error), words::bad_xlsx_remedy()))
    };
    bounded(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| bad(&error))?;
    let names = book.sheet_names();
    if names.len() > MOST_SHEETS {
        return Err(Mistakes::of_file(large()));
    }
    let mut sheets = Vec::new();
    let mut count = 0;
    for name in names {
        let mut rows: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        {
            // A chart has a name in the book too, and no cells.
            let Ok(mut cells) = book.worksheet_cells_reader(&name) else { continue };
            while let Some(cell) = cells.next_cell().map_err(|error| bad(&error))? {
                let (row, column) = cell.get_position();
                let (row, column) = (row as usize + 1, column as usize);
                let text = text_of(cell.get_value());
                if text.is_empty() {
                    continue;
                }
                count += 1;
                if count > MOST_CELLS
                    || text.len() > LONGEST_CELL
                    || rows.len() > MOST_ROWS
                    || column >= MOST_COLUMNS
                {
                    return Err(Mistakes::of_file(large()));
                }
                let cells = rows.entry(row).or_default();
                cells.resize(cells.len().max(column + 1), String::new());
                cells[column] = text;
            }
        }
        let mut sheet =
            Sheet { name: Some(name.clone()), rows: rows.into_iter().collect(), ..Sheet::default() };
        let merged = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
        for region in merged.iter().take(MOST_CELLS) {
            let rows = region.end.0.saturating_sub(region.start.0) as usize + 1;
            if rows > 1 {
                sheet.tall.insert((region.start.0 as usize + 1, region.start.1 as usize), rows);
            }
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

/// Unpacks every part once, for its size only: what a part says of its own size
/// may be a lie.
fn bounded(bytes: &[u8]) -> Result<(), Mistakes> {
    let bad =
        |error: &dyn std::fmt::Display| Mistakes::of_file((words::bad_xlsx(error), words::bad_xlsx_remedy()));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| bad(&error))?;
    if archive.len() > MOST_PARTS {
        return Err(Mistakes::of_file(large()));
    }
    let mut left = MOST_UNPACKED;
    for number in 0..archive.len() {
        let part = archive.by_index(number).map_err(|error| bad(&error))?;
        let mut part = part.take(left + 1);
        let unpacked = std::io::copy(&mut part, &mut std::io::sink()).map_err(|error| bad(&error))?;
        left = left.checked_sub(unpacked).ok_or_else(|| Mistakes::of_file(large()))?;
    }
    Ok(())
}

fn large() -> Wrong {
    (words::table_large(), words::table_large_remedy())
}

/// As it was typed. A spreadsheet makes a date of `3-4`: month and day are what
/// stood there.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(moment) => {
            let (_, month, day, hour, minute, ..) = moment.to_ymd_hms_milli();
            if moment.as_f64() < 1.0 { format!("{hour:02}:{minute:02}") } else { format!("{month}-{day}") }
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
    }
}
