//! What the robot says, and when: pure. A group that is told of everything is
//! muted by its members, so it hears of what a person must act on, late enough
//! that it did not mend itself, a few times a day at most.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use lectern_api::Text;
use lectern_api::fault::{Fault, Severity};
use serde::{Deserialize, Serialize};

/// What is gone by itself in this time is nobody's work; what is back in it was
/// never gone.
pub(super) const SETTLED: SignedDuration = SignedDuration::from_mins(1);
/// Between two messages, whatever happens; vendors allow 20 in a minute.
pub(super) const PAUSE: SignedDuration = SignedDuration::from_mins(5);
/// Messages of a day.
pub(super) const DAILY: u32 = 20;

/// What the robot remembers: durable, so that a restart does not tell it again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Memory {
    /// What was told and is not over, by code and unit.
    told: BTreeMap<String, Told>,
    /// When the last message went out.
    last: Option<Timestamp>,
    /// The day that is counted, and its messages.
    day: Option<Date>,
    sent: u32,
}

/// A fault that was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    since: Timestamp,
    text: Text,
}

impl Memory {
    /// When the last message went out.
    pub(super) fn last(&self) -> Option<Timestamp> {
        self.last
    }
}

/// What is seen of faults between messages; it begins anew with the daemon.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Since when each is seen open.
    open: BTreeMap<String, Timestamp>,
    /// Since when what was told is gone.
    gone: BTreeMap<String, Timestamp>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// What has begun, the worst first.
    pub(super) begun: Vec<Fault>,
    /// What is over: since when it was there, and what it was.
    pub(super) over: Vec<(Timestamp, Text)>,
    /// Whether it is the last one of the day.
    pub(super) is_last: bool,
    /// What is to be remembered once it is out.
    pub(super) after: Memory,
}

fn key(fault: &Fault) -> String {
    format!("{}/{}", fault.code, fault.unit)
}

/// The message that is due, from everything that is wrong now. `today` is the
/// date on the wall.
pub(super) fn due(
    memory: &Memory,
    watch: &mut Watch,
    faults: &[Fault],
    now: Timestamp,
    today: Date,
) -> Option<Message> {
    let open: BTreeMap<String, &Fault> = faults
        .iter()
        .filter(|fault| fault.severity >= Severity::Major)
        .map(|fault| (key(fault), fault))
        .collect();
    watch.open.retain(|key, _| open.contains_key(key));
    watch.gone.retain(|key, _| memory.told.contains_key(key) && !open.contains_key(key));
    for key in open.keys() {
        watch.open.entry(key.clone()).or_insert(now);
    }
    for key in memory.told.keys().filter(|key| !open.contains_key(*key)) {
        watch.gone.entry(key.clone()).or_insert(now);
    }
    let is_settled = |since: &Timestamp| now.duration_since(*since) >= SETTLED;
    let begun = open
        .iter()
        .filter(|(key, _)| !memory.told.contains_key(*key) && watch.open.get(*key).is_some_and(is_settled));
    let mut begun: Vec<Fault> = begun.map(|(_, fault)| (*fault).clone()).collect();
    begun.sort_by_key(|fault| (std::cmp::Reverse(fault.severity), fault.since));
    let over: Vec<String> =
        watch.gone.iter().filter(|(_, since)| is_settled(since)).map(|(key, _)| key.clone()).collect();
    let sent = if memory.day == Some(today) { memory.sent } else { 0 };
    let is_early = memory.last.is_some_and(|last| {
        // A clock that was set back does not silence the robot for long.
        (SignedDuration::ZERO..PAUSE).contains(&now.duration_since(last))
    });
    if (begun.is_empty() && over.is_empty()) || is_early || sent >= DAILY {
        return None;
    }
    let mut told = memory.told.clone();
    let over =
        over.iter().filter_map(|key| told.remove(key)).map(|Told { since, text }| (since, text)).collect();
    told.extend(
        begun.iter().map(|fault| (key(fault), Told { since: fault.since, text: fault.text.clone() })),
    );
    let after = Memory { told, last: Some(now), day: Some(today), sent: sent + 1 };
    Some(Message { begun, over, is_last: sent + 1 == DAILY, after })
}

#[cfg(test)]
mod tests;
