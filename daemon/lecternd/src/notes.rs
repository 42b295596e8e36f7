//! What is to be remembered, written down in order beside those who decide: the
//! disk may take its time, they must not.

use std::sync::Arc;

use lectern_api::manifest::Trigger;
use tokio::sync::mpsc;

use crate::facts::{self, Facts, FactsError};
use crate::journal::{Journal, Record};
use crate::lesson::shutter;
use crate::off_thread::OffThread as _;

/// Something to be remembered.
#[derive(Debug)]
pub(crate) enum Note {
    /// How the shutter is: closed like this, or open.
    Shutter(Option<shutter::Kept>),
    /// Something that happened.
    Journal(Record),
    /// What begins lessons by itself has had its chance in this boot of the
    /// machine, or has gone away since.
    Spent { trigger: Trigger, boot: Option<String> },
}

/// The key of the shutter among the facts of the box.
pub(crate) const SHUTTER: &str = "shutter";

/// The key of what begins lessons by itself.
pub(crate) fn spent_key(trigger: Trigger) -> &'static str {
    if trigger == Trigger::Sound { "spent.sound" } else { "spent.signal" }
}

/// Writes until nobody is left who notes anything.
pub(crate) async fn run(facts: Arc<Facts>, journal: Arc<Journal>, notes: &mut mpsc::Receiver<Note>) {
    while let Some(note) = notes.recv().await {
        let (text, journal) = (format!("{note:?}"), Arc::clone(&journal));
        if let Err(error) = facts.off_thread(move |facts| write(facts, &journal, &note)).await {
            tracing::error!(note = text, %error, "a restart will not know of this");
        }
    }
}

fn write(facts: &Facts, journal: &Journal, note: &Note) -> Result<(), FactsError> {
    match note {
        Note::Shutter(Some(kept)) => facts.put(facts::BOX, SHUTTER, kept),
        Note::Shutter(None) => facts.delete(facts::BOX, SHUTTER),
        Note::Journal(record) => journal.write(record),
        Note::Spent { trigger, boot: Some(boot) } => facts.put(facts::BOX, spent_key(*trigger), boot),
        Note::Spent { trigger, boot: None } => facts.delete(facts::BOX, spent_key(*trigger)),
    }
}
