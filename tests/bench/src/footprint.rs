//! Who uses what inside lecternd: processor time by groups of threads, memory
//! by what the daemon is doing.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};

use crate::daemon::{Daemon, Setup};
use crate::programs::{WARM_UP, captures, mb};
use crate::receiver::{self, Pictures, Receiver};
use crate::room::{Class, Room};
use crate::{BenchError, line, proc};

/// Beginnings of thread names and whose they are; the first that fits counts.
/// GStreamer names a thread after the pad it drives, x264 and libav after the
/// thread that made them.
const GROUPS: [(&str, &[&str]); 9] = [
    ("camera: receive, decode, scale", &["rtp", "task", "timer", "av:", "udpsrc", "gmain"]),
    ("board: capture, convert", &["src:"]),
    ("mixer and its inputs", &["mix:", "sum:", "in", "imagefreeze", "videotest", "audiotest", "pool-"]),
    ("record: x264", &["rec-picture"]),
    ("broadcast: x264", &["live-picture"]),
    ("record and broadcast: AAC", &["rec-sound", "live-sound"]),
    ("muxers, fMP4 and TS, and SRT", &["mux:", "queue", "out-", "SRT:"]),
    ("spool", &["spool", "sled-"]),
    ("everything else: tokio, control", &[""]),
];

/// What the daemon is doing, for the memory: with a target, in standby,
/// recording.
const PHASES: [(&str, bool, bool, bool); 4] = [
    ("ready, idle", false, false, false),
    ("sources and mixer run", false, true, false),
    ("and record", false, true, true),
    ("and broadcast", true, true, true),
];

/// Measures every phase, the last one's threads too, and prints the tables.
pub(crate) fn measure(folder: &Path, clock: SystemClock, seconds: u32) -> Result<(), BenchError> {
    let room = Room::new(folder, seconds + 30)?;
    let mut memory =
        String::from("| memory, MB | own | shared with X | of files | peak |\n|---|--:|--:|--:|--:|\n");
    let mut cores = String::new();
    for (phase, live, standby, record) in PHASES {
        line::progress(format_args!("who: {phase}"));
        let class = room.class()?;
        let port = receiver::free_port()?;
        let receiver = Receiver::listen(port, Pictures::Counted, clock)?;
        let mut setup = setup(&class, port);
        setup.standby = standby;
        setup.live = setup.live.filter(|_| live);
        let mut daemon = Daemon::start(&setup, &folder.join(phase.replace(' ', "-")), clock)?;
        if record {
            daemon.command("start")?;
        }
        std::thread::sleep(WARM_UP);
        if live {
            cores = threads(&daemon, clock, seconds)?;
            if receiver.received().pictures == 0 {
                return Err(daemon.part.idle("sent nothing"));
            }
        }
        daemon.part.must_run()?;
        let now = proc::memory(daemon.part.pid())?;
        let [own, shared, files, peak] = [now.anon, now.shared, now.file, now.peak].map(mb);
        let _ = writeln!(memory, "| {phase} | {own:.1} | {shared:.1} | {files:.1} | {peak:.1} |");
    }
    line::table(&format!("{cores}\n{memory}"));
    Ok(())
}

fn setup(class: &Class, port: u16) -> Setup {
    captures(class, &receiver::address(port))
}

/// The table of processor time.
fn threads(daemon: &Daemon, clock: SystemClock, seconds: u32) -> Result<String, BenchError> {
    let pid = daemon.part.pid();
    let (before, begun) = (proc::threads(pid)?, clock.monotonic());
    std::thread::sleep(Duration::from_secs(seconds.into()));
    let wall = (clock.monotonic() - begun).as_secs_f64();
    let mut groups = [(0.0, 0_usize); GROUPS.len()];
    for thread in proc::threads(pid)? {
        let earlier = before.iter().find(|t| t.id == thread.id).map_or(Duration::ZERO, |t| t.cpu);
        let cores = thread.cpu.saturating_sub(earlier).as_secs_f64() / wall;
        let (sum, count) = &mut groups[group(&thread.name)];
        (*sum, *count) = (*sum + cores, *count + 1);
    }
    let total: f64 = groups.iter().map(|(cores, _)| cores).sum();
    let mut table = String::from("| processor | threads | cores | share |\n|---|--:|--:|--:|\n");
    for ((name, _), (cores, count)) in GROUPS.iter().zip(groups) {
        let _ = writeln!(table, "| {name} | {count} | {cores:.3} | {:.0} % |", cores / total * 100.0);
    }
    let all: usize = groups.iter().map(|(_, count)| count).sum();
    let _ = writeln!(table, "| together | {all} | {total:.3} | 100 % |");
    Ok(table)
}

fn group(thread: &str) -> usize {
    let fits = |(_, names): &(&str, &[&str])| names.iter().any(|name| thread.starts_with(name));
    GROUPS.iter().position(fits).unwrap_or(GROUPS.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_belongs_to_the_first_group_that_fits() {
        assert_eq!(GROUPS[group("rec-picture:src")].0, "record: x264");
        assert_eq!(GROUPS[group("rtpjitterbuffer")].0, "camera: receive, decode, scale");
        assert_eq!(GROUPS[group("lecternd")].0, "everything else: tokio, control");
    }
}
