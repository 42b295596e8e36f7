//! What a healthy, idle box costs.

use std::time::Duration;

use jiff::Timestamp;
use lectern_api::mqtt::{Channel, Measurement, Topic, Value};
use lectern_api::{Clock as _, SystemClock};
use lectern_archive::store::Proxy;
use lectern_mqtt::client::News;
use lectern_mqtt::link::Broker as Address;
use lectern_tests::broker::Memory;
use lectern_tests::{Broker, Ear, Gate, eventually};

use crate::speaker::{LIMIT, Speaker, broker, name, settings};

/// Of an IPv4 segment with time stamps, without link layer.
const HEAD_BYTES: u64 = 20 + 32;
const DAY_S: u64 = 86_400;
/// Sign of life and heartbeat, as configured by default.
const KEEPALIVE_S: u64 = 50;
const HEARTBEAT_S: u64 = 900;

/// No faster than this, whatever they do: as the daemon has it.
const HARDWARE_EACH_S: u64 = 90;
const SPOOL_EACH_S: u64 = 120;
const LIVE_EACH_S: u64 = 10;
const LESSON_S: u64 = 45 * 60;
const MEASURED: usize = 6;

/// What a machine with two disks tells of itself.
fn numbers() -> News {
    let group = |names: &[&str]| Value::Group(names.iter().map(|name| ((*name).to_owned(), 123.4)).collect());
    let values = [
        ("temperature_c", Value::Number(48.5)),
        ("memory_available_percent", Value::Number(78.1)),
        ("memory_stalled_percent", Value::Number(0.0)),
        ("free_percent", group(&["spool", "facts"])),
        ("flush_wait_ms", group(&["mmcblk0", "sda"])),
        ("write_wait_ms", group(&["mmcblk0", "sda"])),
    ];
    let values = values.map(|(name, value)| (name.to_owned(), value));
    let now = SystemClock::new().utc();
    let measurement = Measurement::new(Timestamp::from_second(now.as_second()).unwrap(), values).unwrap();
    News::Measurement { topic: Topic::device(Channel::Measurement(name("hardware"))), measurement }
}

#[test]
fn an_idle_box_costs_less_than_a_megabyte_and_a_half_a_day() {
    let server = Broker::start(Memory::Lost);
    let ear = Ear::at(server.plain_port(), "ear");
    let gate = Gate::open();
    let address = Address {
        ca: Some(server.authority()),
        client_certificate: Some(server.client_certificate()),
        proxy: Proxy::Url(gate.url()),
        ..broker(&format!("mqtts://127.0.0.1:{}", server.tls_port()))
    };
    let folder = lectern_tests::folder::temporary("outbox");
    let mut settings = settings(address);
    // As often as can be, to count many in a short time: first signs of life alone.
    settings.keepalive = Duration::from_secs(1);
    let speaker = Speaker::start(settings.clone(), folder.path());
    let pings = || server.log().matches("Received PINGREQ from LB-1").count() as u64;
    speaker.wait_until_up();
    let start = eventually("a sign of life", LIMIT, || (pings() >= 1).then(&pings));
    let before = gate.carried();
    let count = eventually("four signs of life", LIMIT, || (pings() >= start + 4).then(pings)) - start;
    let after = gate.carried();
    // Each piece is one segment; one acknowledgement of its own to each ping.
    let ping = ((after.0 - before.0) + (after.1 - before.1 + count) * HEAD_BYTES) / count;
    speaker.crash();

    settings.keepalive = Duration::from_secs(60);
    settings.heartbeat = Duration::from_secs(1);
    let speaker = Speaker::start(settings.clone(), folder.path());
    let health = format!("{}/service/lecternd/status/health", crate::speaker::PREFIX);
    let beats = || ear.said().iter().filter(|said| said.topic == health).count() as u64;
    speaker.wait_until_up();
    let start = eventually("a heartbeat", LIMIT, || (beats() >= 3).then(&beats));
    let before = gate.carried();
    let count = eventually("four heartbeats", LIMIT, || (beats() >= start + 4).then(beats)) - start;
    let after = gate.carried();
    let beat = ((after.0 - before.0) + (after.1 - before.1 + count) * HEAD_BYTES) / count;
    speaker.crash();

    settings.heartbeat = Duration::from_secs(900);
    let speaker = Speaker::start(settings, folder.path());
    speaker.wait_until_up();
    speaker.wait_until_all_is_said();
    let said = || ear.said().iter().filter(|said| said.topic.ends_with("/m/hardware")).count();
    // The first is heard when all retained state is told.
    let told = |speaker: &Speaker, number: usize| {
        speaker.news.blocking_send(numbers()).unwrap();
        eventually("a measurement is heard", LIMIT, || (said() >= number).then_some(()));
        speaker.wait_until_all_is_said();
    };
    told(&speaker, 1);
    let before = gate.carried();
    (2..=MEASURED + 1).for_each(|number| told(&speaker, number));
    let after = gate.carried();
    let count = MEASURED as u64;
    let measurement = ((after.0 - before.0) + (after.1 - before.1 + count) * HEAD_BYTES) / count;

    let day = ping * (DAY_S / KEEPALIVE_S) + beat * (DAY_S / HEARTBEAT_S);
    let numbers = measurement * (DAY_S / HARDWARE_EACH_S + DAY_S / SPOOL_EACH_S);
    let lessons = measurement * (8 * LESSON_S / LIVE_EACH_S);
    eprintln!("a measurement {measurement} bytes: at most {numbers} a day, {lessons} for eight lessons");
    assert!(day + numbers < 1_500_000, "an idle box: {day} {numbers}");
    assert!(day + numbers + lessons < 5_000_000, "a box with eight lessons: {lessons}");
    eprintln!("a sign of life {ping} bytes, a heartbeat {beat} bytes, a day {day} bytes");
    assert!((100..600).contains(&ping) && (300..2000).contains(&beat), "{ping} {beat}");
    assert!(day < 700_000, "half of the budget is for measurements and alarms: {day}");
}
