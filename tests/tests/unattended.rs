//! A room in which nobody looks after the box: it checks itself before the bell,
//! and begins a lesson when the board is switched on or somebody speaks.

use std::time::Duration;

use lectern_api::check::{CheckItem, CheckResult, PreClassCheck};
use lectern_api::manifest::Trigger;
use lectern_api::status::{LessonState, SourceState};
use lectern_tests::room::{Camera, Sound};
use lectern_tests::timetable::{Day, soon};
use lectern_tests::wait::throughout;
use lectern_tests::{ClassroomBox, Setup, Stopwatch, eventually};

const LIMIT: Duration = Duration::from_secs(40);

fn long() -> bool {
    std::env::var_os("LECTERN_LONG").is_some()
}

fn item<'a>(check: &'a PreClassCheck, unit: &str) -> &'a CheckItem {
    check.items.iter().find(|item| item.unit == unit).unwrap_or_else(|| panic!("{unit} is not checked"))
}

/// Waits until the check says so of one thing.
#[track_caller]
fn wait_checked(lectern: &ClassroomBox, unit: &str, result: CheckResult) -> PreClassCheck {
    eventually(&format!("{unit} is {result:?} in the check"), LIMIT, || {
        lectern.status().check.filter(|check| item(check, unit).result == result)
    })
}

/// Proves that a camera whose plug is pulled is named minutes before the bell,
/// and that the light is green when it is back; that all the while nothing is
/// recorded.
#[test]
fn a_camera_without_power_is_named_before_the_bell_and_fine_when_it_is_back() {
    let mut camera = Camera::switch_on();
    let setup = Setup::bare()
        .source("board", "board", "test:board")
        .source("camera", "camera", &camera.uri())
        .source("mic", "mic", "test:mic")
        .timetable();
    let mut lectern = ClassroomBox::prepare(setup);
    let bell = soon(240);
    std::fs::write(lectern.path("timetable.toml"), Day::today().lesson("语文", bell, 60).text()).unwrap();
    camera.kill();
    lectern.launch();

    let check = wait_checked(&lectern, "camera", CheckResult::Trouble);
    assert!(!check.ready);
    assert_eq!((check.title.as_str(), check.bell), ("语文", bell));
    lectern.wait_fault("camera.lost");

    camera.restart();
    let check = wait_checked(&lectern, "camera", CheckResult::Fine);
    for unit in ["board", "spool", "folder"] {
        assert_eq!(item(&check, unit).result, CheckResult::Fine, "{:?}", item(&check, unit));
    }
    wait_checked(&lectern, "mic", CheckResult::Fine);
    lectern.wait_no_fault("camera.lost");
    assert_eq!(lectern.lessons().len(), 0, "nothing is recorded before the bell");
}

/// Proves that a board that is on begins a lesson by itself, with no other source
/// open before; and that what a person has ended is not begun again, not even by
/// a daemon that was restarted, while the board stays on.
#[test]
fn a_board_that_is_switched_on_begins_a_lesson_which_a_person_ends_for_good() {
    let mut lectern = ClassroomBox::switch_on(Setup::test_room().signal("board"));
    lectern.wait_source("board", SourceState::Running, LIMIT);
    assert_eq!(lectern.source("camera").state, SourceState::Idle, "only the board is watched");
    assert_eq!(lectern.source("mic").state, SourceState::Idle);
    let lesson = eventually("a lesson begins", LIMIT, || lectern.status().lesson);
    assert_eq!(lesson.trigger, Trigger::Signal);
    lectern.wait_recorded(2.0);
    let archive = lectern.stop_and_archive();
    archive.assert_verified();
    assert_eq!(archive.manifest().lesson.trigger, Trigger::Signal);

    lectern.terminate();
    lectern.launch();
    lectern.wait_source("board", SourceState::Running, LIMIT);
    let idle = || lectern.status().lesson.is_none();
    throughout("the board is on and begins nothing", Duration::from_secs(12), idle);
}

/// Proves that somebody who speaks begins a lesson by himself, and that a quiet
/// room does not; that what was said is in it; and that it is over when nobody
/// has spoken for ten minutes, which the short form does not wait for: there a
/// person ends it, and who speaks on does not begin another.
#[test]
fn somebody_who_speaks_begins_a_lesson_and_silence_ends_it() {
    let mut sound = Sound::of_an_empty_room();
    let setup = Setup::bare()
        .source("board", "board", "test:board")
        .source("mic", "mic", &sound.uri())
        .sound("mic")
        .variable("PULSE_SERVER", &sound.address());
    let lectern = ClassroomBox::switch_on(setup);
    lectern.wait_source("mic", SourceState::Running, LIMIT);
    assert_eq!(lectern.source("board").state, SourceState::Idle, "only the microphone is listened to");
    let idle = || lectern.status().lesson.is_none();
    throughout("a quiet room begins nothing", Duration::from_secs(3), idle);
    let quiet = Stopwatch::start();
    sound.speak();
    let lesson = eventually("a lesson begins", LIMIT, || lectern.status().lesson);
    assert_eq!(lesson.trigger, Trigger::Sound);
    assert!(quiet.elapsed() > Duration::from_secs(15), "a word is no lesson: {:?}", quiet.elapsed());
    lectern.wait_recorded(4.0);
    let archive = if long() {
        sound.fall_silent();
        let over = eventually("silence ends the lesson", Duration::from_secs(700), || {
            let entry = lectern.lesson(&lesson.id);
            (entry.state == LessonState::Complete).then_some(entry)
        });
        assert!(over.recorded_s > 590.0, "a pause of {} s is no end", over.recorded_s);
        lectern.wait_archived(&lesson.id)
    } else {
        let archive = lectern.stop_and_archive();
        throughout("who speaks on begins nothing", Duration::from_secs(3), idle);
        archive
    };
    archive.assert_verified();
    assert_eq!(archive.manifest().lesson.trigger, Trigger::Sound);
    assert!(archive.manifest().gaps.is_empty());
    assert!(archive.runs()[0].readings.beeps_ns.len() >= 3, "what was said is recorded");
}
