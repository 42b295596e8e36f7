//! An hour without the store: the daemon's memory before, meanwhile and after,
//! and what arrives.

use std::path::Path;
use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};

use super::backlog::Backlog;
use super::server::S3Server;
use crate::daemon::Daemon;
use crate::line::{Line, progress, round};
use crate::{BenchError, proc, receiver};

/// An hour of two seconds at 2 Mbit/s.
const FRAGMENTS: u64 = 1800;
const FRAGMENT_BYTES: usize = 500_000;
/// How long the daemon is watched with the store away.
const AWAY: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(250);
const LIMIT: Duration = Duration::from_secs(300);
/// Buffers of one connection and a page of the index; nothing per fragment.
const GROWTH_TARGET_MB: f64 = 16.0;

/// What is resident and the daemon's own.
fn resident_mb(daemon: &Daemon) -> Result<f64, BenchError> {
    let memory = proc::memory(daemon.part.pid())?;
    Ok((memory.anon + memory.file + memory.shared) as f64 / 1e6)
}

/// The hour is in the spool when the daemon starts: 1800 fragments that the
/// store lacks.
pub(crate) fn measure(folder: &Path, clock: SystemClock) -> Result<(), BenchError> {
    let folder = folder.join("outage");
    let backlog = Backlog::record(&folder, FRAGMENTS, FRAGMENT_BYTES)?;
    let port = receiver::free_port()?;
    let mut daemon = backlog.open(port, clock)?;
    let mut away = Vec::new();
    let until = clock.monotonic() + AWAY;
    while clock.monotonic() < until {
        daemon.part.must_run()?;
        away.push(resident_mb(&daemon)?);
        std::thread::sleep(LOOK);
    }
    let status = daemon.get("/api/v1/status")?;
    if status["archive"][0]["state"] != "retrying" {
        return Err(daemon.part.idle(format!("does not miss its store: {}", status["archive"][0])));
    }
    let server = S3Server::start(&folder.join("server"), port)?;
    let begun = clock.monotonic();
    let mut meanwhile: Vec<f64> = Vec::new();
    backlog.wait(&mut daemon, clock, LIMIT, |daemon| {
        meanwhile.push(resident_mb(daemon)?);
        Ok(())
    })?;
    let seconds = (clock.monotonic() - begun).as_secs_f64();
    let after = resident_mb(&daemon)?;
    let differing = backlog.differing(&server.bucket())?;
    let most = |samples: &[f64]| samples.iter().copied().fold(0.0, f64::max);
    let before = most(&away);
    let growth = most(&meanwhile).max(after) - before;
    progress(format_args!("outage_hour: {before:.1} MB, grew by {growth:.1} MB, through in {seconds:.1} s"));
    let line = Line {
        name: "outage_hour",
        value: round(growth),
        unit: "MB more while the hour is brought",
        target: Some(GROWTH_TARGET_MB),
        met: Some(growth <= GROWTH_TARGET_MB && differing == 0),
        details: serde_json::json!({
            "store_away_first_mb": round(away.first().copied().unwrap_or_default()),
            "store_away_most_mb": round(before), "bringing_most_mb": round(most(&meanwhile)),
            "after_mb": round(after), "through_s": round(seconds),
            "fragments": FRAGMENTS, "fragment_bytes": FRAGMENT_BYTES, "differing": differing,
        }),
        ..Line::default()
    };
    line.print();
    drop((daemon, server));
    std::fs::remove_dir_all(&folder).map_err(BenchError::io(folder.display()))
}
