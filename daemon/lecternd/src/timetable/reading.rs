//! From bytes to a timetable that may be offered to the book, or to every
//! mistake in words. Pure; takes seconds for the largest file.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use lectern_api::Text;
use lectern_api::messages::book as words;
use lectern_api::timetable::Origin;
use lectern_timetable::import::{self, Options};
use lectern_timetable::{Mistake, Place, Timetable, own};
use sha2::{Digest as _, Sha256};

use super::record::Candidate;

/// So many mistakes are told.
const TOLD: usize = 20;

/// A file that was understood.
#[derive(Debug)]
pub(crate) struct Understood {
    pub(crate) candidate: Candidate,
    /// What of it was left out, and why.
    pub(crate) ignored: Vec<Text>,
    /// What deserves a word.
    pub(crate) notices: Vec<Text>,
}

/// Reads any form that is known, by its content. One that is not a whole
/// timetable is put on top of `base`.
///
/// # Errors
/// The mistakes, each in a sentence with its place; nothing is to be used then.
pub(crate) fn understand(
    bytes: &[u8],
    origin: Origin,
    base: Option<Arc<Timetable>>,
) -> Result<Understood, Vec<Text>> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(vec![words::source_empty(&origin.place)]);
    }
    let options = Options { base: base.map(Arc::unwrap_or_clone), ..Options::default() };
    let read = import::read(bytes, None, &options).map_err(|mistakes| told(&mistakes.0))?;
    if read.only_days {
        let mistake = Mistake::new(Place::File, "", (words::only_days(), words::only_days_remedy()));
        return Err(told(&[mistake]));
    }
    let text = own::write(&read.timetable);
    let ignored = read.ignored.iter().map(|ignored| at(&ignored.place, "", &ignored.why));
    let candidate = Candidate {
        sha256: sha256(text.as_bytes()),
        raw_sha256: sha256(bytes),
        text: text.into(),
        origin,
        timetable: Arc::new(read.timetable),
    };
    Ok(Understood { candidate, ignored: ignored.collect(), notices: told(&read.notices) })
}

/// As 64 hex digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

fn told(mistakes: &[Mistake]) -> Vec<Text> {
    let sentence = |mistake: &Mistake| {
        let Mistake { place, field, cause, remedy } = mistake;
        at(place, field, &words::mistake(&cause.en, &cause.zh, &remedy.en, &remedy.zh))
    };
    mistakes.iter().take(TOLD).map(sentence).collect()
}

fn at(place: &Place, field: &str, what: &Text) -> Text {
    let field = if field.is_empty() { String::new() } else { format!("{field}: ") };
    match place {
        Place::File => words::in_file(field, &what.en, &what.zh),
        Place::Line { line, .. } => words::in_line(line, field, &what.en, &what.zh),
        Place::Cell { .. } => words::in_cell(place, field, &what.en, &what.zh),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lectern_api::timetable::OriginKind;

    const VILLAGE: &str = include_str!("../../../timetable/tests/data/village.toml");

    fn read(bytes: &[u8], base: Option<Arc<Timetable>>) -> Result<Understood, Vec<Text>> {
        let origin = Origin { kind: OriginKind::Push, place: "test".to_owned() };
        understand(bytes, origin, base)
    }

    #[test]
    fn a_mistake_is_told_with_line_field_cause_and_remedy() {
        let spoiled = VILLAGE.replacen("weekday = 1", "weekday = 9", 1);
        let mistakes = read(spoiled.as_bytes(), None).unwrap_err();
        assert_eq!(mistakes.len(), 1);
        assert!(mistakes[0].zh.starts_with("第44行 weekday: 9 超出范围"), "{}", mistakes[0].zh);
        assert!(mistakes[0].en.starts_with("line 44, weekday: "), "{}", mistakes[0].en);
    }

    #[test]
    fn comments_and_order_of_keys_do_not_make_another_timetable() {
        let one = read(VILLAGE.as_bytes(), None).unwrap().candidate;
        let other = read(format!("# 新的注释\n{VILLAGE}").as_bytes(), None).unwrap().candidate;
        assert_eq!(one.sha256, other.sha256);
        assert_ne!(one.raw_sha256, other.raw_sha256);
    }

    #[test]
    fn holidays_go_into_the_timetable_in_force_and_nowhere_else() {
        let days = include_bytes!("../../../timetable/tests/data/holidays-2026.json");
        let refused = read(days, None).unwrap_err();
        assert!(refused[0].zh.contains("只有放假安排"), "{}", refused[0].zh);
        let base = read(VILLAGE.as_bytes(), None).unwrap().candidate.timetable;
        let merged = read(days, Some(Arc::clone(&base))).unwrap().candidate.timetable;
        assert_eq!(merged.lessons, base.lessons);
        assert_ne!(merged.holidays, base.holidays);
    }

    #[test]
    fn a_web_page_an_empty_file_and_garbage_are_refused_in_words() {
        for bytes in [&b"<html><body>login</body></html>"[..], b"", b"\n \n", &[0_u8; 300]] {
            let refused = read(bytes, None).unwrap_err();
            assert!(!refused.is_empty() && refused.iter().all(|text| !text.zh.is_empty()));
        }
    }
}
