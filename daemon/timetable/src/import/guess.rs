//! Which form a file has, by its content.

use super::{Form, text};

/// The form that a file looks like. Its name is not asked: schools send
/// calendars as `.txt` and tables as `.xls`.
#[must_use]
pub fn guess(bytes: &[u8]) -> Option<Form> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Some(Form::Table);
    }
    let text = text::decode(bytes).ok()?;
    let begin = text.trim_start();
    if begin.get(..15).is_some_and(|b| b.eq_ignore_ascii_case("BEGIN:VCALENDAR")) {
        return Some(Form::Ical);
    }
    if begin.starts_with('{') || (begin.starts_with('[') && begin.contains("isOffDay")) {
        return Some(Form::Holidays);
    }
    let line = |begins: &dyn Fn(&str) -> bool| text.lines().take(10_000).any(|line| begins(line.trim_end()));
    if line(&|l| l == "[term]" || l == "[[lesson]]" || l.starts_with("[term] ")) {
        return Some(Form::Own);
    }
    if line(&|l| l.starts_with("schedules:") || l.starts_with("subjects:")) {
        return Some(Form::Cses);
    }
    let separated = |l: &str| l.matches([',', '\t', ';']).count() >= 2;
    line(&separated).then_some(Form::Table)
}
