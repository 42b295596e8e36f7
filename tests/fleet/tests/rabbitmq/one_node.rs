//! One node.

use lectern_api::{Clock as _, SystemClock};
use lectern_fleet::platform::kept;
use lectern_fleet::{Platform, RabbitMq, eventually, folder};
use serde_json::json;

use crate::classroom::{Classroom, HEALTH, LIMIT, ear, hears, hears_every_event};
use crate::relay::Relay;

#[test]
#[ignore = "needs RabbitMQ: make test-rabbitmq"]
fn birth_events_alarms_and_the_last_will_pass_and_wildcards_are_told_nothing_of_before() {
    let server = RabbitMq::start(1).unwrap();
    let port = server.nodes[0].port;
    let folder = folder::temporary("outbox");
    let platform = Platform::listen(&ear(port, "te/#", "platform")).unwrap();
    let classroom = Classroom::at(port, folder.path());
    hears(&platform, HEALTH, |health| health == "up");
    hears(&platform, "te/device/LB-1//", |registration| registration["@type"] == "device");
    classroom.tell(40);
    classroom.member.wrong(2);
    hears(&platform, "te/device/LB-1///twin/alarms", |twin| twin["alarms"].as_array().unwrap().len() == 2);
    hears_every_event(&platform, &classroom);
    // RabbitMQ's dots are slashes: a code reaches the platform in two segments.
    let alarm = "te/device/LB-1/service/camera0/a/camera/lost";
    hears(&platform, alarm, |alarm| alarm["code"] == "camera.lost");
    // Who comes late is told what is kept of a topic that it names, and nothing
    // of a pattern.
    let late = |filter: &str| kept(&ear(port, filter, "late")).unwrap();
    let twin = "te/device/LB-1///twin/alarms";
    assert_eq!(late(HEALTH).get(HEALTH), Some(&json!("up")));
    assert_eq!(late(twin)[twin], classroom.member.beliefs()[twin]);
    assert_eq!(late("te/#").len(), 0);
    assert_eq!(late("te/device/LB-1///twin/+").len(), 0);
    drop(classroom);
    hears(&platform, HEALTH, |health| health == "down");
    eventually("the last will is kept", LIMIT, || {
        (late(HEALTH).get(HEALTH) == Some(&json!("down"))).then_some(())
    });
}

#[test]
#[ignore = "needs RabbitMQ: make test-rabbitmq"]
fn events_survive_a_node_that_is_killed_each_once_and_the_state_is_true_again() {
    let mut server = RabbitMq::start(1).unwrap();
    let port = server.nodes[0].port;
    let folder = folder::temporary("outbox");
    let platform = Platform::listen(&ear(port, "te/#", "platform")).unwrap();
    let relay = Relay::before(vec![port]);
    let classroom = Classroom::at(relay.port, folder.path());
    classroom.wait_until_up();
    for round in 0..2 {
        classroom.tell(20);
        hears_every_event(&platform, &classroom);
        server.nodes[0].kill();
        eventually("the outage is noticed", LIMIT, || {
            (!classroom.member.is_up() && !platform.is_listening()).then_some(())
        });
        let told = classroom.member.newest().1;
        classroom.tell(20);
        classroom.member.wrong(1 - round);
        eventually("the alarm is on the disk", LIMIT, || {
            (classroom.member.newest().1 == told + 21).then_some(())
        });
        assert_eq!(classroom.member.waiting(), 21);
        // RabbitMQ forgot whom to tell: an event that comes before the platform is
        // back is thrown away, so the boxes' door opens after that.
        relay.open(false);
        server.nodes[0].launch();
        platform.wait_until_listening();
        relay.open(true);
        classroom.wait_until_up();
        hears_every_event(&platform, &classroom);
        let wanted = classroom.member.beliefs();
        for topic in [HEALTH, "te/device/LB-1///twin/alarms", "te/device/LB-1//"] {
            eventually(topic, LIMIT, || {
                let kept = kept(&ear(port, topic, "late")).ok()?;
                (kept.get(topic) == wanted.get(topic)).then_some(())
            });
        }
    }
}

#[test]
#[ignore = "needs RabbitMQ: make test-rabbitmq"]
fn a_command_is_carried_out_once_and_one_of_before_the_connection_is_not_heard() {
    let server = RabbitMq::start(1).unwrap();
    let port = server.nodes[0].port;
    let folder = folder::temporary("outbox");
    let platform = Platform::listen(&ear(port, "te/#", "platform")).unwrap();
    let until = SystemClock::new().utc() + jiff::SignedDuration::from_mins(10);
    let wanted = format!(r#"{{"status":"init","valid_until":"{until}"}}"#);
    let [early, late] = ["1", "2"].map(|id| format!("te/device/LB-1///cmd/stop/{id}"));
    platform.say(&early, &wanted, true);
    let kept_at = |topic: &str| kept(&ear(port, topic, "late")).unwrap().remove(topic);
    eventually("the early one is kept", LIMIT, || kept_at(&early));
    let classroom = Classroom::at(port, folder.path());
    classroom.wait_until_up();
    hears(&platform, HEALTH, |health| health == "up");
    platform.say(&late, &wanted, true);
    let status = |topic: &str| kept_at(topic).map(|command| command["status"].clone());
    eventually("the answer", LIMIT, || (status(&late)? == "successful").then_some(()));
    platform.say(&late, &wanted, true);
    eventually("the answer is repeated", LIMIT, || (status(&late)? == "successful").then_some(()));
    assert_eq!(classroom.done(), 1);
    // The box asks for `cmd/+/+`, and a pattern is told nothing of before: the
    // platform says it again when it hears of the birth.
    assert_eq!(status(&early), Some(json!("init")));
    platform.say(&early, &wanted, true);
    eventually("the early one", LIMIT, || (status(&early)? == "successful").then_some(()));
    assert_eq!(classroom.done(), 2);
}
