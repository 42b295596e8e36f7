//! What the kernel says about a process.

use std::time::Duration;

use crate::BenchError;

/// Memory of a process, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    /// The most that was ever resident.
    pub(crate) peak: u64,
    /// Resident and its own: heap, stacks, buffers.
    pub(crate) anon: u64,
    /// Resident and backed by files: code, mostly.
    pub(crate) file: u64,
    /// Resident and shared: pictures from the X server.
    pub(crate) shared: u64,
}

/// One thread.
#[derive(Debug, Clone)]
pub(crate) struct Thread {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) cpu: Duration,
}

fn read(path: String) -> Result<String, BenchError> {
    std::fs::read_to_string(&path).map_err(BenchError::io(path))
}

/// User and system time of a process, with that of children it waited for.
pub(crate) fn cpu(pid: u32) -> Result<Duration, BenchError> {
    Ok(ticks(&read(format!("/proc/{pid}/stat"))?, 4))
}

/// Memory now.
pub(crate) fn memory(pid: u32) -> Result<Memory, BenchError> {
    let status = read(format!("/proc/{pid}/status"))?;
    let bytes = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        let kib = line.and_then(|rest| rest.trim_start_matches(':').split_whitespace().next());
        kib.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
    };
    Ok(Memory {
        peak: bytes("VmHWM"),
        anon: bytes("RssAnon"),
        file: bytes("RssFile"),
        shared: bytes("RssShmem"),
    })
}

/// Every thread that runs now.
pub(crate) fn threads(pid: u32) -> Result<Vec<Thread>, BenchError> {
    let folder = format!("/proc/{pid}/task");
    let mut threads = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(BenchError::io(&folder))? {
        let Some(id) = entry.ok().and_then(|entry| entry.file_name().to_str()?.parse().ok()) else {
            continue;
        };
        // A thread may end while its file is read.
        let Ok(stat) = read(format!("{folder}/{id}/stat")) else { continue };
        let name = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'));
        let name = name.map_or_else(String::new, |(name, _)| name.to_owned());
        threads.push(Thread { id, name, cpu: ticks(&stat, 2) });
    }
    Ok(threads)
}

/// The sum of `count` fields of a `stat` line from utime on; see proc(5).
fn ticks(stat: &str, count: usize) -> Duration {
    // The name may contain spaces and parentheses: count from its end, where
    // field 3 stands first; utime is field 14.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: u64 = fields.skip(11).take(count).filter_map(|field| field.parse::<u64>().ok()).sum();
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    Duration::from_micros(ticks * 1_000_000 / per_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_does_not_shift_the_fields() {
        let stat = "7 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 100 50 25 25 20 0 1 0 42";
        let tick = Duration::from_micros(1_000_000 / rustix::param::clock_ticks_per_second());
        assert_eq!(ticks(stat, 2), tick * 150);
        assert_eq!(ticks(stat, 4), tick * 200);
    }
}
