//! `e/repair`: somebody put something right, and the box has seen it.

use serde::{Deserialize, Serialize};

use super::Event;
use crate::Name;
use crate::messages::doctor as words;
use crate::receipt::Receipt;

/// The payload of `e/repair`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RepairEvent {
    /// As of every event.
    #[serde(flatten)]
    pub event: Event,
    /// The fault's number on its box.
    pub fault: u64,
    /// Its code.
    pub code: Name,
    /// The part of the box that it was about.
    pub unit: Name,
    /// Who did it.
    pub by: String,
    /// What was changed for another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Since when the fault was there, UTC.
    pub since: jiff::Timestamp,
    /// Since when it is over, UTC.
    pub until: jiff::Timestamp,
    /// From the one to the other, seconds.
    pub took_s: u64,
}

impl RepairEvent {
    /// As it goes into the outbox, which gives it its numbers; nothing for a
    /// fault whose code or unit is no name.
    #[must_use]
    pub fn of(receipt: &Receipt) -> Option<Self> {
        let Receipt { fault, code, unit, since, until, took_s, noted, repaired } = receipt;
        let text = words::repair_event(code, unit, &repaired.by);
        let event = Event {
            text: text.en,
            text_zh: text.zh,
            time: *noted,
            epoch: String::new(),
            sequence: 0,
            properties: Default::default(),
        };
        Some(Self {
            event,
            fault: *fault,
            code: Name::new(code).ok()?,
            unit: Name::new(unit).ok()?,
            by: repaired.by.clone(),
            part: repaired.part.clone(),
            note: repaired.note.clone(),
            since: *since,
            until: *until,
            took_s: *took_s,
        })
    }
}
