//! Memory, and who waits for what.
//!
//! Sources: `/proc/meminfo`, and `/proc/pressure` where the kernel measures it
//! (`psi=1`).

use serde::{Deserialize, Serialize};

use crate::tree::Tree;

/// Memory and pressure.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Memory {
    /// What the kernel has.
    pub total_bytes: Option<u64>,
    /// What programs could still have without swapping.
    pub available_bytes: Option<u64>,
    /// Swap, `zram` included; 0 is a machine without.
    pub swap_total_bytes: Option<u64>,
    /// What is left of it.
    pub swap_free_bytes: Option<u64>,
    /// Waiting for memory.
    pub memory_pressure: Option<Pressure>,
    /// Waiting for the processor; what all wait for is always 0 here.
    pub processor_pressure: Option<Pressure>,
    /// Waiting for disks.
    pub disk_pressure: Option<Pressure>,
}

/// How much of the time somebody waits. Source: the kernel's `psi.rst`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pressure {
    /// At least one task waited, in percent of the last 10 s.
    pub some_percent_10s: f32,
    /// The same over the last 60 s.
    pub some_percent_60s: f32,
    /// All tasks waited and nothing was done, over the last 10 s.
    pub full_percent_10s: f32,
    /// The same over the last 60 s.
    pub full_percent_60s: f32,
    /// For how long at least one task has waited since the start.
    pub some_micros: u64,
}

impl Memory {
    pub(super) fn read(tree: &Tree<'_>) -> Self {
        let info = tree.text("proc/meminfo").unwrap_or_default();
        Self {
            total_bytes: bytes(&info, "MemTotal"),
            available_bytes: bytes(&info, "MemAvailable"),
            swap_total_bytes: bytes(&info, "SwapTotal"),
            swap_free_bytes: bytes(&info, "SwapFree"),
            memory_pressure: pressure(tree, "proc/pressure/memory"),
            processor_pressure: pressure(tree, "proc/pressure/cpu"),
            disk_pressure: pressure(tree, "proc/pressure/io"),
        }
    }
}

/// Lines such as `MemTotal:        3885396 kB`.
fn bytes(info: &str, name: &str) -> Option<u64> {
    let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

fn pressure(tree: &Tree<'_>, place: &str) -> Option<Pressure> {
    let text = tree.text(place)?;
    let pressure = parse(&text);
    if pressure.is_none() {
        tree.trouble(place, format!("{text:?} is no measure of waiting"));
    }
    pressure
}

/// `some avg10=12.50 avg60=4.02 avg300=0.98 total=9012331`, and `full` on a second
/// line, which the processor's has only since Linux 5.13.
fn parse(text: &str) -> Option<Pressure> {
    let line = |kind: &str| text.lines().find_map(|line| line.strip_prefix(kind));
    let value = |line: &str, name: &str| {
        let mut pairs = line.split_ascii_whitespace().filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    };
    let percent = |line: &str, name: &str| value(line, name)?.parse::<f32>().ok();
    let (some, full) = (line("some ")?, line("full "));
    Some(Pressure {
        some_percent_10s: percent(some, "avg10")?,
        some_percent_60s: percent(some, "avg60")?,
        full_percent_10s: full.map_or(Some(0.0), |full| percent(full, "avg10"))?,
        full_percent_60s: full.map_or(Some(0.0), |full| percent(full, "avg60"))?,
        some_micros: value(some, "total")?.parse().ok()?,
    })
}
