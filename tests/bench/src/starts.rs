//! From the order to begin to the first decoded picture at a receiver.

use std::path::Path;
use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};

use crate::BenchError;
use crate::daemon::{Daemon, Setup};
use crate::line::{Line, median, progress, round, spread};
use crate::receiver::{self, LATENCY_MS, Pictures, Receiver};

const WARM_TARGET_S: f64 = 0.3;
const COLD_TARGET_S: f64 = 0.6;
/// Sources and the encoder's probe are done long before.
const SETTLE: Duration = Duration::from_secs(3);
/// So long a lesson lasts, and so long nothing happens after it.
const LESSON: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(5);

/// Begins so many lessons; `warm` keeps sources and mixer running between them.
pub(crate) fn measure(folder: &Path, clock: SystemClock, starts: u32, warm: bool) -> Result<(), BenchError> {
    let name = if warm { "start_to_first_picture_warm" } else { "start_to_first_picture_cold" };
    let mut seconds = Vec::new();
    let port = receiver::free_port()?;
    let setup = Setup::test_room(Some(receiver::address(port)), warm);
    let mut daemon = Daemon::start(&setup, &folder.join(name), clock)?;
    std::thread::sleep(SETTLE);
    for _ in 0..starts {
        let receiver = Receiver::listen(port, Pictures::Decoded, clock)?;
        std::thread::sleep(LESSON);
        let ordered = clock.monotonic();
        daemon.command("start")?;
        let first = loop {
            if let Some(first) = receiver.first_picture() {
                break first - ordered;
            }
            daemon.part.must_run()?;
            if clock.monotonic() - ordered > LIMIT {
                return Err(daemon.part.idle("brought no picture"));
            }
            std::thread::sleep(LOOK);
        };
        progress(format_args!("{name}: {first:?}"));
        if first.as_secs_f64() > COLD_TARGET_S {
            // Whoever looks for the cause wants to know what the daemon said.
            progress(daemon.part.idle("was slow"));
        }
        seconds.push(first.as_secs_f64());
        std::thread::sleep(LESSON);
        daemon.command("stop")?;
        let stopped = clock.monotonic();
        while !daemon.get("/api/v1/status")?["lesson"].is_null() {
            if clock.monotonic() - stopped > LIMIT {
                return Err(daemon.part.idle("did not end the lesson"));
            }
            std::thread::sleep(LOOK * 10);
        }
    }
    let (value, target) = (median(&seconds), if warm { WARM_TARGET_S } else { COLD_TARGET_S });
    let [_, worst] = spread(&seconds);
    let line = Line {
        name,
        value: round(value),
        unit: "s",
        target: Some(target),
        met: Some(worst <= target),
        details: serde_json::json!({
            "worst": worst, "spread": spread(&seconds), "starts": starts,
            "srt_latency_ms": LATENCY_MS, "room": "test sources 640x360@25",
        }),
        ..Line::default()
    };
    line.print();
    Ok(())
}
