//! The book on the disk: one fact for the record, one for each timetable. The
//! timetables are written before the record names them and taken away after it
//! stopped doing so, so that a crash between any two facts loses nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use lectern_timetable::own;

use super::book::Book;
use super::record::{Kept, Record};
use crate::facts::{Facts, FactsError, TIMETABLE};

const RECORD: &str = "record";
const TEXT: &str = "text/";

/// One write.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Write {
    /// A timetable, by the SHA-256 of its text.
    Text(String, Arc<str>),
    /// The record.
    Record(Box<Record>),
    /// A timetable that no version needs any more.
    Forget(String),
}

/// What to write, in this order, so that `after` is there instead of `before`.
pub(crate) fn writes(before: &Book, after: &Book) -> Vec<Write> {
    let news = after.texts().iter().filter(|(sha256, _)| !before.texts().contains_key(*sha256));
    let mut writes: Vec<Write> =
        news.map(|(sha256, kept)| Write::Text(sha256.clone(), Arc::clone(&kept.text))).collect();
    if before.record() != after.record() {
        writes.push(Write::Record(Box::new(after.record().clone())));
    }
    let gone = before.texts().keys().filter(|sha256| !after.texts().contains_key(*sha256));
    writes.extend(gone.map(|sha256| Write::Forget(sha256.clone())));
    writes
}

/// Makes one write durable. Blocks on the disk.
pub(crate) fn carry_out(facts: &Facts, write: &Write) -> Result<(), FactsError> {
    match write {
        Write::Text(sha256, text) => facts.put(TIMETABLE, &key(sha256), &text.to_string()),
        Write::Record(record) => facts.put(TIMETABLE, RECORD, record),
        Write::Forget(sha256) => facts.delete(TIMETABLE, &key(sha256)),
    }
}

/// The book as it was left. What cannot be read is missing, and told to the
/// log: a box with half of its book is better off than one without.
pub(crate) fn load(facts: &Facts) -> Book {
    let record: Record = match facts.get(TIMETABLE, RECORD) {
        Ok(record) => record.unwrap_or_default(),
        Err(error) => {
            tracing::error!(%error, "which timetable was in force is lost; it is fetched again");
            Record::default()
        }
    };
    let mut kept = BTreeMap::new();
    for version in &record.versions {
        match read(facts, &version.sha256) {
            Ok(Some(timetable)) => drop(kept.insert(version.sha256.clone(), timetable)),
            Ok(None) => tracing::error!(version = version.number, "a timetable is missing on the disk"),
            Err(error) => tracing::error!(version = version.number, error, "a timetable cannot be read back"),
        }
    }
    sweep(facts, &record);
    Book::restored(record, kept)
}

/// Takes away what a crash left behind.
fn sweep(facts: &Facts, record: &Record) {
    let texts = facts.scan::<String>(TIMETABLE, TEXT, "", 4 * super::book::KEPT).unwrap_or_default();
    for (key, _) in texts {
        let is_needed = |version: &lectern_api::timetable::Version| key.ends_with(&version.sha256);
        if !record.versions.iter().any(is_needed)
            && let Err(error) = facts.delete(TIMETABLE, &key)
        {
            tracing::warn!(%error, "a timetable that nobody needs stays on the disk");
        }
    }
}

fn read(facts: &Facts, sha256: &str) -> Result<Option<Kept>, String> {
    let Some(text) = facts.get::<String>(TIMETABLE, &key(sha256)).map_err(|error| error.to_string())? else {
        return Ok(None);
    };
    let checked = own::read(text.as_bytes()).map_err(|mistakes| mistakes.to_string())?;
    Ok(Some(Kept { text: text.into(), timetable: Arc::new(checked.timetable) }))
}

fn key(sha256: &str) -> String {
    format!("{TEXT}{sha256}")
}
