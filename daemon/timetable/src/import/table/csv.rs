//! CSV: commas, semicolons or tabs, whichever the first lines have most of.

use lectern_api::messages::import as words;

use super::{LONGEST_CELL, MOST_CELLS, MOST_COLUMNS, MOST_ROWS, Sheet};
use crate::mistake::{Mistake, Mistakes, Place};

pub(super) fn read(text: &str) -> Result<Sheet, Mistakes> {
    let head: String = text.lines().take(20).collect();
    let separator = [b',', b'\t', b';'].into_iter().max_by_key(|s| head.bytes().filter(|b| b == s).count());
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator.unwrap_or(b','))
        .from_reader(text.as_bytes());
    let mut sheet = Sheet::default();
    let mut cells = 0;
    let mut lines = Lines { text, at: 0, line: 1 };
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line);
            let place = Place::line(usize::try_from(line).unwrap_or(usize::MAX));
            Mistakes(vec![Mistake::new(place, "", (words::bad_csv(error), words::bad_csv_remedy()))])
        })?;
        let line = lines.of(record.position());
        cells += record.len();
        let large = record.iter().any(|cell| cell.len() > LONGEST_CELL);
        if sheet.rows.len() >= MOST_ROWS || record.len() > MOST_COLUMNS || cells > MOST_CELLS || large {
            let wrong = (words::table_large(), words::table_large_remedy());
            return Err(Mistakes(vec![Mistake::new(Place::line(line), "", wrong)]));
        }
        sheet.rows.push((line, record.iter().map(str::to_owned).collect()));
    }
    Ok(sheet)
}

/// Counts lines. What the reader says of a record's line is before the empty
/// lines above it.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, position: Option<&csv::Position>) -> usize {
        let begin = position.and_then(|p| usize::try_from(p.byte()).ok()).unwrap_or(self.at);
        let behind = self.text.as_bytes().get(begin..).unwrap_or_default();
        let begin = begin + behind.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.text.as_bytes().get(self.at..begin).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.at = begin.max(self.at);
        self.line
    }
}
