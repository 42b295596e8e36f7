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
    Arc::new(RunHead { lesson: lesson.clone(), at, anchor, init: vec![1], codecs: "avc1".to_owned(), gap })
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
    let at = Ticks(60 * Ticks::PER_SECOND);
    bench.spooler.take(Recorded::Close { lesson: lesson.clone(), at, until: jiff::Timestamp::UNIX_EPOCH });
    assert_eq!(bench.spool.gaps(&lesson).unwrap()[0].to_90k, at);
    assert!(bench.spool.lesson(&lesson).unwrap().info.until.is_some());
    assert!(matches!(bench.answers.try_recv(), Ok(Request::Closed { .. })));
}

#[test]
fn a_lesson_of_which_nothing_was_recorded_is_all_gap() {
    let (mut bench, lesson) = (bench(), a_lesson());
    bench.spooler.take(Recorded::Begin(info(&lesson)));
    let at = Ticks(45 * Ticks::PER_SECOND);
    bench.spooler.take(Recorded::Close { lesson: lesson.clone(), at, until: jiff::Timestamp::UNIX_EPOCH });
    let gaps = bench.spool.gaps(&lesson).unwrap();
    assert_eq!((gaps[0].from_90k, gaps[0].to_90k), (Ticks(0), at));
}

#[test]
fn a_fragment_of_an_unknown_lesson_is_refused_without_a_panic_and_the_next_lesson_is_fine() {
    let (mut bench, lesson) = (bench(), a_lesson());
    assert!(!bench.spooler.take(fragment(&head(&lesson, Ticks(0)), Ticks(0))));
    bench.spooler.take(Recorded::Begin(info(&lesson)));
    assert!(bench.spooler.take(fragment(&head(&lesson, Ticks(0)), Ticks(0))));
}
