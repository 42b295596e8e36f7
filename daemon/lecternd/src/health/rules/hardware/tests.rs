//! Every fault of the machine on a virtual clock: it begins at the one threshold,
//! stays until the other, and ends on evidence only.

use std::time::Duration;

use lectern_api::fault::Fault;
use serde_json::{Value, json};

use super::super::super::book::{Book, Change, Moment};
use super::super::super::catalogue::CATALOGUE;
use super::super::look as all;
use super::*;

/// A box at rest; `more` is put over it.
fn status(more: Value) -> Status {
    let mut status = json!({
        "device": {"id": "box-1", "place": "301", "version": "0", "boot_id": "", "time_zone": "Asia/Shanghai"},
        "lesson": null, "next": null, "sources": [], "live": [], "archive": [], "faults": [], "units": [],
        "spool": {"pending_s": 0.0, "pending_bytes": 0, "free_s": 1e9},
        "clock": {"synced": true, "offset_ms": 0, "verdict": "believed"},
    });
    for (key, value) in more.as_object().unwrap() {
        status[key] = value.clone();
    }
    serde_json::from_value(status).unwrap()
}

fn hardware(hardware: Value) -> Status {
    status(json!({ "hardware": hardware }))
}

fn disk(more: Value) -> Status {
    let mut disk = json!({"name": "mmcblk0", "in_use": true});
    disk.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    hardware(json!({ "disks": [disk] }))
}

const MORNING: i64 = 1_788_739_200;

fn at(second: u64) -> Moment {
    let utc = Timestamp::from_second(MORNING + i64::try_from(second).unwrap()).unwrap();
    Moment { utc, monotonic: Duration::from_secs(second) }
}

/// A look once a second; gives what has changed.
struct Life {
    book: Book,
    second: u64,
}

impl Life {
    fn new() -> Self {
        Self { book: Book::default(), second: 0 }
    }

    fn lives(&mut self, status: &Status, seconds: u64) -> Vec<Change> {
        let mut changes = Vec::new();
        for _ in 0..seconds {
            let status = Status { faults: self.book.open(), ..status.clone() };
            changes.extend(self.book.step(all(&status, at(self.second).utc), at(self.second)));
            self.second += 1;
        }
        changes
    }

    fn open(&self, code: &str) -> Option<Fault> {
        self.book.open().into_iter().find(|fault| fault.code == code)
    }
}

/// A fault by what is wrong, what lies between the thresholds, what is fine, and
/// what says nothing at all.
struct Case {
    code: &'static str,
    wrong: Vec<Status>,
    between: Vec<Status>,
    fine: Vec<Status>,
    unseen: Status,
}

fn zone(temperature: f64, critical: Option<f64>) -> Status {
    hardware(json!({"zones": [{"name": "cpu", "temperature_c": temperature, "critical_c": critical}]}))
}

fn memory(available: u64, stalled: Option<f64>) -> Status {
    hardware(json!({
        "memory": {"total_bytes": 1000, "available_bytes": available, "stalled_percent": stalled},
    }))
}

fn reset(cause: &str, uptime: u64) -> Status {
    hardware(json!({"last_reset": cause, "uptime_s": uptime}))
}

fn encoder(name: Option<&str>, hardware: bool, chip_given_up: bool, none_works: bool) -> Status {
    status(json!({"encoder": {
        "name": name, "hardware": hardware, "chip_given_up": chip_given_up, "none_works": none_works,
        "given_up": ["v4l2h264enc"],
    }}))
}

fn certificate(days: i64) -> Status {
    let until = at(0).utc + SignedDuration::from_hours(24 * days);
    status(json!({"certificates": [{"name": "mqtt", "until": until}]}))
}

fn cases() -> Vec<Case> {
    let stale = |mut status: Status| {
        status.hardware.as_mut().unwrap().age_ms = STALE_MS;
        status
    };
    let absent = || hardware(json!({}));
    let slowed = |slowed: bool| hardware(json!({ "slowed": slowed }));
    let under = |under: bool| hardware(json!({ "undervoltage": under }));
    vec![
        Case {
            code: "thermal.hot",
            wrong: vec![zone(85.0, None), zone(80.0, Some(90.0)), zone(99.0, Some(105.0))],
            between: vec![zone(84.9, None), zone(75.0, None), zone(70.0, Some(90.0))],
            fine: vec![zone(74.9, None), zone(69.9, Some(90.0))],
            unseen: absent(),
        },
        Case {
            code: "thermal.throttled",
            wrong: vec![slowed(true)],
            between: vec![],
            fine: vec![slowed(false)],
            unseen: stale(slowed(false)),
        },
        Case {
            code: "power.undervoltage",
            wrong: vec![under(true)],
            between: vec![],
            fine: vec![under(false)],
            unseen: stale(under(false)),
        },
        Case {
            code: "memory.low",
            wrong: vec![memory(50, None), memory(900, Some(10.0))],
            between: vec![memory(51, None), memory(99, Some(0.0)), memory(900, Some(2.0))],
            fine: vec![memory(101, None), memory(900, Some(1.9))],
            unseen: absent(),
        },
        Case {
            code: "storage.slow",
            wrong: vec![
                disk(json!({"flush_wait_ms": 1000.0, "write_wait_ms": 5.0})),
                disk(json!({"write_wait_ms": 4000.0})),
            ],
            between: vec![disk(json!({"flush_wait_ms": 999.0})), disk(json!({"write_wait_ms": 300.0}))],
            fine: vec![disk(json!({"flush_wait_ms": 299.0})), hardware(json!({}))],
            unseen: disk(json!({})),
        },
        Case {
            code: "storage.wear",
            wrong: vec![
                disk(json!({"worn_percent": 90})),
                disk(json!({"reserve": "low"})),
                disk(json!({"bad_blocks": 1})),
                disk(json!({"sound": false})),
                disk(json!({"replaced_blocks": 10, "sound": true})),
            ],
            between: vec![],
            fine: vec![
                disk(json!({"worn_percent": 89, "reserve": "normal"})),
                disk(json!({"replaced_blocks": 9})),
                hardware(json!({})),
            ],
            unseen: disk(json!({})),
        },
        Case {
            code: "watchdog.reset",
            wrong: vec![reset("watchdog", 30)],
            between: vec![],
            fine: vec![reset("watchdog", RESET_TOLD_S), reset("external", 30), absent()],
            unseen: status(json!({})),
        },
        Case {
            code: "encoder.failed",
            wrong: vec![encoder(None, false, false, true)],
            between: vec![encoder(None, false, true, false)],
            fine: vec![encoder(Some("x264enc"), false, false, false)],
            unseen: status(json!({})),
        },
        Case {
            code: "encoder.fallback",
            wrong: vec![encoder(Some("x264enc"), false, true, false)],
            between: vec![encoder(None, false, false, false)],
            fine: vec![encoder(Some("v4l2h264enc"), true, true, false)],
            unseen: status(json!({})),
        },
        Case {
            code: "certificate.expiring",
            wrong: vec![certificate(29), certificate(-1)],
            between: vec![],
            fine: vec![certificate(40)],
            unseen: status(json!({})),
        },
    ]
}

fn delays(code: &str) -> (u64, u64) {
    let row = CATALOGUE.iter().find(|row| row.code == code).unwrap();
    (row.raise_after.as_secs(), row.clear_after.as_secs())
}

#[test]
fn every_fault_of_the_machine_begins_after_its_time_in_both_languages_with_a_hint() {
    for Case { code, wrong, .. } in cases() {
        for (index, status) in wrong.iter().enumerate() {
            let (mut it, (raise, _)) = (Life::new(), delays(code));
            it.lives(status, raise);
            assert_eq!(it.open(code), None, "{code} {index} is told too early");
            it.lives(status, 1);
            let fault = it.open(code).unwrap_or_else(|| panic!("{code} {index} is not told"));
            for text in [&fault.text, &fault.hint] {
                assert!(text.en.is_ascii() || text.en.contains('°'), "{code}: {}", text.en);
                let is_chinese = text.zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                assert!(is_chinese && text.zh.ends_with('。') && text.en.ends_with('.'), "{code}: {text:?}");
                assert!(!text.en.contains('{') && !text.zh.contains('{'), "{code}: {text:?}");
            }
            assert_eq!(it.lives(status, 1000), [], "{code} {index} is told once");
        }
    }
}

#[test]
fn between_its_thresholds_a_fault_neither_begins_nor_ends() {
    for Case { code, wrong, between, .. } in cases() {
        for status in &between {
            let mut it = Life::new();
            it.lives(status, 1000);
            assert_eq!(it.open(code), None, "{code}");
            it.lives(&wrong[0], 60);
            let id = it.open(code).unwrap().id;
            for _ in 0..50 {
                it.lives(status, 7);
                it.lives(&wrong[0], 3);
            }
            it.lives(status, 1000);
            let fault = it.open(code).unwrap();
            assert_eq!((fault.id, fault.count), (id, 1), "{code} flaps");
        }
    }
}

#[test]
fn a_fault_of_the_machine_ends_when_evidence_has_lasted() {
    for Case { code, wrong, fine, .. } in cases() {
        for (index, status) in fine.iter().enumerate() {
            let (mut it, (_, clear)) = (Life::new(), delays(code));
            it.lives(&wrong[0], 60);
            it.lives(status, clear);
            assert!(it.open(code).is_some() || clear == 0, "{code} {index} ends too early");
            it.lives(status, 1);
            assert_eq!(it.open(code), None, "{code} {index}");
            it.lives(status, 1000);
            assert_eq!(it.open(code), None, "{code} {index} begins anew");
        }
    }
}

#[test]
fn what_says_nothing_or_is_old_begins_nothing_and_ends_nothing() {
    for Case { code, wrong, unseen, .. } in cases() {
        let mut it = Life::new();
        it.lives(&unseen, 100);
        assert_eq!(it.open(code), None, "{code}");
        it.lives(&wrong[0], 60);
        it.lives(&unseen, 100_000);
        assert!(it.open(code).is_some(), "{code}");
        let mut old = wrong[0].clone();
        if let Some(hardware) = &mut old.hardware {
            hardware.age_ms = STALE_MS;
            let mut it = Life::new();
            it.lives(&old, 100);
            assert_eq!(it.open(code), None, "{code}");
        }
    }
}

#[test]
fn what_is_worse_is_told_as_worse() {
    let severity = |status: &Status, code| {
        let mut it = Life::new();
        it.lives(status, 60);
        it.open(code).unwrap().severity
    };
    for worn in [json!({"worn_percent": 110}), json!({"reserve": "urgent"}), json!({"bad_blocks": 10})] {
        assert_eq!(severity(&disk(worn), "storage.wear"), Severity::Major);
    }
    assert_eq!(severity(&disk(json!({"worn_percent": 100})), "storage.wear"), Severity::Minor);
    assert_eq!(severity(&certificate(8), "certificate.expiring"), Severity::Minor);
    assert_eq!(severity(&certificate(6), "certificate.expiring"), Severity::Major);
}

#[test]
fn a_disk_that_nobody_writes_to_is_no_fault_and_each_disk_has_its_own() {
    let disks = |used: bool| {
        hardware(json!({"disks": [
            {"name": "sda", "in_use": used, "flush_wait_ms": 5000.0},
            {"name": "mmcblk0", "in_use": true, "flush_wait_ms": 1500.0},
        ]}))
    };
    let units = |it: &Life| it.book.open().into_iter().map(|fault| fault.unit).collect::<Vec<_>>();
    let mut it = Life::new();
    it.lives(&disks(false), 60);
    assert_eq!(units(&it), ["mmcblk0"]);
    it.lives(&disks(true), 60);
    assert_eq!(units(&it), ["mmcblk0", "sda"]);
    it.lives(&disks(false), 60);
    assert_eq!(units(&it), ["mmcblk0"], "the stick was pulled out");
}

#[test]
fn heat_that_slows_the_machine_is_one_fault() {
    let mut hot = zone(95.0, None);
    hot.hardware.as_mut().unwrap().slowed = Some(true);
    let mut it = Life::new();
    it.lives(&hot, 60);
    let codes: Vec<_> = it.book.open().into_iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["thermal.throttled"]);
}

#[test]
fn a_certificate_says_nothing_while_nobody_knows_the_time() {
    let mut status = certificate(3);
    status.clock.verdict = Some(lectern_api::Verdict::Unknown);
    let mut it = Life::new();
    it.lives(&status, 60);
    assert_eq!(it.open("certificate.expiring"), None);
}

fn with_reboot(mut status: Status, from: i64, until: i64) -> Status {
    let at = |second| Timestamp::from_second(MORNING + second).unwrap();
    let text = json!({"en": "It was off.", "zh": "断电了。"});
    status.accounts.reboot =
        serde_json::from_value(json!({"from": at(from), "until": at(until), "text": text})).unwrap();
    status
}

fn told(status: &Status) -> Vec<(&'static str, String)> {
    let look = all(status, at(0).utc);
    look.wrong.into_iter().map(|found| (found.code, found.text.zh)).collect()
}

#[test]
fn a_reset_and_the_absence_that_it_caused_are_one_fault() {
    let hung = told(&with_reboot(reset("watchdog", 100), -160, -60));
    assert_eq!(hung, [("watchdog.reset", "盒子死机后已自动重启。断电了。".to_owned())]);
    let other = told(&with_reboot(reset("watchdog", 100), -90_000, -80_000));
    assert_eq!(other.len(), 2, "the absence of yesterday is another one: {other:?}");
    for (cause, word) in [("overheated", "过热"), ("undervoltage", "供电不足"), ("overvoltage", "电压过高")]
    {
        let why = told(&with_reboot(reset(cause, 100), -160, -60));
        let [(code, text)] = why.as_slice() else { panic!("{why:?}") };
        assert!(
            *code == "reboot.unexpected" && text.starts_with("断电了。") && text.contains(word),
            "{text}"
        );
    }
    assert_eq!(told(&with_reboot(reset("external", 100), -160, -60))[0].1, "断电了。");
    assert_eq!(told(&reset("undervoltage", 100)), [], "what accounts do not miss is no fault");
}

fn uplinked(interfaces: Value, live: &str, lesson: bool) -> Status {
    let mut status = hardware(json!({ "interfaces": interfaces }));
    let target = json!({
        "name": "platform", "state": live, "bitrate_kbps": 0, "step": 0, "rtt_ms": null, "attempts": 0,
        "abandoned": 0, "dropped_frames": 0,
    });
    status.live = serde_json::from_value(json!([target])).unwrap();
    if lesson {
        let lesson = json!({
            "id": "a", "title": "a", "state": "on_air", "since": at(0).utc, "until": null, "trigger": "hand",
            "recorded_s": 0.0, "gap_s": 0.0, "fragments": 1, "last_fragment_age_ms": 0,
        });
        status.lesson = serde_json::from_value(lesson).unwrap();
    }
    status
}

#[test]
fn a_cable_that_is_not_plugged_in_is_what_the_uplink_lacks() {
    let eth0 = |carrier: Option<bool>| json!({"name": "eth0", "kind": "wired", "carrier": carrier});
    let wlan0 = |carrier: Option<bool>| json!({"name": "wlan0", "kind": "wireless", "carrier": carrier});
    let codes = |interfaces: Value, live: &str, lesson: bool| -> Vec<(String, String)> {
        let mut it = Life::new();
        it.lives(&uplinked(interfaces, live, lesson), 60);
        it.book.open().into_iter().map(|fault| (fault.code, fault.text.zh)).collect()
    };
    let out = Some(false);
    let cable = codes(json!([wlan0(out), eth0(out)]), "waiting", true);
    let [(code, text)] = cable.as_slice() else {
        panic!("the refused broadcast is its consequence: {cable:?}")
    };
    assert!(code == "uplink.down" && text.contains("网线松了") && text.contains("eth0"), "{text}");
    let radio = codes(json!([wlan0(out), eth0(None)]), "waiting", true);
    assert!(radio[0].1.contains("无线网络〔wlan0〕"), "{radio:?}");
    assert_eq!(codes(json!([eth0(out)]), "idle", false), [], "an idle room misses nothing");
    assert_eq!(codes(json!([eth0(out)]), "sending", true), [], "it gets through all the same");
    assert_eq!(codes(json!([eth0(out), wlan0(Some(true))]), "waiting", true)[0].0, "live.refused");
    assert_eq!(codes(json!([eth0(None)]), "waiting", true)[0].0, "live.refused", "nobody knows");
}

#[test]
fn a_cable_that_is_plugged_in_again_is_over_when_something_gets_through() {
    let eth0 = |carrier: bool| json!([{"name": "eth0", "kind": "wired", "carrier": carrier}]);
    let mut it = Life::new();
    it.lives(&uplinked(eth0(false), "waiting", true), 30);
    it.lives(&uplinked(eth0(true), "connecting", true), 30);
    assert!(it.open("uplink.down").is_some(), "a light is no evidence");
    let mut uploading = uplinked(eth0(true), "connecting", true);
    let store = json!([{"name": "district", "state": "uploading", "pending_s": 4.0}]);
    uploading.archive = serde_json::from_value(store).unwrap();
    it.lives(&uploading, 5);
    assert_eq!(it.open("uplink.down"), None);
}
