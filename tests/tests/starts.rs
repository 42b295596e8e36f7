//! Starting and stopping, again and again.

use std::time::Duration;

use lectern_api::LessonId;
use lectern_tests::numbers::assert_none_missing;
use lectern_tests::wait::throughout;
use lectern_tests::{Archive, ClassroomBox, Setup};

/// How many lessons prove that every start is a good one: 10 in the usual run,
/// 100 with `LECTERN_LONG=1`.
fn starts() -> usize {
    if std::env::var_os("LECTERN_LONG").is_some() { 100 } else { 10 }
}

/// One picture at 25 per second, in ticks of 1/90 000 s.
const FRAME_90K: u64 = 3_600;

/// Asserts that a lesson is whole and that its first picture is a keyframe at
/// the very beginning. Answers the board's numbers.
#[track_caller]
fn assert_begins_well(archive: &Archive, what: &str) -> Vec<u64> {
    archive.assert_verified();
    let manifest = archive.manifest();
    assert!(manifest.gaps.is_empty(), "{what}: {:?}", manifest.gaps);
    let runs = archive.runs();
    assert_eq!(runs.len(), 1, "{what}");
    assert_eq!(runs[0].begin.0, 0, "{what}: the time line begins at 0");
    let readings = &runs[0].readings;
    let first = readings.pictures[0];
    assert!(first.pts_ns < 1_000_000, "{what}: the first picture is no keyframe: {first:?}");
    readings.assert_continuous();
    readings.assert_sounds_throughout();
    // The last fragment ends with the last piece of sound, which is no multiple
    // of a picture.
    let recorded: u64 = manifest.tracks[0].fragments.iter().map(|f| f.duration_90k.0).sum();
    let pictures = readings.pictures.len() as u64;
    assert_eq!(recorded / FRAME_90K, pictures, "{what}: {pictures} pictures in {recorded} ticks");
    readings.board()
}

/// Proves that a start is never a matter of luck: every one of many short
/// lessons begins with a keyframe and is a valid archive.
#[test]
fn every_start_begins_with_a_keyframe_and_leaves_a_valid_archive() {
    let lectern = ClassroomBox::switch_on(Setup::test_room());
    let mut lessons: Vec<LessonId> = Vec::new();
    for number in 0..starts() {
        let lesson = lectern.start(&format!("start {number}"));
        throughout("the lesson runs", Duration::from_secs(1), || lectern.status().lesson.is_some());
        assert_eq!(lectern.stop(), lesson);
        lectern.wait_archived(&lesson);
        lessons.push(lesson);
    }
    for (number, lesson) in lessons.iter().enumerate() {
        assert_begins_well(&lectern.archive(lesson), &format!("start {number}"));
    }
}

/// Proves that nobody has to wait between two lessons: each stop is followed by
/// a start at once, none is refused, no picture is in two lessons, and what lies
/// between two lessons is no more than the start itself.
#[test]
fn five_lessons_without_a_pause_between_them_are_five_whole_lessons() {
    let lectern = ClassroomBox::switch_on(Setup::test_room());
    let mut lessons: Vec<LessonId> = Vec::new();
    for number in 0..5 {
        let lesson = lectern.start(&format!("period {number}"));
        assert!(!lessons.contains(&lesson), "{lesson} is used twice");
        lectern.wait_recorded(2.0);
        assert_eq!(lectern.stop(), lesson);
        lessons.push(lesson);
    }
    let mut before: Option<u64> = None;
    for (number, lesson) in lessons.iter().enumerate() {
        let archive = lectern.wait_archived(lesson);
        let numbers = assert_begins_well(&archive, &format!("period {number}"));
        assert_none_missing(&numbers);
        if let Some(before) = before {
            assert!(numbers[0] > before, "picture {} is in two lessons", numbers[0]);
            assert!(numbers[0] - before < 50, "{} pictures between two lessons", numbers[0] - before);
        }
        before = numbers.last().copied();
    }
}

/// Proves that a lesson which is stopped before its first picture is accounted
/// for like any other: what was not recorded is a gap with a reason, or nothing
/// was due, and the next lesson is not disturbed.
#[test]
fn a_lesson_that_is_stopped_at_once_leaves_an_archive_that_verifies() {
    let lectern = ClassroomBox::switch_on(Setup::test_room());
    let mut lessons = Vec::new();
    for number in 0..5 {
        let lesson = lectern.start(&format!("false alarm {number}"));
        assert_eq!(lectern.stop(), lesson);
        lessons.push(lesson);
    }
    let whole = lectern.start("the real one");
    lectern.wait_recorded(4.0);
    lectern.stop();
    let archive = lectern.wait_archived(&whole);
    let numbers = assert_begins_well(&archive, "the real one");
    assert_none_missing(&numbers);
    for lesson in &lessons {
        lectern.wait_archived(lesson).assert_verified();
    }
}
