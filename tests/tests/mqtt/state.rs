//! What the broker keeps is true.

use std::collections::BTreeSet;
use std::time::Duration;

use lectern_api::mqtt::{Answer, Channel, CommandState, Topic};
use lectern_api::{Clock as _, SystemClock};
use lectern_tests::broker::Memory;
use lectern_tests::{Broker, Ear, Link, Stopwatch, Weather, eventually};
use rumqttc::{Client, Event, MqttOptions, Packet, QoS};
use serde_json::{Value, json};

use crate::speaker::{LIMIT, PREFIX, Speaker, broker, name, settings};

const HEALTH: &str = "te/device/LB-1/service/lecternd/status/health";

/// The alarms that the broker keeps, by who comes late.
fn kept_alarms(server: &Broker) -> BTreeSet<String> {
    let ear = Ear::at(server.plain_port(), "late");
    // What is kept comes before what is said next.
    ear.say("end", "1", false);
    eventually("the end", LIMIT, || ear.newest("end"));
    let kept = ear.said().into_iter().filter(|said| said.retained && said.topic.contains("/a/"));
    kept.filter(|said| !said.payload.is_null()).map(|said| said.topic).collect()
}

fn cameras(count: u64) -> BTreeSet<String> {
    (0..count).map(|camera| format!("{PREFIX}/service/camera{camera}/a/camera.lost")).collect()
}

#[test]
fn a_birth_tells_everything_and_again_to_a_broker_that_forgot() {
    let mut server = Broker::start(Memory::Lost);
    let link = Link::to(server.plain_port());
    let folder = lectern_tests::folder::temporary("outbox");
    let settings = settings(broker(&format!("mqtt://127.0.0.1:{}", link.port())));
    let speaker = Speaker::start(settings, folder.path());
    let registration = Topic::device(Channel::Registration);
    let standing = [(registration, br#"{"name":"x"}"#.to_vec())];
    speaker.standing.send_replace(standing.into());
    speaker.wrong(3);
    for _ in 0..2 {
        let ear = Ear::at(server.plain_port(), "ear");
        eventually("the birth", LIMIT, || {
            let health = ear.newest(HEALTH)?;
            let twin = ear.newest(&format!("{PREFIX}///twin/alarms"))?;
            let is_whole = health["status"] == "up" && twin["alarms"].as_array()?.len() == 3;
            (is_whole && ear.newest(&format!("{PREFIX}//"))? == json!({ "name": "x" })).then_some(())
        });
        eventually("the alarms", LIMIT, || (kept_alarms(&server) == cameras(3)).then_some(()));
        link.turn(Weather::Down);
        drop(ear);
        server.kill();
        server.launch();
        assert_eq!(kept_alarms(&server), BTreeSet::new(), "the broker has forgotten");
        link.turn(Weather::Fair);
    }
}

#[test]
fn alarms_that_ended_meanwhile_or_in_a_former_life_are_cleared() {
    let server = Broker::start(Memory::Lost);
    let link = Link::to(server.plain_port());
    let folder = lectern_tests::folder::temporary("outbox");
    let settings = settings(broker(&format!("mqtt://127.0.0.1:{}", link.port())));
    let speaker = Speaker::start(settings.clone(), folder.path());
    speaker.wrong(3);
    eventually("three alarms", LIMIT, || (kept_alarms(&server) == cameras(3)).then_some(()));
    link.turn(Weather::Down);
    speaker.wrong(1);
    eventually("the ends are noted", LIMIT, || (speaker.newest() == 5).then_some(()));
    link.turn(Weather::Fair);
    eventually("one alarm", LIMIT, || (kept_alarms(&server) == cameras(1)).then_some(()));
    // A box whose outbox was lost knows nothing of the camera.
    speaker.crash();
    let other = lectern_tests::folder::temporary("outbox");
    let speaker = Speaker::start(settings, other.path());
    speaker.wait_until_up();
    eventually("no alarm", LIMIT, || kept_alarms(&server).is_empty().then_some(()));
}

#[test]
fn a_fault_is_at_the_broker_within_five_seconds() {
    let server = Broker::start(Memory::Lost);
    let folder = lectern_tests::folder::temporary("outbox");
    let settings = settings(broker(&format!("mqtt://127.0.0.1:{}", server.plain_port())));
    let speaker = Speaker::start(settings, folder.path());
    speaker.wait_until_up();
    let ear = Ear::at(server.plain_port(), "ear");
    let wrong = Stopwatch::start();
    speaker.wrong(1);
    let limit = Duration::from_secs(5);
    let topic = cameras(1).into_iter().next().unwrap();
    let kept = eventually("the alarm", limit, || ear.newest(&topic));
    let told = eventually("the event", limit, || ear.newest(&format!("{PREFIX}///e/alarm")));
    eprintln!("a fault is at the broker after {:.2} s", wrong.elapsed().as_secs_f64());
    assert_eq!((&told["alarm"], &told["change"]), (&kept, &json!("raised")));
}

#[test]
fn a_box_that_vanishes_is_down_at_the_broker() {
    let server = Broker::start(Memory::Lost);
    let link = Link::to(server.plain_port());
    let folder = lectern_tests::folder::temporary("outbox");
    let mut settings = settings(broker(&format!("mqtt://127.0.0.1:{}", link.port())));
    settings.keepalive = Duration::from_secs(2);
    let speaker = Speaker::start(settings, folder.path());
    let ear = Ear::at(server.plain_port(), "ear");
    let status = |wanted: &str| {
        let wanted = wanted.to_owned();
        move |health: Value| (health["status"] == wanted.as_str()).then(|| health["session"].clone())
    };
    let session = eventually("up", LIMIT, || ear.newest(HEALTH).and_then(status("up")));
    // Nothing comes from it any more, and nobody says so.
    link.turn(Weather::Silent);
    let silent = Stopwatch::start();
    let down = eventually("the last will", LIMIT, || ear.newest(HEALTH).and_then(status("down")));
    assert_eq!(down, session, "the will is of the same connection");
    eprintln!("keep-alive 2 s: down after {:.1} s", silent.elapsed().as_secs_f64());
    link.turn(Weather::Fair);
    let session = eventually("up again", LIMIT, || ear.newest(HEALTH).and_then(status("up")));
    assert_ne!(down, session);
    speaker.crash();
    eventually("the last will of the next", LIMIT, || ear.newest(HEALTH).and_then(status("down")));
}

#[test]
fn commands_of_before_and_of_now_arrive_and_their_answers_stay() {
    let server = Broker::start(Memory::Kept);
    let folder = lectern_tests::folder::temporary("outbox");
    let ear = Ear::at(server.plain_port(), "platform");
    let before = format!("{PREFIX}///cmd/start/1");
    ear.say(&before, r#"{"status":"init"}"#, true);
    let settings = settings(broker(&format!("mqtt://127.0.0.1:{}", server.plain_port())));
    let mut speaker = Speaker::start(settings, folder.path());
    let first = eventually("the first", LIMIT, || speaker.commands.try_recv().ok());
    ear.say(&format!("{PREFIX}///cmd/stop/2"), r#"{"status":"init"}"#, true);
    let second = eventually("the second", LIMIT, || speaker.commands.try_recv().ok());
    let command = |kind, id| Topic::device(Channel::Command { kind: name(kind), id: name(id) });
    assert_eq!((&first.topic, &second.topic), (&command("start", "1"), &command("stop", "2")));
    let answer = Answer {
        status: CommandState::Successful,
        time: SystemClock::new().utc(),
        reason: None,
        reason_zh: None,
        code: None,
        lesson: None,
        result: Default::default(),
    };
    speaker.answers.blocking_send((first.topic, answer)).unwrap();
    eventually("the answer", LIMIT, || {
        let late = Ear::at(server.plain_port(), "late");
        eventually("what is kept", LIMIT, || late.newest(&before))["status"].eq("successful").then_some(())
    });
}

/// Has the broker keep something, of any length.
fn keep(server: &Broker, topic: &str, payload: Vec<u8>) {
    let mut options = MqttOptions::new("vandal", "127.0.0.1", server.plain_port());
    options.set_max_packet_size(16 << 20, 16 << 20);
    let (client, mut connection) = Client::new(options, 10);
    client.publish(topic, QoS::AtLeastOnce, true, payload).unwrap();
    let taken = |event| matches!(event, Ok(Event::Incoming(Packet::PubAck(_))));
    assert!(connection.iter().any(taken), "the broker takes it");
}

#[test]
fn a_kept_message_that_is_too_long_keeps_no_box_away() {
    let server = Broker::start(Memory::Lost);
    let folder = lectern_tests::folder::temporary("outbox");
    keep(&server, &format!("{PREFIX}///cmd/start/long"), vec![b'{'; 3 << 20]);
    keep(&server, &format!("{PREFIX}///cmd/stop/1"), br#"{"status":"init"}"#.to_vec());
    let settings = settings(broker(&format!("mqtt://127.0.0.1:{}", server.plain_port())));
    let mut speaker = Speaker::start(settings, folder.path());
    speaker.wait_until_up();
    let heard = eventually("the other command", LIMIT, || speaker.commands.try_recv().ok());
    assert_eq!(heard.topic.to_string(), "//cmd/stop/1");
    speaker.tell(1);
    speaker.wait_until_all_is_said();
    assert_eq!(speaker.state.borrow().connections, 1, "it is the same connection all the time");
}
