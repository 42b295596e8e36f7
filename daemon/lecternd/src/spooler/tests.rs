use std::sync::Arc;

use lectern_api::SystemClock;
use lectern_api::manifest::{Anchor, Trigger};
use lectern_spool::{DeviceKey, Keyring, Options};

use super::*;

/// A spooler on a real spool, driven from this thread.
struct Bench {
    spooler: Spooler,
    spool: Arc<Spool>,
    answers: mpsc::Receiver<Request>,
    _folder: tempfile::TempDir,
}

const SECOND: Ticks = Ticks(Ticks::PER_SECOND);

fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SystemClock::new());
    let keyring = Keyring { device: DeviceKey::from_bytes([7; 32]), recovery: None };
    let (spool, _) = Spool::open(folder.path().join("spool"), Options::default(), keyring, clock).unwrap();
    let spool = Arc::new(spool);
    let (request, answers) = mpsc::channel(16);
    let (_, recorded) = mpsc::channel(1);
    let progress = watch::Sender::new(Progress::default());
    let spooler =
        Spooler::new(Arc::clone(&spool), recorded, request, progress, Retention::default()).unwrap();
    Bench { spooler, spool, answers, _folder: folder }
}

fn info(lesson: &LessonId) -> LessonInfo {
    LessonInfo {
        id: lesson.clone(),
        title: "语文".to_owned(),
        date: jiff::civil::date(2026, 3, 2),
        since: jiff::Timestamp::UNIX_EPOCH,
        until: None,
        planned_until: None,
        trigger: Trigger::Hand,
        planned: None,
    }
}

fn head(lesson: &LessonId, at: Ticks) -> Arc<RunHead> {
    let anchor =
        Anchor { pts_90k: at, utc: jiff::Timestamp::UNIX_EPOCH, synced: false, uncertainty_ms: None };
    let gap = GapReason::NotRunning;
    Arc::new(RunHead {
        info: Arc::new(info(lesson)),
        at,
        anchor,
        init: vec![1],
        codecs: "avc1".to_owned(),
        gap,
    })
}

fn fragment(run: &Arc<RunHead>, pts: Ticks) -> Recorded {
    Recorded::Fragment { run: Arc::clone(run), pts, duration: SECOND + SECOND, payload: vec![7; 1000] }
}

fn a_lesson() -> LessonId {
    LessonId::new("lesson").unwrap()
}

#[test]
fn the_time_before_a_later_run_is_a_gap() {
    let (mut bench, lesson) = (bench(), a_lesson());
    bench.spooler.take(Recorded::Begin(info(&lesson)));
    assert!(bench.spooler.take(fragment(&head(&lesson, Ticks(0)), Ticks(0))));
    let later = Ticks(9 * Ticks::PER_SECOND);
    assert!(bench.spooler.take(fragment(&head(&lesson, later), later)));
    let gaps = bench.spool.gaps(&lesson).unwrap();
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].from_90k, gaps[0].to_90k), (SECOND + SECOND, later));
    assert_eq!(bench.spool.runs(&lesson).unwrap().len(), 2);
}

#[test]
fn what_a_lesson_lacks_at_its_end_is_a_gap() {
    let (mut bench, lesson) = (bench(), a_lesson());
    bench.spooler.take(Recorded::Begin(info(&lesson)));
    bench.spooler.take(fragment(&head(&lesson, Ticks(0)), Ticks(0)));
    let (at, gap) = (Ticks(60 * Ticks::PER_SECOND), GapReason::NotRunning);
    let until = jiff::Timestamp::UNIX_EPOCH;
    bench.spooler.take(Recorded::Close { lesson: lesson.clone(), at, until, gap });
    let gaps = bench.spool.gaps(&lesson).unwrap();
    assert_eq!((gaps.len(), gaps[0].to_90k, gaps[0].reason), (1, at, gap));
    assert!(bench.spool.lesson(&lesson).unwrap().info.until.is_some());
    assert!(matches!(bench.answers.try_recv(), Ok(Request::Closed { .. })));
}

#[test]
fn a_lesson_of_which_nothing_was_recorded_is_all_gap() {
    let (mut bench, lesson) = (bench(), a_lesson());
    bench.spooler.take(Recorded::Begin(info(&lesson)));
    let (at, gap) = (Ticks(45 * Ticks::PER_SECOND), GapReason::PipelineRestarted);
    let until = jiff::Timestamp::UNIX_EPOCH;
    bench.spooler.take(Recorded::Close { lesson: lesson.clone(), at, until, gap });
    let gaps = bench.spool.gaps(&lesson).unwrap();
    assert_eq!((gaps[0].from_90k, gaps[0].to_90k, gaps[0].reason), (Ticks(0), at, gap));
}

#[test]
fn a_lesson_that_nobody_has_begun_begins_with_its_first_fragment() {
    let (mut bench, lesson) = (bench(), a_lesson());
    let run = head(&lesson, Ticks(0));
    assert!(bench.spooler.take(fragment(&run, Ticks(0))));
    bench.spooler.take(Recorded::Begin(info(&lesson)));
    assert!(bench.spooler.take(fragment(&run, SECOND + SECOND)));
    assert_eq!(bench.spool.lesson(&lesson).unwrap().fragments, 2);
    assert_eq!(bench.spool.runs(&lesson).unwrap().len(), 1);
}

#[test]
fn the_last_fragments_of_a_lesson_may_come_among_the_first_of_the_next() {
    let (mut bench, maths, music) = (bench(), a_lesson(), LessonId::new("next").unwrap());
    let (maths_run, music_run) = (head(&maths, Ticks(0)), head(&music, Ticks(0)));
    for n in 0..3 {
        let pts = Ticks(n * 2 * Ticks::PER_SECOND);
        assert!(bench.spooler.take(fragment(&maths_run, pts)));
        assert!(bench.spooler.take(fragment(&music_run, pts)));
    }
    for lesson in [&maths, &music] {
        assert_eq!(bench.spool.runs(lesson).unwrap().len(), 1);
        assert_eq!(bench.spool.lesson(lesson).unwrap().fragments, 3);
        assert!(bench.spool.gaps(lesson).unwrap().is_empty());
    }
}

#[test]
fn what_is_missing_until_a_point_is_a_gap_behind_what_is_there() {
    let (mut bench, lesson) = (bench(), a_lesson());
    bench.spooler.take(Recorded::Begin(info(&lesson)));
    bench.spooler.take(fragment(&head(&lesson, Ticks(0)), Ticks(0)));
    let (until, reason) = (Ticks(20 * Ticks::PER_SECOND), GapReason::Shutter);
    bench.spooler.take(Recorded::Missing { lesson: lesson.clone(), until, reason });
    bench.spooler.take(Recorded::Missing { lesson: lesson.clone(), until, reason });
    let gaps = bench.spool.gaps(&lesson).unwrap();
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].from_90k, gaps[0].to_90k, gaps[0].reason), (SECOND + SECOND, until, reason));
}
