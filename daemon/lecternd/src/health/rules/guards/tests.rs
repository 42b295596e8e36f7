//! From what the guards say to faults, on a virtual clock.

use std::time::Duration;

use lectern_api::source::NoSignal;
use serde_json::{Value, json};

use super::super::super::book::{Book, Change, Moment};
use super::super::look;
use super::*;

/// A box with one source that delivers, in a lesson that has run for ten minutes.
fn room(role: &str, source: &Value) -> Status {
    let device = json!({"id": "box-1", "place": "301", "version": "0", "boot_id": ""});
    let mut told = json!({
        "name": role, "role": role, "state": "running", "last_frame_age_ms": 20, "restarts": 0,
    });
    told.as_object_mut().unwrap().extend(source.as_object().unwrap().clone());
    serde_json::from_value(json!({
        "device": device, "next": null, "sources": [told], "live": [],
        "lesson": {
            "id": "a", "title": "a", "state": "on_air", "since": Timestamp::UNIX_EPOCH, "until": null,
            "trigger": "timetable", "recorded_s": 0.0, "gap_s": 0.0, "fragments": 1,
            "last_fragment_age_ms": 0,
        },
        "spool": {"pending_s": 0.0, "pending_bytes": 0, "free_s": 1e9},
        "archive": [], "faults": [], "clock": {"synced": true, "offset_ms": 0}, "units": [],
    }))
    .unwrap()
}

/// A picture that has been watched for a minute and moves.
fn picture(fields: Value) -> Value {
    let mut picture = json!({
        "watched_ms": 60_000, "black": false, "frozen": false, "moved_ms_ago": 40, "shown_ms_ago": 100,
    });
    picture.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({"picture": picture})
}

/// A microphone that has been listened to for a minute.
fn sound(level_db: i32, fields: Value) -> Value {
    let mut sound = json!({"listened_ms": 60_000, "silent": false, "clipping": false, "hum": false});
    sound.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({"sound": sound, "level_db": level_db})
}

/// Looks a second apart, from ten minutes into the lesson on.
struct Watch {
    book: Book,
    second: u32,
}

impl Watch {
    fn new() -> Self {
        Self { book: Book::default(), second: 600 }
    }

    fn look(&mut self, status: &Status) -> Vec<Change> {
        self.second += 1;
        // Looks are never quite punctual.
        let early = if self.second.is_multiple_of(2) { 0.0 } else { 0.02 };
        let monotonic = Duration::from_secs_f64(f64::from(self.second) - early);
        let utc = Timestamp::from_second(self.second.into()).unwrap();
        self.book.step(look(status, utc), Moment { utc, monotonic })
    }

    /// Looks until something changes; answers after how many looks.
    fn until_change(&mut self, status: &Status) -> Option<(u32, Change)> {
        (1..=20).find_map(|n| self.look(status).pop().map(|change| (n, change)))
    }
}

/// A role, what is wrong, what is well again, and the fault.
fn cases() -> Vec<(&'static str, Value, Value, &'static str, Severity)> {
    use Severity::{Major, Minor, Warning};
    let seen = || picture(json!({}));
    let heard = || sound(-40, json!({}));
    vec![
        ("camera", picture(json!({"frozen": true, "moved_ms_ago": 1_600})), seen(), "picture.frozen", Major),
        ("camera", picture(json!({"black": true})), seen(), "picture.black", Major),
        ("camera", picture(json!({"exposure": "under"})), seen(), "picture.exposure", Minor),
        ("camera", picture(json!({"exposure": "over"})), seen(), "picture.exposure", Minor),
        ("camera", picture(json!({"no_signal": "blue"})), seen(), "camera.lost", Major),
        ("board", picture(json!({"no_signal": "bars"})), seen(), "board.no_signal", Major),
        ("board", picture(json!({"black": true})), seen(), "picture.black", Warning),
        ("mic", sound(-144, json!({"silent": true})), heard(), "mic.silent", Major),
        ("mic", sound(-3, json!({"clipping": true})), heard(), "mic.clipping", Minor),
        ("mic", sound(-35, json!({"hum": true})), heard(), "mic.hum", Minor),
    ]
}

#[test]
fn what_a_guard_says_is_told_with_the_second_look_and_over_with_the_third_good_one() {
    for (role, wrong, well, code, severity) in cases() {
        let mut watch = Watch::new();
        let (looks, change) = watch.until_change(&room(role, &wrong)).expect(code);
        let Change::Raised(fault) = change else { panic!("{code}: {change:?}") };
        assert_eq!((fault.code.as_str(), fault.severity, fault.unit.as_str()), (code, severity, role));
        assert_eq!(looks, 2, "{code}: with the guard's two seconds that is at the broker within five");
        let (looks, change) = watch.until_change(&room(role, &well)).expect(code);
        assert!(matches!(change, Change::Cleared(_)), "{code}: {change:?}");
        assert_eq!(looks, 3, "{code}");
    }
}

#[test]
fn what_flickers_is_one_fault_that_counts_and_what_is_seen_once_is_none() {
    for (role, wrong, well, code, _) in cases() {
        let (wrong, well) = (room(role, &wrong), room(role, &well));
        let mut watch = Watch::new();
        for _ in 0..10 {
            assert_eq!(watch.look(&wrong), [], "{code}");
            assert_eq!(watch.look(&well), [], "{code}");
        }
        watch.until_change(&wrong);
        for _ in 0..10 {
            assert_eq!(watch.look(&well), [], "{code}");
            let changes = watch.look(&wrong);
            assert!(matches!(changes.as_slice(), [Change::Changed(_)]), "{code}: {changes:?}");
        }
    }
}

#[test]
fn no_news_ends_nothing() {
    for (role, wrong, _, code, _) in cases() {
        let mut watch = Watch::new();
        watch.until_change(&room(role, &wrong));
        let mut lost = room(role, &json!({"state": "lost"}));
        lost.sources[0].last_frame_age_ms = Some(3_000);
        let unseen = room(role, &json!({}));
        let young = match role {
            "mic" => json!({"sound": {"listened_ms": 900, "silent": false, "clipping": false, "hum": false}}),
            _ => json!({"picture": {"watched_ms": 900, "black": false, "frozen": false}}),
        };
        for status in [lost, unseen, room(role, &young)] {
            // That a device delivers is all that a lost one needs.
            if !code.ends_with("lost") && !code.ends_with("no_signal") {
                (0..10).for_each(|_| drop(watch.look(&status)));
                assert!(watch.book.open().iter().any(|fault| fault.code == code), "{code}");
            }
        }
    }
}

#[test]
fn what_explains_a_fault_is_no_evidence_against_it() {
    let mut watch = Watch::new();
    watch.until_change(&room("camera", &picture(json!({"frozen": true}))));
    let black = room("camera", &picture(json!({"black": true})));
    (0..10).for_each(|_| drop(watch.look(&black)));
    let codes: Vec<String> = watch.book.open().into_iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["picture.frozen", "picture.black"], "a lens cover does not thaw a camera");
    let stands = room("camera", &picture(json!({"moved_ms_ago": 11_000})));
    (0..10).for_each(|_| drop(watch.look(&stands)));
    let codes: Vec<String> = watch.book.open().into_iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["picture.frozen"], "a picture that does not move is no evidence");
}

#[test]
fn a_room_that_is_not_in_use_and_a_board_that_is_not_on_yet_have_no_faults() {
    for (role, wrong, _, code, _) in cases() {
        let mut idle = room(role, &wrong);
        idle.lesson = None;
        assert_eq!(Watch::new().until_change(&idle), None, "{code}");
    }
    for wrong in [json!({"black": true}), json!({"no_signal": "blue"})] {
        let never = picture(json!({"black": wrong["black"] == true, "no_signal": wrong["no_signal"],
            "shown_ms_ago": null}));
        let status = room("board", &never);
        let mut watch = Watch { second: 100, ..Watch::new() };
        assert_eq!(watch.until_change(&status), None, "until three minutes after the bell");
        let mut watch = Watch { second: 180, ..Watch::new() };
        assert!(watch.until_change(&status).is_some());
        let vanished = room("board", &picture(wrong));
        let mut watch = Watch { second: 100, ..Watch::new() };
        assert!(watch.until_change(&vanished).is_some(), "it was there");
    }
}

#[test]
fn one_camera_that_is_lost_does_not_hide_what_another_shows() {
    let mut both = room("camera", &json!({"state": "lost"}));
    let mut other = room("camera", &picture(json!({"black": true}))).sources.remove(0);
    other.name = lectern_api::Name::new("class").unwrap();
    both.sources.push(other);
    let mut watch = Watch::new();
    (0..5).for_each(|_| drop(watch.look(&both)));
    let open: Vec<(String, String)> =
        watch.book.open().into_iter().map(|fault| (fault.code, fault.unit)).collect();
    let expected = [("camera.lost", "camera"), ("picture.black", "class")];
    assert_eq!(open, expected.map(|(code, unit)| (code.to_owned(), unit.to_owned())));
}

#[test]
fn every_flaw_says_what_it_means_and_what_to_do_in_both_languages() {
    let pictures = [
        PictureStatus { black: true, ..PictureStatus::default() },
        PictureStatus { frozen: true, ..PictureStatus::default() },
        PictureStatus { no_signal: Some(NoSignal::Bars), ..PictureStatus::default() },
        PictureStatus { exposure: Exposure::Under, ..PictureStatus::default() },
        PictureStatus { exposure: Exposure::Over, ..PictureStatus::default() },
    ];
    let all = SoundStatus { silent: true, clipping: true, hum: true, listened_ms: 0 };
    let roles = [Role::Camera, Role::Board].into_iter();
    let flaws = roles.flat_map(|role| pictures.iter().filter_map(move |picture| of_picture(role, picture)));
    let flaws: Vec<Flaw> = flaws.chain(of_sound(&all)).collect();
    assert_eq!(flaws.len(), 13);
    for Flaw { code, text, hint, .. } in flaws {
        for words in [text, hint] {
            let is_chinese = words.zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(is_chinese && words.zh.ends_with('。'), "{code}: {}", words.zh);
            assert!(words.en.is_ascii() && words.en.ends_with('.'), "{code}: {}", words.en);
        }
    }
}
