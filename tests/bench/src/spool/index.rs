//! How large the index is, and that an idle spool leaves the disk alone.

use std::path::Path;
use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};
use lectern_spool::{Options, Spool};

use super::device::Device;
use super::lesson::{self, FRAGMENT_BYTES, Lesson, Payload};
use crate::BenchError;
use crate::line::{Line, progress, round};

const TARGET_BYTES: f64 = 200.0;
const LESSONS: u64 = 148;
/// 45 minutes of two seconds.
const LESSON_FRAGMENTS: u64 = 1350;
const DISK_BYTES: usize = 256 << 20;
const IDLE: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_secs(1);

/// 200 000 fragments, recorded and acknowledged, all held. Their size does not
/// matter to the index, so they are small, and in memory.
pub(crate) fn measure(memory: &Path, clock: SystemClock) -> Result<(), BenchError> {
    let folder = memory.join("index");
    let (spool, _) = lesson::open(&folder, Options::default())?;
    let archive = lesson::name("district")?;
    let mut payload = Payload::of(64);
    for _ in 0..LESSONS {
        let mut lesson = Lesson::begin(&spool, "index")?;
        for number in 0..LESSON_FRAGMENTS {
            lesson.append(payload.next(number))?;
        }
        lesson.end_archived(&archive)?;
    }
    let recorded = spool.usage()?.index_bytes.0;
    while spool.tidy()? {}
    let tidied = spool.usage()?.index_bytes.0;
    drop(spool);
    std::fs::remove_dir_all(&folder).map_err(BenchError::io(folder.display()))?;

    let (flushes, written) = idle(clock)?;
    let each = |bytes: u64| bytes as f64 / (LESSONS * LESSON_FRAGMENTS) as f64;
    progress(format_args!("spool_index_bytes: {:.0}, {flushes} flushes while idle", each(recorded)));
    let line = Line {
        name: "spool_index_bytes",
        value: round(each(recorded)),
        unit: "bytes per fragment",
        target: Some(TARGET_BYTES),
        met: Some(each(recorded) <= TARGET_BYTES && flushes == 0),
        details: serde_json::json!({
            "fragments": LESSONS * LESSON_FRAGMENTS, "after_tidying": round(each(tidied)),
            "idle_s": IDLE.as_secs(), "idle_flushes": flushes, "idle_bytes_written": written,
        }),
        ..Line::default()
    };
    line.print();
    Ok(())
}

/// Flushes and bytes at the device of a spool that is open and has nothing to
/// do, looked after each second as the daemon does.
fn idle(clock: SystemClock) -> Result<(u64, u64), BenchError> {
    let device = Device::new(DISK_BYTES, Duration::ZERO)?;
    let options = Options { quota_bytes: 200 << 20, reserve_bytes: 0, ..Options::default() };
    let (spool, _) = lesson::open(&device.folder().join("spool"), options)?;
    let mut lesson = Lesson::begin(&spool, "idle")?;
    lesson.append(Payload::of(FRAGMENT_BYTES).next(0))?;
    lesson.end_archived(&lesson::name("district")?)?;
    settle(&spool)?;
    let before = device.counts()?;
    let until = clock.monotonic() + IDLE;
    while clock.monotonic() < until {
        settle(&spool)?;
        std::thread::sleep(TICK);
    }
    let after = device.counts_as_is();
    Ok((after.flushes - before.flushes, after.written_bytes - before.written_bytes))
}

/// Everything that the daemon asks of it in passing.
fn settle(spool: &Spool) -> Result<(), BenchError> {
    spool.commit_if_due()?;
    spool.make_room(&lectern_spool::Retention::default())?;
    while spool.tidy()? {}
    Ok(())
}
