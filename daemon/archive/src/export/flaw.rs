//! What an export could not bring over as it was recorded.

use std::fmt;

use lectern_api::{Text, Ticks, messages};

/// Something that is not in the file, or not as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// The archive does not have it, or not the init segment it needs; its time
    /// is empty in the file.
    Missing {
        /// The fragment or init segment.
        path: String,
        /// What is lost.
        duration_90k: Ticks,
    },
    /// The archive has it and does not hand it out.
    Unreadable {
        /// The fragment or init segment.
        path: String,
        /// What is lost.
        duration_90k: Ticks,
        /// What the store said.
        why: String,
    },
    /// It is so damaged that no player could go on behind it; left out.
    Unusable {
        /// The fragment or init segment.
        path: String,
        /// What is lost.
        duration_90k: Ticks,
    },
    /// Its content changed since it was recorded, but it can still be played.
    Damaged {
        /// The fragment or init segment.
        path: String,
    },
}

impl Flaw {
    /// For people.
    #[must_use]
    pub fn text(&self) -> Text {
        let seconds = |ticks: &Ticks| format!("{:.1}", ticks.as_secs_f64());
        match self {
            Self::Missing { path, duration_90k } => messages::flaw_missing(path, seconds(duration_90k)),
            Self::Unreadable { path, duration_90k, why } => {
                messages::flaw_unreadable(path, seconds(duration_90k), why)
            }
            Self::Unusable { path, duration_90k } => messages::flaw_unusable(path, seconds(duration_90k)),
            Self::Damaged { path } => messages::flaw_damaged(path),
        }
    }
}

impl fmt::Display for Flaw {
    /// English: the language of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for Flaw {}
