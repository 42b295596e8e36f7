//! What goes to the terminal: answers to standard output, everything else to
//! standard error. A closed pipe is no fault.

use std::io::{IsTerminal as _, Write as _};

use lectern_api::{Language, Text};
use serde::Serialize;

/// The terminal, or the pipe in its place.
#[derive(Debug)]
pub(crate) struct Screen {
    json: bool,
    language: Language,
}

impl Screen {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, language: Language::of_environment() }
    }

    /// The answer, for a program or for a person.
    pub(crate) fn answer<T: Serialize>(&self, value: &T, words: impl FnOnce(Language) -> String) {
        let text = if self.json {
            serde_json::to_string_pretty(value).unwrap_or_default()
        } else {
            words(self.language)
        };
        let _ = writeln!(std::io::stdout().lock(), "{}", text.trim_end());
    }

    pub(crate) fn wants_json(&self) -> bool {
        self.json
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// A word beside an answer that went elsewhere.
    pub(crate) fn say(&self, text: &Text) {
        let _ = writeln!(std::io::stdout().lock(), "{}", text.in_language(self.language));
    }

    pub(crate) fn complain(&self, text: &Text) {
        let _ = writeln!(std::io::stderr().lock(), "{}", text.in_language(self.language));
    }

    /// How far something is; only where a person looks.
    pub(crate) fn progress(&self, done: u64, total: u64) {
        let mut err = std::io::stderr().lock();
        if self.json || !err.is_terminal() {
            return;
        }
        let percent = (done * 100).checked_div(total).unwrap_or(100);
        let end = if done >= total { "\r     \r" } else { "" };
        let _ = write!(err, "\r{percent:3} %{end}");
        let _ = err.flush();
    }
}
