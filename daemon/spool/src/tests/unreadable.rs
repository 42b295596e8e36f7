//! Decisions that cannot be read: recording goes on, and nothing is given up
//! that somebody may have held.

use super::*;

const ADMIN: &str = "administrator (uid 0)";

fn open_at(dir: &Path, clock: &Arc<StandingClock>) -> Spool {
    let clock: Arc<dyn Clock> = Arc::<StandingClock>::clone(clock);
    let options = Options { quota_bytes: 5 << 20, ..SMALL };
    Spool::open(dir, options, keyring(), clock).unwrap().0
}

fn ended(spool: &Spool, number: usize) -> LessonId {
    let lesson = recorded(spool, number, 10);
    spool.end_lesson(&lesson, utc(3600 * number as i64 + 9)).unwrap();
    lesson
}

/// In the place of the file is something that cannot be opened.
fn spoil(dir: &Path) {
    std::fs::remove_file(dir.join("decisions.jsonl")).unwrap();
    std::fs::create_dir(dir.join("decisions.jsonl")).unwrap();
}

#[test]
fn recording_goes_on_and_nothing_goes_that_may_be_held() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(StandingClock::default());
    let spool = open_at(dir.path(), &clock);
    let (held, lacking) = (ended(&spool, 1), ended(&spool, 2));
    spool.hold(&held, ADMIN, "事故调查").unwrap();
    drop(spool);
    spoil(dir.path());

    let spool = open_at(dir.path(), &clock);
    let aside = spool.unreadable_decisions().expect("it is told");
    assert!(aside.ends_with("decisions.jsonl.damaged-1") && aside.is_dir());
    let refused = spool.delete(&held, ADMIN, "x", true, &[]);
    assert!(matches!(refused, Err(SpoolError::DecisionsUnreadable { .. })), "{refused:?}");
    let running = begin(&spool, 3);
    while try_append(&spool, &running, 1, &payload(0, 60_000)).is_ok() {}
    clock.advance(Duration::from_secs(400 * 24 * 3600));
    let alone = Retention { keep_days: Some(30), ..Retention::default() };
    let discarding = Retention { discard_unarchived: true, ..archived_in(&[district()]) };
    for retention in [&alone, &discarding] {
        assert_eq!(spool.make_room(retention).unwrap(), crate::RoomMade::default());
    }
    assert_reads(&spool, &held, 1..=10);

    // What every archive has is not lost by going.
    for seq in 1..=10 {
        spool.acknowledge(&district(), &lacking, &program(), seq).unwrap();
    }
    spool.finish_archive(&district(), &lacking).unwrap();
    let made = spool.make_room(&archived_in(&[district()])).unwrap();
    assert_eq!(made.lessons, [lacking]);
    append(&spool, &running, 1, b"recording goes on");

    // New decisions count, their numbers go on, and it stays so until somebody acts.
    spool.request_deletion(&held, "teacher (uid 1000)", "家长申请").unwrap();
    drop(spool);
    let spool = open_at(dir.path(), &clock);
    assert_eq!(spool.unreadable_decisions(), Some(aside.clone()));
    assert!(spool.lesson(&held).unwrap().deletion_request.is_some());
    let audit = std::fs::read_to_string(dir.path().join("audit.jsonl")).unwrap();
    let numbers = audit.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
    let numbers: Vec<_> = numbers.map(|line| line["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3], "held, let go for room, requested");
    drop(spool);
    std::fs::remove_dir(&aside).unwrap();
    let spool = open_at(dir.path(), &clock);
    spool.delete(&held, ADMIN, "x", true, &[]).unwrap();
}

#[test]
fn a_deletion_that_an_archive_owes_is_not_forgotten_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(StandingClock::default());
    let spool = open_at(dir.path(), &clock);
    let lesson = ended(&spool, 1);
    for seq in 1..=10 {
        spool.acknowledge(&district(), &lesson, &program(), seq).unwrap();
    }
    spool.finish_archive(&district(), &lesson).unwrap();
    spool.delete(&lesson, ADMIN, "家长申请", true, &[]).unwrap();
    // Only its numbers are known to the line alone.
    let pending = spool.deletions_pending(&district());
    assert_eq!((pending[0].tracks.as_slice(), pending[0].runs), ([(program(), 10)].as_slice(), 1));
    let unnumbered =
        |pending: crate::PendingDeletion| crate::PendingDeletion { tracks: Vec::new(), runs: 0, ..pending };
    let pending: Vec<_> = pending.into_iter().map(unnumbered).collect();
    drop(spool);
    spoil(dir.path());
    assert_eq!(open_at(dir.path(), &clock).deletions_pending(&district()), pending);
    // And once only, also when the damaged file is gone.
    std::fs::remove_dir(dir.path().join("decisions.jsonl.damaged-1")).unwrap();
    let spool = open_at(dir.path(), &clock);
    assert_eq!(spool.deletions_pending(&district()), pending);
    assert_eq!(spool.unreadable_decisions(), None);
}

#[test]
fn one_line_that_cannot_be_read_may_have_been_a_hold() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(StandingClock::default());
    let spool = open_at(dir.path(), &clock);
    let (first, second) = (ended(&spool, 1), ended(&spool, 2));
    spool.hold(&first, ADMIN, "事故调查").unwrap();
    spool.hold(&second, ADMIN, "事故调查").unwrap();
    drop(spool);
    let path = dir.path().join("decisions.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"what\"", "\"wh\u{fffd}t\"", 1)).unwrap();
    let spool = open_at(dir.path(), &clock);
    assert_eq!(spool.unreadable_decisions(), Some(path.clone()));
    let refused = spool.delete(&first, ADMIN, "x", true, &[]);
    assert!(matches!(refused, Err(SpoolError::DecisionsUnreadable { .. })), "{refused:?}");
    assert!(spool.lesson(&second).unwrap().hold.is_some(), "the other line counts");
    drop(spool);
    std::fs::write(&path, text).unwrap();
    let spool = open_at(dir.path(), &clock);
    assert_eq!(spool.unreadable_decisions(), None);
    assert!(spool.lesson(&first).unwrap().hold.is_some());
}

/// The power went while the line was written: its end was on the disk and its
/// beginning was not.
#[test]
fn a_last_line_with_a_hole_was_never_a_decision() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(StandingClock::default());
    let spool = open_at(dir.path(), &clock);
    let lesson = ended(&spool, 1);
    spool.hold(&lesson, ADMIN, "事故调查").unwrap();
    drop(spool);
    let path = dir.path().join("decisions.jsonl");
    let before = std::fs::read(&path).unwrap();
    let torn = [&[0; 300][..], b"\"what\":\"released\"}\n"].concat();
    std::fs::write(&path, [&before[..], &torn].concat()).unwrap();
    let spool = open_at(dir.path(), &clock);
    assert_eq!(spool.unreadable_decisions(), None);
    assert!(spool.lesson(&lesson).unwrap().hold.is_some());
    spool.request_deletion(&ended(&spool, 2), ADMIN, "x").unwrap();
    drop(spool);
    let after = std::fs::read(&path).unwrap();
    assert!(after.starts_with(&before) && !after.contains(&0));
    assert_eq!(open_at(dir.path(), &clock).unreadable_decisions(), None);
}
