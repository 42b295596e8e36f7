//! How long a large spool takes to open and to rebuild, and how much memory.
//!
//! Makes a folder of segment files like those of a full disk, but sparse: the
//! payloads are holes. Nothing in it can be read; opening does not try to.
//!
//! `cargo run --release -p lectern-spool --example sparse_spool -- make FOLDER GIB [footers]`
//! `cargo run --release -p lectern-spool --example sparse_spool -- open FOLDER`
//!
//! `open` prints one line of JSON; run it once without an index for a rebuild
//! and again for a plain opening. Each wants a process of its own: the peak of
//! memory is the process's.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lectern_api::{Clock, SystemClock};
use lectern_spool::sparse::{SEGMENT_BYTES, write_spool};
use lectern_spool::{DeviceKey, Keyring, Options, Spool};

fn status_mib(field: &str) -> Result<f64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).ok_or("no such field")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}

fn open(dir: &Path) -> Result<(), Box<dyn Error>> {
    let clock = SystemClock::new();
    let keyring = Keyring { device: DeviceKey::from_bytes([7; 32]), recovery: None };
    let options = Options { quota_bytes: u64::MAX / 2, ..Options::default() };
    let begun_mib = status_mib("VmHWM:")?;
    let begin = clock.monotonic();
    let (spool, report) = Spool::open(dir, options, keyring, Arc::new(clock))?;
    let took = clock.monotonic() - begin;
    let fragments: u64 = spool.lessons().iter().map(|lesson| lesson.fragments).sum();
    let index: u64 = fs::metadata(dir.join("index/sled/db"))?.len();
    println!(
        "{{\"rebuilt\":{},\"fragments\":{fragments},\"lessons\":{},\"lost\":{},\"ms\":{:.0},\
         \"rss_mib\":{{\"begin\":{begun_mib:.1},\"peak\":{:.1}}},\"index_bytes_per_fragment\":{:.0}}}",
        report.rebuilt,
        spool.lessons().len(),
        report.lost_something(),
        took.as_secs_f64() * 1e3,
        status_mib("VmHWM:")?,
        index as f64 / fragments.max(1) as f64,
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let usage = "usage: sparse_spool make FOLDER GIB [footers] | open FOLDER";
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let dir = PathBuf::from(arguments.get(1).ok_or(usage)?);
    match arguments[0].as_str() {
        "make" => {
            let gib: u64 = arguments.get(2).ok_or(usage)?.parse()?;
            let footers = arguments.get(3).is_some_and(|word| word == "footers");
            let begin = SystemClock::new().utc();
            let fragments = write_spool(&dir, (gib << 30) / SEGMENT_BYTES, footers, begin)?;
            println!("{{\"fragments\":{fragments}}}");
            Ok(())
        }
        "open" => open(&dir),
        _ => Err(usage.into()),
    }
}
