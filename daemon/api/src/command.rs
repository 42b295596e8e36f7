//! What a person or a program may ask of the box. The command line, the web
//! page and the broker all send this one type.

use serde::{Deserialize, Serialize};

use crate::LessonId;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Begin a lesson now.
    Start {
        /// What the lesson is called; shown in lists and the archive.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// End by itself after so many minutes (1–720).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        minutes: Option<u32>,
    },
    /// End the running lesson.
    Stop,
    /// End the running lesson later: not before the planned end, and so much
    /// later than it would.
    Prolong {
        /// Whole minutes (1–60).
        minutes: u32,
    },
    /// Picture and sound off at once, in the record and in the broadcast; or on
    /// again.
    Shutter {
        /// Off (closed) or on again.
        closed: bool,
        /// Until the end of the day, and not of the lesson.
        #[serde(default)]
        today: bool,
    },
    /// Delete a lesson for good, here and in every archive. From an
    /// administrator it is carried out; from anybody else it is a request that
    /// an administrator decides on.
    Delete {
        /// Which.
        lesson: LessonId,
        /// Why; kept with the tombstone.
        reason: String,
        /// Carry out a request that is younger than seven days all the same.
        #[serde(default)]
        now: bool,
    },
    /// Take a request to delete back, or refuse it.
    Keep {
        /// Which.
        lesson: LessonId,
    },
    /// Keep a lesson whatever anybody asks, until [`Command::Release`].
    Hold {
        /// Which.
        lesson: LessonId,
        /// Why.
        reason: String,
    },
    /// End a [`Command::Hold`].
    Release {
        /// Which.
        lesson: LessonId,
    },
}

/// The answer to a [`Command`] that was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The lesson it was about, where there is one.
    pub lesson: Option<LessonId>,
    /// When that lesson ends by itself now, where it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<jiff::Timestamp>,
}

impl Done {
    /// The lesson's id as text; empty where there is no lesson.
    #[must_use]
    pub fn lesson_text(&self) -> &str {
        self.lesson.as_ref().map_or("", LessonId::as_str)
    }
}

/// Whether a lesson may be called so: 1 to 120 characters that are more than
/// blanks, and none that would break a list: no controls, line separators, or
/// marks that turn the direction of what follows.
#[must_use]
pub fn is_title(title: &str) -> bool {
    let garbles = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    !title.trim().is_empty() && title.chars().count() <= 120 && !title.contains(garbles)
}

/// Who is asking, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees the status.
    Viewer,
    /// Starts and stops.
    Teacher,
    /// Sees every diagnostic.
    Technician,
    /// May do everything.
    Administrator,
}

/// The body of every refused request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// A stable word for programs, such as `lesson_running`.
    pub code: String,
    /// What happened and what to do.
    pub text: crate::Text,
}

impl Refusal {
    /// A refusal with its word for programs.
    #[must_use]
    pub fn new(code: impl Into<String>, text: crate::Text) -> Self {
        Self { code: code.into(), text }
    }
}

/// Somebody tells the box what time it is: the body of `POST /api/v1/clock`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetClock {
    /// The time, with its offset from UTC (RFC 3339).
    pub utc: jiff::Timestamp,
}
