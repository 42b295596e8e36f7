//! How many fragments a second a disk with slow flushes takes, beside plain
//! appends on another disk of the same kind.

use std::time::Duration;

use lectern_api::{Clock as _, LessonId, SystemClock};
use lectern_spool::{Options, Spool};

use super::device::Device;
use super::lesson::{self, FRAGMENT_BYTES, Lesson, Payload};
use super::plain::PlainAppend;
use crate::BenchError;
use crate::line::{Line, progress, round};

const FLUSH_TAKES: Duration = Duration::from_millis(5);
const FRESH_TARGET: f64 = 0.85;
const RECYCLED_TARGET: f64 = 1.2;
/// Room for the fragments, the lessons that are let go, and the ballast.
const DISK_BYTES: usize = 640 << 20;
/// The pool takes a sixteenth of it: four segments.
const OPTIONS: Options = Options { quota_bytes: 2 << 30, segment_bytes: 32 << 20, reserve_bytes: 0 };
/// So many go to each disk in turn.
const TURN: u64 = 10;
const TURNS: u64 = 36;
/// What fills two segments, so that neither is truncated at the end.
const TWO_SEGMENTS: u64 = 100;
/// A lesson for each two segments that are used, and two for a full pool.
const OLD_LESSONS: usize = 5;

/// Measures with fresh segments, or with recycled ones.
pub(crate) fn measure(clock: SystemClock, recycled: bool) -> Result<(), BenchError> {
    let name = if recycled { "spool_rate_slow_flush_recycled" } else { "spool_rate_slow_flush" };
    let target = if recycled { RECYCLED_TARGET } else { FRESH_TARGET };
    let (device, other) = (Device::new(DISK_BYTES, FLUSH_TAKES)?, Device::new(DISK_BYTES, FLUSH_TAKES)?);
    let (spool, _) = lesson::open(&device.folder().join("spool"), OPTIONS)?;
    let mut old = if recycled { old_lessons(&spool)? } else { Vec::new() };
    fill_pool(&spool, &mut old)?;
    fill_pool(&spool, &mut old)?;
    let mut plain = PlainAppend::in_folder(&other.folder().join("plain"))?;
    let mut lesson = Lesson::begin(&spool, "new")?;
    let mut payload = Payload::of(FRAGMENT_BYTES);
    let [mut spooled, mut plainly] = [Duration::ZERO; 2];
    let [before, other_before] = [device.counts_as_is().flushes, other.counts_as_is().flushes];
    let mut idle_flushes = 0;
    for turn in 0..TURNS {
        let begun = clock.monotonic();
        for number in 0..TURN {
            lesson.append(payload.next(turn * TURN + number))?;
        }
        let between = clock.monotonic();
        for number in 0..TURN {
            plain.append(payload.next(turn * TURN + number))?;
        }
        spooled += between - begun;
        plainly += clock.monotonic() - between;
        // As the archive's acknowledgements let lessons go while others are recorded.
        if ((turn + 1) * TURN).is_multiple_of(TWO_SEGMENTS) {
            let at = device.counts_as_is().flushes;
            fill_pool(&spool, &mut old)?;
            idle_flushes += device.counts_as_is().flushes - at;
        }
    }
    let fragments = (TURNS * TURN) as f64;
    let [rate, peer_rate] = [spooled, plainly].map(|time| fragments / time.as_secs_f64());
    let ratio = rate / peer_rate;
    progress(format_args!("{name}: {rate:.1} fragments/s, plain {peer_rate:.1}"));
    let flushes = device.counts_as_is().flushes - before - idle_flushes;
    let other_flushes = other.counts_as_is().flushes - other_before;
    let line = Line {
        name,
        value: round(rate),
        unit: "fragments/s",
        peer: Some("preallocated append and fdatasync"),
        peer_value: Some(round(peer_rate)),
        ratio: Some(round(ratio)),
        target: Some(target),
        met: Some(ratio >= target),
        details: serde_json::json!({
            "target_is": "least", "fragments": fragments, "fragment_bytes": FRAGMENT_BYTES,
            "flush_ms": FLUSH_TAKES.as_millis(),
            "flushes_per_fragment": round(flushes as f64 / fragments),
            "plain_flushes_per_fragment": round(other_flushes as f64 / fragments),
        }),
    };
    line.print();
    Ok(())
}

/// Lessons of two segments each, in the archive already.
fn old_lessons(spool: &Spool) -> Result<Vec<LessonId>, BenchError> {
    let archive = lesson::name("district")?;
    let mut payload = Payload::of(FRAGMENT_BYTES);
    let mut lessons = Vec::new();
    for _ in 0..OLD_LESSONS {
        let mut lesson = Lesson::begin(spool, "old")?;
        for number in 0..TWO_SEGMENTS {
            lesson.append(payload.next(number))?;
        }
        lessons.push(lesson.end_archived(&archive)?);
    }
    Ok(lessons)
}

/// Lets one of them go: its two segments are used again.
fn fill_pool(spool: &Spool, old: &mut Vec<LessonId>) -> Result<(), BenchError> {
    if let Some(lesson) = old.pop() {
        spool.delete(&lesson, "bench", "to use its segments again", true, &[])?;
    }
    Ok(())
}
