//! What the kernel says about a process.

use std::time::Duration;

use crate::FleetError;

fn read(path: String) -> Result<String, FleetError> {
    std::fs::read_to_string(&path).map_err(FleetError::io(path))
}

/// User and system time; see proc(5), `/proc/pid/stat`, fields 14 and 15.
///
/// # Errors
/// When there is no such process.
pub fn cpu(pid: u32) -> Result<Duration, FleetError> {
    let stat = read(format!("/proc/{pid}/stat"))?;
    // The name may contain spaces and parentheses: field 3 is behind its end.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    Ok(Duration::from_micros(ticks * 1_000_000 / per_second))
}

/// Memory that is in use now, in bytes.
///
/// # Errors
/// When there is no such process.
pub fn resident(pid: u32) -> Result<u64, FleetError> {
    let status = read(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    Ok(kib.unwrap_or_default() * 1024)
}

/// Open files.
///
/// # Errors
/// When there is no such process.
pub fn files(pid: u32) -> Result<usize, FleetError> {
    let path = format!("/proc/{pid}/fd");
    Ok(std::fs::read_dir(&path).map_err(FleetError::io(path))?.count())
}
