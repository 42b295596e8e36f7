//! Any payload on a command's topic: it is judged, and what is accepted is still
//! wanted.

#![no_main]

use std::collections::BTreeSet;

use jiff::Timestamp;
use lectern_api::Name;
use lectern_api::mqtt::{Channel, Topic};
use lectern_mqtt::client::Wanted;
use lectern_mqtt::commands::{KINDS, LONGEST, Verdict, judge};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, payload)) = bytes.split_first() else { return };
    let kind = KINDS[usize::from(*which) % KINDS.len()];
    let name = |text| Name::new(text).expect("a name");
    let topic = Topic::device(Channel::Command { kind: name(kind), id: name("1") });
    let wanted = Wanted { topic, payload: payload.to_vec() };
    let now: Timestamp = "2026-03-02T08:00:00Z".parse().expect("a time");
    let allowed: BTreeSet<String> = KINDS.iter().map(ToString::to_string).collect();
    match judge(&wanted, Some(now), &allowed, None) {
        Verdict::Accept { valid_until, .. } => {
            assert!(valid_until >= now && valid_until.duration_since(now) <= LONGEST);
        }
        Verdict::Refuse(refusal) => {
            assert!(!refusal.text.en.is_empty() && !refusal.text.zh.is_empty());
        }
        Verdict::Ignore => {}
        Verdict::Repeat(_) | Verdict::Begun => panic!("nothing was noted"),
    }
});
