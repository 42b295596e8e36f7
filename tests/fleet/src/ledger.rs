//! What a platform makes of what it hears. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::Value;

/// What counts of a message that a broker keeps: of the health only whether the
/// box is there, of the open alarms not when and after which event they were
/// written down. Nothing of an empty one.
#[must_use]
pub fn essence(topic: &str, payload: &[u8]) -> Option<Value> {
    if payload.is_empty() {
        return None;
    }
    let mut value: Value = serde_json::from_slice(payload).unwrap_or(Value::Null);
    if topic.ends_with("/status/health") {
        return Some(value["status"].take());
    }
    if topic.ends_with("/twin/alarms")
        && let Some(object) = value.as_object_mut()
    {
        object.remove("time");
        object.remove("sequence");
    }
    Some(value)
}

/// Neither a number nor a command: units of numbers are kept, the numbers pass.
fn is_kept(topic: &str) -> bool {
    !topic.contains("/cmd/") && (!topic.contains("/m/") || topic.ends_with("/meta"))
}

/// Everything heard so far.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Messages, of whatever kind.
    pub messages: u64,
    /// Events that came again.
    pub repeated: u64,
    /// Events of one stamp that are not the same: never.
    pub contradictions: Vec<String>,
    /// The newest of what a broker keeps.
    pub state: HashMap<String, Value>,
    /// By device and epoch, the events by their number.
    events: HashMap<(String, String), BTreeMap<u64, u64>>,
}

impl Ledger {
    /// Takes a message in.
    pub fn take(&mut self, topic: &str, payload: &[u8]) {
        self.messages += 1;
        let Some(device) = topic.split('/').nth(2) else { return };
        if topic.contains("///e/") {
            self.event(device, payload);
        } else if is_kept(topic) {
            match essence(topic, payload) {
                Some(essence) => drop(self.state.insert(topic.to_owned(), essence)),
                None => drop(self.state.remove(topic)),
            }
        }
    }

    fn event(&mut self, device: &str, payload: &[u8]) {
        let mut event: Value = serde_json::from_slice(payload).unwrap_or(Value::Null);
        let (Some(epoch), Some(sequence)) = (event["epoch"].as_str(), event["sequence"].as_u64()) else {
            self.contradictions.push(format!("{device}: an event without a stamp"));
            return;
        };
        let stamp = (device.to_owned(), epoch.to_owned());
        // A repetition may say that it happened before.
        if let Some(object) = event.as_object_mut() {
            object.remove("properties");
        }
        let mut hasher = DefaultHasher::new();
        event.to_string().hash(&mut hasher);
        let hash = hasher.finish();
        match self.events.entry(stamp).or_default().insert(sequence, hash) {
            Some(former) if former == hash => self.repeated += 1,
            Some(_) => self.contradictions.push(format!("{device}: two events {sequence}")),
            None => {}
        }
    }

    /// Events, each counted once.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events.values().map(|numbers| numbers.len() as u64).sum()
    }

    /// The numbers up to `newest` that never came.
    #[must_use]
    pub fn missing(&self, device: &str, epoch: &str, newest: u64) -> BTreeSet<u64> {
        let known = self.events.get(&(device.to_owned(), epoch.to_owned()));
        (1..=newest).filter(|number| !known.is_some_and(|known| known.contains_key(number))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(sequence: u64, text: &str, historical: bool) -> Vec<u8> {
        let properties = serde_json::json!({ "historical": historical });
        let event = serde_json::json!({
            "epoch": "a", "sequence": sequence, "text": text, "properties": properties,
        });
        serde_json::to_vec(&event).unwrap()
    }

    #[test]
    fn what_is_lost_doubled_or_contradicted_is_seen() {
        let mut ledger = Ledger::default();
        let topic = "te/device/LB-1///e/lesson";
        ledger.take(topic, &event(1, "x", false));
        ledger.take(topic, &event(1, "x", true));
        ledger.take(topic, &event(3, "y", false));
        assert_eq!((ledger.events(), ledger.repeated, ledger.contradictions.len()), (2, 1, 0));
        assert_eq!(ledger.missing("LB-1", "a", 4), BTreeSet::from([2, 4]));
        assert_eq!(ledger.missing("LB-1", "b", 1), BTreeSet::from([1]));
        ledger.take(topic, &event(3, "z", false));
        assert_eq!(ledger.contradictions.len(), 1);
    }

    #[test]
    fn the_newest_word_counts_and_an_empty_one_clears() {
        let mut ledger = Ledger::default();
        let alarm = "te/device/LB-1/service/camera/a/camera.lost";
        let health = "te/device/LB-1/service/lecternd/status/health";
        ledger.take(alarm, b"{}");
        ledger.take(health, br#"{"status":"up","time":"x"}"#);
        ledger.take(health, br#"{"status":"down","time":"y"}"#);
        assert_eq!(ledger.state[health], "down");
        let spool = "te/device/LB-1/service/spool/m/spool";
        ledger.take(spool, br#"{"pending_s":1.0}"#);
        ledger.take(&format!("{spool}/meta"), br#"{"units":{"pending_s":"s"}}"#);
        assert!(!ledger.state.contains_key(spool) && ledger.state.len() == 3);
        ledger.take(alarm, b"");
        assert!(!ledger.state.contains_key(alarm));
        assert_eq!(
            essence("te/device/LB-1///twin/alarms", br#"{"time":1,"alarms":[]}"#).unwrap()["time"],
            Value::Null
        );
    }
}
