//! An archive on a medium that is put in and taken out.

use std::time::Duration;

use lectern_api::status::ArchiveState;
use lectern_tests::numbers::assert_none_missing;
use lectern_tests::recordings::in_spool;
use lectern_tests::store::SmallDisk;
use lectern_tests::{ClassroomBox, Recording, Setup, eventually};

const LIMIT: Duration = Duration::from_secs(40);

/// Proves that a stick which is not in its place stops nothing, that nothing is
/// written in its place, and that it gets the whole lesson once it is put in.
#[test]
fn a_medium_that_is_put_in_during_the_lesson_gets_all_of_it() {
    let lectern = ClassroomBox::prepare(Setup::test_room());
    let folder = lectern.path("archive");
    std::fs::remove_dir(&folder).unwrap();
    let mut lectern = lectern;
    lectern.launch();
    lectern.start("reading");
    eventually("the missing medium is told", LIMIT, || {
        let status = lectern.status();
        let retrying = status.archive.iter().any(|archive| archive.state == ArchiveState::Retrying);
        (retrying && status.faults.iter().any(|fault| fault.code == "archive.unreachable")).then_some(())
    });
    lectern.wait_recorded(4.0);
    assert!(!folder.exists(), "nothing is written where the medium should be");
    std::fs::create_dir(&folder).unwrap();

    let archive = lectern.stop_and_archive();
    archive.assert_verified();
    assert_none_missing(&archive.runs()[0].readings.board());
    lectern.wait_no_fault("archive.unreachable");
    assert_eq!(lectern.faults(), []);
}

/// A stick of 512 KiB that gets larger, as one does that somebody clears.
#[test]
fn a_medium_that_is_full_is_named_as_full_and_gets_the_rest_once_it_has_room() {
    let mut lectern = ClassroomBox::prepare(Setup::bare().source("board", "board", "test:board"));
    let stick = SmallDisk::mount(&lectern.path("archive"), 512 << 10);
    let lesson = Recording::of("LB-1", "2026-03-02T00:00:00Z", 2, 20_000);
    in_spool(&lectern, |spool| lesson.record(spool));
    lectern.launch();
    let told = eventually("the full medium is told", LIMIT, || {
        lectern.status().archive.into_iter().find_map(|archive| archive.last_error)
    });
    assert!(told.en.contains("is full") && told.zh.contains("满了"), "{told}");
    stick.resize(8 << 20);
    lectern.wait_archived(&lesson.lesson.id).assert_verified();
    lesson.assert_is_in(&lectern.path("archive"));
    lectern.wait_no_fault("archive.unreachable");
    assert_eq!(lectern.faults(), []);
}
