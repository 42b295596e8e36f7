use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use proptest::prelude::*;

use super::table::Cell;
use super::*;
use crate::account::tests::a_report;

fn csv_text(sheet: &table::Sheet) -> String {
    let bytes = super::csv::write(sheet).unwrap();
    assert_eq!(&bytes[..3], b"\xef\xbb\xbf", "no byte order mark");
    String::from_utf8(bytes[3..].to_vec()).unwrap()
}

fn read_back(text: &str) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn csv_opens_in_spreadsheets_with_chinese_intact_and_without_formulas() {
    let report = a_report();
    let text = csv_text(&table::sheet(&report, None, Language::ZhCn));
    assert_eq!(text.matches("\r\n").count(), text.matches('\n').count());
    let rows = read_back(&text);
    assert_eq!(rows.len(), 6);
    assert_eq!(rows[0][5..9], ["班级", "科目", "教师", "结果"]);
    assert_eq!(rows[1][5..10], ["三(2)班", "语文", "王老师", "已录", "40"]);
    assert_eq!(rows[1][10..13], ["40", "30", "0"]);
    assert_eq!(rows[2][10..15], ["7", "0", "33", "0", "断电或被强行重启"]);
    assert_eq!(rows[3][6..9], ["'=cmd|' /C calc'!A0", "'+8613800000000", "缺录"]);
    assert_eq!(rows[4][6..9], ["'-体育", "'@赵老师", "不用录"]);
    let sums = read_back(&csv_text(&table::sheet(&report, Some(By::Week), Language::En)));
    assert_eq!(sums[0][..4], ["Week", "Due", "Rec", "Missed"]);
    assert_eq!(sums[1], ["2", "4", "2", "1", "1", "1", "120", "47", "30", "73"]);
}

#[test]
fn a_spreadsheet_reads_back_with_every_text_a_text_and_every_number_a_number() {
    let report = a_report();
    let sheets = table::sheets(&report, Language::ZhCn);
    let bytes = xlsx::write(&sheets).unwrap();
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    assert_eq!(book.sheet_names(), ["课", "班级", "科目", "教师", "周次"]);
    for sheet in &sheets {
        let range = book.worksheet_range(&sheet.name).unwrap();
        assert!(book.worksheet_formula(&sheet.name).unwrap().is_empty(), "a formula in {}", sheet.name);
        for (row, cells) in sheet.rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let at = (u32::try_from(row).unwrap() + 1, u32::try_from(column).unwrap());
                match (cell, range.get_value(at)) {
                    (Cell::Number(number), Some(Data::Float(read))) => assert_eq!(number, read),
                    (Cell::Text(text), Some(Data::String(read))) => assert_eq!(text, read),
                    (Cell::Text(text), Some(Data::Empty) | None) => assert_eq!(text, ""),
                    other => panic!("{other:?} in {}", sheet.name),
                }
            }
        }
    }
}

#[test]
fn sums_in_words_fit_a_terminal() {
    use unicode_width::UnicodeWidthStr as _;
    let report = a_report();
    for language in [Language::En, Language::ZhCn] {
        let page = table::page(&report, None, language);
        assert!(page.lines().all(|line| line.width() <= 80), "{page}");
        assert!(page.contains("三(2)班"), "{page}");
    }
    assert!(table::page(&report, None, Language::ZhCn).contains("周次"));
}

proptest! {
    #[test]
    fn no_text_becomes_a_formula_and_none_is_changed_otherwise(text in "[=+@\\-\t\r ',\"一a1]{0,8}") {
        let sheet = table::Sheet {
            name: "a".to_owned(),
            heading: vec!["a", "b"],
            rows: vec![vec![Cell::Text(text.clone()), Cell::Text("b".to_owned())]],
        };
        let cell = read_back(&csv_text(&sheet))[1][0].clone();
        prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
        prop_assert_eq!(cell.strip_prefix('\'').filter(|rest| *rest == text).unwrap_or(&cell), text.as_str());
    }
}
