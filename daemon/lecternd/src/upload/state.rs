//! What a store's unit tells about itself.

use lectern_api::status::ArchiveState;
use lectern_api::{Kbps, Text};

/// Both lanes, and how fast they are.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct UploadState {
    pub(crate) fresh: LaneState,
    pub(crate) backlog: LaneState,
    /// Over the last minute of uploading.
    pub(crate) rate: Kbps,
}

/// One lane.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct LaneState {
    /// It is sending.
    pub(crate) busy: bool,
    /// It has something to send and the hours for it have not come.
    pub(crate) waits_for_hours: bool,
    /// Why its last try failed.
    pub(crate) last_error: Option<Text>,
}

impl UploadState {
    pub(crate) fn state(&self) -> ArchiveState {
        if self.last_error().is_some() {
            ArchiveState::Retrying
        } else if self.fresh.busy || self.backlog.busy {
            ArchiveState::Uploading
        } else {
            ArchiveState::Idle
        }
    }

    /// The running lesson's trouble first.
    pub(crate) fn last_error(&self) -> Option<&Text> {
        self.fresh.last_error.as_ref().or(self.backlog.last_error.as_ref())
    }

    /// Whether nothing moves until an hour comes.
    pub(crate) fn waits_for_hours(&self) -> bool {
        self.fresh.waits_for_hours || self.backlog.waits_for_hours
    }
}
