//! What the box says about the lessons it knows.

use serde::{Deserialize, Serialize};

use crate::manifest::{Deletion, LessonInfo};
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
    /// Somebody wants it deleted; an administrator decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_request: Option<DeletionRequest>,
    /// It must not be deleted, by anybody or by age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// It was deleted on purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
}

/// A wish that an administrator has not decided on yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletionRequest {
    /// When it was made, UTC.
    pub at: jiff::Timestamp,
    /// Who made it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A lesson that is kept whatever anybody asks (封存).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Since when, UTC.
    pub since: jiff::Timestamp,
    /// Who put it there.
    pub by: String,
    /// Why.
    pub reason: String,
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
    /// What is wrong; empty is proven complete.
    pub problems: Vec<crate::Text>,
    /// The key it is signed with, when the signature holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
}
