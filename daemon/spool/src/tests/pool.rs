//! Files of segments that were let go, used again.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::*;

/// Tight enough that a few lessons fill it.
const TIGHT: Options = Options { quota_bytes: 8 << 20, ..SMALL };

fn open_tight(dir: &Path) -> (Spool, OpenReport) {
    Spool::open(dir, TIGHT, keyring(), Arc::new(StandingClock::default())).unwrap()
}

fn pooled(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir.join("pool")).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// A spool whose oldest lesson was let go, with files of it in the pool.
fn with_pool(dir: &Path) -> Spool {
    let (spool, _) = open_tight(dir);
    // A large one to let go, and small ones until it must: some room is left then.
    archived(&spool, 10, 20);
    let mut number = 11;
    while spool.make_room(&archived_in(&[district()])).unwrap().lessons.is_empty() {
        archived(&spool, number, 2);
        number += 1;
    }
    assert!(!pooled(dir).is_empty());
    spool
}

#[test]
fn a_segment_is_written_over_the_blocks_of_one_that_was_let_go() {
    let dir = tempfile::tempdir().unwrap();
    let spool = with_pool(dir.path());
    let inode = fs::metadata(&pooled(dir.path())[0]).unwrap().ino();
    let lesson = recorded(&spool, 2, 6);
    assert!(segments(dir.path()).iter().any(|path| fs::metadata(path).unwrap().ino() == inode));
    assert_reads(&spool, &lesson, 1..=6);
    spool.commit().unwrap();
    drop(spool);

    // Neither scanning nor a rebuild takes a frame of the former lesson for one of the new.
    let (spool, report) = open_tight(dir.path());
    assert!(!report.lost_something(), "{report:?}");
    assert_reads(&spool, &lesson, 1..=6);
    drop(spool);
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (spool, report) = open_tight(dir.path());
    assert!(report.lost_facts() && !report.lost_media(), "{report:?}");
    assert!(report.recovered_lessons.contains(&lesson) && !report.recovered_lessons.contains(&id(10)));
    assert_eq!(spool.lesson(&lesson).unwrap().fragments, 6);
    assert_reads(&spool, &lesson, 1..=6);
}

#[test]
fn a_segment_that_is_almost_full_keeps_its_size_and_a_short_one_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open_tight(dir.path());
    let lesson = recorded(&spool, 1, 5);
    spool.end_lesson(&lesson, utc(9)).unwrap();
    let sizes: Vec<u64> = segments(dir.path()).iter().map(|p| fs::metadata(p).unwrap().len()).collect();
    assert_eq!(sizes[0], TIGHT.segment_bytes);
    assert!(sizes[1] < TIGHT.segment_bytes, "{sizes:?}");
}

#[test]
fn the_pool_counts_and_is_given_back_before_anything_else() {
    let dir = tempfile::tempdir().unwrap();
    let spool = with_pool(dir.path());
    let files = pooled(dir.path()).len() as u64;
    let usage = spool.usage().unwrap();
    assert!(usage.allocated_bytes.0 >= files * TIGHT.segment_bytes);
    assert!(files <= 2, "a sixteenth of the quota");
    // A fragment that only fits when the pool is gone.
    let lesson = begin(&spool, 2);
    let large = spool.room_bytes().unwrap() + TIGHT.segment_bytes;
    assert!(!pooled(dir.path()).is_empty());
    append(&spool, &lesson, 1, &payload(1, large as usize));
    assert_eq!(pooled(dir.path()), [] as [PathBuf; 0]);
    assert!(spool.usage().unwrap().allocated_bytes.0 <= TIGHT.quota_bytes);
}

#[test]
fn the_pool_is_kept_over_a_restart_and_its_epochs_are_never_used_again() {
    let dir = tempfile::tempdir().unwrap();
    drop(with_pool(dir.path()));
    let kept = pooled(dir.path());
    // Not one of ours, and one of another size.
    fs::write(dir.path().join("pool/00000000000000ff.seg"), b"short").unwrap();
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (spool, report) = open_tight(dir.path());
    assert!(!report.lost_media());
    assert_eq!(pooled(dir.path()), kept);
    recorded(&spool, 2, 1);
    let (newest, last_pooled) = (segments(dir.path()).pop().unwrap(), kept[kept.len() - 1].clone());
    assert!(newest.file_name() > last_pooled.file_name());
}

#[test]
fn a_recycling_that_was_cut_short_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    drop(with_pool(dir.path()));
    let name = dir.path().join("segments/00000000000000ff.seg");
    fs::rename(&pooled(dir.path())[0], &name).unwrap();
    let (_spool, report) = open_tight(dir.path());
    assert_eq!((report.leftover_segments, report.lost_something()), (1, false));
    assert!(!name.exists());
}
