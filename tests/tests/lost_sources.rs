//! Sources that die and return.

use std::time::Duration;

use lectern_api::status::SourceState;
use lectern_tests::numbers::{account, assert_every};
use lectern_tests::readings::{Picture, Stamp};
use lectern_tests::room::{self, Camera, Screen, Sound};
use lectern_tests::{ClassroomBox, Setup};

const LIMIT: Duration = Duration::from_secs(40);

/// The numbers of one source's pictures, split where it was away: a source
/// that comes back counts from the beginning.
fn lives(pictures: &[Picture], stamp: impl Fn(&Picture) -> Option<Stamp>) -> Vec<Vec<u64>> {
    let mut lives: Vec<Vec<u64>> = Vec::new();
    let mut was_there = false;
    for picture in pictures {
        let Some(Stamp { number, .. }) = stamp(picture) else {
            was_there = false;
            continue;
        };
        match lives.last_mut() {
            Some(life) if was_there || life.last().is_some_and(|last| number >= *last) => life.push(number),
            _ => lives.push(vec![number]),
        }
        was_there = true;
    }
    lives
}

/// How many pictures in a row show the slate at most.
fn longest_slate(pictures: &[Picture], stamp: impl Fn(&Picture) -> Option<Stamp>) -> usize {
    let mut longest = 0;
    let mut row = 0;
    for picture in pictures {
        row = if stamp(picture).is_none() { row + 1 } else { 0 };
        longest = longest.max(row);
    }
    longest
}

/// Every whole second has its beep.
#[track_caller]
fn assert_every_beep(beeps_ns: &[u64]) {
    for pair in beeps_ns.windows(2) {
        let apart_ms = (pair[1] - pair[0]) / 1_000_000;
        assert!((980..=1020).contains(&apart_ms), "beeps {apart_ms} ms apart at {} ms", pair[0] / 1_000_000);
    }
}

/// Proves that a camera whose plug is pulled takes nothing with it: board and
/// voice go on without a missing page or beep, a slate stands in its place, and
/// it comes back by itself. Then the same with the board's whole X server, which
/// must not end the daemon, as Xlib would have it.
#[test]
fn a_camera_and_a_screen_that_die_take_nothing_with_them_and_come_back() {
    let (mut screen, mut camera, sound) = room::switch_on();
    let setup = Setup::bare()
        .source("board", "board", &screen.uri())
        .source("camera", "camera", &camera.uri())
        .source("mic", "mic", &sound.uri())
        .variable("PULSE_SERVER", &sound.address());
    let lectern = ClassroomBox::switch_on(setup);
    let pid = lectern.pid();
    lectern.start("physics");
    for source in ["board", "camera", "mic"] {
        lectern.wait_source(source, SourceState::Running, LIMIT);
    }
    lectern.wait_recorded(4.0);

    camera.kill();
    lectern.wait_source("camera", SourceState::Lost, LIMIT);
    lectern.wait_fault("camera.lost");
    lectern.wait_more(4.0);
    assert_eq!(lectern.source("board").state, SourceState::Running);
    camera.restart();
    lectern.wait_source("camera", SourceState::Running, LIMIT);
    lectern.wait_no_fault("camera.lost");
    lectern.wait_more(4.0);

    screen.kill();
    lectern.wait_source("board", SourceState::Lost, LIMIT);
    lectern.wait_fault("board.no_signal");
    lectern.wait_more(4.0);
    assert_eq!(lectern.source("camera").state, SourceState::Running);
    screen.restart();
    lectern.wait_source("board", SourceState::Running, LIMIT);
    lectern.wait_more(4.0);
    assert_eq!(lectern.pid(), pid);
    let restarted: Vec<_> = lectern.status().units.into_iter().filter(|unit| unit.restarts > 0).collect();
    assert!(restarted.is_empty(), "{restarted:?}");

    let archive = lectern.stop_and_archive();
    archive.assert_verified();
    assert!(archive.manifest().gaps.is_empty(), "a slate is no gap: {:?}", archive.manifest().gaps);
    let runs = archive.runs();
    assert_eq!(runs.len(), 1, "the record went on");
    let readings = &runs[0].readings;
    readings.assert_continuous();
    assert_every_beep(&readings.beeps_ns[1..]);
    let pictures = &readings.pictures;

    let board = lives(pictures, |picture| picture.board);
    assert_eq!(board.len(), 2, "the board lived twice: {board:?}");
    board.iter().for_each(|life| assert_every(life));
    let slate = longest_slate(pictures, |picture| picture.board);
    assert!(slate >= 75, "the board's slate stood for {slate} pictures");

    let cameras = lives(pictures, |picture| picture.camera);
    eprintln!("{:?}", cameras.iter().map(|life| (life.len(), account(life))).collect::<Vec<_>>());
    assert_eq!(cameras.len(), 2, "the camera lived twice");
    for life in &cameras {
        let account = account(life);
        assert!(account.longest_hole <= 1 && account.missing.len() * 20 <= life.len(), "{account:?}");
    }
    let slate = longest_slate(pictures, |picture| picture.camera);
    assert!(slate >= 75, "the camera's slate stood for {slate} pictures");
}

/// Proves that a sound server which restarts is found again, while pictures go
/// on.
#[test]
fn a_sound_server_that_dies_takes_no_picture_with_it_and_comes_back() {
    let mut sound = Sound::switch_on();
    let setup = Setup::bare()
        .source("board", "board", "test:board")
        .source("mic", "mic", &sound.uri())
        .variable("PULSE_SERVER", &sound.address());
    let lectern = ClassroomBox::switch_on(setup);
    lectern.start("singing");
    lectern.wait_source("mic", SourceState::Running, LIMIT);
    lectern.wait_recorded(4.0);
    sound.kill();
    lectern.wait_source("mic", SourceState::Lost, LIMIT);
    lectern.wait_more(2.0);
    sound.restart();
    lectern.wait_source("mic", SourceState::Running, LIMIT);
    lectern.wait_more(4.0);

    let archive = lectern.stop_and_archive();
    archive.assert_verified();
    let runs = archive.runs();
    assert_eq!(runs.len(), 1);
    let readings = &runs[0].readings;
    // From a second before it died: a busy machine may repeat a frame while it
    // begins a lesson.
    let around = readings.pictures.iter().filter(|picture| picture.pts_ns > 3_000_000_000);
    let around: Vec<u64> = around.filter_map(|picture| Some(picture.board?.number)).collect();
    lectern_tests::numbers::assert_none_missing(&around);
    readings.assert_continuous();
    let last = readings.beeps_ns.last().copied().unwrap_or_default();
    let end = readings.pictures.last().map(|picture| picture.pts_ns).unwrap_or_default();
    // The last beep may begin behind the last picture.
    assert!(
        end.saturating_sub(last) < 2_500_000_000,
        "no beep since {} ms of {} ms",
        last / 1_000_000,
        end / 1_000_000
    );
}

/// Proves that devices which freeze are worse than those that die, and treated
/// the same: connections stay open, calls never return, and still slate and
/// return come by themselves, while the sound goes on.
#[test]
fn a_camera_and_a_screen_that_freeze_are_given_up_and_found_again() {
    let (screen, camera) = (Screen::switch_on(), Camera::switch_on());
    let setup = Setup::bare()
        .source("board", "board", &screen.uri())
        .source("camera", "camera", &camera.uri())
        .source("mic", "mic", "test:mic");
    let lectern = ClassroomBox::switch_on(setup);
    lectern.start("drawing");
    for source in ["board", "camera", "mic"] {
        lectern.wait_source(source, SourceState::Running, LIMIT);
    }
    lectern.wait_recorded(2.0);
    camera.freeze();
    lectern.wait_source("camera", SourceState::Lost, LIMIT);
    screen.freeze();
    lectern.wait_source("board", SourceState::Lost, LIMIT);
    // Long enough for a second opening to be stuck as well.
    lectern.wait_more(8.0);
    camera.thaw();
    screen.thaw();
    for source in ["board", "camera"] {
        lectern.wait_source(source, SourceState::Running, LIMIT);
    }
    lectern.wait_more(4.0);

    let archive = lectern.stop_and_archive();
    archive.assert_verified();
    assert!(archive.manifest().gaps.is_empty(), "{:?}", archive.manifest().gaps);
    let runs = archive.runs();
    assert_eq!(runs.len(), 1, "the record went on");
    let readings = &runs[0].readings;
    readings.assert_continuous();
    assert_every_beep(&readings.beeps_ns[1..]);
    for stamp in [|picture: &Picture| picture.board, |picture: &Picture| picture.camera] {
        let slate = longest_slate(&readings.pictures, stamp);
        assert!(slate >= 150, "the slate stood for {slate} pictures");
        let last = &readings.pictures[readings.pictures.len() - 50..];
        assert!(last.iter().all(|picture| stamp(picture).is_some()), "the source is back at the end");
    }
}
