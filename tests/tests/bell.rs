//! Lessons that the timetable begins and ends, with the test room's numbers on
//! every picture.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_api::lessons::LessonEntry;
use lectern_api::manifest::{GapReason, Manifest, Trigger};
use lectern_api::status::{LessonState, LiveState};
use lectern_tests::numbers::{assert_goes_on, assert_none_missing};
use lectern_tests::readings::Container;
use lectern_tests::timetable::{Day, soon};
use lectern_tests::{ClassroomBox, Platform, Readings, Receiver, Setup, eventually};

/// A frame at 25 pictures per second.
const FRAME: SignedDuration = SignedDuration::from_millis(40);

/// Waits until the box has closed a lesson of that subject.
#[track_caller]
fn wait_for(lectern: &ClassroomBox, subject: &str, limit: Duration) -> LessonEntry {
    eventually(&format!("{subject} is complete"), limit, || {
        let mut lessons = lectern.lessons().into_iter();
        lessons.find(|entry| entry.lesson.title == subject && entry.state == LessonState::Complete)
    })
}

/// When the first frame of a lesson was captured.
fn first_frame(manifest: &Manifest) -> Timestamp {
    manifest.runs[0].anchors[0].utc
}

/// Asserts regular fragments of 2 s; the last one may be shorter.
#[track_caller]
fn assert_regular(manifest: &Manifest) {
    let lengths: Vec<f64> =
        manifest.tracks[0].fragments.iter().map(|fragment| fragment.duration_90k.as_secs_f64()).collect();
    let (_, regular) = lengths.split_last().expect("there are fragments");
    // Pieces of sound do not end with the pictures.
    assert!(regular.iter().all(|length| (length - 2.0).abs() < 0.05), "{lengths:?}");
}

/// Proves promise 3: the bell rings, the lesson is recorded, without a person;
/// nothing before the bell, and between two lessons that touch not one frame is
/// lost, in neither twice.
#[test]
fn two_lessons_that_touch_are_recorded_from_bell_to_bell_with_every_frame_once() {
    let mut lectern = ClassroomBox::prepare(Setup::test_room().timetable());
    // Long enough that the second bell is told while the first lesson runs.
    let (bell, seconds) = (soon(11), 10);
    let second = bell + SignedDuration::from_secs(seconds);
    let day = Day::today().lesson("语文", bell, seconds).lesson("数学", second, seconds);
    std::fs::write(lectern.path("timetable.toml"), day.text()).unwrap();
    lectern.launch();
    let next = eventually("the next lesson is known", Duration::from_secs(10), || lectern.status().next);
    assert_eq!((next.title.as_str(), next.since), ("语文", bell));
    assert_eq!(lectern.lessons().len(), 0, "nothing is recorded before the bell");

    let first = wait_for(&lectern, "语文", Duration::from_secs(60)).lesson;
    assert_eq!((first.trigger, first.since), (Trigger::Timetable, bell));
    let then = wait_for(&lectern, "数学", Duration::from_secs(60)).lesson;
    let [first, then] = [first.id, then.id].map(|id| lectern.wait_archived(&id));
    for (archive, bell) in [(&first, bell), (&then, second)] {
        archive.assert_verified();
        let manifest = archive.manifest();
        assert!(manifest.gaps.is_empty(), "{:?}", manifest.gaps);
        let late = first_frame(&manifest).duration_since(bell);
        eprintln!("first frame {late:#} after the bell");
        assert!(late.abs() <= FRAME, "first frame {late:#} after the bell");
        assert_regular(&manifest);
    }
    let [first, then] = [&first, &then].map(|archive| {
        let mut runs = archive.runs();
        assert_eq!(runs.len(), 1);
        runs.remove(0).readings
    });
    for readings in [&first, &then] {
        assert_none_missing(&readings.board());
        assert_none_missing(&readings.camera());
        readings.assert_sounds_throughout();
        let length = readings.pictures.len();
        assert!(length.abs_diff(usize::try_from(seconds * 25).unwrap()) <= 1, "{length} pictures");
    }
    let (last, next) = (first.board().last().copied(), then.board().first().copied());
    // A picture may be repeated, on a busy machine, but none is lost.
    let whole = last.zip(next).is_some_and(|(last, next)| next == last + 1 || next == last);
    assert!(whole, "the first lesson ends with picture {last:?}, the second begins with {next:?}");
}

/// Proves that a power cut in a planned lesson costs only the time without
/// power: the same lesson goes on, and ends at its bell.
#[test]
fn a_planned_lesson_goes_on_after_a_crash_and_ends_at_its_bell() {
    let mut lectern = ClassroomBox::prepare(Setup::test_room().timetable());
    let (bell, seconds) = (soon(4), 22);
    let day = Day::today().lesson("美术", bell, seconds);
    std::fs::write(lectern.path("timetable.toml"), day.text()).unwrap();
    lectern.launch();
    lectern.wait_recorded(6.0);
    let lesson = lectern.status().lesson.expect("the lesson runs").id;
    lectern.kill();
    lectern.launch();
    let complete = wait_for(&lectern, "美术", Duration::from_secs(90));
    assert_eq!((lectern.lessons().len(), &complete.lesson.id), (1, &lesson));
    assert_eq!(complete.lesson.until, Some(bell + SignedDuration::from_secs(seconds)));
    let archive = lectern.wait_archived(&lesson);
    archive.assert_verified();
    let manifest = archive.manifest();
    let reasons: Vec<GapReason> = manifest.gaps.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [GapReason::NotRunning]);
    let end =
        manifest.tracks[0].fragments.last().map(|last| (last.pts_90k + last.duration_90k).as_secs_f64());
    assert!(end.is_some_and(|end| (end - seconds as f64).abs() < 0.3), "ends at {end:?} s");
}

/// Proves that a person who puts a timetable in force in the middle of a lesson
/// that it does not have leaves that lesson alone, over a crash too: it ends when
/// it was to, and the lesson that would have cut it off begins then.
#[test]
fn a_lesson_that_the_new_timetable_lacks_goes_on_after_a_crash_and_ends_when_it_was_to() {
    let mut lectern = ClassroomBox::prepare(Setup::test_room().timetable());
    let (bell, seconds) = (soon(10), 30);
    let end = bell + SignedDuration::from_secs(seconds);
    let file = lectern.path("timetable.toml");
    std::fs::write(&file, Day::today().lesson("美术", bell, seconds).text()).unwrap();
    lectern.launch();
    lectern.wait_recorded(4.0);
    let other = Day::today().lesson("体育", bell + SignedDuration::from_secs(20), 20);
    std::fs::write(&file, other.text()).unwrap();
    eventually("the other timetable is confirmed", Duration::from_secs(10), || {
        let answer = lectern.request("POST", "/api/v1/timetable/confirm", Some("{}")).ok()?;
        (answer.status == 200).then_some(())
    });
    lectern.kill();
    lectern.launch();
    let kept = wait_for(&lectern, "美术", Duration::from_secs(90)).lesson;
    assert_eq!(kept.until, Some(end));
    let next = wait_for(&lectern, "体育", Duration::from_secs(90)).lesson;
    assert_eq!((next.since, next.until), (end, Some(end + SignedDuration::from_secs(10))));
}

/// Proves that a box that is switched on in the middle of a lesson joins it
/// within 10 s and says what it missed.
#[test]
fn a_box_that_comes_late_joins_the_lesson_and_marks_what_it_missed() {
    let mut lectern = ClassroomBox::prepare(Setup::test_room().timetable());
    let bell = soon(-20);
    let day = Day::today().lesson("体育", bell, 35);
    std::fs::write(lectern.path("timetable.toml"), day.text()).unwrap();
    lectern.launch();
    let launched = Timestamp::now();
    let complete = wait_for(&lectern, "体育", Duration::from_secs(90));
    let archive = lectern.wait_archived(&complete.lesson.id);
    archive.assert_verified();
    let manifest = archive.manifest();
    let [gap] = manifest.gaps.as_slice() else { panic!("{:?}", manifest.gaps) };
    assert_eq!((gap.reason, gap.from_90k.0), (GapReason::JoinedLate, 0));
    let joined = bell + SignedDuration::from_millis((gap.to_90k.as_secs_f64() * 1e3) as i64);
    let late = joined.duration_since(launched);
    eprintln!("joined {late:#} after the start");
    assert!(late < SignedDuration::from_secs(10), "joined {late:#} after the start");
}

/// Proves that a platform and a receiver that come up after the bell are sent
/// to within seconds, by themselves, and that the record does not wait for them;
/// and that a person counts over the timetable: the planned lesson that somebody
/// ends is over, for a daemon that is started anew too.
#[test]
fn platforms_that_come_up_after_the_bell_are_joined_and_what_a_person_ends_is_over() {
    let (mut platform, mut receiver) = (Platform::open(), Receiver::absent());
    platform.kill();
    let setup = Setup::test_room()
        .timetable()
        .live("platform", &platform.url("class"))
        .live("receiver", &receiver.url());
    let mut lectern = ClassroomBox::prepare(setup);
    let bell = soon(5);
    let day = Day::today().lesson("历史", bell, 90);
    std::fs::write(lectern.path("timetable.toml"), day.text()).unwrap();
    lectern.launch();
    lectern.wait_recorded(4.0);
    for target in ["platform", "receiver"] {
        let status = lectern.target(target);
        assert!(status.state != LiveState::Sending && status.attempts >= 2, "{status:?}");
        assert_eq!(lectern.wait_fault_of(target).code, "live.refused");
    }
    platform.restart();
    receiver.listen();
    eventually("both are sent to", Duration::from_secs(40), || {
        let sends = |target: &str| lectern.target(target).state == LiveState::Sending;
        let arrives = platform.has_publisher("class") && receiver.received() > 100_000;
        (arrives && sends("platform") && sends("receiver")).then_some(())
    });
    lectern.wait_more(4.0);
    lectern.wait_content();
    let running = lectern.status().lesson.expect("the lesson runs").id;
    let archive = lectern.stop_and_archive();
    archive.assert_verified();
    let manifest = archive.manifest();
    assert!(manifest.gaps.is_empty(), "{:?}", manifest.gaps);
    assert_eq!(manifest.lesson.id, running);
    let late = first_frame(&manifest).duration_since(bell);
    assert!(late.abs() <= FRAME, "first frame {late:#} after the bell");
    let runs = archive.runs();
    assert_eq!(runs.len(), 1);
    let recorded = runs[0].readings.board();
    assert_none_missing(&recorded);
    let published = platform.recordings("class");
    assert_eq!(published.len(), 1, "the platform was connected to once: {published:?}");
    let last = recorded[recorded.len() - 1];
    for broadcast in [Readings::decode(&published[0], Container::Flv), receiver.readings()] {
        let broadcast = broadcast.board();
        // From what was live when they came, on to the end.
        assert!(broadcast[0] > recorded[0] + 75, "{} was before it came", broadcast[0]);
        assert_goes_on(&broadcast);
        assert_none_missing(&broadcast[broadcast.len().saturating_sub(100)..]);
        assert!(broadcast[broadcast.len() - 1] + 25 >= last, "the end is missing");
    }

    lectern.kill();
    lectern.launch();
    let idle = || lectern.status().lesson.is_none();
    lectern_tests::wait::throughout("nothing begins again", Duration::from_secs(3), idle);
    assert_eq!(lectern.lesson(&running).state, LessonState::Complete);
    assert_eq!(lectern.lessons().len(), 1);
}
