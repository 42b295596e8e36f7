//! How much memory the spool takes, and that it does not grow with fragments.

use std::path::Path;

use lectern_api::{Clock as _, SystemClock};
use lectern_spool::sparse::write_spool;

use super::child::{self, Task};
use crate::BenchError;
use crate::line::{Line, progress, round};

const WRITE_TARGET_MB: f64 = 40.0;
const OPEN_TARGET_MB: f64 = 80.0;
const WRITTEN: u64 = 10_000;
/// 1 M fragments.
const SEGMENTS: u64 = 18_900;

/// In a folder in memory: what is on the disk is not resident either way.
pub(crate) fn measure(memory: &Path, clock: SystemClock) -> Result<(), BenchError> {
    let folder = memory.join("memory");
    let written = child::run(&Task::Write { folder: folder.clone(), fragments: WRITTEN })?;
    std::fs::remove_dir_all(&folder).map_err(BenchError::io(folder.display()))?;
    write_spool(&folder, SEGMENTS, true, clock.utc())?;
    let task = Task::Open { folder: folder.clone() };
    let [rebuilt, opened] = [child::run(&task)?, child::run(&task)?];
    std::fs::remove_dir_all(&folder).map_err(BenchError::io(folder.display()))?;
    let mb = |said: &child::Said| said.peak_bytes as f64 / 1e6;
    progress(format_args!("spool_memory: writing {:.1} MB, opening {:.1} MB", mb(&written), mb(&opened)));
    let line = Line {
        name: "spool_memory",
        value: round(mb(&written)),
        unit: "MB",
        target: Some(WRITE_TARGET_MB),
        met: Some(mb(&written) <= WRITE_TARGET_MB && mb(&opened) <= OPEN_TARGET_MB && !opened.rebuilt),
        details: serde_json::json!({
            "fragments_written": written.fragments, "written_s": round(written.seconds),
            "opening": {
                "fragments": opened.fragments, "mb": round(mb(&opened)), "target_mb": OPEN_TARGET_MB,
                "s": round(opened.seconds),
            },
            "rebuilding": { "mb": round(mb(&rebuilt)), "s": round(rebuilt.seconds) },
        }),
        ..Line::default()
    };
    line.print();
    Ok(())
}
