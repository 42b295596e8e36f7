//! CSV as spreadsheets take it: UTF-8 behind a byte order mark, which Excel
//! needs to show Chinese, and CRLF (RFC 4180).

use super::table::{Cell, Sheet};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) fn write(sheet: &Sheet) -> Result<Vec<u8>, csv::Error> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(&sheet.heading)?;
    for row in &sheet.rows {
        writer.write_record(row.iter().map(cell))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// A text that a spreadsheet would take for a formula is one behind an
/// apostrophe: names come from timetables that anybody may have written.
fn cell(cell: &Cell) -> String {
    let text = cell.text();
    let is_formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n']);
    if is_formula && matches!(cell, Cell::Text(_)) { format!("'{text}") } else { text }
}
