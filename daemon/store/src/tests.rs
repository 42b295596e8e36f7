//! The store as its users see it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;

const LESSONS: Keyspace = Keyspace::new("lessons");
const FACTS: Keyspace = Keyspace::new("facts");

fn open(dir: &Path) -> (Store, Opened) {
    Store::open(dir, &[LESSONS, FACTS]).unwrap()
}

fn put(store: &Store, key: &str, value: &[u8]) {
    let mut batch = Batch::new();
    batch.put(LESSONS, key, value);
    store.apply(&batch).unwrap();
}

/// A database with one committed entry and, closed, its folder.
fn one_entry(dir: &Path) -> PathBuf {
    let (store, opened) = open(dir);
    assert_eq!(opened, Opened::Fresh);
    put(&store, "a", b"1");
    store.commit().unwrap();
    store.close(Duration::from_secs(10)).unwrap();
    dir.join("sled")
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    one_entry(dir.path());
    let (store, opened) = open(dir.path());
    assert_eq!(opened, Opened::Existing { generation: 2 });
    assert_eq!(store.get(LESSONS, b"a").unwrap().as_deref(), Some(b"1".as_slice()));
    assert_eq!(store.get(FACTS, b"a").unwrap(), None);
}

#[test]
fn a_commit_without_changes_costs_no_generation() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    put(&store, "a", b"1");
    assert_eq!(store.commit().unwrap(), 2);
    assert_eq!(store.commit().unwrap(), 2);
}

#[test]
fn a_batch_over_two_keyspaces_is_applied_all_or_none() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    let mut batch = Batch::new();
    batch.put(LESSONS, "a", "1").put(FACTS, "b", "2").put(FACTS, "b", "3").delete(LESSONS, "gone");
    store.apply(&batch).unwrap();
    assert_eq!(store.get(FACTS, b"b").unwrap().as_deref(), Some(b"3".as_slice()));

    let mut refused = Batch::new();
    refused.put(LESSONS, "c", "1").put(FACTS, "big", vec![0; MAX_VALUE_BYTES + 1]);
    assert!(matches!(store.apply(&refused), Err(StoreError::ValueTooLarge { keyspace: "facts", .. })));
    assert_eq!(store.get(LESSONS, b"c").unwrap(), None);
    let mut unknown = Batch::new();
    unknown.put(Keyspace::new("other"), "c", "1");
    assert!(matches!(store.apply(&unknown), Err(StoreError::UnknownKeyspace("other"))));
}

#[test]
fn a_scan_stays_within_its_prefix_and_limit() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    for key in ["a1", "b1", "b2", "b3", "c1"] {
        put(&store, key, key.as_bytes());
    }
    let keys = |from: &[u8], limit| -> Vec<Vec<u8>> {
        store.scan(LESSONS, b"b", from, limit).unwrap().into_iter().map(|(key, _)| key).collect()
    };
    assert_eq!(keys(b"", 9), [b"b1", b"b2", b"b3"]);
    assert_eq!(keys(b"b2", 9), [b"b2", b"b3"]);
    assert_eq!(keys(b"", 1), [b"b1"]);
}

#[test]
fn the_largest_values_never_leave_the_synced_file() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    for round in 0..4_u8 {
        for number in 0..200_u16 {
            let mut key = vec![b'k'; MAX_KEY_BYTES - 2];
            key.extend(number.to_be_bytes());
            let mut batch = Batch::new();
            batch.put(LESSONS, key, vec![round; MAX_VALUE_BYTES]);
            store.apply(&batch).unwrap();
        }
        store.commit().unwrap();
    }
    let blobs = fs::read_dir(dir.path().join("sled/blobs")).unwrap().count();
    assert_eq!(blobs, 0, "sled moved a page into a file that it never syncs");
}

#[test]
fn a_second_handle_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (_store, _) = open(dir.path());
    assert!(matches!(Store::open(dir.path(), &[LESSONS]), Err(StoreError::InUse { .. })));
}

#[test]
fn a_database_full_of_garbage_is_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let home = one_entry(dir.path());
    for name in ["db", "conf"] {
        let garbage: Vec<u8> =
            (0..700_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        fs::write(home.join(name), garbage).unwrap();
    }
    let (store, opened) = open(dir.path());
    let Opened::Quarantined { to, .. } = opened else { panic!("{opened:?}") };
    assert!(to.join("db").exists());
    assert_eq!(store.get(LESSONS, b"a").unwrap(), None);
    put(&store, "b", b"2");
    store.commit().unwrap();
}

#[test]
fn a_database_that_opens_empty_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let home = one_entry(dir.path());
    fs::write(home.join("db"), b"").unwrap();
    let (_store, opened) = open(dir.path());
    let Opened::Quarantined { cause, .. } = opened else { panic!("{opened:?}") };
    assert_eq!(cause, "it opened empty");
}

#[test]
fn a_database_that_vanished_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let home = one_entry(dir.path());
    fs::remove_dir_all(home).unwrap();
    assert_eq!(open(dir.path()).1, Opened::Missing { expected: 2 });
}

#[test]
fn a_database_older_than_its_side_file_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let home = one_entry(dir.path());
    let old = dir.path().join("old");
    copy_folder(&home, &old);
    let (store, _) = open(dir.path());
    for _ in 0..3 {
        put(&store, "a", b"2");
        store.commit().unwrap();
    }
    drop(store);
    fs::remove_dir_all(&home).unwrap();
    fs::rename(old, &home).unwrap();
    let (store, opened) = open(dir.path());
    assert_eq!(opened, Opened::RolledBack { generation: 2, expected: 5 });
    assert_eq!(store.get(LESSONS, b"a").unwrap().as_deref(), Some(b"1".as_slice()));
    drop(store);
    // Told once: the older state is the state from here on.
    assert_eq!(open(dir.path()).1, Opened::Existing { generation: 2 });
}

#[test]
fn what_the_kernel_had_not_written_back_is_lost_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    put(&store, "a", b"1");
    store.commit().unwrap();
    let durable = dir.path().join("durable");
    copy_folder(&dir.path().join("sled"), &durable);
    put(&store, "b", b"2");
    drop(store);
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    fs::rename(durable, dir.path().join("sled")).unwrap();
    let (store, opened) = open(dir.path());
    assert_eq!(opened, Opened::Existing { generation: 2 });
    assert!(store.get(LESSONS, b"a").unwrap().is_some() && store.get(LESSONS, b"b").unwrap().is_none());
}

#[test]
fn a_database_opens_again_in_place_with_what_was_committed() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    put(&store, "a", b"1");
    store.commit().unwrap();
    store.reopen().unwrap();
    assert_eq!(store.get(LESSONS, b"a").unwrap().as_deref(), Some(b"1".as_slice()));
    put(&store, "b", b"2");
    let generation = store.commit().unwrap();
    // With less than was committed it is not used.
    fs::write(dir.path().join("sled/db"), b"").unwrap();
    assert!(matches!(store.reopen(), Err(StoreError::Unavailable { .. })));
    assert!(matches!(store.get(LESSONS, b"a"), Err(StoreError::Unavailable { .. })));
    assert_eq!(store.generation(), generation);
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let home = one_entry(dir.path());
    let engine = engine::Engine::open(&home, &[]).unwrap_or_else(|_| panic!("no engine"));
    engine.set_number(&home, open::FORMAT_KEY, 7).unwrap();
    engine.sync(&home).unwrap();
    drop(engine);
    let refused = Store::open(dir.path(), &[LESSONS]);
    assert!(matches!(refused, Err(StoreError::NewerFormat { found: 7, known: 1, .. })), "{refused:?}");
    assert!(home.exists() && !dir.path().join("quarantine-0001").exists());
}

#[test]
fn only_the_newest_three_quarantines_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..5 {
        drop(open(dir.path()));
        fs::write(dir.path().join("sled/db"), b"").unwrap();
    }
    drop(open(dir.path()));
    let mut kept: Vec<String> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("quarantine"))
        .collect();
    kept.sort();
    assert_eq!(kept, ["quarantine-0003", "quarantine-0004", "quarantine-0005"]);
}

/// A database of which nearly everything was deleted again.
fn bloated(dir: &Path) -> Store {
    let (store, _) = open(dir);
    for round in 0..20_u32 {
        for (fill, value) in [(true, Some([7; 400])), (false, None)] {
            let mut batch = Batch::new();
            for key in 0..2000_u32 {
                let key = [round.to_be_bytes(), key.to_be_bytes()].concat();
                match value {
                    Some(value) => batch.put(FACTS, key, value.as_slice()),
                    None => batch.delete(FACTS, key),
                };
            }
            let word: &[u8] = if fill { b"filled" } else { b"emptied" };
            batch.put(LESSONS, round.to_be_bytes(), word);
            store.apply(&batch).unwrap();
            store.commit().unwrap();
        }
    }
    store
}

fn assert_is_what_bloated_left(store: &Store) {
    let lessons = store.scan(LESSONS, b"", b"", usize::MAX).unwrap();
    assert_eq!(lessons.len(), 20);
    assert!(lessons.iter().all(|(_, value)| value == b"emptied"));
    assert!(store.scan(FACTS, b"", b"", 1).unwrap().is_empty());
}

#[test]
fn a_database_written_anew_holds_what_is_alive_and_takes_little_room() {
    let dir = tempfile::tempdir().unwrap();
    let store = bloated(dir.path());
    let (before, generation) = (store.allocated_bytes(), store.generation());
    assert!(store.rewrite(|| true).unwrap());
    let after = store.allocated_bytes();
    assert!(after < before / 2, "{before} → {after}");
    assert!(!store.is_bloated() && !dir.path().join("sled.new").exists());
    assert_is_what_bloated_left(&store);
    put(&store, "afterwards", b"1");
    assert_eq!(store.commit().unwrap(), generation + 1);
    drop(store);
    let (store, opened) = open(dir.path());
    assert_eq!(opened, Opened::Existing { generation: generation + 1 });
    assert_eq!(store.get(LESSONS, b"afterwards").unwrap(), Some(b"1".to_vec()));
}

#[test]
fn a_rewriting_that_was_cut_short_at_any_step_leaves_one_whole_database() {
    let dir = tempfile::tempdir().unwrap();
    drop(bloated(dir.path()));
    let draft = dir.path().join("sled.new");
    // Before the swap there is a draft: whole, cut off, or only begun.
    copy_folder(&dir.path().join("sled"), &draft);
    let db = fs::File::options().write(true).open(draft.join("db")).unwrap();
    for length in [db.metadata().unwrap().len(), 100_000, 0] {
        fs::create_dir_all(&draft).unwrap();
        db.set_len(length).unwrap();
        let (store, opened) = open(dir.path());
        assert!(matches!(opened, Opened::Existing { .. }), "{opened:?}");
        assert!(!draft.exists());
        assert_is_what_bloated_left(&store);
    }
    // Behind it the former database is in its place.
    let former = dir.path().join("former");
    copy_folder(&dir.path().join("sled"), &former);
    let (store, _) = open(dir.path());
    assert!(store.rewrite(|| true).unwrap());
    drop(store);
    copy_folder(&former, &draft);
    let (store, opened) = open(dir.path());
    assert!(matches!(opened, Opened::Existing { .. }), "{opened:?}");
    assert!(!draft.exists());
    assert_is_what_bloated_left(&store);
}

#[test]
fn a_rewriting_that_finds_no_room_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = bloated(dir.path());
    // A file where the draft's folder should be stands for every such error.
    fs::write(dir.path().join("sled.new"), b"").unwrap();
    assert!(store.rewrite(|| true).is_err());
    assert_is_what_bloated_left(&store);
    put(&store, "afterwards", b"1");
    store.commit().unwrap();
}

#[test]
fn a_rewriting_gives_way_when_it_is_told_to() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    for key in 0..3000_u32 {
        put(&store, &key.to_string(), b"alive");
    }
    store.commit().unwrap();
    assert!(!store.rewrite(|| false).unwrap());
    assert!(!dir.path().join("sled.new").exists());
    assert_eq!(store.scan(LESSONS, b"", b"", usize::MAX).unwrap().len(), 3000);
}
