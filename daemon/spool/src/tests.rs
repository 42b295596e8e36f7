//! The spool as its users see it. What they share is here; the tests lie by
//! subject beside it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lectern_api::manifest::{Anchor, Gap, GapReason, LessonInfo, Trigger};
use lectern_api::{Clock, LessonId, Name, Ticks};

use crate::{
    DeviceKey, Keyring, NewFragment, OpenReport, Options, Retention, Spool, SpoolError, StoredFragment,
};

mod archives;
mod ballast;
mod broken_disk;
mod damage;
mod deletions;
mod disk;
mod encryption;
mod footers;
mod kills;
mod lessons;
mod model;
mod pool;
mod recover;
mod retention;
mod unreadable;

/// A clock that stands until it is told otherwise.
#[derive(Debug, Default)]
struct StandingClock(AtomicU64);

impl StandingClock {
    fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as u64, Ordering::Relaxed);
    }
}

impl Clock for StandingClock {
    fn utc(&self) -> jiff::Timestamp {
        utc(self.monotonic().as_secs() as i64)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

const SMALL: Options = Options { quota_bytes: 64 << 20, segment_bytes: 256 << 10, reserve_bytes: 0 };
const TWO_SECONDS: Ticks = Ticks(2 * Ticks::PER_SECOND);

/// The keys of the device that the tests run on.
fn keyring() -> Keyring {
    Keyring { device: DeviceKey::from_bytes([7; 32]), recovery: None }
}

fn open(dir: &Path) -> (Spool, OpenReport) {
    Spool::open(dir, SMALL, keyring(), Arc::new(StandingClock::default())).unwrap()
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn program() -> Name {
    name("program")
}

fn id(number: usize) -> LessonId {
    LessonId::new(format!("lesson-{number}")).unwrap()
}

fn utc(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn info(number: usize) -> LessonInfo {
    LessonInfo {
        id: id(number),
        title: format!("语文 {number}"),
        date: "2026-09-21".parse().unwrap(),
        since: utc(3600 * number as i64),
        until: None,
        planned_until: None,
        trigger: Trigger::Hand,
        planned: None,
    }
}

/// An archive.
fn district() -> Name {
    name("district")
}

/// Room is made of what all of these have.
fn archived_in(archives: &[Name]) -> Retention {
    Retention { archives: archives.to_vec(), ..Retention::default() }
}

fn anchor(pts_90k: Ticks) -> Anchor {
    Anchor {
        pts_90k,
        utc: utc(pts_90k.as_duration().as_secs() as i64),
        synced: true,
        uncertainty_ms: Some(5),
    }
}

fn gap(from: u64, to: u64) -> Gap {
    Gap { track: program(), from_90k: Ticks(from), to_90k: Ticks(to), reason: GapReason::PipelineRestarted }
}

/// Bytes that are the same for the same seed, and no others.
fn payload(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    std::iter::repeat_with(next).take(bytes).collect()
}

/// Appends two seconds at the end of the time line.
fn try_append(
    spool: &Spool,
    lesson: &LessonId,
    run: u32,
    bytes: &[u8],
) -> Result<StoredFragment, SpoolError> {
    spool.append(NewFragment {
        lesson,
        track: &program(),
        run,
        pts_90k: spool.timeline_end(lesson, &program())?,
        duration_90k: TWO_SECONDS,
        payload: bytes,
    })
}

fn append(spool: &Spool, lesson: &LessonId, run: u32, bytes: &[u8]) -> StoredFragment {
    try_append(spool, lesson, run, bytes).unwrap()
}

/// A begun lesson with one run.
fn begin(spool: &Spool, number: usize) -> LessonId {
    spool.begin_lesson(&info(number)).unwrap();
    let run = spool.begin_run(&id(number), &program(), b"init", "avc1.64001f", anchor(Ticks(0))).unwrap();
    assert_eq!(run, 1);
    id(number)
}

/// A begun lesson with so many fragments, of 60 000 bytes each.
fn recorded(spool: &Spool, number: usize, fragments: u64) -> LessonId {
    let lesson = begin(spool, number);
    for seq in 1..=fragments {
        assert_eq!(append(spool, &lesson, 1, &payload(seq, 60_000)).seq, seq);
    }
    lesson
}

/// A lesson that has ended and that the archive has.
fn archived(spool: &Spool, number: usize, fragments: u64) -> LessonId {
    let lesson = recorded(spool, number, fragments);
    spool.end_lesson(&lesson, utc(9)).unwrap();
    for seq in 1..=fragments {
        spool.acknowledge(&district(), &lesson, &program(), seq).unwrap();
    }
    spool.finish_archive(&district(), &lesson).unwrap();
    lesson
}

fn assert_reads(spool: &Spool, lesson: &LessonId, seqs: impl IntoIterator<Item = u64>) {
    for seq in seqs {
        let read = spool.read(lesson, &program(), seq).unwrap();
        assert!(read == payload(seq, 60_000), "fragment {seq} of {lesson} reads differently");
    }
}

/// The segment files, the oldest first.
fn segments(dir: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir.join("segments")).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "seg"));
    paths.sort();
    paths
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
