//! The lines that a process writes around what it does.

use lectern_api::manifest::Gap;
use lectern_api::{Name, Ticks};
use serde::{Deserialize, Serialize};

use super::Model;

/// How the index is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spoil {
    /// Its folder is removed.
    Removed,
    /// Its database file is emptied.
    Emptied,
    /// Its database file is overwritten.
    Garbled,
}

/// Something that the spool is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Op {
    /// `begin_lesson`.
    BeginLesson(usize),
    /// `begin_run`.
    BeginRun {
        /// The lesson.
        lesson: usize,
        /// The track.
        track: Name,
        /// Its init segment.
        seed: u64,
        /// Size of that.
        bytes: usize,
    },
    /// `append`.
    Append {
        /// The lesson.
        lesson: usize,
        /// The track.
        track: Name,
        /// The run.
        run: u32,
        /// The payload.
        seed: u64,
        /// Size of that.
        bytes: usize,
        /// Begin.
        pts_90k: Ticks,
        /// Length.
        duration_90k: Ticks,
    },
    /// `record_gap`.
    Gap {
        /// The lesson.
        lesson: usize,
        /// The gap.
        gap: Gap,
    },
    /// `acknowledge`.
    Acknowledge {
        /// The lesson.
        lesson: usize,
        /// The track.
        track: Name,
        /// The number.
        seq: u64,
    },
    /// `end_lesson`.
    End(usize),
    /// `finish_archive`.
    Finish(usize),
    /// `delete`.
    Delete(usize),
    /// `make_room`.
    MakeRoom,
    /// `commit`.
    Commit,
    /// A batch of the store, see [`super::Facts`].
    Apply(u64),
    /// The index is destroyed behind the spool's back.
    Spoil(Spoil),
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Mark {
    /// The spool is about to be opened.
    Opening,
    /// Opening returned.
    Opened,
    /// Everything was looked at; this is what is there from now on.
    Adopted(Box<Model>),
    /// About to be done.
    Begin(Op),
    /// Done, with the lessons whose media were let go.
    Done(Vec<usize>),
    /// Not done: an error was answered.
    Failed(String),
}

impl Mark {
    /// As a line, without its end.
    ///
    /// # Panics
    /// Never: it can be written as JSON.
    #[must_use]
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Reads a line.
    ///
    /// # Panics
    /// When it is none of ours.
    #[must_use]
    pub fn parse(line: &str) -> Self {
        serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))
    }
}
