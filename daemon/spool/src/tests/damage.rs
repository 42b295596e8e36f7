//! What is lost on the disk, and what is made of the rest.

use std::fs;
use std::os::unix::fs::FileExt;

use lectern_store::Opened;

use super::*;
use crate::FragmentState;
use crate::frame::{ALIGN_BYTES, Header, Kind, frame_bytes};
use crate::recover::{Key, Loss, Medium};

/// Writes into a segment behind the spool's back.
fn overwrite(path: &Path, offset: u64, bytes: &[u8]) {
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(bytes, offset).unwrap();
}

/// Where the n-th media frame (from 0) of a segment of [`recorded`] begins:
/// behind the lesson, its key, the run, the init segment and, in the first segment, the
/// anchor.
fn media_offset(is_first: bool, nth: u64) -> u64 {
    (4 + u64::from(is_first)) * ALIGN_BYTES + nth * frame_bytes(60_000)
}

fn damaged(from: u64, to: u64) -> Gap {
    Gap { reason: GapReason::Damaged, ..gap(from * TWO_SECONDS.0, to * TWO_SECONDS.0) }
}

#[test]
fn a_torn_frame_at_the_end_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let lesson = recorded(&open(dir.path()).0, 1, 3);
    // The third frame loses its last page, as if it had never been synced.
    overwrite(&segments(dir.path())[0], media_offset(true, 2) + 57_000, &[0; 3000]);
    let (spool, report) = open(dir.path());
    assert_eq!((report.recovered_fragments, report.torn_frames), (2, 1));
    assert!(!report.lost_something());
    assert_reads(&spool, &lesson, 1..=2);
    assert_eq!(append(&spool, &lesson, 1, &payload(3, 60_000)).seq, 3);
}

#[test]
fn a_damaged_frame_among_indexed_ones_becomes_a_gap_at_opening() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = recorded(&spool, 1, 3);
    spool.commit().unwrap();
    drop(spool);
    overwrite(&segments(dir.path())[0], media_offset(true, 1) + 30_000, b"rot");
    let (spool, report) = open(dir.path());
    assert_eq!(report.damaged, [(lesson.clone(), damaged(1, 2))]);
    assert_eq!(spool.gaps(&lesson).unwrap(), [damaged(1, 2)]);
    assert!(matches!(spool.read(&lesson, &program(), 2), Err(SpoolError::Damaged { .. })));
    assert_reads(&spool, &lesson, [1, 3]);
    assert_eq!(spool.lesson(&lesson).unwrap().recorded_90k, Ticks(360_000));
    drop(spool);
    assert_eq!(open(dir.path()).1.damaged, [], "it is told once");
}

#[test]
fn a_damaged_frame_that_was_not_indexed_yet_becomes_a_gap_too() {
    for at in [0, 30_000] {
        let dir = tempfile::tempdir().unwrap();
        let lesson = recorded(&open(dir.path()).0, 1, 4);
        // Once the header, once the payload.
        overwrite(&segments(dir.path())[0], media_offset(true, 1) + at, b"rot");
        let (spool, report) = open(dir.path());
        assert_eq!(report.recovered_fragments, 3);
        assert_eq!(report.damaged, [(lesson.clone(), damaged(1, 2))], "at {at}");
        let states: Vec<_> =
            spool.fragments(&lesson, &program(), 1, 9).unwrap().iter().map(|f| (f.seq, f.state)).collect();
        use FragmentState::{Damaged, Held};
        assert_eq!(states, [(1, Held), (2, Damaged), (3, Held), (4, Held)]);
        assert_eq!(append(&spool, &lesson, 1, b"x").seq, 5);
    }
}

#[test]
fn damage_in_a_sealed_segment_is_found_by_reading() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Arc::new(open(dir.path()).0);
    let lesson = recorded(&spool, 1, 6);
    spool.close(Duration::from_secs(10)).unwrap();
    drop(spool);
    overwrite(&segments(dir.path())[1], media_offset(false, 0) + 100, b"rot");
    let (spool, report) = open(dir.path());
    assert!(!report.lost_something());
    let verified = spool.verify(&lesson).unwrap();
    assert_eq!((verified.sound, verified.damaged), (5, 1));
    assert_eq!(spool.gaps(&lesson).unwrap().len(), 1);
    assert_eq!(spool.pending(&name("district")).fragments, 5);
}

#[test]
fn a_missing_segment_becomes_one_gap() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = recorded(&spool, 1, 12);
    spool.end_lesson(&lesson, utc(9)).unwrap();
    drop(spool);
    let paths = segments(dir.path());
    assert!(paths.len() >= 4);
    fs::remove_file(&paths[1]).unwrap();
    let (spool, report) = open(dir.path());
    assert_eq!(report.missing_segments, [paths[1].clone()]);
    assert_eq!(report.damaged.len(), 1);
    let lost: Vec<u64> = spool
        .fragments(&lesson, &program(), 1, 99)
        .unwrap()
        .iter()
        .filter(|f| f.state == FragmentState::Damaged)
        .map(|f| f.seq)
        .collect();
    let sound = (1..=12).filter(|seq| !lost.contains(seq));
    assert!(lost.len() >= 3 && !lost.contains(&1));
    assert_reads(&spool, &lesson, sound);
    assert_eq!(spool.gaps(&lesson).unwrap(), [damaged(lost[0] - 1, lost[lost.len() - 1])]);
    assert_eq!(spool.read_init(&lesson, 1).unwrap(), b"init");
    drop(spool);
    assert!(!open(dir.path()).1.lost_something(), "it is told once");
}

/// Two lessons, one ended; with two runs, a gap and an anchor; not committed.
fn two_lessons(dir: &Path) -> Vec<String> {
    let (spool, _) = open(dir);
    let first = recorded(&spool, 1, 8);
    spool.record_gap(&first, &gap(8 * TWO_SECONDS.0, 10 * TWO_SECONDS.0)).unwrap();
    let run = spool.begin_run(&first, &program(), b"init 2", "hvc1", anchor(Ticks(1_800_000))).unwrap();
    append(&spool, &first, run, &payload(9, 60_000));
    spool.end_lesson(&first, utc(9)).unwrap();
    let second = recorded(&spool, 2, 5);
    let facts = facts(&spool);
    drop((spool, second));
    facts
}

fn facts(spool: &Spool) -> Vec<String> {
    let of = |lesson: crate::LessonRecord| {
        let id = &lesson.info.id;
        let fragments = spool.fragments(id, &program(), 1, 99).unwrap();
        let (runs, gaps) = (spool.runs(id).unwrap(), spool.gaps(id).unwrap());
        format!("{lesson:#?} {fragments:#?} {runs:#?} {gaps:#?} {:#?}", spool.tracks(id).unwrap())
    };
    spool.lessons().into_iter().map(of).collect()
}

fn assert_rebuilt(dir: &Path, before: &[String]) -> OpenReport {
    let (spool, report) = open(dir);
    assert!(report.rebuilt);
    assert_eq!(report.recovered_lessons.len(), 2);
    assert_eq!(report.recovered_fragments, 14);
    assert!(report.lost_facts() && !report.lost_media(), "{report:?}");
    for (before, after) in before.iter().zip(facts(&spool)) {
        assert_eq!(*before, after);
    }
    assert_reads(&spool, &id(1), 1..=9);
    assert_reads(&spool, &id(2), 1..=5);
    assert_eq!(spool.unfinished().unwrap().info.id, id(2));
    assert_eq!(append(&spool, &id(2), 1, &payload(6, 60_000)).seq, 6);
    report
}

#[test]
fn every_fact_comes_back_when_the_index_is_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let before = two_lessons(dir.path());
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    assert_eq!(assert_rebuilt(dir.path(), &before).index, Opened::Fresh);
    assert!(!open(dir.path()).1.lost_something(), "it is told once");
}

#[test]
fn every_fact_comes_back_when_the_index_is_garbage() {
    let dir = tempfile::tempdir().unwrap();
    let before = two_lessons(dir.path());
    for file in ["db", "conf"] {
        fs::write(dir.path().join("index/sled").join(file), payload(7, 700_000)).unwrap();
    }
    let report = assert_rebuilt(dir.path(), &before);
    let Opened::Quarantined { to, .. } = report.index else { panic!("{report:?}") };
    assert!(to.exists());
}

#[test]
fn every_fact_comes_back_when_the_index_opens_empty() {
    let dir = tempfile::tempdir().unwrap();
    let before = two_lessons(dir.path());
    fs::write(dir.path().join("index/sled/db"), b"").unwrap();
    assert!(matches!(assert_rebuilt(dir.path(), &before).index, Opened::Quarantined { .. }));
}

#[test]
fn an_index_lost_with_its_side_file_is_told_as_lost() {
    let dir = tempfile::tempdir().unwrap();
    let before = two_lessons(dir.path());
    fs::write(dir.path().join("index/generation"), b"rot").unwrap();
    fs::write(dir.path().join("index/sled/db"), b"").unwrap();
    assert_rebuilt(dir.path(), &before);
}

#[test]
fn a_first_opening_lost_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (_spool, report) = open(dir.path());
    assert!(report.index == Opened::Fresh && !report.lost_something(), "{report:?}");
}

#[test]
fn what_an_older_index_lacks_comes_from_the_segments() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = recorded(&spool, 1, 2);
    spool.commit().unwrap();
    drop(spool);
    let (home, old) = (dir.path().join("index/sled"), dir.path().join("old"));
    copy_folder(&home, &old);
    let (spool, _) = open(dir.path());
    for seq in 3..=12 {
        append(&spool, &lesson, 1, &payload(seq, 60_000));
        spool.commit().unwrap();
    }
    spool.end_lesson(&lesson, utc(9)).unwrap();
    drop(spool);
    fs::remove_dir_all(&home).unwrap();
    fs::rename(old, home).unwrap();
    let (spool, report) = open(dir.path());
    assert!(matches!(report.index, Opened::RolledBack { .. }), "{report:?}");
    assert!(report.lost_facts() && !report.lost_media(), "{report:?}");
    assert_reads(&spool, &lesson, 1..=12);
    assert_eq!(spool.lesson(&lesson).unwrap().info.until, Some(utc(9)));
}

#[test]
fn a_rebuild_names_what_no_segment_holds() {
    let dir = tempfile::tempdir().unwrap();
    two_lessons(dir.path());
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    fs::remove_file(&segments(dir.path())[1]).unwrap();
    let (spool, report) = open(dir.path());
    let [(lesson, hole)] = report.damaged.as_slice() else { panic!("{report:?}") };
    assert_eq!((lesson, hole.reason), (&id(1), GapReason::Damaged));
    let fragments = spool.fragments(&id(1), &program(), 1, 99).unwrap();
    assert_eq!(fragments.iter().map(|f| f.seq).collect::<Vec<_>>(), (1..=9).collect::<Vec<_>>());
    let lost: u64 =
        fragments.iter().filter(|f| f.state == FragmentState::Damaged).map(|f| f.duration_90k.0).sum();
    assert_eq!((hole.to_90k - hole.from_90k).0, lost);
}

#[test]
fn a_lesson_that_only_seems_open_after_a_rebuild_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    recorded(&spool, 1, 2);
    recorded(&spool, 2, 2);
    drop(spool);
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (spool, report) = open(dir.path());
    assert_eq!(report.closed_by_rebuild, [id(1)]);
    assert_eq!(spool.lesson(&id(1)).unwrap().info.until, Some(info(1).since + Duration::from_secs(4)));
    assert_eq!(spool.unfinished().unwrap().info.id, id(2));
}

#[test]
fn a_segment_that_names_no_lesson_is_set_aside_and_told() {
    let dir = tempfile::tempdir().unwrap();
    recorded(&open(dir.path()).0, 1, 2);
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    overwrite(&segments(dir.path())[0], 0, &[0xff; 4096]);
    let (_spool, report) = open(dir.path());
    assert_eq!(report.unreadable_segments.len(), 1);
    assert!(report.unreadable_segments[0].exists() && report.lost_media());
}

#[test]
fn a_segment_whose_creation_was_cut_short_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let lesson = recorded(&open(dir.path()).0, 1, 2);
    fs::write(dir.path().join("segments/00000000000000ff.seg"), vec![0; 1 << 20]).unwrap();
    let (spool, report) = open(dir.path());
    assert_eq!(report.leftover_segments, 1);
    append(&spool, &lesson, 1, b"x");
    assert!(segments(dir.path()).iter().any(|path| path.ends_with("0000000000000100.seg")));
}

#[test]
fn a_rebuild_that_was_cut_short_is_finished_by_the_next_opening() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    recorded(&spool, 1, 2);
    // As a rebuild leaves it that committed once and was killed then.
    let mut changes = crate::index::Changes::default();
    changes.put(crate::keys::REBUILD, crate::keys::UNDER_WAY.to_vec(), Vec::new());
    spool.stage(changes, 0);
    spool.commit().unwrap();
    recorded(&spool, 2, 2);
    drop(spool);
    let (spool, report) = open(dir.path());
    assert!(report.rebuilt && report.lost_facts() && !report.lost_media(), "{report:?}");
    assert_eq!(report.closed_by_rebuild, [id(1)]);
    assert_reads(&spool, &id(1), 1..=2);
    assert_reads(&spool, &id(2), 1..=2);
    drop(spool);
    assert!(!open(dir.path()).1.rebuilt);
}

/// Writes a whole frame with such a number behind the three of a [`recorded`] lesson.
fn forge(dir: &Path, seq: u64, pts_90k: Ticks) {
    let content = payload(seq, 60_000);
    let header = Header {
        kind: Kind::Media,
        seq,
        pts_90k,
        duration_90k: TWO_SECONDS,
        payload_bytes: 60_000,
        run: 1,
        payload_crc: crc32c::crc32c(&content),
        track: Some(program()),
        ..Header::released(1)
    };
    overwrite(&segments(dir)[0], media_offset(true, 3), &[&header.encode(), content.as_slice()].concat());
}

#[test]
fn a_frame_with_a_number_that_cannot_be_true_is_told_and_fills_nothing() {
    let end = Ticks(3 * TWO_SECONDS.0);
    let late = Ticks(u64::MAX / 2);
    for (seq, pts_90k) in [(0, end), (104 + 1, end), (u64::MAX, end), (1 << 40, late), (100_005, late)] {
        for is_index_lost in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let lesson = recorded(&open(dir.path()).0, 1, 3);
            forge(dir.path(), seq, pts_90k);
            if is_index_lost {
                fs::remove_dir_all(dir.path().join("index")).unwrap();
            }
            let medium = Medium::open(dir.path(), Key::Device(keyring().device)).unwrap();
            assert!(matches!(&medium.losses[..], [Loss::Foreign { seq: of, .. }] if *of == seq));
            assert!(Medium::missing(&medium.lessons[0], &program()).is_empty());

            let (spool, report) = open(dir.path());
            assert_eq!(report.foreign_frames, [(lesson.clone(), program(), seq)]);
            assert!(report.lost_media() && report.damaged.is_empty(), "{report:?}");
            assert_eq!((report.recovered_fragments, spool.gaps(&lesson).unwrap()), (3, vec![]));
            assert_reads(&spool, &lesson, 1..=3);
            assert_eq!(append(&spool, &lesson, 1, &payload(4, 60_000)).seq, 4);
            drop(spool);
            assert_eq!(open(dir.path()).1.foreign_frames, [], "it is told once");
        }
    }
}

#[test]
fn the_last_fragment_of_a_day_is_believed_although_all_before_it_are_gone() {
    const A_DAY: u64 = 43_200;
    let dir = tempfile::tempdir().unwrap();
    let lesson = recorded(&open(dir.path()).0, 1, 3);
    forge(dir.path(), A_DAY, Ticks((A_DAY - 1) * TWO_SECONDS.0));
    let (spool, report) = open(dir.path());
    assert_eq!(report.foreign_frames, []);
    assert_eq!(report.damaged, [(lesson.clone(), damaged(3, A_DAY - 1))]);
    assert_eq!((report.recovered_fragments, spool.lesson(&lesson).unwrap().fragments), (4, A_DAY));
}
