//! Every single write fails once, and nothing that was acknowledged suffers.

use super::disk::{Fault, TestDisk};
use super::*;

const ENOSPC: i32 = 28;
const EIO: i32 = 5;

fn open_on(disk: &TestDisk, dir: &Path) -> (Spool, OpenReport) {
    Spool::open_on(Arc::new(disk.clone()), dir, SMALL, keyring(), Arc::new(StandingClock::default())).unwrap()
}

/// A lesson of six fragments over two segments. Every call is tried until it
/// succeeds, at most `tries` times; gives how many calls failed.
fn lesson_with_retries(spool: &Spool, tries: u32) -> u32 {
    let mut failed = 0;
    let mut attempt = |call: &dyn Fn() -> Result<(), SpoolError>| {
        for _ in 0..tries {
            match call() {
                Ok(()) => return,
                Err(SpoolError::Io { .. } | SpoolError::Full { .. }) => failed += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        panic!("it never worked again");
    };
    let lesson = id(1);
    attempt(&|| spool.begin_lesson(&info(1)));
    attempt(&|| spool.begin_run(&lesson, &program(), b"init", "avc1", anchor(Ticks(0))).map(drop));
    for seq in 1..=6 {
        attempt(&|| {
            let stored = try_append(spool, &lesson, 1, &payload(seq, 60_000))?;
            assert_eq!(stored.seq, seq);
            Ok(())
        });
        assert_reads(spool, &lesson, 1..=seq);
    }
    attempt(&|| spool.end_lesson(&lesson, utc(9)));
    failed
}

fn every_operation_fails_once(errno: i32, length: u64) {
    let disk = TestDisk::default();
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open_on(&disk, dir.path());
    disk.fail(None);
    assert_eq!(lesson_with_retries(&spool, 1), 0);
    let operations = disk.operations();
    drop(spool);

    let mut failures = 0;
    for at in (0..operations).step_by(2) {
        let dir = tempfile::tempdir().unwrap();
        let (spool, _) = open_on(&disk, dir.path());
        disk.fail(Some(Fault { at, length, errno }));
        failures += lesson_with_retries(&spool, 2 + length as u32);
        disk.fail(None);
        assert_eq!(spool.lesson(&id(1)).unwrap().fragments, 6);
        if at % 4 != 0 {
            continue;
        }
        drop(spool);
        let without_index = at % 8 == 4;
        if without_index {
            // What failed must not come back in place of what followed.
            std::fs::remove_dir_all(dir.path().join("index")).unwrap();
        }
        let (spool, report) = open_on(&disk, dir.path());
        assert_eq!(report.rebuilt, without_index);
        assert_eq!(
            (report.lost_facts(), report.lost_media()),
            (report.rebuilt, false),
            "operation {at}: {report:?}"
        );
        assert_reads(&spool, &id(1), 1..=6);
        assert_eq!(spool.read_init(&id(1), 1).unwrap(), b"init");
    }
    assert!(failures > 10, "{failures}");
}

#[test]
fn a_full_disk_at_any_write_costs_nothing_that_was_acknowledged() {
    every_operation_fails_once(ENOSPC, 1);
}

#[test]
fn a_disk_error_at_any_write_costs_nothing_that_was_acknowledged() {
    every_operation_fails_once(EIO, 1);
}

#[test]
fn a_disk_that_fails_for_a_while_costs_nothing_that_was_acknowledged() {
    every_operation_fails_once(EIO, 5);
}

#[test]
fn a_fresh_segment_on_a_bad_place_is_given_up_and_a_broken_disk_collects_no_files() {
    let disk = TestDisk::default();
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open_on(&disk, dir.path());
    let lesson = recorded(&spool, 1, 3);
    // The next segment takes its head and nothing else.
    let path = |epoch: u64| dir.path().join("segments").join(crate::segment::file_name(epoch));
    disk.fail_at(Some(&path(2)), 20 << 10);
    assert!(try_append(&spool, &lesson, 1, &payload(4, 60_000)).is_err());
    assert_eq!(append(&spool, &lesson, 1, &payload(4, 60_000)).seq, 4);
    assert_reads(&spool, &lesson, 1..=4);
    let given_up = std::fs::metadata(path(2)).unwrap().len();
    assert!(given_up < SMALL.segment_bytes, "never to be used again");
    drop(spool);

    let (spool, report) = open_on(&disk, dir.path());
    assert!(!report.lost_something(), "{report:?}");
    // From here on every segment fails.
    disk.fail_at(None, 20 << 10);
    for _ in 0..20 {
        assert!(try_append(&spool, &lesson, 1, &payload(5, 60_000)).is_err());
    }
    assert!(segments(dir.path()).len() <= 3 + 4, "{:?}", segments(dir.path()));
    disk.fail_at(None, u64::MAX);
    assert_eq!(append(&spool, &lesson, 1, &payload(5, 60_000)).seq, 5);
    assert_reads(&spool, &lesson, 1..=5);
}

/// A lesson goes while one operation of the disk fails: it is gone, or it is
/// whole, also when the index is lost; and in the end it can always go.
fn a_lesson_goes_on_a_broken_disk(errno: i32, goes: impl Fn(&Spool) -> Result<(), SpoolError>) {
    let ended = |dir: &Path, disk: &TestDisk| {
        let (spool, _) = open_on(disk, dir);
        let lesson = recorded(&spool, 1, 4);
        spool.end_lesson(&lesson, utc(-3 * 24 * 3600)).unwrap();
        spool
    };
    let disk = TestDisk::default();
    let dir = tempfile::tempdir().unwrap();
    let spool = ended(dir.path(), &disk);
    disk.fail(None);
    goes(&spool).unwrap();
    let operations = disk.operations();
    drop(spool);
    let (mut whole, mut gone) = (0, 0);
    for at in 0..operations {
        let dir = tempfile::tempdir().unwrap();
        let spool = ended(dir.path(), &disk);
        disk.fail(Some(Fault { at, length: 1, errno }));
        let outcome = goes(&spool);
        disk.fail(None);
        let is_gone = spool.lesson(&id(1)).unwrap().removed;
        assert!(is_gone || outcome.is_err());
        drop(spool);
        if at % 2 == 1 {
            std::fs::remove_dir_all(dir.path().join("index")).unwrap();
        }
        let (spool, report) = open_on(&disk, dir.path());
        assert_eq!(
            (report.lost_facts(), report.lost_media()),
            (report.rebuilt, false),
            "operation {at}: {report:?}"
        );
        if spool.lesson(&id(1)).unwrap().removed {
            gone += 1;
            assert!(segments(dir.path()).is_empty());
        } else {
            assert!(!is_gone, "operation {at}: it came back");
            whole += 1;
            assert_reads(&spool, &id(1), 1..=4);
            goes(&spool).unwrap();
            assert!(spool.lesson(&id(1)).unwrap().removed);
        }
    }
    assert!(whole > 0 && gone > 0, "{whole} whole, {gone} gone");
}

#[test]
fn a_deletion_that_a_full_or_broken_disk_interrupts_is_undone_or_finished() {
    for errno in [ENOSPC, EIO] {
        a_lesson_goes_on_a_broken_disk(errno, |spool| spool.delete(&id(1), "administrator", "x", true, &[]));
    }
}

#[test]
fn retention_that_a_full_or_broken_disk_interrupts_is_undone_or_finished() {
    let retention = Retention { keep_days: Some(1), ..Retention::default() };
    for errno in [ENOSPC, EIO] {
        a_lesson_goes_on_a_broken_disk(errno, |spool| spool.make_room(&retention).map(drop));
    }
}
