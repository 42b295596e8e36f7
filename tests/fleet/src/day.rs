//! What a box has to tell in a day: measurements by exception (when a value has
//! moved by its dead band, and once an hour), events, two alarms. Pure.

use std::f64::consts::TAU;
use std::ops::Range;

use serde::{Deserialize, Serialize};

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
    /// Something was measured: kind, names and values.
    Measured(&'static str, Vec<(&'static str, f64)>),
}

/// Seconds of a day.
pub const DAY_S: u32 = 86_400;
const SAMPLE_S: u32 = 60;
/// A value that does not move is told all the same.
const LONGEST_S: u32 = 3600;
const LESSON_S: u32 = 45 * 60;

/// One number: its name, the dead band, what it is at rest, what a lesson adds,
/// and how far chance moves it.
type Signal = (&'static str, f64, f64, f64, f64);

/// Numbers that are told together, by kind.
const KINDS: [(&str, &[Signal]); 5] = [
    ("thermal", &[("soc", 2.0, 46.0, 13.0, 0.8)]),
    ("load", &[("cpu", 10.0, 3.0, 45.0, 6.0), ("io", 10.0, 1.0, 8.0, 2.0)]),
    ("memory", &[("used_mb", 32.0, 190.0, 140.0, 8.0)]),
    ("disk", &[("free_h", 0.5, 410.0, -2.0, 0.01)]),
    (
        "uplink",
        &[
            ("rtt_ms", 25.0, 30.0, 25.0, 18.0),
            ("sent_kbps", 400.0, 1.0, 2100.0, 250.0),
            ("loss", 0.5, 0.05, 0.4, 0.2),
        ],
    ),
];

fn lessons() -> impl Iterator<Item = Range<u32>> {
    (0..8).map(|lesson| {
        let begin = 8 * 3600 + lesson * 3300;
        begin..begin + LESSON_S
    })
}

/// Anything between −1 and 1, always the same for the same place.
fn chance(second: u32, place: usize) -> f64 {
    let mut mixed = u64::from(second).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = mixed.wrapping_add((place as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed >> 40) as f64 / f64::from(1 << 23) - 1.0
}

impl Day {
    fn is_lesson(self, second: u32) -> bool {
        self == Self::Lessons && lessons().any(|lesson| lesson.contains(&second))
    }

    /// Everything of the day, by the second at which it is told.
    #[must_use]
    pub fn script(self) -> Vec<(u32, Told)> {
        let mut script = Vec::new();
        for (kind, signals) in KINDS {
            // What was told last, and when.
            let mut former: Option<(u32, Vec<f64>)> = None;
            for second in (0..DAY_S).step_by(SAMPLE_S as usize) {
                let is_lesson = self.is_lesson(second);
                // The room is warmest in the afternoon, and the box with it.
                let warmth = (TAU * (f64::from(second) / f64::from(DAY_S) - 0.375)).sin();
                let drift = if kind == "thermal" { 2.5 * warmth } else { 0.0 };
                let value = |(place, signal): (usize, &Signal)| {
                    let (_, _, rest, lesson, noise) = *signal;
                    // A box that works is less quiet too.
                    let (busy, noise) = if is_lesson { (lesson, 3.0 * noise) } else { (0.0, noise) };
                    let value = rest + drift + busy + noise * chance(second, place + kind.len());
                    (value.max(0.0) * 100.0).round() / 100.0
                };
                let values: Vec<f64> = signals.iter().enumerate().map(value).collect();
                let is_due = former.as_ref().is_none_or(|(told, former)| {
                    let moved =
                        |(now, (then, signal)): (&f64, (&f64, &Signal))| (now - then).abs() >= signal.1;
                    second - told >= LONGEST_S || values.iter().zip(former.iter().zip(signals)).any(moved)
                });
                if is_due {
                    let named = signals.iter().map(|signal| signal.0).zip(values.iter().copied()).collect();
                    script.push((second, Told::Measured(kind, named)));
                    former = Some((second, values));
                }
            }
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
        script
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_lessons_has_more_to_tell_than_an_idle_one_and_neither_babbles() {
        let idle = Day::Idle.script();
        assert!((5 * 24..600).contains(&idle.len()), "{}", idle.len());
        let lessons = Day::Lessons.script();
        assert!((idle.len() + 300..2000).contains(&lessons.len()), "{}", lessons.len());
        let begun = lessons.iter().filter(|(_, told)| *told == Told::Lesson(true)).count();
        assert_eq!(begun, 8);
        assert!(lessons.iter().all(|(second, _)| *second < DAY_S));
    }

    #[test]
    fn a_value_within_its_dead_band_is_told_once_an_hour() {
        let disk = |(_, told): &(u32, Told)| matches!(told, Told::Measured("disk", _));
        assert!((24..40).contains(&Day::Idle.script().iter().filter(|told| disk(told)).count()));
    }
}
