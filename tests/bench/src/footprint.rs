//! Who uses what inside lecternd.

use std::path::Path;
use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};

use crate::daemon::Daemon;
use crate::programs::{WARM_UP, captures};
use crate::receiver::{self, Pictures, Receiver};
use crate::room::Room;
use crate::{BenchError, line, proc};

/// Measures one run.
pub(crate) fn measure(folder: &Path, clock: SystemClock, seconds: u32) -> Result<(), BenchError> {
    let room = Room::new(folder, seconds + 30)?;
    let class = room.class()?;
    let port = receiver::free_port()?;
    let _receiver = Receiver::listen(port, Pictures::Counted, clock)?;
    let daemon = Daemon::start(&captures(&class, &receiver::address(port)), &folder.join("who"), clock)?;
    daemon.command("start")?;
    std::thread::sleep(WARM_UP);
    let pid = daemon.part.pid();
    let before = proc::threads(pid)?;
    let begun = clock.monotonic();
    std::thread::sleep(Duration::from_secs(seconds.into()));
    let wall = (clock.monotonic() - begun).as_secs_f64();
    for thread in proc::threads(pid)? {
        let earlier = before.iter().find(|t| t.id == thread.id).map_or(Duration::ZERO, |t| t.cpu);
        let cores = (thread.cpu - earlier).as_secs_f64() / wall;
        line::progress(format_args!("{:8} {:16} {cores:.4}", thread.id, thread.name));
    }
    line::progress(format_args!("{:?}", proc::memory(pid)?));
    let maps = std::fs::read_to_string(format!("/proc/{pid}/smaps")).unwrap_or_default();
    let _ = std::fs::write("/tmp/who.smaps", maps);
    Ok(())
}
