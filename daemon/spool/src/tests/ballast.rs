//! A disk that is really full.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use super::*;

/// A filesystem of its own in memory, for the length of a test.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: PathBuf, mib: u32) -> Self {
        fs::create_dir_all(&at).unwrap();
        let size = format!("size={mib}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&at).output();
        let mounted = mounted.expect("`mount` is needed for this test");
        let why = String::from_utf8_lossy(&mounted.stderr);
        assert!(mounted.status.success(), "this test mounts a small tmpfs and needs root for it: {why}");
        Self(at)
    }

    /// Somebody else takes every byte that is left.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("somebody-elses");
        let mut file = fs::File::create(&path).unwrap();
        let mut size = 1 << 20;
        while size > 0 {
            match file.write(&vec![1; size]) {
                Ok(written) if written > 0 => {}
                _ => size /= 2,
            }
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

const OPTIONS: Options = Options { quota_bytes: 1 << 30, segment_bytes: 1 << 20, reserve_bytes: 0 };

fn open_in(dir: &Path) -> Spool {
    let (spool, report) = Spool::open(dir, OPTIONS, keyring(), Arc::new(StandingClock::default())).unwrap();
    assert!(!report.lost_something(), "{report:?}");
    spool
}

#[test]
fn on_a_full_disk_a_lesson_still_ends_properly() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(dir.path().join("disk"), 96);
    let folder = disk.0.join("spool");
    let spool = open_in(&folder);
    assert_eq!(spool.usage().unwrap().ballast_bytes.0, 0);
    spool.make_room(&Retention::default()).unwrap();
    assert_eq!(spool.usage().unwrap().ballast_bytes.0, 16 << 20);
    let lesson = recorded(&spool, 1, 40);
    let held = recorded(&spool, 2, 2);
    spool.end_lesson(&held, utc(9)).unwrap();
    let theirs = disk.fill();
    let mut refused = 0;
    while refused == 0 {
        refused += u32::from(try_append(&spool, &lesson, 1, &payload(0, 60_000)).is_err());
    }
    let end = spool.timeline_end(&lesson, &program()).unwrap().0;
    spool.record_gap(&lesson, &gap(end, end + 180_000)).unwrap();
    spool.hold(&held, "administrator (uid 0)", "x").unwrap();
    spool.end_lesson(&lesson, utc(99)).unwrap();
    let usage = spool.usage().unwrap();
    assert_eq!((usage.ballast_bytes.0, usage.uncommitted, usage.index_error), (0, 0, None));
    // What the ballast left is not for segments.
    let third = info(3);
    spool.begin_lesson(&third).unwrap();
    let begun = spool.begin_run(&third.id, &program(), b"init", "avc1", anchor(Ticks(0)));
    assert!(begun.unwrap_err().is_full());
    // It is not taken back while the disk is full.
    spool.make_room(&Retention::default()).unwrap();
    assert_eq!(spool.usage().unwrap().ballast_bytes.0, 0);
    drop(spool);

    let spool = open_in(&folder);
    let record = spool.lesson(&lesson).unwrap();
    assert!(record.info.until.is_some() && spool.gaps(&lesson).unwrap().len() == 1);
    assert_reads(&spool, &lesson, 1..=40);
    assert!(spool.lesson(&held).unwrap().hold.is_some());
    fs::remove_file(theirs).unwrap();
    spool.make_room(&Retention::default()).unwrap();
    assert_eq!(spool.usage().unwrap().ballast_bytes.0, 16 << 20);
}

#[test]
fn a_lesson_is_deleted_on_a_full_disk_and_gives_its_room_back() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(dir.path().join("disk"), 96);
    let spool = open_in(&disk.0.join("spool"));
    spool.make_room(&Retention::default()).unwrap();
    let lesson = recorded(&spool, 1, 100);
    spool.end_lesson(&lesson, utc(9)).unwrap();
    let _theirs = disk.fill();
    spool.delete(&lesson, "administrator (uid 0)", "x", false, &[]).unwrap();
    assert!(segments(&disk.0.join("spool")).is_empty());
    let next = begin(&spool, 2);
    append(&spool, &next, 1, &payload(1, 60_000));
}
