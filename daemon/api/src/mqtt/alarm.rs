//! `a/<type>`, `e/alarm` and `twin/alarms`: what is wrong.

use serde::{Deserialize, Serialize};

use super::Event;
use crate::Name;
use crate::fault::Severity;
use crate::repair::{Part, Tried};

/// The payload of `service/<unit>/a/<code>` while the fault is there. Retained;
/// an empty payload when it no longer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Alarm {
    /// What it means for the lesson.
    pub text: String,
    /// The same, 简体中文.
    pub text_zh: String,
    /// How bad.
    pub severity: Severity,
    /// Since when this time, UTC.
    pub time: jiff::Timestamp,
    /// The same from a raise to its clear: epoch and sequence of the raise.
    pub alarm_id: String,
    /// The fault's code, such as `camera.lost`; the `<type>` of the topic.
    pub code: Name,
    /// When it was raised first, as far as the box remembers.
    pub first_occurred: jiff::Timestamp,
    /// How often it was raised since then.
    pub count: u32,
    /// One thing to do.
    pub hint: String,
    /// The same, 简体中文.
    pub hint_zh: String,
    /// What the box has tried by itself, the oldest first; absent before it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<Tried>,
    /// The part that it may need; absent where none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
}

/// What happened to an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AlarmChange {
    /// It began.
    Raised,
    /// It became worse or less bad.
    Changed,
    /// It is over.
    Cleared,
}

/// The payload of `e/alarm`: every raise and clear, whoever listens when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AlarmEvent {
    /// As of every event.
    #[serde(flatten)]
    pub event: Event,
    /// What happened to it.
    pub change: AlarmChange,
    /// The part of the box that it is about.
    pub unit: Name,
    /// The alarm, as it was then.
    pub alarm: Alarm,
}

/// One of the open alarms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OpenAlarm {
    /// The part of the box that it is about.
    pub unit: Name,
    /// The alarm.
    #[serde(flatten)]
    pub alarm: Alarm,
}

/// The payload of `twin/alarms`: all that is wrong now, for whoever comes late
/// or missed something. Retained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OpenAlarms {
    /// When this changed last, UTC.
    pub time: jiff::Timestamp,
    /// Of the newest `e/alarm` that is counted in.
    pub epoch: String,
    /// Of the newest `e/alarm` that is counted in; 0 before the first one.
    pub sequence: u64,
    /// The open alarms.
    pub alarms: Vec<OpenAlarm>,
}
