//! What the box says about the lessons it knows.

use serde::{Deserialize, Serialize};

use crate::manifest::LessonInfo;
use crate::status::LessonState;
use crate::{Bytes, Name};

/// One lesson in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LessonEntry {
    /// What it is.
    #[serde(flatten)]
    pub lesson: LessonInfo,
    /// Where it is in its life.
    pub state: LessonState,
    /// Seconds of media.
    pub recorded_s: f64,
    /// Seconds without media, for any reason.
    pub gap_s: f64,
    /// Fragments recorded.
    pub fragments: u64,
    /// Size of the media.
    pub bytes: Bytes,
    /// Whether the media are still on this disk.
    pub held: bool,
    /// The stores that have all of it.
    pub archived: Vec<Name>,
}

/// What a check of one store's copy found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArchiveCheck {
    /// The store.
    pub archive: Name,
    /// Fragments listed there.
    pub fragments: u64,
    /// Seconds of media there.
    pub recorded_s: f64,
    /// Seconds without media, by its own manifest.
    pub gap_s: f64,
    /// What is wrong, in English; empty is proven complete.
    pub problems: Vec<String>,
}
