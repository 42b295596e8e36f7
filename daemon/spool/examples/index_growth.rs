//! How large the index is after every simulated year of a school: lessons are
//! recorded, archived and let go, day by day.
//!
//! `cargo run --release -p lectern-spool --example index_growth -- FOLDER [YEARS [DAYS [LESSONS [FRAGMENTS]]]]`
//! (3 years of 200 days with 5 lessons of 1350 fragments). Sizes do not depend
//! on the disk: a folder in memory is faster by far.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::error::Error;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lectern_api::manifest::{Anchor, LessonInfo, Trigger};
use lectern_api::{Clock, LessonId, Name, SystemClock, Ticks};
use lectern_spool::{DeviceKey, Keyring, NewFragment, Options, Retention, Spool};

/// Time passes as the loop says.
#[derive(Debug, Default)]
struct SchoolClock(std::sync::atomic::AtomicU64);

impl SchoolClock {
    fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as u64, std::sync::atomic::Ordering::Relaxed);
    }
}

impl Clock for SchoolClock {
    fn utc(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(std::sync::atomic::Ordering::Relaxed))
    }
}

fn bytes_below(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => bytes_below(&entry.path()),
        Ok(meta) => meta.blocks() * 512,
        Err(_) => 0,
    };
    entries.map(size).sum()
}

fn lesson(
    spool: &Spool,
    clock: &SchoolClock,
    number: u64,
    fragments: u64,
    archive: &Name,
) -> Result<(), Box<dyn Error>> {
    let track = Name::new("program")?;
    let id = LessonId::new(format!("LB-2026-000317-{number:05}"))?;
    let since = clock.utc();
    let date = since.to_zoned(jiff::tz::TimeZone::UTC).date();
    let title = format!("语文 第{number}课");
    let (until, planned_until, trigger) = (None, None, Trigger::Hand);
    spool.begin_lesson(&LessonInfo {
        id: id.clone(),
        title,
        date,
        since,
        until,
        planned_until,
        trigger,
        planned: None,
    })?;
    let anchor = Anchor { pts_90k: Ticks(0), utc: since, synced: true, uncertainty_ms: Some(5) };
    let run = spool.begin_run(&id, &track, &[7; 900], "avc1.64001f,mp4a.40.2", anchor)?;
    for nth in 0..fragments {
        let (pts_90k, duration_90k) = (Ticks(nth * 180_000), Ticks(180_000));
        let payload = &nth.to_be_bytes();
        spool.append(NewFragment { lesson: &id, track: &track, run, pts_90k, duration_90k, payload })?;
        spool.acknowledge(archive, &id, &track, nth + 1)?;
        clock.advance(Duration::from_secs(2));
    }
    spool.end_lesson(&id, clock.utc())?;
    spool.finish_archive(archive, &id)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("give a folder for the spool")?;
    let mut number = |default| args.next().map_or(Ok(default), |text| text.parse::<u64>());
    let (years, days, lessons, fragments) = (number(3)?, number(200)?, number(5)?, number(1350)?);
    let real = SystemClock::default();
    let clock = Arc::new(SchoolClock::default());
    let options = Options { segment_bytes: 4 << 20, reserve_bytes: 0, ..Options::default() };
    let shared: Arc<dyn Clock> = Arc::<SchoolClock>::clone(&clock);
    let keyring = Keyring { device: DeviceKey::from_bytes([7; 32]), recovery: None };
    let (spool, _) = Spool::open(&folder, options, keyring, shared)?;
    let archive = Name::new("district")?;
    let retention =
        Retention { archives: vec![archive.clone()], keep_days: Some(14), discard_unarchived: false };
    let index = Path::new(&folder).join("index");
    let mut recorded = 0;
    let (mut largest, mut slowest) = (0, Duration::ZERO);
    for year in 1..=years {
        let begun = real.monotonic();
        for _ in 0..days {
            for _ in 0..lessons {
                recorded += 1;
                lesson(&spool, &clock, recorded, fragments, &archive)?;
            }
            largest = largest.max(bytes_below(&index));
            spool.make_room(&retention)?;
            loop {
                let step = real.monotonic();
                let more = spool.tidy()?;
                slowest = slowest.max(real.monotonic() - step);
                if !more {
                    break;
                }
            }
            clock.advance(Duration::from_secs(16 * 3600));
        }
        println!(
            "year {year}: {recorded} lessons, index {} KiB (largest {} KiB), decisions {} KiB, slowest step of tidying {slowest:?}, {:.0} s",
            bytes_below(&index) / 1024,
            largest / 1024,
            fs::metadata(Path::new(&folder).join("decisions.jsonl")).map_or(0, |meta| meta.len()) / 1024,
            (real.monotonic() - begun).as_secs_f64(),
        );
    }
    Ok(())
}
