//! Lessons, runs and fragments on a sound disk.

use lectern_api::manifest::ManifestState;

use super::*;
use crate::entry::Entry;
use crate::keys;

#[test]
fn a_lesson_comes_back_as_it_was_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, report) = open(dir.path());
    assert!(!report.rebuilt && !report.lost_something());
    let lesson = recorded(&spool, 1, 12);
    spool.add_anchor(&lesson, 1, anchor(TWO_SECONDS)).unwrap();
    spool.record_gap(&lesson, &gap(24 * 90_000, 25 * 90_000)).unwrap();
    spool.end_lesson(&lesson, utc(9)).unwrap();
    let before = (spool.lessons(), spool.runs(&lesson).unwrap(), spool.tracks(&lesson).unwrap());
    let fragments = spool.fragments(&lesson, &program(), 1, 100).unwrap();
    drop(spool);

    let (spool, report) = open(dir.path());
    assert_eq!((report.recovered_fragments, report.torn_frames), (0, 0));
    assert_eq!(before, (spool.lessons(), spool.runs(&lesson).unwrap(), spool.tracks(&lesson).unwrap()));
    assert_eq!(fragments, spool.fragments(&lesson, &program(), 1, 100).unwrap());
    assert_eq!(spool.gaps(&lesson).unwrap(), [gap(24 * 90_000, 25 * 90_000)]);
    assert_eq!(spool.read_init(&lesson, 1).unwrap(), b"init");
    assert_reads(&spool, &lesson, 1..=12);

    let record = spool.lesson(&lesson).unwrap();
    assert_eq!(record.state, ManifestState::Closed);
    assert_eq!(record.info.until, Some(utc(9)));
    assert_eq!((record.fragments, record.bytes.0), (12, 720_000));
    assert_eq!((record.recorded_90k, record.gap_90k), (Ticks(24 * 90_000), Ticks(90_000)));
    assert_eq!(before.1[0].anchors, [anchor(Ticks(0)), anchor(TWO_SECONDS)]);
    assert_eq!(fragments[0].sha256.len(), 64);
}

#[test]
fn numbers_go_on_without_a_hole_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let lesson = recorded(&open(dir.path()).0, 1, 5);
    let (spool, report) = open(dir.path());
    assert_eq!(report.recovered_fragments, 5, "they were durable and not committed");
    assert_eq!(spool.unfinished().unwrap().info.id, lesson);
    spool.begin_lesson(&info(1)).unwrap();
    let run = spool.begin_run(&lesson, &program(), b"init 2", "avc1", anchor(Ticks(0))).unwrap();
    assert_eq!(run, 2);
    assert_eq!(append(&spool, &lesson, run, &payload(6, 60_000)).seq, 6);
    assert_reads(&spool, &lesson, 1..=6);
    assert_eq!(spool.read_init(&lesson, 1).unwrap(), b"init");
    assert_eq!(spool.read_init(&lesson, 2).unwrap(), b"init 2");
}

#[test]
fn a_run_can_go_on_after_a_restart_in_segments_that_hold_its_init() {
    let dir = tempfile::tempdir().unwrap();
    let lesson = recorded(&open(dir.path()).0, 1, 1);
    let (spool, _) = open(dir.path());
    append(&spool, &lesson, 1, &payload(2, 60_000));
    let first = segments(dir.path())[0].clone();
    std::fs::remove_file(first).unwrap();
    assert_eq!(spool.read_init(&lesson, 1).unwrap(), b"init");
}

#[test]
fn every_track_counts_for_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = recorded(&spool, 1, 2);
    let board = name("board");
    let run = spool.begin_run(&lesson, &board, b"board init", "avc1", anchor(Ticks(0))).unwrap();
    let new = NewFragment {
        lesson: &lesson,
        track: &board,
        run,
        pts_90k: Ticks(0),
        duration_90k: TWO_SECONDS,
        payload: b"slide",
    };
    assert_eq!((run, spool.append(new).unwrap().seq), (2, 1));
    assert!(matches!(spool.append(NewFragment { run: 1, ..new }), Err(SpoolError::UnknownRun { .. })));
    assert_eq!(spool.read(&lesson, &board, 1).unwrap(), b"slide");
    assert_eq!(spool.tracks(&lesson).unwrap().len(), 2);
    assert_eq!(spool.lesson(&lesson).unwrap().recorded_90k, Ticks(360_000));
}

#[test]
fn a_fragment_larger_than_a_segment_gets_one_of_its_own_size() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = begin(&spool, 1);
    let large = payload(1, 3 << 20);
    append(&spool, &lesson, 1, &large);
    append(&spool, &lesson, 1, b"small");
    assert!(spool.read(&lesson, &program(), 1).unwrap() == large);
    assert_eq!(spool.read(&lesson, &program(), 2).unwrap(), b"small");
}

#[test]
fn a_lesson_that_ended_takes_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = recorded(&spool, 1, 1);
    spool.end_lesson(&lesson, utc(9)).unwrap();
    spool.end_lesson(&lesson, utc(99)).unwrap();
    assert_eq!(spool.lesson(&lesson).unwrap().info.until, Some(utc(9)));
    assert!(matches!(spool.begin_lesson(&info(1)), Err(SpoolError::LessonClosed(_))));
    assert!(matches!(try_append(&spool, &lesson, 1, b"x"), Err(SpoolError::LessonClosed(_))));
    assert!(matches!(
        spool.append(NewFragment {
            lesson: &id(2),
            track: &program(),
            run: 1,
            pts_90k: Ticks(0),
            duration_90k: Ticks(1),
            payload: b"x",
        }),
        Err(SpoolError::UnknownLesson(_))
    ));
    assert!(spool.unfinished().is_none());
}

#[test]
fn the_same_gap_counts_once_and_moves_the_end_of_the_time_line() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = recorded(&spool, 1, 1);
    for _ in 0..3 {
        spool.record_gap(&lesson, &gap(180_000, 450_000)).unwrap();
    }
    assert_eq!(spool.lesson(&lesson).unwrap().gap_90k, Ticks(270_000));
    assert_eq!(spool.timeline_end(&lesson, &program()).unwrap(), Ticks(450_000));
    assert!(matches!(spool.record_gap(&lesson, &gap(5, 5)), Err(SpoolError::Invalid(_))));
}

#[test]
fn the_index_is_committed_by_number_and_by_age() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(StandingClock::default());
    let (spool, _) = Spool::open(dir.path(), SMALL, keyring(), clock.clone()).unwrap();
    let lesson = begin(&spool, 1);
    let generation = spool.index.generation();
    for seq in 1..=31 {
        append(&spool, &lesson, 1, &payload(seq, 100));
    }
    assert_eq!(spool.index.generation(), generation);
    append(&spool, &lesson, 1, b"the 32nd");
    assert_eq!(spool.index.generation(), generation + 1);
    append(&spool, &lesson, 1, b"one more");
    clock.advance(Duration::from_millis(999));
    assert!(!spool.commit_if_due().unwrap());
    clock.advance(Duration::from_millis(1));
    assert!(spool.commit_if_due().unwrap() && !spool.commit_if_due().unwrap());
    assert_eq!(spool.usage().unwrap().uncommitted, 0);
}

#[test]
fn a_closed_spool_refuses_to_write_and_leaves_nothing_to_recover() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Arc::new(open(dir.path()).0);
    let lesson = recorded(&spool, 1, 3);
    spool.close(Duration::from_secs(10)).unwrap();
    spool.close(Duration::from_secs(10)).unwrap();
    assert!(matches!(try_append(&spool, &lesson, 1, b"x"), Err(SpoolError::Closed)));
    assert_reads(&spool, &lesson, 1..=3);
    drop(spool);
    let (spool, report) = open(dir.path());
    assert_eq!(report.recovered_fragments, 0);
    assert_reads(&spool, &lesson, 1..=3);
}

#[test]
fn a_second_owner_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let (_spool, _) = open(dir.path());
    let refused = Spool::open(dir.path(), SMALL, keyring(), Arc::new(StandingClock::default()));
    let Err(SpoolError::InUse { pid, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(pid, std::process::id().to_string());
}

#[test]
fn readers_go_on_while_a_fragment_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = recorded(&spool, 1, 2);
    let _writing = spool.writers().unwrap();
    assert_reads(&spool, &lesson, 1..=2);
    spool.acknowledge(&name("district"), &lesson, &program(), 1).unwrap();
    assert_eq!(spool.pending(&name("district")).fragments, 1);
}

#[test]
fn an_index_with_long_keys_gets_short_ones_and_keeps_what_it_knows() {
    use lectern_store::{Batch, Store};
    let dir = tempfile::tempdir().unwrap();
    let lesson = {
        let (spool, _) = open(dir.path());
        let lesson = recorded(&spool, 1, 5);
        spool.acknowledge(&name("district"), &lesson, &program(), 1).unwrap();
        spool.commit().unwrap();
        spool.declare_damaged(&lesson, &program(), 4).unwrap();
        lesson
    };
    let (store, _) = Store::open(dir.path().join("index"), &keys::ALL).unwrap();
    let mut batch = Batch::new();
    for (key, value) in store.scan(keys::FRAGMENTS, b"", b"", 9).unwrap() {
        let (no, track, seq) = keys::fragment_of(&key).unwrap();
        let entry = Entry::decode(&value).unwrap();
        let mut long = vec![1, u8::from(entry.damaged)];
        long.extend(entry.run.to_be_bytes());
        long.extend(entry.pts_90k.0.to_be_bytes());
        long.extend(entry.duration_90k.0.to_be_bytes());
        long.extend(entry.bytes.to_be_bytes());
        long.extend([entry.segment, entry.offset].map(u64::to_be_bytes).concat());
        long.extend(entry.sha256);
        let long_key = [no.to_be_bytes().as_slice(), &track.to_be_bytes(), &seq.to_be_bytes()].concat();
        batch.put(keys::LONG_FRAGMENTS, long_key, long).delete(keys::FRAGMENTS, key);
    }
    store.apply(&batch).unwrap();
    store.close(Duration::from_secs(10)).unwrap();

    let (spool, report) = open(dir.path());
    assert!(!report.rebuilt && !report.lost_something(), "{report:?}");
    assert_reads(&spool, &lesson, [1, 2, 3, 5]);
    assert!(matches!(spool.read(&lesson, &program(), 4), Err(SpoolError::Damaged { .. })));
    assert_eq!(spool.acknowledged(&name("district"), &lesson, &program()).unwrap(), 1);
    assert_eq!(spool.index.scan(keys::LONG_FRAGMENTS, b"", b"", 9).unwrap(), []);
    assert_eq!(spool.fragments(&lesson, &program(), 2, 2).unwrap().last().unwrap().seq, 3);
}
