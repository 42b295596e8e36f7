//! Whatever the bytes are, an importer answers: with a timetable that its own
//! form can hold, or with mistakes. It never panics and never hangs.

use jiff::civil::date;
use lectern_timetable::import::{Form, Options, read};
use lectern_timetable::*;
use proptest::prelude::*;

const FORMS: [Form; 5] = [Form::Own, Form::Ical, Form::Cses, Form::Table, Form::Holidays];
const FILES: [(&[u8], Form); 8] = [
    (include_bytes!("data/village.toml"), Form::Own),
    (include_bytes!("data/school.ics"), Form::Ical),
    (include_bytes!("data/class.cses.yaml"), Form::Cses),
    (include_bytes!("data/list.gbk.csv"), Form::Table),
    (include_bytes!("data/grid.bom.csv"), Form::Table),
    (include_bytes!("data/grid.xlsx"), Form::Table),
    (include_bytes!("data/list.xlsx"), Form::Table),
    (include_bytes!("data/holidays-2026.json"), Form::Holidays),
];

fn options() -> Options {
    let term = Term { name: String::new(), monday: date(2026, 8, 31), end: date(2027, 1, 22) };
    Options { term: Some(term), room: Some("101".to_owned()), ..Options::default() }
}

/// Reads, and what was accepted is written and read again.
fn answer(bytes: &[u8], form: Option<Form>) {
    match read(bytes, form, &options()) {
        Ok(import) => {
            let text = own::write(&import.timetable);
            let again = own::read(text.as_bytes()).unwrap_or_else(|mistakes| panic!("{mistakes:#?}\n{text}"));
            assert_eq!(again.timetable, import.timetable);
        }
        Err(mistakes) => {
            assert!(!mistakes.0.is_empty());
            for mistake in &mistakes.0 {
                let texts = [&mistake.cause.en, &mistake.cause.zh, &mistake.remedy.en, &mistake.remedy.zh];
                assert!(texts.iter().all(|text| !text.is_empty()), "{mistake:?}");
            }
        }
    }
}

/// Where, what to put there instead, and how much of what was there to drop.
fn spoil() -> impl Strategy<Value = (proptest::sample::Index, Vec<u8>, usize)> {
    let bytes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..6),
        "[0-9:;,\\-\"\n\\[\\]{}一周单双节]{0,6}".prop_map(String::into_bytes),
        "(DTSTART|RRULE:|FREQ=YEARLY|COUNT=9|BYDAY=-1MO|99999999|0000|T240000|INTERVAL=0|UNTIL=1)"
            .prop_map(String::into_bytes),
    ];
    (any::<proptest::sample::Index>(), bytes, 0_usize..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_have_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for form in FORMS {
            answer(&bytes, Some(form));
        }
        answer(&bytes, None);
    }

    #[test]
    fn any_text_has_an_answer(text in "\\PC{0,200}") {
        for form in FORMS {
            answer(text.as_bytes(), Some(form));
        }
    }

    #[test]
    fn a_spoiled_file_has_an_answer(
        file in 0..FILES.len(),
        spoils in proptest::collection::vec(spoil(), 1..6),
    ) {
        let (bytes, form) = FILES[file];
        let mut bytes = bytes.to_vec();
        for (at, with, drop) in spoils {
            let at = at.index(bytes.len() + 1).min(bytes.len());
            let end = (at + drop).min(bytes.len());
            bytes.splice(at..end, with);
        }
        answer(&bytes, Some(form));
        answer(&bytes, None);
    }

    #[test]
    fn any_cell_has_an_answer(cells in proptest::collection::vec("[\\PC\n]{0,12}", 12)) {
        let list = format!("课程,星期,节次,教师,地点,周次\n{}\n", cells[..6].iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(","));
        answer(list.as_bytes(), Some(Form::Table));
        let days = cells[..5].iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",");
        let grid = format!("{},,,,,\n节次,星期一,星期二,星期三,星期四,星期五\n1,{days}\n{},{days}\n", quoted(&cells[10]), quoted(&cells[11]));
        answer(grid.as_bytes(), Some(Form::Table));
    }
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

#[test]
fn every_prefix_of_a_file_has_an_answer() {
    for (bytes, form) in FILES {
        for end in (0..bytes.len()).step_by(7) {
            answer(&bytes[..end], Some(form));
        }
    }
}

#[test]
fn a_large_file_of_little_sense_is_answered_within_its_bounds() {
    let line = "1,2,3,4,5,6,7,8,9,10\n";
    answer(line.repeat(MAX_BYTES / line.len()).as_bytes(), Some(Form::Table));
    let line = "数学,1,1,101\n";
    answer(format!("课程,星期,节次,地点\n{}", line.repeat(19_000)).as_bytes(), Some(Form::Table));
    let event = "BEGIN:VEVENT\nDTSTART:20260901T080000\nDTEND:20260901T090000\nSUMMARY:a\nRRULE:FREQ=DAILY\nEND:VEVENT\n";
    answer(event.repeat(300).as_bytes(), Some(Form::Ical));
    answer(&vec![b' '; MAX_BYTES], Some(Form::Ical));
    assert!(read(&vec![0; MAX_BYTES + 1], None, &options()).is_err());
}
