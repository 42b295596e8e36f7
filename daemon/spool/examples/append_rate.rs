//! How long an append takes, against a plain preallocated append with
//! `fdatasync` in the same run, alternating, on the same disk.
//!
//! `cargo run --release -p lectern-spool --example append_rate -- FOLDER [FRAGMENTS]`
//! prints one line of JSON; times in milliseconds, memory in MiB.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::error::Error;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lectern_api::manifest::{Anchor, LessonInfo, Trigger};
use lectern_api::{Clock, LessonId, Name, SystemClock, Ticks};
use lectern_spool::{DeviceKey, Keyring, NewFragment, Options, Spool};
use rustix::fs::{FallocateFlags, fallocate};

const FRAGMENT_BYTES: usize = 600 << 10;
const SEGMENT_BYTES: u64 = 32 << 20;

/// The time at a place between 0 and 1 of the sorted times, in milliseconds.
fn quantile(times: &mut [Duration], place: f64) -> f64 {
    times.sort();
    let at = (times.len() as f64 * place) as usize;
    times[at.min(times.len() - 1)].as_secs_f64() * 1e3
}

fn resident_mib() -> Result<f64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}

fn keyring() -> Keyring {
    Keyring { device: DeviceKey::from_bytes([7; 32]), recovery: None }
}

/// Opens the spool again: how long it took and what it found in the segments.
fn reopen(dir: &Path, clock: SystemClock) -> Result<(f64, u64), Box<dyn Error>> {
    let begin = clock.monotonic();
    let (spool, report) = Spool::open(dir.join("spool"), Options::default(), keyring(), Arc::new(clock))?;
    let took = clock.monotonic() - begin;
    drop(spool);
    Ok((took.as_secs_f64() * 1e3, report.recovered_fragments))
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let dir = PathBuf::from(arguments.next().ok_or("usage: append_rate FOLDER [FRAGMENTS]")?);
    let count: usize = arguments.next().map_or(Ok(1000), |text| text.parse())?;
    let clock = SystemClock::new();
    let begun_mib = resident_mib()?;
    let (spool, _) = Spool::open(dir.join("spool"), Options::default(), keyring(), Arc::new(clock))?;
    let (lesson, track) = (LessonId::by_hand(clock.utc()), Name::new("program")?);
    spool.begin_lesson(&LessonInfo {
        id: lesson.clone(),
        title: "append_rate".into(),
        date: jiff::civil::date(2026, 9, 21),
        since: clock.utc(),
        until: None,
        planned_until: None,
        trigger: Trigger::Hand,
        planned: None,
    })?;
    let anchor = Anchor { pts_90k: Ticks(0), utc: clock.utc(), synced: true, uncertainty_ms: None };
    let run = spool.begin_run(&lesson, &track, &[7; 1200], "avc1.64001f,mp4a.40.2", anchor)?;

    let mut payload: Vec<u8> = (0..FRAGMENT_BYTES).map(|at| (at * 31 % 251) as u8).collect();
    let mut plain = None;
    let (mut spooled, mut appended) = (Vec::new(), Vec::new());
    for nth in 0..count {
        payload[..8].copy_from_slice(&(nth as u64).to_le_bytes());
        let begin = clock.monotonic();
        spool.append(NewFragment {
            lesson: &lesson,
            track: &track,
            run,
            pts_90k: Ticks(nth as u64 * 180_000),
            duration_90k: Ticks(180_000),
            payload: &payload,
        })?;
        let between = clock.monotonic();
        let (file, offset) = match plain.take() {
            Some((file, offset)) if offset + FRAGMENT_BYTES as u64 <= SEGMENT_BYTES => (file, offset),
            _ => {
                let path = dir.join(format!("plain-{nth}"));
                let file = OpenOptions::new().write(true).create_new(true).open(path)?;
                fallocate(&file, FallocateFlags::empty(), 0, SEGMENT_BYTES)?;
                file.sync_all()?;
                fs::File::open(&dir)?.sync_all()?;
                (file, 0)
            }
        };
        file.write_all_at(&payload, offset)?;
        file.sync_data()?;
        plain = Some((file, offset + FRAGMENT_BYTES as u64));
        spooled.push(between - begin);
        appended.push(clock.monotonic() - between);
    }
    let peak_mib = resident_mib()?;
    drop(spool);
    let (open_ms, recovered) = reopen(&dir, clock)?;
    fs::remove_dir_all(dir.join("spool/index"))?;
    let (rebuild_ms, rebuilt) = reopen(&dir, clock)?;
    if rebuilt != count as u64 {
        return Err(format!("{rebuilt} of {count} fragments came back").into());
    }
    let index_bytes = fs::metadata(dir.join("spool/index/sled/db"))?.len();
    println!(
        "{{\"fragments\":{count},\"fragment_bytes\":{FRAGMENT_BYTES},\
         \"append_ms\":{{\"p50\":{:.2},\"p99\":{:.2}}},\"plain_ms\":{{\"p50\":{:.2},\"p99\":{:.2}}},\
         \"rss_mib\":{{\"begin\":{begun_mib:.1},\"peak\":{peak_mib:.1}}},\"index_bytes\":{index_bytes},\
         \"open\":{{\"ms\":{open_ms:.1},\"recovered\":{recovered}}},\"rebuild\":{{\"ms\":{rebuild_ms:.1},\"recovered\":{rebuilt}}}}}",
        quantile(&mut spooled, 0.5),
        quantile(&mut spooled, 0.99),
        quantile(&mut appended, 0.5),
        quantile(&mut appended, 0.99),
    );
    Ok(())
}
