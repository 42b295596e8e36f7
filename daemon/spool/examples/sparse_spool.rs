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
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lectern_api::manifest::{LessonInfo, Trigger};
use lectern_api::{Clock, LessonId, Name, SystemClock, Ticks};
use lectern_spool::sparse::{Model, write_segment};
use lectern_spool::{DeviceKey, Keyring, Options, Spool};

const FRAGMENT_BYTES: u32 = 600 << 10;
const SEGMENT_BYTES: u64 = 32 << 20;
/// 45 minutes of two seconds.
const LESSON_FRAGMENTS: u64 = 1350;

fn status_mib(field: &str) -> Result<f64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).ok_or("no such field")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}

fn make(dir: &Path, bytes: u64, footers: bool) -> Result<u64, Box<dyn Error>> {
    let clock = SystemClock::new();
    let folder = dir.join("segments");
    fs::create_dir_all(&folder)?;
    let track = Name::new("program")?;
    let (mut epoch, mut fragments) = (0, 0);
    for number in 0.. {
        let since = clock.utc() + std::time::Duration::from_secs(3600 * number);
        let lesson = LessonInfo {
            id: LessonId::new(format!("sparse-{number}"))?,
            title: "sparse".into(),
            date: jiff::civil::date(2026, 9, 21),
            since,
            until: None,
            planned_until: None,
            trigger: Trigger::Hand,
        };
        let mut seq = 1;
        while seq <= LESSON_FRAGMENTS {
            if epoch * SEGMENT_BYTES >= bytes {
                return Ok(fragments);
            }
            epoch += 1;
            let model = Model {
                epoch,
                lesson: &lesson,
                track: &track,
                first_seq: seq,
                last_seq: LESSON_FRAGMENTS,
                fragment_bytes: FRAGMENT_BYTES,
                duration_90k: Ticks(180_000),
                segment_bytes: SEGMENT_BYTES,
                has_footer: footers,
            };
            let file = File::create_new(folder.join(format!("{epoch:016x}.seg")))?;
            let written = write_segment(file, &model)?;
            fragments += written;
            seq += written;
        }
    }
    Ok(fragments)
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
            let fragments = make(&dir, gib << 30, arguments.get(3).is_some_and(|word| word == "footers"))?;
            println!("{{\"fragments\":{fragments}}}");
            Ok(())
        }
        "open" => open(&dir),
        _ => Err(usage.into()),
    }
}
