//! The privacy shutter, from the command line to record and broadcast.

use std::time::Duration;

use lectern_api::LessonId;
use lectern_api::manifest::{GapReason, Manifest};
use lectern_api::status::LiveState;
use lectern_tests::archive::RunReadings;
use lectern_tests::command_line::{carried_out, lecternctl};
use lectern_tests::numbers::assert_none_missing;
use lectern_tests::{Archive, ClassroomBox, Readings, Receiver, Setup, eventually};

const LIMIT: Duration = Duration::from_secs(30);
/// For so long it stays closed: longer than a fragment, and than any picture may
/// be on its way.
const CLOSED_S: f64 = 3.0;

/// Why what lacks, by time.
fn reasons(manifest: &Manifest) -> Vec<GapReason> {
    manifest.gaps.iter().map(|gap| gap.reason).collect()
}

/// Waits until viewers have seen the room's slate for a while.
#[track_caller]
fn wait_while_closed(lectern: &ClassroomBox) {
    let since = lectern.status().shutter.expect("the shutter is closed").since;
    eventually("the shutter was closed for a while", LIMIT, || {
        let clock = lectern.status().clock.utc?;
        (clock.duration_since(since).as_secs_f64() >= CLOSED_S).then_some(())
    });
}

/// What the room showed while it could be seen: the first and the last picture's
/// number of each run of the record.
fn seen(runs: &[RunReadings]) -> Vec<(u64, u64)> {
    let ends = |run: &RunReadings| {
        let numbers = run.readings.board();
        assert_none_missing(&numbers);
        (numbers[0], numbers[numbers.len() - 1])
    };
    runs.iter().map(ends).collect()
}

/// Asserts that a broadcast shows nothing but what was recorded, and in between
/// a slate without a sound.
#[track_caller]
fn assert_shows_only(seen: &[(u64, u64)], broadcast: &Readings) {
    // Record and broadcast begin each as soon as it can when the room may be seen.
    // When it may not, the record ends at the nearest edge of a frame, and the
    // broadcast with the last frame before.
    let is_seen = |number: &u64| seen.iter().any(|of| (of.0.saturating_sub(25)..=of.1 + 1).contains(number));
    let hidden: Vec<u64> = broadcast.board().into_iter().filter(|number| !is_seen(number)).collect();
    assert!(hidden.is_empty(), "pictures {hidden:?} from behind the shutter; seen may be {seen:?}");
    let slates = broadcast.pictures.iter().filter(|picture| picture.board.is_none()).count();
    assert!(slates as f64 >= (CLOSED_S - 1.0) * 25.0, "only {slates} pictures of a slate");
    assert!(broadcast.pictures.iter().all(|picture| picture.board.is_some() == picture.camera.is_some()));
    broadcast.assert_continuous();
    // A beep at each second of the room, and none of them behind the shutter.
    let hides = |at: u64| {
        let next = broadcast.pictures.partition_point(|picture| picture.pts_ns <= at);
        next > 0 && broadcast.pictures[next - 1].board.is_none()
    };
    // A piece of sound does not end with the picture.
    let is_hidden = |at: &&u64| hides(**at) && hides(at.saturating_sub(60_000_000));
    let beeps: Vec<&u64> = broadcast.beeps_ns.iter().filter(is_hidden).collect();
    assert!(beeps.is_empty(), "beeps at {beeps:?} behind the shutter");
    assert!(broadcast.beeps_ns.len() >= 4, "{:?}", broadcast.beeps_ns);
}

/// The box's word about a lesson that is over.
#[track_caller]
fn ended(lectern: &ClassroomBox, lesson: &LessonId) -> (Manifest, Archive) {
    let archive = lectern.wait_archived(lesson);
    archive.assert_verified();
    (archive.manifest(), archive)
}

/// Proves promise 6: at the command nothing of the room is recorded or sent any
/// more, viewers see a slate, and what lacks is a gap that says why; by itself
/// the shutter opens at the end of the lesson. Closed for the day it stays closed
/// in the next lesson and over a restart, until somebody opens it.
#[test]
fn behind_the_shutter_nothing_is_recorded_or_sent_until_the_lesson_or_the_day_is_over() {
    let receiver = Receiver::listening();
    let mut lectern = ClassroomBox::switch_on(Setup::test_room().live("viewers", &receiver.url()));
    assert_eq!(lecternctl(&lectern, &["shutter", "off"]).code, 1, "it is open");
    lectern.start("语文");
    eventually("the broadcast is sent", LIMIT, || {
        (lectern.target("viewers").state == LiveState::Sending).then_some(())
    });
    lectern.wait_recorded(4.0);
    carried_out(&lectern, &["shutter", "on"]);
    wait_while_closed(&lectern);
    assert_eq!(lectern.target("viewers").state, LiveState::Sending, "viewers are not cut off");
    carried_out(&lectern, &["shutter", "off"]);
    assert_eq!(lectern.status().shutter, None);
    lectern.wait_more(2.0);
    carried_out(&lectern, &["shutter", "on"]);
    wait_while_closed(&lectern);
    let lesson = lectern.stop();
    assert_eq!(lectern.status().shutter, None, "it opens at the end of the lesson");
    let (manifest, archive) = ended(&lectern, &lesson);
    assert_eq!(reasons(&manifest), [GapReason::Shutter, GapReason::Shutter], "{:?}", manifest.gaps);
    for gap in &manifest.gaps {
        let length = (gap.to_90k - gap.from_90k).as_secs_f64();
        assert!(length >= CLOSED_S - 0.1, "closed for {length} s");
    }
    let seen = seen(&archive.runs());
    assert_eq!(seen.len(), 2);
    assert!(seen[1].0 - seen[0].1 >= 70, "the room was hidden between {seen:?}");
    assert_shows_only(&seen, &receiver.readings());

    lectern.start("数学");
    lectern.wait_recorded(2.0);
    carried_out(&lectern, &["shutter", "on", "--today"]);
    let lesson = lectern.stop();
    let (manifest, _) = ended(&lectern, &lesson);
    assert!(manifest.runs.len() == 1 && manifest.gaps.len() <= 1, "{manifest:?}");
    let until = lectern.status().shutter.and_then(|shutter| shutter.until);
    assert!(until.is_some(), "it stays closed until the day is over");

    lectern.terminate();
    lectern.launch();
    assert_eq!(lectern.status().shutter.and_then(|shutter| shutter.until), until, "after a restart too");
    lectern.start("体育");
    eventually("viewers of the next lesson see the slate", LIMIT, || {
        (lectern.target("viewers").state == LiveState::Sending).then_some(())
    });
    assert_eq!(lectern.status().lesson.map(|lesson| lesson.fragments), Some(0));
    assert_eq!(lectern.faults(), [], "what a person wants is no fault");
    carried_out(&lectern, &["shutter", "off"]);
    lectern.wait_recorded(2.0);
    let lesson = lectern.stop();
    let (manifest, archive) = ended(&lectern, &lesson);
    assert_eq!(reasons(&manifest), [GapReason::Shutter]);
    assert_eq!(manifest.gaps[0].from_90k.0, 0, "it was closed from the begin on");
    assert_none_missing(&archive.runs()[0].readings.board());
}
