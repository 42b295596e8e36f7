//! A room in which nobody looks after the box: it checks itself before the bell,
//! and begins a lesson when the board is switched on.

use std::time::Duration;

use lectern_api::check::{CheckItem, CheckResult, PreClassCheck};
use lectern_api::manifest::Trigger;
use lectern_api::status::SourceState;
use lectern_tests::room::Camera;
use lectern_tests::timetable::{Day, soon};
use lectern_tests::wait::throughout;
use lectern_tests::{ClassroomBox, Setup, eventually};

const LIMIT: Duration = Duration::from_secs(40);

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
    let codes: Vec<String> = lectern.status().faults.into_iter().map(|fault| fault.code).collect();
    assert!(codes.contains(&"camera.lost".to_owned()), "{codes:?}");

    camera.restart();
    let check = wait_checked(&lectern, "camera", CheckResult::Fine);
    for unit in ["board", "spool", "folder"] {
        assert_eq!(item(&check, unit).result, CheckResult::Fine, "{:?}", item(&check, unit));
    }
    wait_checked(&lectern, "mic", CheckResult::Fine);
    let codes: Vec<String> = lectern.status().faults.into_iter().map(|fault| fault.code).collect();
    assert!(!codes.contains(&"camera.lost".to_owned()), "{codes:?}");
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
