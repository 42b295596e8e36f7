//! What archives have, and what may go when they have it.

use lectern_api::Bytes;

use super::*;
use crate::FragmentState;

#[test]
fn what_is_pending_shrinks_with_every_acknowledgement() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = recorded(&spool, 1, 4);
    let pending = spool.pending(&district());
    assert_eq!((pending.fragments, pending.bytes, pending.duration), (4, Bytes(240_000), Ticks(720_000)));
    assert_eq!(spool.acknowledged(&district(), &lesson, &program()).unwrap(), 0);

    spool.acknowledge(&district(), &lesson, &program(), 1).unwrap();
    spool.acknowledge(&district(), &lesson, &program(), 3).unwrap();
    spool.acknowledge(&district(), &lesson, &program(), 3).unwrap();
    assert_eq!(spool.acknowledged(&district(), &lesson, &program()).unwrap(), 1);
    assert_eq!(spool.pending(&district()).fragments, 2);
    assert_eq!(spool.pending(&name("other")).fragments, 4);

    spool.acknowledge(&district(), &lesson, &program(), 2).unwrap();
    assert_eq!(spool.acknowledged(&district(), &lesson, &program()).unwrap(), 3);
    let unknown = spool.acknowledge(&district(), &lesson, &program(), 9);
    assert!(matches!(unknown, Err(SpoolError::UnknownFragment { seq: 9, .. })));
    spool.commit().unwrap();
    drop(spool);

    let (spool, _) = open(dir.path());
    assert_eq!(spool.acknowledged(&district(), &lesson, &program()).unwrap(), 3);
    assert_eq!(spool.pending(&district()).fragments, 1);
}

#[test]
fn a_lesson_is_archived_only_when_nothing_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = recorded(&spool, 1, 2);
    spool.acknowledge(&district(), &lesson, &program(), 1).unwrap();
    assert!(matches!(spool.finish_archive(&district(), &lesson), Err(SpoolError::Invalid(_))));
    spool.acknowledge(&district(), &lesson, &program(), 2).unwrap();
    assert!(matches!(spool.finish_archive(&district(), &lesson), Err(SpoolError::LessonOpen(_))));
    spool.end_lesson(&lesson, utc(9)).unwrap();
    assert!(!spool.is_archived(&district(), &lesson));
    spool.finish_archive(&district(), &lesson).unwrap();
    drop(spool);
    assert!(open(dir.path()).0.is_archived(&district(), &lesson));
}

#[test]
fn room_is_made_of_the_oldest_lessons_that_every_archive_has() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { quota_bytes: 6 << 20, ..SMALL };
    let (spool, _) = Spool::open(dir.path(), options, keyring(), Arc::new(StandingClock::default())).unwrap();
    // Begun in another order than they are archived in.
    let second = archived(&spool, 2, 20);
    let first = archived(&spool, 1, 20);
    let open_one = recorded(&spool, 3, 20);
    let mut full = None;
    while full.is_none() {
        full = try_append(&spool, &open_one, 1, &payload(0, 60_000)).err();
    }
    assert!(full.unwrap().is_full());
    assert!(spool.usage().unwrap().allocated_bytes.0 <= 6 << 20);

    assert_eq!(spool.make_room(&archived_in(&[])).unwrap().lessons, []);
    assert_eq!(spool.make_room(&archived_in(&[district(), name("other")])).unwrap().lessons, []);
    let made = spool.make_room(&archived_in(&[district()])).unwrap();
    assert_eq!(made.lessons, std::slice::from_ref(&first));
    assert!(made.bytes.0 > 1_000_000);
    append(&spool, &open_one, 1, b"there is room again");
    assert_reads(&spool, &second, 1..=20);

    let record = spool.lesson(&first).unwrap();
    assert!(record.removed && record.fragments == 20);
    assert!(matches!(spool.read(&first, &program(), 1), Err(SpoolError::Removed(_))));
    assert!(matches!(spool.read_init(&first, 1), Err(SpoolError::Removed(_))));
    let fragments = spool.fragments(&first, &program(), 1, 100).unwrap();
    assert!(fragments.len() == 20 && fragments.iter().all(|f| f.state == FragmentState::Removed));
    assert_eq!(spool.runs(&first).unwrap().len(), 1);
    drop(spool);

    let (spool, report) =
        Spool::open(dir.path(), options, keyring(), Arc::new(StandingClock::default())).unwrap();
    assert!(!report.lost_something(), "{report:?}");
    assert!(matches!(spool.read(&first, &program(), 1), Err(SpoolError::Removed(_))));
}

#[test]
fn a_removal_that_was_cut_short_is_finished_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let lesson = archived(&open(dir.path()).0, 1, 20);
    let options = Options { quota_bytes: 1 << 20, ..SMALL };
    let open = || Spool::open(dir.path(), options, keyring(), Arc::new(StandingClock::default())).unwrap();
    let (spool, _) = open();
    let kept: Vec<_> = segments(dir.path()).iter().map(|p| (p.clone(), std::fs::read(p).unwrap())).collect();
    assert_eq!(spool.make_room(&archived_in(&[district()])).unwrap().lessons, std::slice::from_ref(&lesson));
    drop(spool);
    for (path, bytes) in &kept[1..] {
        std::fs::write(path, bytes).unwrap();
    }
    let (spool, report) = open();
    assert_eq!(report.leftover_segments, kept.len() as u64 - 1);
    assert!(segments(dir.path()).is_empty());
    assert!(!report.lost_something() && spool.lesson(&lesson).unwrap().removed);
}

#[test]
fn an_archive_is_not_kept_waiting_by_a_damaged_fragment() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = recorded(&spool, 1, 3);
    spool.acknowledge(&district(), &lesson, &program(), 1).unwrap();
    spool.declare_damaged(&lesson, &program(), 2).unwrap();
    assert_eq!(spool.acknowledged(&district(), &lesson, &program()).unwrap(), 2);
    spool.acknowledge(&district(), &lesson, &program(), 3).unwrap();
    spool.declare_damaged(&lesson, &program(), 1).unwrap();
    spool.end_lesson(&lesson, utc(9)).unwrap();
    spool.finish_archive(&district(), &lesson).unwrap();
    let pending = spool.pending(&name("other"));
    assert_eq!((pending.fragments, pending.bytes), (1, Bytes(60_000)));
    assert_eq!(spool.lesson(&lesson).unwrap().gap_90k, Ticks(360_000));
}
