//! The AsyncAPI document: made from the types, compared with the published one,
//! and held against a sample of every message.
//!
//! `LECTERN_WRITE=1 cargo test -p lectern-api asyncapi` writes it anew.

use std::path::Path;

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::*;
use crate::fault::Severity;
use crate::repair::{Outcome, Part, Repair, Tried};
use crate::{LessonId, Name};

const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/asyncapi.json");

/// Who sends a message.
#[derive(Clone, Copy, PartialEq)]
enum Sender {
    Box,
    Platform,
}

/// One kind of message: where, what, and an example.
struct Message {
    key: &'static str,
    /// Behind `<root>/device/<id>/`.
    address: &'static str,
    title: &'static str,
    sender: Sender,
    retained: bool,
    schema: fn(&mut SchemaGenerator) -> Schema,
    sample: Json,
}

fn message<T: JsonSchema + Serialize>(
    key: &'static str,
    (address, sender, retained): (&'static str, Sender, bool),
    title: &'static str,
    sample: &T,
) -> Message {
    Message {
        key,
        address,
        title,
        sender,
        retained,
        schema: |generator| generator.subschema_for::<T>(),
        sample: serde_json::to_value(sample).unwrap(),
    }
}

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

fn alarm() -> Alarm {
    Alarm {
        text: "No picture from the camera.".to_owned(),
        text_zh: "摄像机没有画面。".to_owned(),
        severity: Severity::Major,
        time: at("2026-03-02T00:04:10Z"),
        alarm_id: "8d1f03b2c4a59e67-41".to_owned(),
        code: Name::new("camera.lost").unwrap(),
        first_occurred: at("2026-02-27T06:10:00Z"),
        count: 3,
        hint: "Look at the camera's light.".to_owned(),
        hint_zh: "看摄像机指示灯。".to_owned(),
        tried: vec![Tried {
            what: Repair::RestartSource,
            at: at("2026-03-02T00:04:16Z"),
            outcome: Outcome::NoHelp,
        }],
        part: Some(Part::Camera),
    }
}

fn event(text: &str, text_zh: &str) -> Event {
    Event {
        text: text.to_owned(),
        text_zh: text_zh.to_owned(),
        time: at("2026-03-02T00:04:10Z"),
        epoch: "8d1f03b2c4a59e67".to_owned(),
        sequence: 41,
        properties: Properties { historical: true },
    }
}

fn repair_event() -> RepairEvent {
    RepairEvent {
        event: event("camera.lost (camera) was repaired by Li.", "李 修复了 camera.lost（camera）。"),
        fault: 7,
        code: Name::new("camera.lost").unwrap(),
        unit: Name::new("camera").unwrap(),
        by: "李".to_owned(),
        part: Some("12 V".to_owned()),
        note: Some("cable".to_owned()),
        since: at("2026-02-27T06:10:00Z"),
        until: at("2026-03-02T00:04:00Z"),
        took_s: 237_240,
    }
}

fn request<T>(body: T) -> Request<T> {
    Request { status: CommandState::Init, valid_until: at("2026-03-02T00:10:00Z"), body }
}

fn messages() -> Vec<Message> {
    let unit = Name::new("camera").unwrap();
    let ours = |address, retained| (address, Sender::Box, retained);
    let theirs = |address| (address, Sender::Platform, true);
    let registration = Registration {
        kind: Kind::Device,
        parent: None,
        name: "张村小学 三年级二班".to_owned(),
        type_: "lectern".to_owned(),
        public_key: Some("0a".repeat(32)),
    };
    let part = Registration {
        kind: Kind::Service,
        parent: Some("device/LB-2026-000317//".to_owned()),
        name: "camera".to_owned(),
        type_: "camera".to_owned(),
        public_key: None,
    };
    let health = Health {
        status: HealthState::Up,
        pid: 412,
        time: at("2026-03-02T00:00:00Z"),
        boot_id: "6e0c4f8e-1b1f-4f0c-9c65-0d5a4cbb3c21".to_owned(),
        session: "5b0c77aa91f2e364".to_owned(),
    };
    let values = [
        ("soc".to_owned(), Value::Number(61.5)),
        ("disk".to_owned(), Value::Group([("free_s".to_owned(), 86_400.0)].into())),
    ];
    let units = [("soc".to_owned(), "°C".to_owned()), ("disk.free_s".to_owned(), "s".to_owned())];
    let alarm_event = AlarmEvent {
        event: event("No picture from the camera.", "摄像机没有画面。"),
        change: AlarmChange::Raised,
        unit: unit.clone(),
        alarm: alarm(),
    };
    let open = OpenAlarms {
        time: at("2026-03-02T00:04:10Z"),
        epoch: "8d1f03b2c4a59e67".to_owned(),
        sequence: 41,
        alarms: vec![OpenAlarm { unit, alarm: alarm() }],
    };
    let software = Software { name: "lectern".to_owned(), version: "0.1.0".to_owned() };
    let place =
        Place { place: "张村小学 三年级二班".to_owned(), time_zone: "Asia/Shanghai".to_owned() };
    let inventory = Inventory {
        simulated: false,
        model: Some("Raspberry Pi 4 Model B Rev 1.4".to_owned()),
        kernel: Some("6.1.0-40-arm64".to_owned()),
        memory_bytes: Some(crate::Bytes(4_000_000_000)),
        disks: vec![Disk {
            name: "mmcblk0".to_owned(),
            model: Some("SDCIT2".to_owned()),
            bytes: Some(crate::Bytes(64_000_000_000)),
        }],
        cameras: vec![Attached { label: "HD Pro Webcam C920".to_owned(), port: Some("1-1.3".to_owned()) }],
        sound_cards: vec![Attached { label: "C920".to_owned(), port: None }],
        interfaces: vec![Interface {
            name: "eth0".to_owned(),
            kind: crate::hardware::InterfaceKind::Wired,
            driver: Some("bcmgenet".to_owned()),
        }],
    };
    let answer = Answer {
        status: CommandState::Failed,
        time: at("2026-03-02T00:05:00Z"),
        reason: Some("the command came too late".to_owned()),
        reason_zh: Some("命令来得太晚".to_owned()),
        code: Some("late".to_owned()),
        lesson: Some(LessonId::new("LB-1.2026-03-02.1").unwrap()),
        result: [("device.place".to_owned(), "\"张村小学\"".to_owned())].into(),
    };
    let start = Start { title: Some("公开课".to_owned()), minutes: Some(45) };
    let push = TimetablePush { timetable: "[term]\n".to_owned(), name: Some("term.toml".to_owned()) };
    let settings = SetSettings { settings: [("device.place".to_owned(), "\"李村\"".to_owned())].into() };
    vec![
        message("registration", ours("/", true), "The box", &registration),
        message("service", ours("service/{unit}", true), "A part of the box", &part),
        message("health", ours("service/{unit}/status/health", true), "Heartbeat and last will", &health),
        message(
            "measurement",
            ours("//m/{type}", false),
            "Numbers",
            &Measurement::new(at("2026-03-02T00:00:00Z"), values).unwrap(),
        ),
        message(
            "units",
            ours("//m/{type}/meta", true),
            "Units of the numbers",
            &Units { units: units.into() },
        ),
        message(
            "part_measurement",
            ours("service/{unit}/m/{type}", false),
            "Numbers of a part",
            &Measurement::new(at("2026-03-02T00:00:00Z"), [("rtt_ms".to_owned(), Value::Number(35.0))])
                .unwrap(),
        ),
        message(
            "part_units",
            ours("service/{unit}/m/{type}/meta", true),
            "Units of the numbers of a part",
            &Units { units: [("rtt_ms".to_owned(), "ms".to_owned())].into() },
        ),
        message("event", ours("//e/{type}", false), "Something happened", &event("Begun.", "上课了。")),
        message("alarm_event", ours("//e/alarm", false), "An alarm began or ended", &alarm_event),
        message("repair_event", ours("//e/repair", false), "A fault was repaired", &repair_event()),
        message("alarm", ours("service/{unit}/a/{type}", true), "An open alarm; empty when over", &alarm()),
        message("alarms", ours("//twin/alarms", true), "All open alarms", &open),
        message("software", ours("//twin/software", true), "What runs", &software),
        message("place", ours("//twin/place", true), "Where it stands", &place),
        message("hardware", ours("//twin/hardware", true), "What it consists of", &inventory),
        message("start", theirs("//cmd/start/{id}"), "Begin a lesson", &request(start)),
        message("stop", theirs("//cmd/stop/{id}"), "End the lesson", &request(Diagnosis {})),
        message("prolong", theirs("//cmd/prolong/{id}"), "End later", &request(Prolong { minutes: 10 })),
        message(
            "shutter",
            theirs("//cmd/shutter/{id}"),
            "Picture and sound off, or on again",
            &request(Shutter { closed: true, today: false }),
        ),
        message("timetable_push", theirs("//cmd/timetable_push/{id}"), "A new timetable", &request(push)),
        message(
            "config_get",
            theirs("//cmd/config_get/{id}"),
            "Read settings",
            &request(GetSettings { keys: vec!["device.place".to_owned()] }),
        ),
        message("config_set", theirs("//cmd/config_set/{id}"), "Change settings", &request(settings)),
        message("doctor", theirs("//cmd/doctor/{id}"), "Check everything", &request(Diagnosis {})),
        message(
            "bundle_upload",
            theirs("//cmd/bundle_upload/{id}"),
            "Put a diagnostic bundle somewhere",
            &request(BundleUpload { url: "https://repair.example.cn/b/1".to_owned() }),
        ),
        message(
            "log_level",
            theirs("//cmd/log_level/{id}"),
            "Tell more or less",
            &request(SetLogLevel { level: LogLevel::Debug, minutes: 30 }),
        ),
        message(
            "restart",
            theirs("//cmd/restart/{id}"),
            "Start the daemon anew",
            &request(Restart { force: false }),
        ),
        message(
            "reboot",
            theirs("//cmd/reboot/{id}"),
            "Start the machine anew",
            &request(Restart { force: true }),
        ),
        message("answer", ours("//cmd/{type}/{id}", true), "How far a command is", &answer),
    ]
}

/// The document.
fn document() -> Json {
    let settings = SchemaSettings::draft07().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let (mut channels, mut operations, mut messages_of) = (Map::new(), Map::new(), Map::new());
    for message in messages() {
        let key = message.key;
        let parameters: Map<String, Json> = message
            .address
            .split(['{', '}'])
            .skip(1)
            .step_by(2)
            .chain(["root", "device"])
            .map(|name| (name.to_owned(), json!({ "$ref": format!("#/components/parameters/{name}") })))
            .collect();
        channels.insert(
            key.to_owned(),
            json!({
                "address": format!("{{root}}/device/{{device}}/{}", message.address),
                "title": message.title,
                "parameters": parameters,
                "messages": { key: { "$ref": format!("#/components/messages/{key}") } },
            }),
        );
        // The document speaks for the box.
        let action = if message.sender == Sender::Box { "send" } else { "receive" };
        operations.insert(
            key.to_owned(),
            json!({
                "action": action,
                "channel": { "$ref": format!("#/channels/{key}") },
                "bindings": { "mqtt": { "qos": 1, "retain": message.retained } },
            }),
        );
        messages_of.insert(
            key.to_owned(),
            json!({
                "title": message.title,
                "contentType": "application/json",
                "payload": (message.schema)(&mut generator),
                "examples": [{ "payload": message.sample }],
            }),
        );
    }
    let schemas = generator.take_definitions(true);
    let parameter = |text: &str| json!({ "description": text });
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Lectern over MQTT",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What a classroom box publishes and what may be asked of it. MQTT 3.1.1, UTF-8 JSON. \
                            Delivery is at least once: events are told apart by epoch and sequence.",
            "license": { "name": env!("CARGO_PKG_LICENSE") },
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {
            "parameters": {
                "root": { "description": "One to four segments", "default": "te" },
                "device": parameter("The box's asset number"),
                "unit": parameter("A part of the box: lecternd, uplink, a source, a store"),
                "type": parameter("Of a measurement, event or alarm; an alarm's is its code"),
                "id": parameter("Of a command, chosen by whoever wants it"),
            },
            "messages": messages_of,
            "schemas": schemas,
        },
    })
}

/// A validator of one message, after the published document.
fn validator(published: &Json, key: &str) -> jsonschema::Validator {
    let payload = &published["components"]["messages"][key]["payload"];
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "allOf": [payload],
        "components": published["components"],
    });
    jsonschema::validator_for(&schema).unwrap()
}

fn published() -> Json {
    let text = std::fs::read_to_string(PUBLISHED).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_published_document_is_what_the_types_say() {
    let text = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var_os("LECTERN_WRITE").is_some() {
        std::fs::write(PUBLISHED, &text).unwrap();
    }
    let published = std::fs::read_to_string(Path::new(PUBLISHED)).unwrap();
    assert!(text == published, "docs/reference/asyncapi.json is old: LECTERN_WRITE=1 writes it anew");
}

#[test]
fn a_sample_of_every_message_fits_the_published_document() {
    let published = published();
    for message in messages() {
        let faults: Vec<String> = validator(&published, message.key)
            .iter_errors(&message.sample)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(faults, Vec::<String>::new(), "{}", message.key);
    }
}

#[test]
fn a_message_that_lacks_what_it_must_have_does_not_fit() {
    let published = published();
    let mut refused = 0;
    for message in messages() {
        let validator = validator(&published, message.key);
        let whole = message.sample.as_object().unwrap();
        assert!(!validator.is_valid(&json!({})), "{} may be empty", message.key);
        for name in whole.keys() {
            let mut wrong = whole.clone();
            // No field of any message is a list of lists.
            wrong.insert(name.clone(), json!([[[]]]));
            assert!(!validator.is_valid(&Json::Object(wrong)), "{}.{name} takes anything", message.key);
            refused += 1;
        }
    }
    assert!(refused > 80, "{refused}");
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    fn references(node: &Json, found: &mut Vec<String>) {
        match node {
            Json::Object(map) => {
                found.extend(map.get("$ref").and_then(Json::as_str).map(str::to_owned));
                map.values().for_each(|child| references(child, found));
            }
            Json::Array(list) => list.iter().for_each(|child| references(child, found)),
            _ => {}
        }
    }
    let published = published();
    let mut found = Vec::new();
    references(&published, &mut found);
    assert!(found.len() > 50, "{}", found.len());
    for reference in found {
        assert!(published.pointer(&reference[1..]).is_some(), "{reference}");
    }
}

#[test]
fn every_address_is_a_topic_of_ours() {
    let device = crate::DeviceId::new("LB-1").unwrap();
    let topics = Topics::new(&Root::default(), &device);
    for message in messages() {
        let filled = ["{unit}", "{type}", "{id}"]
            .iter()
            .fold(message.address.to_owned(), |address, part| address.replace(part, "x"));
        let topic = topics.read(&format!("te/device/LB-1/{filled}"));
        assert!(topic.is_some(), "{}: {filled}", message.key);
    }
}
