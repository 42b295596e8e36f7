//! From the process's start to READY.

use std::path::Path;

use lectern_api::SystemClock;

use crate::BenchError;
use crate::daemon::{Daemon, Setup};
use crate::line::{Line, median, progress, round, spread};

const TARGET_S: f64 = 0.5;

/// Starts it so often, with GStreamer's registry in its cache.
pub(crate) fn measure(folder: &Path, clock: SystemClock, starts: u32) -> Result<(), BenchError> {
    let setup = Setup::test_room(None, false);
    let mut seconds = Vec::new();
    // The first one may have to write the registry: it is not counted.
    for start in 0..=starts {
        let daemon = Daemon::start(&setup, &folder.join(format!("ready-{start}")), clock)?;
        progress(format_args!("ready: {:?}", daemon.ready_after));
        if start > 0 {
            seconds.push(daemon.ready_after.as_secs_f64());
        }
    }
    let value = median(&seconds);
    let line = Line {
        name: "ready",
        value: round(value),
        unit: "s",
        target: Some(TARGET_S),
        met: Some(value <= TARGET_S),
        details: serde_json::json!({ "spread": spread(&seconds), "starts": starts }),
        ..Line::default()
    };
    line.print();
    Ok(())
}
