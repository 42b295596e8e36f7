//! How much of the disk the spool takes for what it holds, and that it gives
//! it back.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use lectern_api::SystemClock;
use lectern_spool::{Options, Retention};

use super::lesson::{self, Lesson, Payload};
use crate::BenchError;
use crate::line::{Line, progress, round};

const TARGET: f64 = 1.1;
const SEGMENT_BYTES: u64 = 32 << 20;
/// With a ballast of 32 MiB, and a pool of four segments.
const OPTIONS: Options = Options { quota_bytes: 2 << 30, segment_bytes: SEGMENT_BYTES, reserve_bytes: 0 };
/// One after the other: fragments, and KiB of each.
const LESSONS: [(u64, usize); 6] = [(300, 600), (60, 1024), (700, 256), (1350, 64), (20, 2048), (400, 600)];

/// Everything counts: segments, index, ballast, decisions.
pub(crate) fn measure(folder: &Path, _: SystemClock) -> Result<(), BenchError> {
    let folder = folder.join("space");
    let (spool, _) = lesson::open(&folder, OPTIONS)?;
    let archive = lesson::name("district")?;
    let mut live = 0;
    for (fragments, kib) in LESSONS {
        let mut lesson = Lesson::begin(&spool, "space")?;
        let mut payload = Payload::of(kib << 10);
        for number in 0..fragments {
            lesson.append(payload.next(number))?;
        }
        lesson.end_archived(&archive)?;
        live += (fragments * (kib as u64)) << 10;
    }
    // Nothing may go yet; the ballast is made.
    spool.make_room(&Retention::default())?;
    let full = allocated(&folder)?;
    let pool = allocated(&folder.join("pool"))?;
    let value = (full - 2 * SEGMENT_BYTES - pool) as f64 / live as f64;
    // Every lesson is old enough to go at once.
    let retention = Retention { archives: vec![archive], keep_days: Some(0), discard_unarchived: false };
    let made = spool.make_room(&retention)?;
    while spool.tidy()? {}
    let [emptied, pooled] = [allocated(&folder)?, allocated(&folder.join("pool"))?];
    progress(format_args!("spool_space: {full} for {live}; then {emptied}, {pooled} of it pool"));
    let has_shrunk = made.lessons.len() == LESSONS.len() && emptied - pooled <= 2 * SEGMENT_BYTES;
    let line = Line {
        name: "spool_space",
        value: round(value),
        unit: "allocated less two segments and the pool, per byte held",
        target: Some(TARGET),
        met: Some(value <= TARGET && has_shrunk),
        details: serde_json::json!({
            "live_bytes": live, "allocated_bytes": full, "allocated_per_byte_held": round(full as f64 / live as f64),
            "ballast_bytes": spool.usage()?.ballast_bytes,
            "after_all_was_let_go": { "allocated_bytes": emptied, "of_it_pool": pooled },
        }),
        ..Line::default()
    };
    line.print();
    drop(spool);
    std::fs::remove_dir_all(&folder).map_err(BenchError::io(folder.display()))
}

/// Blocks of all files below a folder.
fn allocated(folder: &Path) -> Result<u64, BenchError> {
    let wrong = || BenchError::io(folder.display());
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder).map_err(wrong())? {
        let path = entry.map_err(wrong())?.path();
        let meta = path.metadata().map_err(wrong())?;
        bytes += if meta.is_dir() { allocated(&path)? } else { meta.blocks() * 512 };
    }
    Ok(bytes)
}
