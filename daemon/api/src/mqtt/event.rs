//! `e/<type>`: something happened.

use serde::{Deserialize, Serialize};

/// What is to be known about a message beyond its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Properties {
    /// It happened before this connection began, and is sent later. `time` is
    /// when it happened.
    #[serde(default)]
    pub historical: bool,
}

/// What every `e/<type>` has. Delivered at least once; `epoch` and `sequence`
/// together are of one event only, on all topics of the box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Event {
    /// What happened.
    pub text: String,
    /// The same, 简体中文.
    pub text_zh: String,
    /// When, UTC.
    pub time: jiff::Timestamp,
    /// Whose numbers: born with the box's outbox, another one when that was lost.
    pub epoch: String,
    /// Grows by one with each event of the epoch. A number that never comes is
    /// an event that did not fit on the disk.
    pub sequence: u64,
    /// What else is to be known.
    #[serde(default)]
    pub properties: Properties,
}
