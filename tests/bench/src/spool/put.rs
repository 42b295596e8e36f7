//! How long an append takes, beside a plain one in the same run: on the disk of
//! the temporary folder, and, to show what the spool adds, on one in memory,
//! whose flushes cost nothing.

use std::path::Path;
use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};
use lectern_spool::Options;

use super::device::Device;
use super::lesson::{self, Lesson, Payload};
use super::plain::PlainAppend;
use crate::BenchError;
use crate::line::{Line, median, progress, round};

const TARGET: f64 = 1.3;
const SIZES_KIB: [usize; 4] = [64, 256, 600, 1024];
/// Of each size, in turn with as many plain ones.
const FRAGMENTS: u64 = 200;
/// Room for both, and for the segment that each has ready.
const DISK_BYTES: usize = 768 << 20;
const OPTIONS: Options = Options { quota_bytes: 600 << 20, segment_bytes: 32 << 20, reserve_bytes: 0 };

/// Alternates; the worst size on the real disk counts.
pub(crate) fn measure(folder: &Path, clock: SystemClock) -> Result<(), BenchError> {
    let mut disk = Vec::new();
    let mut memory = Vec::new();
    for kib in SIZES_KIB {
        let folder = folder.join(format!("put-{kib}"));
        disk.push(Size::alternate(&folder, kib, clock)?);
        std::fs::remove_dir_all(&folder).map_err(BenchError::io(folder.display()))?;
        let device = Device::new(DISK_BYTES, Duration::ZERO)?;
        memory.push(Size::alternate(&device.folder(), kib, clock)?);
    }
    let worst = disk.iter().map(|size| size.ratio).fold(0.0, f64::max);
    let line = Line {
        name: "spool_put_p50",
        value: round(worst),
        unit: "of a plain append",
        peer: Some("preallocated append and fdatasync"),
        target: Some(TARGET),
        met: Some(worst <= TARGET),
        details: serde_json::json!({ "disk": disk, "disk_in_memory": memory, "fragments": FRAGMENTS }),
        ..Line::default()
    };
    line.print();
    Ok(())
}

/// The medians of one size.
#[derive(Debug, serde::Serialize)]
struct Size {
    kib: usize,
    spool_ms: f64,
    plain_ms: f64,
    ratio: f64,
}

impl Size {
    fn alternate(folder: &Path, kib: usize, clock: SystemClock) -> Result<Self, BenchError> {
        let (spool, _) = lesson::open(&folder.join("spool"), OPTIONS)?;
        let mut lesson = Lesson::begin(&spool, "put")?;
        let mut plain = PlainAppend::in_folder(&folder.join("plain"))?;
        let mut payload = Payload::of(kib << 10);
        let [mut spooled, mut plainly] = [Vec::new(), Vec::new()];
        for number in 0..FRAGMENTS {
            let payload = payload.next(number);
            let begun = clock.monotonic();
            lesson.append(payload)?;
            let between = clock.monotonic();
            plain.append(payload)?;
            spooled.push((between - begun).as_secs_f64() * 1e3);
            plainly.push((clock.monotonic() - between).as_secs_f64() * 1e3);
        }
        let [spool_ms, plain_ms] = [median(&spooled), median(&plainly)];
        progress(format_args!("spool_put_p50: {kib} KiB {spool_ms:.2} ms, plain {plain_ms:.2} ms"));
        let ratio = round(spool_ms / plain_ms);
        Ok(Self { kib, spool_ms: round(spool_ms), plain_ms: round(plain_ms), ratio })
    }
}
