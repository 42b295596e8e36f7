//! How long the spool of a large disk takes to open, and to rebuild its index.

use std::fs::File;
use std::path::Path;

use lectern_api::{Clock as _, SystemClock};
use lectern_spool::sparse::{SEGMENT_BYTES, write_spool};
use rustix::fs::{Advice, fadvise, syncfs};

use super::child::{self, Said, Task};
use crate::BenchError;
use crate::line::{Line, progress, round};

/// What is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 200 000 fragments with their index.
    Whole,
    /// 50 GB without an index, all segments sealed.
    Footers,
    /// 50 GB without an index, no segment sealed.
    Headers,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Whole => "spool_open",
            Self::Footers => "spool_rebuild_footers",
            Self::Headers => "spool_rebuild_headers",
        }
    }

    fn target_s(self) -> f64 {
        match self {
            Self::Whole => 1.0,
            Self::Footers => 5.0,
            Self::Headers => 60.0,
        }
    }

    fn segments(self) -> u64 {
        match self {
            Self::Whole => 3_780,
            Self::Footers | Self::Headers => 50_000_000_000 / SEGMENT_BYTES,
        }
    }
}

/// On the disk of the temporary folder, nothing of it in the kernel's cache.
pub(crate) fn measure(folder: &Path, clock: SystemClock, kind: Kind) -> Result<(), BenchError> {
    let name = kind.name();
    let folder = folder.join(name);
    let written = write_spool(&folder, kind.segments(), kind != Kind::Headers, clock.utc())?;
    let task = Task::Open { folder: folder.clone() };
    if kind == Kind::Whole {
        child::run(&task)?;
    }
    forget(&folder)?;
    let said = child::run(&task)?;
    std::fs::remove_dir_all(&folder).map_err(BenchError::io(folder.display()))?;
    let Said { fragments, seconds, rebuilt, peak_bytes } = said;
    if fragments != written || rebuilt != (kind != Kind::Whole) {
        let what = format!("opened {said:?} of {written} fragments");
        return Err(BenchError::Idle { program: name.to_owned(), what, log: String::new() });
    }
    progress(format_args!("{name}: {seconds:.2} s for {fragments} fragments"));
    let line = Line {
        name,
        value: round(seconds),
        unit: "s",
        target: Some(kind.target_s()),
        met: Some(seconds <= kind.target_s()),
        details: serde_json::json!({
            "fragments": fragments, "segments": kind.segments(),
            "peak_mb": round(peak_bytes as f64 / 1e6), "cache": "cold",
        }),
        ..Line::default()
    };
    line.print();
    Ok(())
}

/// Drops the pages of every file below a folder from the kernel's cache.
fn forget(folder: &Path) -> Result<(), BenchError> {
    let wrong = || BenchError::io(folder.display());
    let opened = File::open(folder).map_err(wrong())?;
    syncfs(&opened).map_err(|e| wrong()(e.into()))?;
    for entry in std::fs::read_dir(folder).map_err(wrong())? {
        let path = entry.map_err(wrong())?.path();
        if path.is_dir() {
            forget(&path)?;
        } else {
            let file = File::open(&path).map_err(wrong())?;
            fadvise(&file, 0, None, Advice::DontNeed).map_err(|e| wrong()(e.into()))?;
        }
    }
    Ok(())
}
