//! A spreadsheet. Every text is a cell of the type text: none of them is ever
//! a formula.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::table::{Cell, Sheet};

/// What a cell of a spreadsheet may hold.
const LONGEST: usize = 32_767;

pub(super) fn write(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    for sheet in sheets {
        let page = book.add_worksheet();
        page.set_name(&sheet.name)?;
        for (column, name) in (0_u16..).zip(&sheet.heading) {
            page.write_string_with_format(0, column, *name, &bold)?;
        }
        for (row, cells) in (1_u32..).zip(&sheet.rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                match cell {
                    Cell::Number(number) => page.write_number(row, column, *number)?,
                    Cell::Text(text) => {
                        let text: String = text.chars().take(LONGEST).collect();
                        page.write_string(row, column, text)?
                    }
                };
            }
        }
        page.set_freeze_panes(1, 0)?;
        page.autofit();
    }
    book.save_to_buffer()
}
