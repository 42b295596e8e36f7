//! What is told, and what it costs.

use lectern_api::DeviceId;
use lectern_api::mqtt::{Root, Topics};
use serde_json::json;

use super::*;

const DAY_S: u64 = 86_400;

fn status(temperature: f64, live: Option<(&str, u32, u64)>) -> Status {
    let live = live.map(|(state, kbps, rtt)| {
        json!({
            "name": "platform", "state": state, "bitrate_kbps": kbps, "step": 0, "rtt_ms": rtt, "attempts": 1,
            "abandoned": 0, "dropped_frames": 0,
        })
    });
    serde_json::from_value(json!({
        "device": {"id": "LB-2026-000317", "place": "301", "version": "0", "boot_id": ""},
        "lesson": null, "next": null, "sources": [], "live": live.into_iter().collect::<Vec<_>>(),
        "archive": [], "faults": [], "units": [], "clock": {"synced": true, "offset_ms": 0},
        "spool": {"pending_s": 0.0, "pending_bytes": 0, "free_s": 1e9},
        "hardware": {
            "zones": [{"name": "cpu", "temperature_c": temperature}, {"name": "gpu", "temperature_c": 30.0}],
            "memory": {"total_bytes": 4_000_000_000_u64, "available_bytes": 3_123_456_789_u64, "stalled_percent": 0.0},
            "places": [{"name": "spool", "total_bytes": 64_000_000_000_u64, "available_bytes": 40_123_456_789_u64},
                       {"name": "facts", "total_bytes": 64_000_000_000_u64, "available_bytes": 40_123_456_789_u64}],
            "disks": [{"name": "mmcblk0", "in_use": true, "flush_wait_ms": 12.3}, {"name": "sda", "in_use": false}],
        },
    }))
    .unwrap()
}

fn at(second: u64) -> (Timestamp, Duration) {
    (
        Timestamp::from_second(1_788_739_200 + i64::try_from(second).unwrap()).unwrap(),
        Duration::from_secs(second),
    )
}

/// What a status is told as, at once.
fn first(status: &Status) -> Vec<(Topic, Measurement)> {
    let (utc, now) = at(0);
    Measurements::default().step(status, utc, now).unwrap()
}

#[test]
fn numbers_are_told_in_groups_of_parts_and_only_of_what_is_there() {
    let told = first(&status(48.5, Some(("sending", 1480, 35))));
    let told: Vec<_> =
        told.iter().map(|(topic, m)| (topic.to_string(), serde_json::to_value(m).unwrap())).collect();
    let [(hardware, numbers), (spool, pending), (live, rates)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((hardware.as_str(), spool.as_str()), ("//m/hardware", "service/spool/m/spool"));
    assert_eq!(live, "service/platform/m/live");
    let expected = json!({
        "time": "2026-09-07T00:00:00Z", "temperature_c": 48.5, "memory_available_percent": 78.1,
        "memory_stalled_percent": 0.0, "free_percent": {"spool": 62.7, "facts": 62.7},
        "flush_wait_ms": {"mmcblk0": 12.3}, "write_wait_ms": {"mmcblk0": 0.0},
    });
    assert_eq!(numbers, &expected);
    assert_eq!(pending["free_s"], 2_678_400.0, "a month");
    assert_eq!((&rates["bitrate_kbps"], &rates["rtt_ms"]), (&json!(1480.0), &json!(35.0)));
    let mut bare = status(1.0, None);
    bare.hardware = serde_json::from_value(json!({})).unwrap();
    assert_eq!(first(&bare).len(), 1, "a board that tells nothing has no numbers");
    let mut stuck = status(48.5, None);
    stuck.hardware.as_mut().unwrap().age_ms = STALE_MS + 1;
    assert_eq!(first(&stuck).len(), 1, "a sensor that hangs has none either");
}

#[test]
fn every_number_that_is_told_has_its_unit() {
    let status = status(48.5, Some(("sending", 1480, 35)));
    let mut standing = Standing::new();
    units(&status, &mut standing).unwrap();
    for (topic, measurement) in first(&status) {
        let Channel::Measurement(kind) = topic.channel.clone() else { panic!("{topic}") };
        let meta = standing.get(&Topic { channel: Channel::Units(kind), ..topic }).unwrap();
        let Units { units } = serde_json::from_slice(meta).unwrap();
        for (name, value) in measurement.values() {
            match value {
                Value::Number(_) => assert!(units.contains_key(name), "{name}"),
                Value::Group(group) => {
                    for part in group.keys() {
                        assert!(units.contains_key(&format!("{name}.{part}")), "{name}.{part}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_end_of_a_broadcast_is_told_once_and_at_once() {
    let mut measurements = Measurements::default();
    let mut rates = Vec::new();
    for (second, state, kbps) in
        [(0, "idle", 0), (5, "sending", 900), (7, "idle", 0), (9, "idle", 0), (300, "idle", 0)]
    {
        let (utc, now) = at(second);
        let news = measurements.step(&status(40.0, Some((state, kbps, 30))), utc, now).unwrap();
        rates.extend(
            news.into_iter()
                .filter(|(topic, _)| topic.to_string().contains("platform"))
                .map(|(_, m)| (second, m.values()["bitrate_kbps"].clone())),
        );
    }
    assert_eq!(rates, [(5, Value::Number(900.0)), (7, Value::Number(0.0))]);
}

/// Bytes on the wire for one measurement and its acknowledgement: IPv4, TCP with
/// time stamps and TLS 1.3 around what MQTT needs, and a segment that
/// acknowledges by itself to each of the two.
fn wire_bytes(topic: &Topic, measurement: &Measurement) -> usize {
    const SEGMENT: usize = 20 + 32;
    const RECORD: usize = 5 + 17;
    let device = DeviceId::new("LB-2026-000317").unwrap();
    let topic = Topics::new(&Root::default(), &device).write(topic);
    let publish = 3 + 2 + topic.len() + 2 + serde_json::to_vec(measurement).unwrap().len();
    (SEGMENT + RECORD + publish) + (SEGMENT + RECORD + 4) + 2 * SEGMENT
}

/// A day of a box on which every number leaves its band at every look, each 2 s;
/// lessons of 45 minutes in which the link does the same.
fn worst_day_bytes(lessons: u64, worst: bool) -> usize {
    let mut measurements = Measurements::default();
    let mut bytes = 0;
    for second in (0..DAY_S).step_by(2) {
        let odd = if worst { (second / 2) % 2 } else { 0 };
        let in_lesson = second / 3600 < lessons && second % 3600 < 2700;
        let state = if in_lesson { "sending" } else { "idle" };
        let swing = u32::try_from(odd).unwrap();
        let mut status =
            status(48.0 + 10.0 * f64::from(swing), Some((state, 700 + 800 * swing, 35 + 100 * odd)));
        status.spool.free_s = 100_000.0 + 50_000.0 * f64::from(swing);
        let (utc, now) = at(second);
        let news = measurements.step(&status, utc, now).unwrap();
        bytes += news.iter().map(|(topic, measurement)| wire_bytes(topic, measurement)).sum::<usize>();
    }
    bytes
}

/// With the signs of life and heartbeats (390 kB, `tests/tests/mqtt/cost.rs`).
#[test]
fn a_day_of_measurements_stays_in_its_budget_whatever_the_numbers_do() {
    const LIFE: usize = 390_000;
    let (calm, idle, busy) = (worst_day_bytes(0, false), worst_day_bytes(0, true), worst_day_bytes(8, true));
    println!("a calm day {calm} bytes, the worst idle one {idle}, the worst with eight lessons {busy}");
    assert!((10_000..50_000).contains(&calm), "{calm}");
    assert!(LIFE + idle < 1_500_000, "{idle}");
    assert!(LIFE + busy < 5_000_000, "{busy}");
}
