//! The own form: TOML, described in `docs/reference/timetable.md`.

mod decode;
mod overrides;
mod reader;
mod values;
mod write;

use lectern_api::messages::timetable as words;

use crate::MAX_BYTES;
use crate::check::{self, Item};
use crate::mistake::{Mistake, Mistakes, Place};
use crate::model::Timetable;

pub use write::{write, write_days};

/// A timetable without mistakes, and what deserves a word all the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The timetable.
    pub timetable: Timetable,
    /// In the order of the file.
    pub notices: Vec<Mistake>,
}

/// Reads and checks the own form.
///
/// # Errors
/// Every mistake of the file, not only the first.
pub fn read(bytes: &[u8]) -> Result<Checked, Mistakes> {
    let text = text_of(bytes)?;
    let decode::Decoded { timetable, places, mut mistakes } = decode::decode(text);
    let lines = reader::Lines::new(text);
    let place = |item: Item, field: &str| places.find(item, field).map_or(Place::File, |at| lines.place(at));
    let mut notices = Vec::new();
    let Some(timetable) = timetable else { return Err(Mistakes::sorted(mistakes)) };
    // What could not be read is missing from the timetable: checking whether
    // things fit together would report what follows from it.
    if mistakes.is_empty() {
        let findings = check::check(&timetable, &place);
        mistakes = findings.mistakes;
        notices = findings.notices;
    }
    if mistakes.is_empty() { Ok(Checked { timetable, notices }) } else { Err(Mistakes::sorted(mistakes)) }
}

fn text_of(bytes: &[u8]) -> Result<&str, Mistakes> {
    if bytes.len() > MAX_BYTES {
        return Err(Mistakes::of_file((words::too_large(bytes.len(), MAX_BYTES), words::too_large_remedy())));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let place = Place::at(&good, good.len());
        let wrong =
            (lectern_api::messages::config_not_utf8(), lectern_api::messages::config_not_utf8_remedy());
        Mistakes(vec![Mistake::new(place, "", wrong)])
    })
}
