//! What of the status is told as numbers, by exception. Pure.
//!
//! | topic behind the device | when | at most each |
//! |---|---|---|
//! | `//m/hardware` | always | 90 s |
//! | `service/spool/m/spool` | always | 120 s |
//! | `service/<target>/m/live` | while it is needed | 10 s |
//!
//! The units stand in `m/<type>/meta`, retained.

mod series;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use lectern_api::hardware::HardwareStatus;
use lectern_api::mqtt::{Channel, Entity, Measurement, Topic, Units, Value};
use lectern_api::status::{LiveState, LiveStatus, SpoolStatus, Status};
use lectern_api::{Bytes, IdError, Kbps, Name};

use self::series::{Band, Number, Told};
use crate::client::{Standing, keep};

const HARDWARE_EACH: Duration = Duration::from_secs(90);
const SPOOL_EACH: Duration = Duration::from_secs(120);
const LIVE_EACH: Duration = Duration::from_secs(10);

/// What the machine said longer ago is no number of now.
const STALE_MS: u64 = 30_000;

/// A number, its unit and its dead band: the row of a name or a group.
type Row = (&'static str, &'static str, Band);

const HARDWARE: [Row; 6] = [
    ("temperature_c", "°C", Band::by(3.0)),
    ("memory_available_percent", "%", Band::by(10.0)),
    ("memory_stalled_percent", "%", Band::by(5.0)),
    ("free_percent", "%", Band::by(2.0)),
    ("flush_wait_ms", "ms", Band::by(100.0).or_percent(50.0)),
    ("write_wait_ms", "ms", Band::by(100.0).or_percent(50.0)),
];
const SPOOL: [Row; 3] = [
    ("pending_s", "s", Band::by(60.0).or_percent(10.0)),
    ("pending_bytes", "B", Band::by(20e6).or_percent(10.0)),
    ("free_s", "s", Band::by(1800.0).or_percent(5.0)),
];
const LIVE: [Row; 3] = [
    ("bitrate_kbps", "kbit/s", Band::by(100.0).or_percent(15.0)),
    ("rtt_ms", "ms", Band::by(20.0).or_percent(30.0)),
    ("dropped_frames", "1", Band::by(25.0)),
];

/// What is told, as far as it went.
#[derive(Debug, Default)]
pub struct Measurements {
    told: BTreeMap<Topic, Told>,
}

impl Measurements {
    /// What is worth telling of a status; `now` is monotonic.
    ///
    /// # Errors
    /// When a name of our own is not a name.
    pub fn step(
        &mut self,
        status: &Status,
        utc: Timestamp,
        now: Duration,
    ) -> Result<Vec<(Topic, Measurement)>, IdError> {
        let mut news = Vec::new();
        let utc = Timestamp::from_second(utc.as_second()).unwrap_or(utc);
        let is_stale = status.hardware.as_ref().is_some_and(|hardware| hardware.age_ms > STALE_MS);
        for Series { topic, rows, pace, numbers, is_over } in series(status)? {
            if is_stale && topic.entity == Entity::Device {
                continue;
            }
            let bands = |number: &Number| row_of(rows, number).map_or(Band::by(0.0), |(_, _, band)| *band);
            match self.told.get(&topic) {
                None if is_over => continue,
                // Its end is told once, and at once.
                Some(_) if is_over => drop(self.told.remove(&topic)),
                Some(told) if !told.is_outdated(&numbers, bands, pace, now) => continue,
                Some(_) | None => drop(self.told.insert(topic.clone(), Told::new(now, numbers.clone()))),
            }
            match Measurement::new(utc, values(numbers)) {
                Ok(measurement) => news.push((topic, measurement)),
                Err(error) => tracing::error!(%error, %topic, "a measurement is left out"),
            }
        }
        Ok(news)
    }
}

/// The units of everything that is told of such a status, for the broker to keep.
///
/// # Errors
/// When a name of our own is not a name.
pub fn units(status: &Status, standing: &mut Standing) -> Result<(), IdError> {
    for Series { topic, rows, numbers, .. } in series(status)? {
        let Channel::Measurement(kind) = topic.channel else { continue };
        let mut units = BTreeMap::new();
        for (name, unit, _) in rows {
            let parts = numbers.iter().filter(|number| number.group == Some(*name));
            let mut parts: Vec<String> = parts.map(|part| format!("{name}.{}", part.name)).collect();
            // A number that is not there now may come, and its unit stands before.
            if parts.is_empty() {
                parts.push((*name).to_owned());
            }
            units.extend(parts.into_iter().map(|path| (path, (*unit).to_owned())));
        }
        keep(standing, Topic { channel: Channel::Units(kind), ..topic }, &Units { units });
    }
    Ok(())
}

fn row_of<'r>(rows: &'r [Row], number: &Number) -> Option<&'r Row> {
    rows.iter().find(|(name, ..)| number.group.unwrap_or(&number.name) == *name)
}

/// Numbers that are told together.
struct Series {
    topic: Topic,
    rows: &'static [Row],
    pace: Duration,
    numbers: Vec<Number>,
    /// Nothing of it is needed now.
    is_over: bool,
}

fn series(status: &Status) -> Result<Vec<Series>, IdError> {
    let mut all = Vec::new();
    if let Some(hardware) = &status.hardware {
        let topic = Topic::device(Channel::Measurement(Name::new("hardware")?));
        let numbers = of_hardware(hardware);
        if !numbers.is_empty() {
            all.push(Series { topic, rows: &HARDWARE, pace: HARDWARE_EACH, numbers, is_over: false });
        }
    }
    let spool = Name::new("spool")?;
    let topic = Topic::service(spool.clone(), Channel::Measurement(spool));
    let numbers = of_spool(&status.spool);
    all.push(Series { topic, rows: &SPOOL, pace: SPOOL_EACH, numbers, is_over: false });
    for live in &status.live {
        let topic = Topic::service(live.name.clone(), Channel::Measurement(Name::new("live")?));
        let is_over = live.state == LiveState::Idle;
        all.push(Series { topic, rows: &LIVE, pace: LIVE_EACH, numbers: of_live(live), is_over });
    }
    Ok(all)
}

/// To a tenth.
fn number(name: &str, value: f64) -> Number {
    Number { group: None, name: name.to_owned(), value: (value * 10.0).round() / 10.0 }
}

fn grouped(group: &'static str, name: &str, value: f64) -> Number {
    Number { group: Some(group), ..number(name, value) }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of JSON")]
fn bytes(Bytes(bytes): Bytes) -> f64 {
    bytes as f64
}

fn percent(whole: Option<Bytes>, part: Option<Bytes>) -> Option<f64> {
    let (whole, part) = (whole.filter(|whole| whole.0 > 0)?, part?);
    Some(bytes(part) * 100.0 / bytes(whole))
}

fn of_hardware(hardware: &HardwareStatus) -> Vec<Number> {
    let mut numbers = Vec::new();
    let hottest = hardware.zones.iter().map(|zone| zone.temperature_c).reduce(f64::max);
    numbers.extend(hottest.map(|degrees| number("temperature_c", degrees)));
    let memory = &hardware.memory;
    let left = percent(memory.total_bytes, memory.available_bytes);
    numbers.extend(left.map(|left| number("memory_available_percent", left)));
    numbers.extend(memory.stalled_percent.map(|stalled| number("memory_stalled_percent", stalled)));
    for place in &hardware.places {
        let free = percent(place.total_bytes, place.available_bytes);
        numbers.extend(free.map(|free| grouped("free_percent", &place.name, free)));
    }
    for disk in hardware.disks.iter().filter(|disk| disk.in_use) {
        // While nothing is written nobody waits; a number that comes and goes
        // would be told each time.
        let wait = |wait: Option<f64>| wait.unwrap_or(0.0);
        numbers.push(grouped("flush_wait_ms", &disk.name, wait(disk.flush_wait_ms)));
        numbers.push(grouped("write_wait_ms", &disk.name, wait(disk.write_wait_ms)));
    }
    numbers
}

fn of_spool(spool: &SpoolStatus) -> Vec<Number> {
    // More than a month is room enough.
    let free_s = spool.free_s.min(31.0 * 86_400.0);
    let pending = bytes(spool.pending_bytes);
    vec![
        number("pending_s", spool.pending_s.round()),
        number("pending_bytes", pending),
        number("free_s", free_s.round()),
    ]
}

fn of_live(live: &LiveStatus) -> Vec<Number> {
    let Kbps(kbps) = live.bitrate_kbps;
    let mut numbers = vec![number("bitrate_kbps", kbps.into())];
    #[expect(clippy::cast_precision_loss, reason = "numbers of JSON")]
    {
        numbers.extend(live.rtt_ms.map(|rtt| number("rtt_ms", rtt as f64)));
        numbers.push(number("dropped_frames", live.dropped_frames as f64));
    }
    numbers
}

/// As `m/<type>` has them: numbers, and groups of numbers.
fn values(numbers: Vec<Number>) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    for Number { group, name, value } in numbers {
        let Some(group) = group else {
            values.insert(name, Value::Number(value));
            continue;
        };
        let entry = values.entry(group.to_owned()).or_insert_with(|| Value::Group(BTreeMap::new()));
        if let Value::Group(numbers) = entry {
            numbers.insert(name, value);
        }
    }
    values
}
