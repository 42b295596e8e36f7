//! The box and a district's broker.

use std::time::Duration;

use lectern_api::mqtt::{Answer, CommandState};
use lectern_api::status::SourceState;
use lectern_api::{Clock as _, SystemClock};
use lectern_tests::broker::Memory;
use lectern_tests::room::Camera;
use lectern_tests::setup::DEVICE;
use lectern_tests::{Broker, ClassroomBox, Ear, Setup, eventually};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(90);

/// Proves that a district hears of a camera that dies and of its return, begins
/// a lesson from afar and is answered, and knows that a box is gone which says
/// nothing any more.
#[test]
fn a_district_hears_of_a_fault_begins_a_lesson_and_knows_when_the_box_is_gone() {
    let server = Broker::start(Memory::Lost);
    let ear = Ear::at(server.plain_port(), "district");
    let mut camera = Camera::switch_on();
    let setup = Setup::bare()
        .real_machine()
        .source("board", "board", "test:board")
        .source("camera", "camera", &camera.uri())
        .source("mic", "mic", "test:mic")
        .broker(&format!("mqtt://127.0.0.1:{}", server.plain_port()));
    let mut lectern = ClassroomBox::switch_on(setup);
    let topic = |rest: &str| format!("te/device/{DEVICE}/{rest}");
    let health = topic("service/lecternd/status/health");
    let is = |status: &str| ear.newest(&health).filter(|health| health["status"] == status);
    eventually("the box is up", LIMIT, || is("up"));
    assert_eq!(
        ear.newest(&topic("/")).map(|registration| registration["name"].clone()),
        Some("教室 Classroom".into())
    );

    let inventory = eventually("the inventory", LIMIT, || ear.newest(&topic("//twin/hardware")));
    assert_eq!(inventory["simulated"], false);
    assert!(inventory["kernel"].is_string(), "{inventory}");

    let until = SystemClock::new().utc() + jiff::SignedDuration::from_mins(5);
    let command = topic("//cmd/start/7");
    ear.say(&command, &format!(r#"{{"status":"init","valid_until":"{until}","title":"远程"}}"#), true);
    let answer = eventually("an answer", LIMIT, || {
        let answer: Answer = serde_json::from_value(ear.newest(&command)?).ok()?;
        (answer.status == CommandState::Successful).then_some(answer)
    });
    let lesson = lectern.status().lesson.expect("a lesson runs");
    assert_eq!((answer.lesson.as_ref(), lesson.title.as_str()), (Some(&lesson.id), "远程"));

    lectern.wait_source("camera", SourceState::Running, LIMIT);
    camera.kill();
    let alarm = topic("service/camera/a/camera.lost");
    let told = eventually("the alarm", LIMIT, || ear.newest(&alarm).filter(|alarm| !alarm.is_null()));
    assert_eq!((&told["severity"], &told["code"]), (&"major".into(), &"camera.lost".into()));
    assert!(told["text_zh"].as_str().is_some_and(|text| text.contains("摄像机没有画面")), "{told}");
    camera.restart();
    eventually("the alarm is cleared", LIMIT, || ear.newest(&alarm).filter(Value::is_null));
    let changes = ear.said().into_iter().filter(|said| said.topic.contains("/e/alarm"));
    let mut numbers: Vec<u64> = changes.filter_map(|said| said.payload["sequence"].as_u64()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert!(numbers.len() >= 2, "raised and cleared are events: {numbers:?}");

    let expected = [
        "alarm",
        "alarm_event",
        "alarms",
        "answer",
        "hardware",
        "health",
        "measurement",
        "part_measurement",
        "part_units",
        "place",
        "registration",
        "software",
        "units",
    ];
    eventually("every kind of message is heard, and fits the document", LIMIT, || {
        let kinds = ear.kinds();
        expected.iter().all(|kind| kinds.contains(*kind)).then_some(())
    });

    lectern.kill();
    eventually("the broker says that the box is gone", LIMIT, || is("down"));
}
