//! What a box has to tell in a day: its status at every look, told by exception
//! as the daemon does it, events, two alarms. Pure.

use std::f64::consts::TAU;
use std::ops::Range;
use std::time::Duration;

use jiff::Timestamp;
use lectern_api::hardware::{DiskStatus, HardwareStatus, MemoryStatus, PlaceStatus, ZoneStatus};
use lectern_api::mqtt::{Measurement, Topic};
use lectern_api::status::{LiveState, Status};
use lectern_api::{Bytes, Kbps};
use lectern_mqtt::measurements::Measurements;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::FleetError;

/// Which day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// Nothing happens: a day of the holidays, with the power on.
    Idle,
    /// Eight lessons of 45 min between 8:00 and 15:10, recorded and broadcast.
    Lessons,
}

/// Something that is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// A lesson began or ended.
    Lesson(bool),
    /// So many cameras are lost from now on.
    Lost(usize),
    /// Something was measured. Its time is that of the day.
    Measured(Topic, Measurement),
}

/// Seconds of a day.
pub const DAY_S: u32 = 86_400;
/// As often as the daemon looks at its status for numbers.
const LOOK_S: u32 = 5;
const LESSON_S: u32 = 45 * 60;
/// A Monday in September, 0:00 in Shanghai.
const MIDNIGHT: u64 = 1_788_710_400;

fn lessons() -> impl Iterator<Item = Range<u32>> {
    (0..8).map(|lesson| {
        let begin = 8 * 3600 + lesson * 3300;
        begin..begin + LESSON_S
    })
}

/// Anything between −1 and 1, always the same for the same place.
fn chance(second: u32, place: u64) -> f64 {
    let mut mixed = u64::from(second).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = mixed.wrapping_add(place.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed >> 40) as f64 / f64::from(1 << 23) - 1.0
}

/// How a box is at midnight.
///
/// # Errors
/// When a status has other fields than here.
pub fn status() -> Result<Status, FleetError> {
    Ok(Day::Idle.status(&bare()?, 0))
}

/// A box with a target, of whose machine nothing is known.
fn bare() -> Result<Status, FleetError> {
    Ok(serde_json::from_value(json!({
        "device": {"id": "LB-2026-000317", "place": "张村小学 三年级二班", "version": "0", "boot_id": ""},
        "lesson": null, "next": null, "sources": [], "archive": [], "faults": [], "units": [],
        "clock": {"synced": true, "offset_ms": 0},
        "live": [{"name": "platform", "state": "idle", "bitrate_kbps": 0, "step": 0, "rtt_ms": null,
                  "attempts": 0, "abandoned": 0, "dropped_frames": 0}],
        "spool": {"pending_s": 0.0, "pending_bytes": 0, "free_s": 0.0},
    }))?)
}

impl Day {
    fn is_lesson(self, second: u32) -> bool {
        self == Self::Lessons && lessons().any(|lesson| lesson.contains(&second))
    }

    /// How the box is then. Chance moves every number anew at each look; on a box
    /// most go more slowly and are told less.
    fn status(self, bare: &Status, second: u32) -> Status {
        let is_lesson = self.is_lesson(second);
        let busy = if is_lesson { 1.0 } else { 0.0 };
        let rough = 1.0 + 2.0 * busy;
        let chance = |place| chance(second, place);
        // The room is warmest in the afternoon, and the box with it.
        let warmth = (TAU * (f64::from(second) / f64::from(DAY_S) - 0.375)).sin();
        let disk = |name: &str, wait: f64| DiskStatus {
            name: name.to_owned(),
            in_use: true,
            flush_wait_ms: Some(wait),
            write_wait_ms: Some(wait / 4.0),
            ..DiskStatus::default()
        };
        let place = |name: &str, available: f64| PlaceStatus {
            name: name.to_owned(),
            total_bytes: Some(Bytes(64_000_000_000)),
            available_bytes: Some(Bytes(available as u64)),
        };
        let passed = lessons().map(|lesson| second.clamp(lesson.start, lesson.end) - lesson.start);
        let recorded = if self == Self::Lessons { f64::from(passed.sum::<u32>()) } else { 0.0 };
        let mut status = bare.clone();
        status.hardware = Some(HardwareStatus {
            zones: vec![ZoneStatus {
                name: "soc-thermal".to_owned(),
                temperature_c: 46.0 + 2.5 * warmth + 13.0 * busy + 0.8 * rough * chance(0),
                ..ZoneStatus::default()
            }],
            memory: MemoryStatus {
                total_bytes: Some(Bytes(4_000_000_000)),
                available_bytes: Some(Bytes((3.4e9 - 1.4e8 * busy + 8e6 * rough * chance(1)) as u64)),
                stalled_percent: Some((0.3 * rough * chance(2)).max(0.0)),
            },
            places: vec![place("spool", 4e10 - 3e5 * recorded), place("facts", 4e10)],
            disks: vec![
                disk("nvme0n1", 4.0 + 8.0 * busy + 3.0 * rough * chance(3)),
                disk("mmcblk0", 6.0 + 2.0 * chance(4)),
            ],
            ..HardwareStatus::default()
        });
        status.spool.free_s = 400_000.0 - recorded;
        // What was recorded in the last seconds is still on its way.
        status.spool.pending_s = busy * (8.0 + 4.0 * chance(5));
        status.spool.pending_bytes = Bytes((status.spool.pending_s * 3e5) as u64);
        for live in status.live.iter_mut().filter(|_| is_lesson) {
            live.state = LiveState::Sending;
            live.bitrate_kbps = Kbps((2100.0 + 400.0 * chance(6)) as u32);
            live.rtt_ms = Some((45.0 + 25.0 * chance(7)) as u64);
        }
        status
    }

    /// Everything of the day, by the second at which it is told.
    ///
    /// # Errors
    /// When a status has other fields than here, or a name of our own is none.
    pub fn script(self) -> Result<Vec<(u32, Told)>, FleetError> {
        let bare = bare()?;
        let mut measurements = Measurements::default();
        let mut script = Vec::new();
        for second in (0..DAY_S).step_by(LOOK_S as usize) {
            let utc = Timestamp::UNIX_EPOCH + Duration::from_secs(MIDNIGHT + u64::from(second));
            let now = Duration::from_secs(second.into());
            let news = measurements.step(&self.status(&bare, second), utc, now)?;
            script.extend(news.into_iter().map(|(topic, numbers)| (second, Told::Measured(topic, numbers))));
        }
        if self == Self::Lessons {
            for lesson in lessons() {
                script.push((lesson.start, Told::Lesson(true)));
                script.push((lesson.end, Told::Lesson(false)));
            }
            // A cable that is loose twice.
            for (begin, end) in [(31_000, 31_400), (45_100, 45_220)] {
                script.push((begin, Told::Lost(1)));
                script.push((end, Told::Lost(0)));
            }
        }
        script.sort_by_key(|(second, _)| *second);
        Ok(script)
    }
}

/// A measurement of the machine, as one is told at any time.
///
/// # Errors
/// As of [`Day::script`].
pub fn of_the_machine() -> Result<(Topic, Measurement), FleetError> {
    let all = Measurements::default().step(&status()?, Timestamp::now(), Duration::ZERO)?;
    all.into_iter()
        .next()
        .ok_or(FleetError::Refused { what: "a measurement".to_owned(), said: "none".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(day: Day) -> Vec<(u32, Told)> {
        day.script().unwrap()
    }

    #[test]
    fn a_day_of_lessons_has_more_to_tell_than_an_idle_one_and_neither_babbles() {
        let (idle, lessons) = (script(Day::Idle), script(Day::Lessons));
        assert!((2 * 24..600).contains(&idle.len()), "{}", idle.len());
        assert!((idle.len() + 300..3000).contains(&lessons.len()), "{}", lessons.len());
        let begun = lessons.iter().filter(|(_, told)| *told == Told::Lesson(true)).count();
        assert_eq!(begun, 8);
        assert!(lessons.iter().all(|(second, _)| *second < DAY_S));
    }

    #[test]
    fn a_target_is_measured_in_lessons_alone() {
        let of_target = |(second, told): &(u32, Told)| match told {
            Told::Measured(topic, _) if topic.to_string().contains("platform") => Some(*second),
            _ => None,
        };
        assert_eq!(script(Day::Idle).iter().find_map(of_target), None);
        let lessons_told = script(Day::Lessons);
        let mut told = lessons_told.iter().filter_map(of_target).peekable();
        assert!(told.peek().is_some());
        // The end of a broadcast is told once.
        let near =
            |second: u32| lessons().any(|lesson| (lesson.start..lesson.end + LOOK_S).contains(&second));
        assert!(told.all(near));
    }
}
