//! A dead device's disk, read in another machine.

use std::fs;

use super::*;
use crate::RecoveryPrivateKey;
use crate::recover::{Key, Loss, Medium};

fn open_recoverable(dir: &Path, private: &RecoveryPrivateKey) -> Spool {
    let keyring = Keyring { device: DeviceKey::generate().unwrap(), recovery: Some(private.public()) };
    Spool::open(dir, SMALL, keyring, Arc::new(StandingClock::default())).unwrap().0
}

/// Every file below a folder, with its content and the time it was changed.
fn content(dir: &Path) -> Vec<(std::path::PathBuf, Vec<u8>, std::time::SystemTime)> {
    let mut paths = segments(dir);
    paths.sort();
    let read = |path: std::path::PathBuf| {
        let changed = fs::metadata(&path).unwrap().modified().unwrap();
        (path.clone(), fs::read(path).unwrap(), changed)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn without_index_and_device_key_every_byte_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let private = RecoveryPrivateKey::generate().unwrap();
    let spool = open_recoverable(dir.path(), &private);
    let first = recorded(&spool, 1, 6);
    spool.record_gap(&first, &gap(6 * TWO_SECONDS.0, 7 * TWO_SECONDS.0)).unwrap();
    let run = spool.begin_run(&first, &program(), b"init 2", "hvc1", anchor(Ticks(1_260_000))).unwrap();
    append(&spool, &first, run, &payload(7, 60_000));
    spool.end_lesson(&first, utc(9)).unwrap();
    // The second one is killed.
    let second = recorded(&spool, 2, 2);
    let (runs, gaps) = (spool.runs(&first).unwrap(), spool.gaps(&first).unwrap());
    let fragments = spool.fragments(&first, &program(), 1, 99).unwrap();
    drop(spool);
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    let before = content(dir.path());

    let medium = Medium::open(dir.path(), Key::Recovery(private)).unwrap();
    assert!(medium.losses.is_empty(), "{:?}", medium.losses);
    let ids: Vec<_> = medium.lessons.iter().map(|lesson| lesson.info.id.clone()).collect();
    assert_eq!(ids, [first, second]);
    let lesson = &medium.lessons[0];
    assert_eq!(lesson.info.until, Some(utc(9)));
    assert_eq!((&lesson.runs, &lesson.gaps), (&runs, &gaps));
    assert_eq!(lesson.tracks[&program()], fragments);
    for seq in 1..=7 {
        assert!(medium.read(lesson, &program(), seq).unwrap() == payload(seq, 60_000));
    }
    assert_eq!(medium.read_init(lesson, 1).unwrap(), b"init");
    assert_eq!(medium.read_init(lesson, 2).unwrap(), b"init 2");
    assert!(medium.read(&medium.lessons[1], &program(), 2).unwrap() == payload(2, 60_000));
    assert!(before == content(dir.path()) && !dir.path().join("index").exists(), "it only reads");
}

#[test]
fn what_cannot_be_recovered_is_told_with_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    let private = RecoveryPrivateKey::generate().unwrap();
    let spool = Arc::new(open_recoverable(dir.path(), &private));
    let lesson = recorded(&spool, 1, 9);
    spool.close(Duration::from_secs(10)).unwrap();
    drop(spool);
    let other = RecoveryPrivateKey::generate().unwrap();
    let medium = Medium::open(dir.path(), Key::Recovery(other)).unwrap();
    assert_eq!(medium.lessons[0].info.id, lesson);
    assert!(matches!(medium.read(&medium.lessons[0], &program(), 1), Err(Loss::OtherKey)));

    fs::remove_file(&segments(dir.path())[1]).unwrap();
    let mut medium = Medium::open(dir.path(), Key::Recovery(private)).unwrap();
    let mut lesson = medium.lessons.remove(0);
    let missing = Medium::missing(&lesson, &program());
    assert_eq!(missing, (4..4 + missing.len() as u64).collect::<Vec<_>>());
    let lost = Ticks(TWO_SECONDS.0 * missing.len() as u64);
    assert_eq!(lesson.gaps.iter().map(|gap| gap.to_90k - gap.from_90k).collect::<Vec<_>>(), [lost]);
    lesson.drop_fragment(&program(), 3);
    lesson.mend_gaps();
    let [gap] = lesson.gaps.as_slice() else { panic!("{:?}", lesson.gaps) };
    assert_eq!((gap.from_90k, gap.to_90k - gap.from_90k), (Ticks(2 * TWO_SECONDS.0), lost + TWO_SECONDS));
}

#[test]
fn a_deleted_lesson_stays_deleted_although_its_box_died_before_letting_it_go() {
    let dir = tempfile::tempdir().unwrap();
    let private = RecoveryPrivateKey::generate().unwrap();
    let spool = open_recoverable(dir.path(), &private);
    let lesson = recorded(&spool, 1, 2);
    spool.end_lesson(&lesson, utc(9)).unwrap();
    let kept: Vec<_> = segments(dir.path()).iter().map(|p| (p.clone(), fs::read(p).unwrap())).collect();
    spool.delete(&lesson, "admin", "家长要求", false, &[]).unwrap();
    drop(spool);
    for (path, bytes) in &kept {
        fs::write(path, bytes).unwrap();
    }
    let medium = Medium::open(dir.path(), Key::Recovery(private)).unwrap();
    assert!(medium.lessons.is_empty() && medium.losses.is_empty());
}
