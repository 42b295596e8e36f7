//! How many bytes reach the device for each byte of a fragment.

use std::time::Duration;

use lectern_api::SystemClock;
use lectern_spool::Options;

use super::device::Device;
use super::lesson::{self, FRAGMENT_BYTES, Lesson, Payload};
use crate::BenchError;
use crate::line::{Line, progress, round};

const TARGET: f64 = 1.3;
const DISK_BYTES: usize = 512 << 20;
const OPTIONS: Options = Options { quota_bytes: 400 << 20, segment_bytes: 32 << 20, reserve_bytes: 0 };
/// 240 MB.
const FRAGMENTS: u64 = 400;

/// Twice: as a backlog is written, with an index commit every 32 fragments,
/// and as a lesson is recorded, with one after each. The worse one counts.
pub(crate) fn measure(_: SystemClock) -> Result<(), BenchError> {
    let [fast, recorded] = [write(false)?, write(true)?];
    let worst = fast.0.max(recorded.0);
    progress(format_args!("spool_write_amplification: {fast:?}, committed each {recorded:?}"));
    let line = Line {
        name: "spool_write_amplification",
        value: round(worst),
        unit: "bytes to the device per byte of media",
        target: Some(TARGET),
        met: Some(worst <= TARGET),
        details: serde_json::json!({
            "committed_every_32": round(fast.0), "committed_each": round(recorded.0),
            "flushes_per_fragment": round(fast.1), "flushes_per_fragment_committed_each": round(recorded.1),
            "payload_bytes": FRAGMENTS * FRAGMENT_BYTES as u64,
        }),
        ..Line::default()
    };
    line.print();
    Ok(())
}

/// Bytes per byte of payload, flushes per fragment.
fn write(commits_each: bool) -> Result<(f64, f64), BenchError> {
    let device = Device::new(DISK_BYTES, Duration::ZERO)?;
    let before = device.counts()?;
    let (spool, _) = lesson::open(&device.folder().join("spool"), OPTIONS)?;
    let mut lesson = Lesson::begin(&spool, "amplification")?;
    let mut payload = Payload::of(FRAGMENT_BYTES);
    for number in 0..FRAGMENTS {
        lesson.append(payload.next(number))?;
        if commits_each {
            spool.commit()?;
        }
    }
    lesson.end_archived(&lesson::name("district")?)?;
    drop(spool);
    let after = device.counts()?;
    let bytes = (after.written_bytes - before.written_bytes) as f64;
    let flushes = (after.flushes - before.flushes) as f64;
    Ok((bytes / (FRAGMENTS as f64 * FRAGMENT_BYTES as f64), flushes / FRAGMENTS as f64))
}
