//! What every importer of a timetable owes: an answer, and what it accepted
//! can be written and read again.

use jiff::civil::date;
use lectern_timetable::import::{Form, Options, read};
use lectern_timetable::{Plan, Term, own};

/// Reads as this form, beside nothing and on top of a base.
///
/// # Panics
/// When the importer broke its promise.
pub fn answer(bytes: &[u8], form: Option<Form>) {
    let term = Term { name: String::new(), monday: date(2026, 8, 31), end: date(2027, 1, 22) };
    let options = Options { term: Some(term), room: Some("101".to_owned()), ..Options::default() };
    let import = match read(bytes, form, &options) {
        Ok(import) => import,
        Err(mistakes) => {
            assert!(!mistakes.0.is_empty());
            for mistake in &mistakes.0 {
                let texts = [&mistake.cause.en, &mistake.cause.zh, &mistake.remedy.en, &mistake.remedy.zh];
                assert!(texts.iter().all(|text| !text.is_empty()), "{mistake:?}");
            }
            return;
        }
    };
    let text = own::write(&import.timetable);
    let again = own::read(text.as_bytes()).unwrap_or_else(|mistakes| panic!("{mistakes:#?}\n{text}"));
    assert_eq!(again.timetable, import.timetable);
    let plan = Plan::new(import.timetable);
    let (first, _) = plan.span();
    let week = first.saturating_add(jiff::Span::new().days(6));
    for occurrence in plan.occurrences(first, week) {
        assert!(occurrence.begin < occurrence.end);
    }
}
