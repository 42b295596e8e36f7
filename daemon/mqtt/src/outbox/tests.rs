//! The outbox on a real database, and against a model on a disk that fails.

mod model;

use std::collections::BTreeSet;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use lectern_api::fault::{Fault, Severity};
use lectern_api::mqtt::{AlarmEvent, Channel, Measurement, Topic, Value as Number};
use lectern_api::repair::{Outcome, Part, Repair, Tried};
use lectern_api::{Name, Text};
use serde_json::json;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const MORNING: &str = "2026-03-02T00:00:00Z";

fn open(folder: &Path) -> Outbox {
    Outbox::open(folder, Limits::default()).unwrap().0
}

fn event_topic() -> Topic {
    Topic::device(Channel::Event(Name::new("lesson").unwrap()))
}

fn numbers(time: Timestamp) -> (Topic, Measurement) {
    let topic = Topic::device(Channel::Measurement(Name::new("thermal").unwrap()));
    (topic, Measurement::new(time, [("soc".to_owned(), Number::Number(61.5))]).unwrap())
}

fn fault(code: &str, severity: Severity, text: &str) -> Fault {
    Fault {
        tried: Vec::new(),
        part: None,
        id: 0,
        count: 1,
        until: None,
        code: code.to_owned(),
        severity,
        unit: "camera".to_owned(),
        since: at(MORNING),
        text: Text { en: text.to_owned(), zh: text.to_owned() },
        hint: Text { en: "look".to_owned(), zh: "看".to_owned() },
    }
}

fn sent(outbox: &mut Outbox, since: u64) -> Vec<Value> {
    let waiting = outbox.waiting(&BTreeSet::new(), usize::MAX, since).unwrap();
    waiting.iter().map(|message| serde_json::from_slice(&message.payload).unwrap()).collect()
}

#[test]
fn what_was_taken_in_is_there_after_a_restart_with_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let long = "课".repeat(4000);
    for text in ["first", &long] {
        outbox.push_event(Class::Event, &event_topic(), at(MORNING), &json!({ "text": text })).unwrap();
    }
    let before = sent(&mut outbox, 0);
    drop(outbox);
    let mut outbox = open(folder.path());
    assert_eq!(sent(&mut outbox, 0), before);
    assert_eq!((before[0]["sequence"].as_u64(), before[1]["sequence"].as_u64()), (Some(1), Some(2)));
    assert_eq!(before[1]["text"], long);
    assert_eq!(outbox.newest().1, 2);
    // Acknowledged once durable, it never comes back, and neither does its number.
    let ids: Vec<EntryId> = outbox.index.keys().copied().collect();
    ids.into_iter().for_each(|id| outbox.acknowledged(id));
    outbox.commit().unwrap();
    drop(outbox);
    let mut outbox = open(folder.path());
    assert!(outbox.is_empty());
    outbox.push_event(Class::Event, &event_topic(), at(MORNING), &json!({})).unwrap();
    assert_eq!(sent(&mut outbox, 0)[0]["sequence"], 3);
    assert_eq!(sent(&mut outbox, 0)[0]["epoch"], before[0]["epoch"]);
}

#[test]
fn a_database_that_fell_back_begins_a_new_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    outbox.push_event(Class::Event, &event_topic(), at(MORNING), &json!({})).unwrap();
    let former = outbox.newest().0.to_owned();
    drop(outbox);
    std::fs::write(folder.path().join("sled/db"), b"").unwrap();
    let (outbox, opened) = Outbox::open(folder.path(), Limits::default()).unwrap();
    assert!(opened.lost_something());
    assert_ne!(outbox.newest().0, former);
}

#[test]
fn alarms_go_first_and_what_happened_before_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let (topic, measurement) = numbers(at(MORNING));
    outbox.push_measurement(&topic, &measurement, at(MORNING)).unwrap();
    outbox.push_event(Class::Event, &event_topic(), at(MORNING), &json!({ "text": "begun" })).unwrap();
    outbox.compare(&[fault("camera.lost", Severity::Major, "no picture")], at(MORNING)).unwrap();
    let connected = outbox.next_place();
    outbox.push_event(Class::Event, &event_topic(), at(MORNING), &json!({ "text": "ended" })).unwrap();
    let sent = sent(&mut outbox, connected);
    let texts: Vec<_> = sent.iter().map(|payload| payload["text"].as_str()).collect();
    assert_eq!(texts, [Some("no picture"), Some("begun"), Some("ended"), None]);
    let historical: Vec<_> = sent.iter().map(|payload| payload["properties"]["historical"] == true).collect();
    assert_eq!(historical, [true, true, false, false]);
}

#[test]
fn what_was_tried_stands_in_the_alarm_at_once_and_is_no_event() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let mut lost = fault("camera.lost", Severity::Major, "no picture");
    lost.part = Some(Part::Camera);
    outbox.compare(std::slice::from_ref(&lost), at(MORNING)).unwrap();
    let told = outbox.newest().1;
    let tried = Tried { what: Repair::RestartSource, at: at(MORNING), outcome: Outcome::Done };
    lost.tried.push(tried.clone());
    assert_eq!(outbox.compare(&[lost], at(MORNING)).unwrap(), 1);
    let alarm = outbox.open_alarms().next().unwrap().alarm.clone();
    assert_eq!((alarm.tried, alarm.part), (vec![tried], Some(Part::Camera)));
    assert_eq!(outbox.newest().1, told);
}

#[test]
fn an_alarm_is_told_when_it_begins_when_it_worsens_and_when_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let minutes = |minutes| at(MORNING) + SignedDuration::from_mins(minutes);
    let lost = fault("camera.lost", Severity::Minor, "lost for 1 min");
    assert_eq!(outbox.compare(std::slice::from_ref(&lost), minutes(0)).unwrap(), 1);
    // Other words alone are no event, and are retold now and then only.
    let later = fault("camera.lost", Severity::Minor, "lost for 2 min");
    assert_eq!(outbox.compare(std::slice::from_ref(&later), minutes(1)).unwrap(), 0);
    assert_eq!(outbox.compare(std::slice::from_ref(&later), minutes(20)).unwrap(), 1);
    assert_eq!(outbox.open_alarms().next().unwrap().alarm.text, "lost for 2 min");
    // A restart of the daemon is neither a new alarm nor its end.
    drop(outbox);
    let mut outbox = open(folder.path());
    assert_eq!(outbox.compare(std::slice::from_ref(&later), minutes(21)).unwrap(), 0);
    let worse = fault("camera.lost", Severity::Major, "lost for long");
    assert_eq!(outbox.compare(&[worse], minutes(22)).unwrap(), 1);
    assert_eq!(outbox.compare(&[], minutes(23)).unwrap(), 1);
    assert_eq!(outbox.open_alarms().count(), 0);
    assert_eq!(outbox.compare(&[lost], minutes(60)).unwrap(), 1);

    let told: Vec<AlarmEvent> =
        sent(&mut outbox, 0).into_iter().map(|payload| serde_json::from_value(payload).unwrap()).collect();
    let changes: Vec<_> = told.iter().map(|told| format!("{:?}", told.change)).collect();
    assert_eq!(changes, ["Raised", "Changed", "Cleared", "Raised"]);
    assert!(told[..3].iter().all(|event| event.alarm.alarm_id == told[0].alarm.alarm_id));
    assert_ne!(told[3].alarm.alarm_id, told[0].alarm.alarm_id);
    assert_eq!((told[0].alarm.count, told[3].alarm.count), (1, 2));
    assert_eq!(told[3].alarm.first_occurred, at(MORNING));
    let twin = outbox.twin(minutes(60));
    assert_eq!((twin.alarms.len(), twin.sequence), (1, 4));
}

#[test]
fn a_full_outbox_drops_measurements_and_refuses_events_last() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { total_bytes: 4000, measurement_bytes: 1500 };
    let (mut outbox, _) = Outbox::open(folder.path(), limits).unwrap();
    for minute in 0..100 {
        let time = at(MORNING) + SignedDuration::from_mins(minute);
        let (topic, measurement) = numbers(time);
        outbox.push_measurement(&topic, &measurement, time).unwrap();
        assert!(outbox.measurement_bytes <= 1500);
    }
    let mut taken = 0;
    let refused = loop {
        match outbox.push_event(Class::Event, &event_topic(), at(MORNING), &json!({ "text": "x" })) {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, OutboxError::Full { sequence, .. } if sequence == taken + 1), "{refused}");
    assert_eq!(outbox.measurement_bytes, 0, "events have what measurements had");
    assert!(taken > 10, "{taken}");
    // The number of the refused one stays missing.
    let first = *outbox.index.keys().next().unwrap();
    outbox.acknowledged(first);
    outbox.push_event(Class::Event, &event_topic(), at(MORNING), &json!({ "text": "x" })).unwrap();
    let numbers: Vec<_> =
        sent(&mut outbox, 0).iter().map(|sent| sent["sequence"].as_u64().unwrap()).collect();
    assert_eq!(numbers.last(), Some(&(taken + 2)));
}

#[test]
fn measurements_of_a_healthy_box_never_see_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    for minute in 0..100 {
        let time = at(MORNING) + SignedDuration::from_mins(minute);
        let (topic, measurement) = numbers(time);
        outbox.push_measurement(&topic, &measurement, time).unwrap();
        let sent = outbox.waiting(&BTreeSet::new(), 8, 0).unwrap();
        sent.iter().for_each(|message| outbox.acknowledged(message.id));
        assert!(outbox.changes.is_empty());
    }
}

#[test]
fn years_of_messages_take_no_more_room_than_their_limit_allows() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { total_bytes: 256 << 10, measurement_bytes: 64 << 10 };
    let (mut outbox, _) = Outbox::open(folder.path(), limits).unwrap();
    let words = "x".repeat(1000);
    for round in 0..150 {
        let time = at(MORNING) + SignedDuration::from_hours(round);
        for _ in 0..100 {
            let topic = event_topic();
            outbox.take_event(Class::Event, &topic, time, &json!({ "text": words })).unwrap();
        }
        outbox.commit().unwrap();
        let ids: Vec<EntryId> = outbox.index.keys().copied().collect();
        ids.into_iter().for_each(|id| outbox.acknowledged(id));
        outbox.tidy(time).unwrap();
    }
    // 150 × 100 × 1 kB went through.
    let taken = walk(folder.path());
    assert!(taken < 24 << 20, "{taken}");
}

fn walk(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            if entry.path().is_dir() { walk(&entry.path()) } else { entry.metadata().unwrap().blocks() * 512 }
        })
        .sum()
}
