//! From a status to what is wrong with it.

use super::super::book::{Book, Moment};
use super::*;

/// A box at rest with nothing wrong.
fn status() -> Status {
    let device = serde_json::json!({"id": "box-1", "place": "301", "version": "0", "boot_id": ""});
    let spool = serde_json::json!({"pending_s": 0.0, "pending_bytes": 0, "free_s": 1e9});
    serde_json::from_value(serde_json::json!({
        "device": device, "lesson": null, "next": null, "sources": [], "live": [], "spool": spool,
        "archive": [], "faults": [], "clock": {"synced": true, "offset_ms": 0}, "units": [],
    }))
    .unwrap()
}

#[test]
fn a_box_at_rest_has_no_fault() {
    assert_eq!(findings(&status(), jiff::Timestamp::UNIX_EPOCH), []);
}

#[test]
fn every_doubt_about_the_time_is_one_fault_in_its_own_words() {
    use TimeSource::{LastKnown, Ntp, Rtc, ServerHint, System};
    use Verdict::{Believed, Unknown, Unsure};
    let cases = [
        (Unknown, LastKnown, None, Some((Severity::Critical, messages::clock_unknown()))),
        (Unknown, Ntp, Some(1_800_001), Some((Severity::Critical, messages::clock_ahead(31)))),
        (Unsure, Ntp, Some(90_000), Some((Severity::Warning, messages::clock_ahead_a_little(90)))),
        (Unsure, Rtc, None, Some((Severity::Warning, messages::clock_by_rtc()))),
        (Unsure, System, None, Some((Severity::Warning, messages::clock_by_system()))),
        (Unsure, ServerHint, None, Some((Severity::Warning, messages::clock_by_hint()))),
        (Unsure, Ntp, None, Some((Severity::Warning, messages::clock_aged()))),
        (Believed, Ntp, None, None),
    ];
    for (verdict, source, ahead_ms, expected) in cases {
        let mut status = status();
        (status.clock.verdict, status.clock.source, status.clock.ahead_ms) =
            (Some(verdict), source, ahead_ms);
        let found = findings(&status, jiff::Timestamp::UNIX_EPOCH);
        let found: Vec<_> = found.into_iter().map(|f| (f.code, f.severity, f.text)).collect();
        let expected = expected.map(|(severity, text)| ("clock.unsynced", severity, text));
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{verdict:?} {source:?}");
    }
}

#[test]
fn a_lesson_that_was_joined_late_has_time_for_its_first_fragment() {
    let lesson = |joined: &str| {
        let mut status = status();
        status.lesson = serde_json::from_value(serde_json::json!({
            "id": "a", "title": "", "state": "preparing", "since": "2026-09-07T00:20:00Z", "until": null,
            "trigger": "timetable", "recorded_s": 0.0, "gap_s": 0.0, "fragments": 0,
            "recording_since": joined,
        }))
        .unwrap();
        findings(&status, "2026-09-07T00:31:00Z".parse().unwrap()).len()
    };
    assert_eq!(lesson("2026-09-07T00:30:55Z"), 0);
    assert_eq!(lesson("2026-09-07T00:30:40Z"), 1);
}

#[test]
fn decisions_that_cannot_be_read_are_a_fault_with_their_file() {
    let mut status = status();
    status.spool.unreadable_decisions = Some("/spool/decisions.jsonl.damaged-1".to_owned());
    let found = findings(&status, jiff::Timestamp::UNIX_EPOCH);
    let [fault] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((fault.code, fault.unit.as_str()), ("spool.damaged", "decisions"));
    for text in [&fault.text.en, &fault.text.zh] {
        assert!(text.contains("/spool/decisions.jsonl.damaged-1"), "{text}");
    }
}

/// A box whose disk has room for so many seconds, and which has lost so many
/// lessons lately.
fn room(free_s: f64, made_way: u32) -> Vec<(&'static str, Severity, String)> {
    let mut status = status();
    (status.spool.free_s, status.spool.made_way) = (free_s, made_way);
    let found = findings(&status, jiff::Timestamp::UNIX_EPOCH).into_iter();
    found.map(|fault| (fault.code, fault.severity, fault.unit)).collect()
}

#[test]
fn a_disk_is_told_to_fill_for_two_periods_and_to_be_full_for_half_a_minute() {
    let one = |code, severity| vec![(code, severity, "spool".to_owned())];
    assert_eq!(room(5_400.0, 0), []);
    assert_eq!(room(5_399.0, 0), one("spool.filling", Severity::Major));
    assert_eq!(room(30.0, 0), one("spool.filling", Severity::Major));
    assert_eq!(room(29.9, 0), one("spool.full", Severity::Critical));
    assert_eq!(room(0.0, 0), one("spool.full", Severity::Critical));
}

#[test]
fn lessons_that_made_way_are_a_fault_of_their_own_also_when_there_is_room_again() {
    let lost = ("spool.full", Severity::Critical, "lessons".to_owned());
    assert_eq!(room(1e9, 2), std::slice::from_ref(&lost));
    assert_eq!(room(0.0, 2), [lost, ("spool.full", Severity::Critical, "spool".to_owned())]);
    let mut status = status();
    status.spool.made_way = 2;
    let text = findings(&status, jiff::Timestamp::UNIX_EPOCH).remove(0).text;
    assert!(text.en.contains("2 lessons") && text.zh.contains("〔2〕节课"), "{text}");
}

#[test]
fn a_record_that_is_silent_is_a_fault_unless_the_shutter_is_closed() {
    let mut status = status();
    status.lesson = serde_json::from_value(serde_json::json!({
        "id": "lesson", "title": "", "state": "on_air", "since": "1970-01-01T00:00:00Z", "until": null,
        "trigger": "hand", "recorded_s": 20.0, "gap_s": 0.0, "fragments": 10, "last_fragment_age_ms": 60_000,
    }))
    .unwrap();
    let now = jiff::Timestamp::from_second(100).unwrap();
    assert_eq!(findings(&status, now)[0].code, "pipeline.restarting");
    status.shutter = serde_json::from_value(serde_json::json!({
        "since": "1970-01-01T00:00:40Z", "until": null,
    }))
    .unwrap();
    assert_eq!(findings(&status, now), []);
}

#[test]
fn a_key_that_changed_is_one_fault_which_counts_the_lessons_it_closed() {
    let (mut changed, mut locked, mut both) = (status(), status(), status());
    let trouble = messages::keys_foreign("/var/spool/lectern");
    changed.device.key_troubles = vec![trouble.clone()];
    locked.spool.locked_lessons = 3;
    both.device.key_troubles = vec![trouble.clone()];
    both.spool.locked_lessons = 3;
    for (status, text) in
        [(changed, trouble), (locked, messages::key_missing(3)), (both, messages::key_missing(3))]
    {
        let found = findings(&status, jiff::Timestamp::UNIX_EPOCH);
        let [fault] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((fault.code, fault.severity), ("key.missing", Severity::Major));
        assert_eq!((&fault.text, &fault.hint), (&text, &messages::key_missing_hint()));
    }
    assert!(messages::key_missing(3).zh.starts_with("盒子换了密钥，之前有〔3〕节录像在本机打不开"));
}

fn with_source(role: &str, state: &str) -> Status {
    let mut status = status();
    let source = serde_json::json!({
        "name": role, "role": role, "state": state, "last_frame_age_ms": null, "restarts": 0,
    });
    status.sources = vec![serde_json::from_value(source).unwrap()];
    status
}

fn on_air(mut status: Status) -> Status {
    let lesson = serde_json::json!({
        "id": "a", "title": "a", "state": "on_air", "since": jiff::Timestamp::UNIX_EPOCH, "until": null,
        "trigger": "timetable", "recorded_s": 0.0, "gap_s": 0.0, "fragments": 1, "last_fragment_age_ms": 0,
    });
    status.lesson = serde_json::from_value(lesson).unwrap();
    status
}

fn preparing(mut status: Status, items: serde_json::Value) -> Status {
    let zero = jiff::Timestamp::UNIX_EPOCH;
    let check = serde_json::json!({
        "lesson": "a", "title": "a", "bell": zero, "at": zero, "ready": false, "items": items,
    });
    status.check = serde_json::from_value(check).unwrap();
    status
}

/// The codes of the faults that are told when a status lasts.
fn codes(status: &Status, second: i64) -> Vec<String> {
    let utc = jiff::Timestamp::from_second(second).unwrap();
    let mut book = Book::default();
    for monotonic in [0, 60].map(std::time::Duration::from_secs) {
        book.step(look(status, utc), Moment { utc, monotonic });
    }
    book.open().into_iter().map(|fault| fault.code).collect()
}

#[test]
fn what_an_idle_room_lacks_is_no_fault() {
    for (role, code) in [("camera", "camera.lost"), ("mic", "mic.lost")] {
        let lost = with_source(role, "lost");
        assert_eq!(codes(&lost, 0), [""; 0]);
        assert_eq!(codes(&preparing(lost.clone(), serde_json::json!([])), 0), [code]);
        assert_eq!(codes(&on_air(lost), 0), [code]);
    }
}

#[test]
fn a_board_may_be_off_until_three_minutes_after_the_bell_but_must_not_vanish() {
    let absent = with_source("board", "lost");
    assert_eq!(codes(&preparing(absent.clone(), serde_json::json!([])), 0), [""; 0]);
    let lesson = on_air(absent);
    assert_eq!(codes(&lesson, 179), [""; 0]);
    assert_eq!(codes(&lesson, 180), ["board.no_signal"]);
    let mut early = lesson.clone();
    early.lesson.as_mut().unwrap().bell = jiff::Timestamp::from_second(600).ok();
    assert_eq!(codes(&early, 779), [""; 0], "recorded from ten minutes before the bell");
    assert_eq!(codes(&early, 780), ["board.no_signal"]);
    let mut yesterday = lesson.clone();
    yesterday.sources[0].last_frame_age_ms = Some(20 * 3_600_000);
    assert_eq!(codes(&yesterday, 60), [""; 0]);
    let mut vanished = lesson;
    vanished.sources[0].last_frame_age_ms = Some(2_100);
    assert_eq!(codes(&vanished, 60), ["board.no_signal"]);
}

#[test]
fn a_disk_must_hold_the_rest_of_the_lesson() {
    let mut long = on_air(status());
    long.spool.free_s = 2.5 * 3600.0;
    long.lesson.as_mut().unwrap().until = jiff::Timestamp::from_second(3 * 3600).ok();
    assert_eq!(codes(&long, 0), ["spool.filling"]);
    assert_eq!(codes(&long, 3600), [""; 0]);
}

#[test]
fn what_the_check_finds_is_a_fault_once_and_only_by_a_code_of_the_catalogue() {
    let text = messages::check_uplink_down();
    let item = |what: &str, unit: &str, result: &str, code: Option<&str>| {
        serde_json::json!({
            "what": what, "unit": unit, "result": result, "text": text, "hint": text, "code": code,
        })
    };
    let items = serde_json::json!([
        item("camera", "camera", "trouble", Some("camera.lost")),
        item("uplink", "uplink", "trouble", Some("uplink.down")),
        item("clock", "clock", "fine", Some("clock.unsynced")),
        item("live", "platform", "trouble", None),
        item("live", "other", "trouble", Some("no.such")),
    ]);
    let status = preparing(with_source("camera", "lost"), items);
    assert_eq!(codes(&status, 0), ["uplink.down", "camera.lost"]);
}

#[test]
fn each_file_that_cannot_be_used_is_a_fault_that_says_what_follows_from_it() {
    use lectern_api::status::{ConfigFile, ConfigStatus, UnusableFile};
    let found = |file, set_aside| {
        let mut status = status();
        let cause = lectern_api::Text { en: "line 3: cause".to_owned(), zh: "第 3 行：原因".to_owned() };
        let file = UnusableFile { path: "/var/lib/x".to_owned(), file, set_aside, cause };
        status.config = Some(ConfigStatus { path: "/etc/x".to_owned(), unusable: vec![file] });
        let found = findings(&status, jiff::Timestamp::UNIX_EPOCH);
        let [fault] = found.as_slice() else { panic!("{found:?}") };
        assert!(
            fault.text.en.contains("line 3: cause") && fault.text.zh.contains("第 3 行：原因"),
            "{fault:?}"
        );
        assert!(fault.text.en.contains("/var/lib/x") && fault.text.zh.contains("/var/lib/x"), "{fault:?}");
        (fault.code, fault.unit.clone(), fault.severity, fault.text.en.clone())
    };
    let main = found(ConfigFile::Main, false);
    assert_eq!((main.0, main.1.as_str(), main.2), ("config.rejected", "lectern.toml", Severity::Major));
    let (aside, now) = (found(ConfigFile::Local, true), found(ConfigFile::Local, false));
    assert_eq!((aside.0, aside.1.as_str(), aside.2), ("config.rejected", "local.toml", Severity::Minor));
    assert!(aside.3.contains("set aside") && !now.3.contains("set aside"), "{now:?}");
}
