use lectern_api::LessonId;
use lectern_api::manifest::{LessonInfo, Trigger};
use lectern_api::source::{Exposure, NoSignal};

use super::*;

const NOON: i64 = 1_772_000_000;

fn name(name: &str) -> Name {
    Name::new(name).unwrap()
}

/// A lesson of 40 minutes, of which nothing is amiss.
fn measured() -> Measured {
    let begin = jiff::Timestamp::from_second(NOON).unwrap();
    let until = begin + jiff::SignedDuration::from_mins(40);
    let info = LessonInfo {
        id: LessonId::new("a").unwrap(),
        title: "语文".to_owned(),
        date: begin.to_zoned(jiff::tz::TimeZone::UTC).date(),
        since: begin,
        until: None,
        planned_until: Some(until),
        trigger: Trigger::Timetable,
        planned: None,
    };
    let picture = Some(PictureStatus {
        watched_ms: 60_000,
        moved_ms_ago: Some(1_000),
        shown_ms_ago: Some(100),
        ..PictureStatus::default()
    });
    let sound = Some(SoundStatus { listened_ms: 10_000, ..SoundStatus::default() });
    let heard =
        Some(Heard { now_db: -60.0, level_db: -60.0, room_db: -62.0, listened: Duration::from_secs(10) });
    let source = |of: &str, role, picture, sound, heard| {
        let (name, state) = (name(of), SourceState::Running);
        Source { name, role, state, picture, sound, heard }
    };
    let link = |of: &str, what, reach| Link { name: name(of), what, reach };
    Measured {
        lesson: Due { info, begin, until },
        at: begin,
        open_for: Duration::from_secs(60),
        is_shut: false,
        sources: vec![
            source("board", Role::Board, picture, None, None),
            source("camera", Role::Camera, picture, None, None),
            source("mic", Role::Mic, None, sound, heard),
        ],
        free: Some(Duration::from_secs(40 * 60)),
        links: vec![
            link("platform", Checked::Live, Reach::Answers(Duration::from_millis(35))),
            link("district", Checked::Archive, Reach::Answers(Duration::from_millis(80))),
            link("stick", Checked::Archive, Reach::Here),
        ],
        upload_rate: None,
        clock: Verdict::Believed,
    }
}

/// What is not fine: its unit, how it is, its code.
fn amiss(measured: &Measured) -> Vec<(String, CheckResult, Option<String>)> {
    let check = judge(measured);
    let troubles = check.troubles().count();
    assert_eq!(check.ready, troubles == 0, "trouble is what keeps the light from being green");
    for item in &check.items {
        assert_eq!(item.hint.is_some(), item.result == CheckResult::Trouble, "{item:?}");
        assert!(item.text.zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{item:?}");
    }
    let amiss = check.items.into_iter().filter(|item| item.result != CheckResult::Fine);
    amiss.map(|item| (item.unit, item.result, item.code)).collect()
}

fn trouble(unit: &str, code: Option<&str>) -> (String, CheckResult, Option<String>) {
    (unit.to_owned(), CheckResult::Trouble, code.map(str::to_owned))
}

fn unknown(unit: &str) -> (String, CheckResult, Option<String>) {
    (unit.to_owned(), CheckResult::NotChecked, None)
}

#[test]
fn a_room_in_which_all_is_there_is_ready() {
    let check = judge(&measured());
    assert!(check.ready);
    assert_eq!(amiss(&measured()), []);
    assert_eq!((check.lesson.as_str(), check.title.as_str()), ("a", "语文"));
    let units: Vec<&str> = check.items.iter().map(|item| item.unit.as_str()).collect();
    let expected = ["board", "camera", "mic", "spool", "platform", "district", "stick", "uplink", "clock"];
    assert_eq!(units, expected);
    assert!(check.items[7].text.en.contains("35 ms"), "the fastest answer: {:?}", check.items[7]);
}

#[test]
fn a_camera_is_given_time_to_open_and_then_missed() {
    let mut room = measured();
    room.sources[1].state = SourceState::Connecting;
    room.sources[1].picture = None;
    room.open_for = Duration::from_secs(3);
    assert_eq!(amiss(&room), [unknown("camera")]);
    room.sources[1].state = SourceState::Lost;
    assert_eq!(amiss(&room), [trouble("camera", Some("camera.lost"))]);
    room.sources[1].state = SourceState::Connecting;
    room.open_for = OPENING;
    assert_eq!(amiss(&room), [trouble("camera", Some("camera.lost"))]);
}

#[test]
fn a_camera_whose_picture_stands_still_is_trouble_and_a_still_slide_is_not() {
    let mut room = measured();
    for (frozen, moved_ms_ago, expected) in [
        (false, None, Some(unknown("camera"))),
        (false, Some(2_000), None),
        (false, Some(11_000), Some(unknown("camera"))),
        (true, Some(2_000), Some(trouble("camera", Some("picture.frozen")))),
    ] {
        let picture = PictureStatus { frozen, moved_ms_ago, ..room.sources[1].picture.unwrap() };
        room.sources[1].picture = Some(picture);
        room.sources[0].picture = Some(PictureStatus { frozen: false, ..picture });
        assert_eq!(amiss(&room), expected.into_iter().collect::<Vec<_>>(), "{picture:?}");
    }
}

#[test]
fn a_black_or_blue_camera_is_trouble_and_a_board_is_not_on_yet() {
    let mut room = measured();
    let shown = room.sources[1].picture.unwrap();
    for (picture, code) in [
        (PictureStatus { black: true, ..shown }, "picture.black"),
        (PictureStatus { no_signal: Some(NoSignal::Blue), ..shown }, "camera.lost"),
        (PictureStatus { exposure: Exposure::Under, ..shown }, "picture.exposure"),
    ] {
        room.sources[1].picture = Some(picture);
        assert_eq!(amiss(&room), [trouble("camera", Some(code))]);
    }
    room = measured();
    for picture in
        [PictureStatus { black: true, ..shown }, PictureStatus { no_signal: Some(NoSignal::Blue), ..shown }]
    {
        room.sources[0].picture = Some(picture);
        assert_eq!(amiss(&room), [unknown("board")]);
    }
}

#[test]
fn a_board_that_is_off_before_the_bell_is_no_fault() {
    let mut room = measured();
    for state in [SourceState::Idle, SourceState::Connecting, SourceState::Lost] {
        room.sources[0].state = state;
        assert_eq!(amiss(&room), [unknown("board")]);
    }
}

#[test]
fn a_microphone_is_lost_or_silent_or_hears_the_room() {
    let mut room = measured();
    let level = |level_db, seconds| {
        let listened = Duration::from_secs(seconds);
        Some(Heard { now_db: level_db, level_db, room_db: level_db, listened })
    };
    let fine = SoundStatus { listened_ms: 10_000, ..SoundStatus::default() };
    let silent = SoundStatus { silent: true, ..fine };
    let clips = SoundStatus { clipping: true, ..fine };
    for (sound, heard, expected) in [
        (Some(fine), level(-144.0, 10), Some(unknown("mic"))),
        (Some(silent), level(-144.0, 15), Some(trouble("mic", Some("mic.silent")))),
        (Some(clips), level(-4.0, 10), Some(trouble("mic", Some("mic.clipping")))),
        (Some(SoundStatus { hum: true, ..fine }), level(-40.0, 10), Some(trouble("mic", Some("mic.hum")))),
        (Some(fine), level(-78.0, 10), None),
        (Some(fine), None, Some(unknown("mic"))),
        (None, level(-78.0, 10), Some(unknown("mic"))),
    ] {
        (room.sources[2].sound, room.sources[2].heard) = (sound, heard);
        assert_eq!(amiss(&room), expected.into_iter().collect::<Vec<_>>(), "{heard:?}");
    }
    room.sources[2].state = SourceState::Lost;
    assert_eq!(amiss(&room), [trouble("mic", Some("mic.lost"))]);
}

#[test]
fn a_board_computer_that_plays_nothing_is_no_fault() {
    let mut room = measured();
    (room.sources[2].role, room.sources[2].sound) = (Role::Line, None);
    let silence = Duration::from_secs(10);
    room.sources[2].heard =
        Some(Heard { now_db: -144.0, level_db: -144.0, room_db: -144.0, listened: silence });
    assert_eq!(amiss(&room), []);
    room.sources[2].state = SourceState::Lost;
    assert_eq!(amiss(&room), [unknown("mic")]);
}

#[test]
fn nothing_is_looked_at_behind_a_closed_shutter() {
    let mut room = measured();
    room.is_shut = true;
    assert_eq!(amiss(&room), [unknown("board"), unknown("camera"), unknown("mic")]);
}

#[test]
fn the_whole_lesson_must_fit_on_the_disk() {
    let mut room = measured();
    room.free = Some(Duration::from_secs(40 * 60 - 1));
    assert_eq!(amiss(&room), [trouble("spool", Some("spool.filling"))]);
    let text = judge(&room).items.swap_remove(3).text.zh;
    assert!(text.contains("只够录 39 分钟") && text.contains("要 40 分钟"), "{text}");
    room.free = None;
    assert_eq!(amiss(&room), [unknown("spool")]);
}

#[test]
fn one_server_that_is_silent_is_that_servers_fault_and_all_are_the_links() {
    let mut room = measured();
    let silent = || Reach::Silent(messages::reach_no_answer("host"));
    room.links[0].reach = silent();
    assert_eq!(amiss(&room), [trouble("platform", Some("live.refused"))]);
    room.links[1].reach = Reach::Unusable(messages::reach_refused("host"));
    let both = [
        trouble("platform", Some("live.refused")),
        trouble("district", Some("archive.unreachable")),
        unknown("uplink"),
    ];
    assert_eq!(amiss(&room), both, "who refuses is reached");
    room.links[1].reach = silent();
    let all = [trouble("platform", None), trouble("district", None), trouble("uplink", Some("uplink.down"))];
    assert_eq!(amiss(&room), all);
    room.links[2].reach = Reach::NotHere(messages::reach_refused("stick"));
    assert!(amiss(&room).contains(&trouble("stick", Some("archive.unreachable"))), "it is on no link");
}

#[test]
fn who_was_not_asked_is_neither_fine_nor_a_fault() {
    let mut room = measured();
    room.links.pop();
    for (first, second) in [(Reach::Asking, Reach::Asking), (Reach::Listener, Reach::NotTried)] {
        (room.links[0].reach, room.links[1].reach) = (first, second);
        assert_eq!(amiss(&room), [unknown("platform"), unknown("district"), unknown("uplink")]);
    }
}

#[test]
fn a_clock_that_nobody_vouches_for_is_said() {
    let mut room = measured();
    room.clock = Verdict::Unsure;
    assert_eq!(amiss(&room), [unknown("clock")]);
    room.clock = Verdict::Unknown;
    assert_eq!(amiss(&room), [trouble("clock", Some("clock.unsynced"))]);
}
