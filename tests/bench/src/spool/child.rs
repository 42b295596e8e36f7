//! What is measured of a process of its own: the peak of its memory, and how
//! long an opening takes that finds nothing in this process.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Subcommand;
use lectern_api::{Clock as _, SystemClock};
use lectern_spool::{Options, Retention};
use serde::{Deserialize, Serialize};

use super::lesson::{self, FRAGMENT_BYTES, Lesson, Payload};
use crate::{BenchError, line, proc};

/// What the process does.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Task {
    /// Writes so many fragments, in lessons that go when they are archived.
    Write { folder: PathBuf, fragments: u64 },
    /// Opens what is there.
    Open { folder: PathBuf },
}

/// What it says of itself.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) fragments: u64,
    pub(crate) seconds: f64,
    pub(crate) rebuilt: bool,
    /// Largest resident memory, less what it was at the begin.
    pub(crate) peak_bytes: u64,
}

const WRITING: Options = Options { quota_bytes: 2 << 30, segment_bytes: 32 << 20, reserve_bytes: 0 };
const LESSON_FRAGMENTS: u64 = 500;

/// In the process: does it and says so.
pub(crate) fn carry_out(task: &Task) -> Result<(), BenchError> {
    let own = || proc::memory(std::process::id());
    let (clock, begin) = (SystemClock::new(), own()?.peak);
    let begun = clock.monotonic();
    let (fragments, rebuilt) = match task {
        Task::Write { folder, fragments } => (write(folder, *fragments)?, false),
        Task::Open { folder } => {
            let options = Options { quota_bytes: u64::MAX / 2, ..Options::default() };
            let (spool, report) = lesson::open(folder, options)?;
            (spool.lessons().iter().map(|lesson| lesson.fragments).sum(), report.rebuilt)
        }
    };
    let seconds = (clock.monotonic() - begun).as_secs_f64();
    let said = Said { fragments, seconds, rebuilt, peak_bytes: own()?.peak.saturating_sub(begin) };
    line::table(&serde_json::to_string(&said).unwrap_or_default());
    Ok(())
}

fn write(folder: &Path, fragments: u64) -> Result<u64, BenchError> {
    let (spool, _) = lesson::open(folder, WRITING)?;
    let archive = lesson::name("district")?;
    let retention =
        Retention { archives: vec![archive.clone()], keep_days: Some(0), discard_unarchived: false };
    let mut payload = Payload::of(FRAGMENT_BYTES);
    for _ in 0..fragments / LESSON_FRAGMENTS {
        let mut lesson = Lesson::begin(&spool, "memory")?;
        for number in 0..LESSON_FRAGMENTS {
            lesson.append(payload.next(number))?;
        }
        lesson.end_archived(&archive)?;
        spool.make_room(&retention)?;
        while spool.tidy()? {}
    }
    Ok(fragments)
}

/// Starts it and waits for what it says.
pub(crate) fn run(task: &Task) -> Result<Said, BenchError> {
    let own = std::env::current_exe().map_err(BenchError::io("the bench itself"))?;
    let mut command = Command::new(own);
    command.arg("spool");
    match task {
        Task::Write { folder, fragments } => {
            command.arg("write").arg(folder).arg(fragments.to_string());
        }
        Task::Open { folder } => {
            command.arg("open").arg(folder);
        }
    }
    let output = command.output().map_err(BenchError::io("bench spool"))?;
    serde_json::from_slice(&output.stdout).map_err(|_| BenchError::Idle {
        program: "bench spool".to_owned(),
        what: format!("{task:?} failed"),
        log: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
