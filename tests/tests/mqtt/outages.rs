//! Nothing is lost, and nothing comes twice for who dedupes.

use std::collections::BTreeMap;

use lectern_tests::broker::{Memory, Said};
use lectern_tests::{Broker, Ear, Link, Weather, eventually};
use serde_json::{Value, json};

use crate::speaker::{LIMIT, Speaker, broker, settings};

/// What a consumer makes of it: events by their stamp, in the order in which
/// each came first.
fn deduped(said: &[Said]) -> Vec<Value> {
    let mut known: BTreeMap<(String, u64), Value> = BTreeMap::new();
    let mut once = Vec::new();
    for said in said.iter().filter(|said| said.topic.contains("/e/")) {
        let mut payload = said.payload.clone();
        // A repetition may say that it happened before.
        payload.as_object_mut().unwrap().remove("properties");
        let stamp = (payload["epoch"].as_str().unwrap().to_owned(), payload["sequence"].as_u64().unwrap());
        match known.get(&stamp) {
            Some(former) => assert_eq!(former, &payload, "one stamp, two events"),
            None => {
                known.insert(stamp, payload.clone());
                once.push(payload);
            }
        }
    }
    once
}

fn numbers(events: &[Value]) -> Vec<u64> {
    events.iter().filter_map(|event| event["number"].as_u64()).collect()
}

/// Waits until the outbox has taken in so many events.
fn taken(speaker: &Speaker, count: u64) {
    eventually("everything is on the disk", LIMIT, || (speaker.newest() >= count).then_some(()));
}

fn survives(memory: Memory) {
    let mut server = Broker::start(memory);
    let link = Link::to(server.plain_port());
    let folder = lectern_tests::folder::temporary("outbox");
    let settings = settings(broker(&format!("mqtt://127.0.0.1:{}", link.port())));
    let mut speaker = Speaker::start(settings.clone(), folder.path());
    let mut said: Vec<Said> = Vec::new();
    let mut told = 0;
    let mut tell = |speaker: &Speaker, count: u64| {
        for _ in 0..count {
            speaker.tell(told);
            told += 1;
        }
        told
    };
    let mut alarms = 0;
    for round in 0..8_u64 {
        let ear = Ear::at(server.plain_port(), "ear");
        link.turn(Weather::Fair);
        speaker.wait_until_up();
        // While everything is well; the link is cut in the middle of it.
        tell(&speaker, 20);
        link.turn(Weather::Down);
        let all = tell(&speaker, 5);
        speaker.wrong(round % 3 + 1);
        alarms += 1;
        taken(&speaker, all + alarms);
        match round % 4 {
            0 => {}
            1 => {
                // The broker's own connections end here: the ear hears no more.
                link.turn(Weather::Fair);
                speaker.wait_until_all_is_said();
                wait_for(&ear, &speaker);
                link.turn(Weather::Down);
                server.kill();
                server.launch();
            }
            2 => {
                server.stop();
                server.launch();
            }
            _ => {
                speaker.crash();
                speaker = Speaker::start(settings.clone(), folder.path());
            }
        }
        if round % 4 != 1 && round % 4 != 2 {
            link.turn(Weather::Fair);
            speaker.wait_until_all_is_said();
            wait_for(&ear, &speaker);
            link.turn(Weather::Down);
        }
        said.extend(ear.said());
        alarms = speaker.newest() - all;
    }
    let ear = Ear::at(server.plain_port(), "ear");
    link.turn(Weather::Fair);
    speaker.wait_until_up();
    speaker.wait_until_all_is_said();
    wait_for(&ear, &speaker);
    said.extend(ear.said());

    let events = deduped(&said);
    let numbers = numbers(&events);
    assert_eq!(numbers, (0..200).collect::<Vec<_>>(), "events, each once and in order");
    let alarms: Vec<&Value> = events.iter().filter(|event| event["change"].is_string()).collect();
    let balance: i64 = alarms.iter().map(|alarm| if alarm["change"] == "raised" { 1 } else { -1 }).sum();
    assert_eq!(balance, 2, "round 7 leaves two cameras lost");
    let sequences: Vec<u64> = events.iter().map(|event| event["sequence"].as_u64().unwrap()).collect();
    let mut sorted = sequences.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=speaker.newest()).collect::<Vec<_>>(), "no number is missing");
    let repeated = said.iter().filter(|said| said.topic.contains("/e/")).count() - events.len();
    eprintln!("{memory:?}: {} events, {repeated} came twice", events.len());
}

/// The ear has the newest event.
fn wait_for(ear: &Ear, speaker: &Speaker) {
    let newest = json!(speaker.newest());
    eventually("the newest event is heard", LIMIT, || {
        ear.said().iter().any(|said| said.payload["sequence"] == newest).then_some(())
    });
}

#[test]
fn events_survive_a_broker_that_remembers_and_a_link_that_is_cut() {
    survives(Memory::Kept);
}

#[test]
fn events_survive_a_broker_that_forgets_and_a_link_that_is_cut() {
    survives(Memory::Lost);
}

#[test]
fn a_link_that_falls_silent_is_noticed_and_what_was_under_way_is_sent_again() {
    let server = Broker::start(Memory::Lost);
    let link = Link::to(server.plain_port());
    let folder = lectern_tests::folder::temporary("outbox");
    let ear = Ear::at(server.plain_port(), "ear");
    let settings = settings(broker(&format!("mqtt://127.0.0.1:{}", link.port())));
    let speaker = Speaker::start(settings, folder.path());
    speaker.wait_until_up();
    link.turn(Weather::Silent);
    (0..12).for_each(|number| speaker.tell(number));
    taken(&speaker, 12);
    eventually("the silence is noticed", LIMIT, || (!speaker.is_up()).then_some(()));
    link.turn(Weather::Fair);
    speaker.wait_until_all_is_said();
    wait_for(&ear, &speaker);
    assert_eq!(numbers(&deduped(&ear.said())), (0..12).collect::<Vec<_>>());
}
