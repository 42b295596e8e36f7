//! The hum of the mains in a sound: the lines at its frequency and the next three multiples.
//!
//! A line of the mains is narrow and steady; speech and fans spread beside it. So each line is held
//! against its neighbourhood, a quarter of the mains' frequency to both sides, in windows of half a second
//! (Hann). In noise a line stands out by 13 dB in one of 230 windows by chance; one that does so in 6
//! of 20, always as loud and without a pause, is the mains. A voice may hide it, so a window in which
//! the lines are loud and do not stand out says nothing.

use std::collections::VecDeque;
use std::f64::consts::TAU;

/// Windows in a second.
const WINDOWS_PER_SECOND: u32 = 2;
const HARMONICS: usize = 4;
/// How far a line stands out of its neighbourhood, as a ratio of powers (13 dB).
const PROMINENCE: f64 = 20.0;
/// Windows that are weighed together: ten seconds.
const KEPT: usize = 20;
/// In so many of them a line of the mains stands out: the pauses of somebody who speaks.
const LEAST_PROMINENT: usize = 6;
/// A line of the mains varies by less than this factor of its power (2 dB).
const STEADY: f64 = 1.6;
/// So many of them without a loud line prove that there is no hum.
const LEAST_QUIET: usize = 10;

/// A line in one window.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Line {
    /// A sine of full scale has 0.5.
    pub power: f64,
    /// Whether it stands out of its neighbourhood.
    pub is_prominent: bool,
}

/// One window.
pub type Lines = [Line; HARMONICS];

/// What the last windows say together.
#[derive(Debug, Clone, Default)]
pub struct Windows(VecDeque<Lines>);

impl Windows {
    /// Adds the newest.
    pub fn push(&mut self, lines: Lines) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(lines);
    }

    /// Power of the lines that are the mains'; 0 when there is none.
    pub fn hum(&self) -> f64 {
        (0..HARMONICS).map(|line| self.steady(line)).sum()
    }

    /// Power of a line that stands out of enough windows, always as loud: a voice that passes the pitch of
    /// the mains is now loud, now soft.
    fn steady(&self, line: usize) -> f64 {
        let prominent = self.0.iter().map(|lines| lines[line]).filter(|line| line.is_prominent);
        let mut powers: Vec<f64> = prominent.map(|line| line.power).collect();
        powers.sort_unstable_by(f64::total_cmp);
        let Some(median) = powers.get(powers.len() / 2).copied() else { return 0.0 };
        let alike = powers.iter().filter(|power| (median / STEADY..median * STEADY).contains(power)).count();
        if alike >= LEAST_PROMINENT { median } else { 0.0 }
    }

    /// Whether there is hum of at least this power; nothing when that cannot be told.
    pub fn is_hum(&self, least: f64) -> Option<bool> {
        let is_quiet = |lines: &&Lines| lines.iter().map(|line| line.power).sum::<f64>() < least;
        match self.0.iter().filter(is_quiet).count() {
            // The mains make no pauses, a voice does.
            0 if self.hum() >= least => Some(true),
            LEAST_QUIET.. => Some(false),
            _ => None,
        }
    }
}

/// Goertzel's filter for one frequency.
#[derive(Debug, Clone, Copy)]
struct Tuned {
    factor: f64,
    before: f64,
    earlier: f64,
}

impl Tuned {
    fn new(frequency_hz: f64, rate_hz: u32) -> Self {
        Self {
            factor: 2.0 * (TAU * frequency_hz / f64::from(rate_hz.max(1))).cos(),
            before: 0.0,
            earlier: 0.0,
        }
    }

    fn hear(&mut self, sample: f64) {
        (self.before, self.earlier) = (sample + self.factor * self.before - self.earlier, self.before);
    }

    /// Ends the window; answers the power of a sine that would sound like this.
    fn power(&mut self, window_sum: f64) -> f64 {
        let (s1, s2) = (self.before, self.earlier);
        (self.before, self.earlier) = (0.0, 0.0);
        let magnitude = s1 * s1 + s2 * s2 - self.factor * s1 * s2;
        2.0 * magnitude / (window_sum * window_sum)
    }
}

/// Listens for hum in one channel of sound.
#[derive(Debug, Clone)]
pub struct Hum {
    window: Vec<f64>,
    window_sum: f64,
    heard: usize,
    /// Each line and what is left and right of it.
    lines: Vec<[Tuned; 3]>,
}

impl Hum {
    /// Listens to sound of so many samples in a second.
    pub fn new(rate_hz: u32, mains_hz: u32) -> Self {
        let samples = (rate_hz / WINDOWS_PER_SECOND).max(1) as usize;
        let window: Vec<f64> =
            (0..samples).map(|n| 0.5 - 0.5 * (TAU * (n as f64 + 0.5) / samples as f64).cos()).collect();
        let mains = f64::from(mains_hz);
        let line = |harmonic: usize| {
            let at = mains * harmonic as f64;
            [at, at - mains / 4.0, at + mains / 4.0].map(|frequency| Tuned::new(frequency, rate_hz))
        };
        Self { window_sum: window.iter().sum(), window, heard: 0, lines: (1..=HARMONICS).map(line).collect() }
    }

    /// Hears one sample; answers at the end of a window.
    pub fn hear(&mut self, sample: f64) -> Option<Lines> {
        let weighted = sample * self.window[self.heard];
        self.lines.iter_mut().flatten().for_each(|tuned| tuned.hear(weighted));
        self.heard += 1;
        if self.heard < self.window.len() {
            return None;
        }
        self.heard = 0;
        let mut lines = Lines::default();
        for (line, tuned) in lines.iter_mut().zip(&mut self.lines) {
            let [power, left, right] = tuned.each_mut().map(|tuned| tuned.power(self.window_sum));
            *line = Line { power, is_prominent: power >= PROMINENCE * left.max(right) };
        }
        Some(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(frequency_hz: f64, n: u32) -> f64 {
        0.01 * (TAU * frequency_hz * f64::from(n) / 48_000.0).sin()
    }

    /// Power of the hum in ten seconds of a sound.
    fn heard(sound: impl Fn(u32) -> f64) -> f64 {
        let (mut hum, mut windows) = (Hum::new(48_000, 50), Windows::default());
        (0..480_000).filter_map(|n| hum.hear(sound(n))).for_each(|lines| windows.push(lines));
        windows.hum()
    }

    #[test]
    fn a_tone_of_the_mains_that_is_a_little_off_has_its_power() {
        for frequency in [50.0, 49.8, 50.3, 100.0, 99.5, 150.9, 200.0] {
            let power = heard(|n| tone(frequency, n));
            assert!((power / 0.000_05 - 1.0).abs() < 0.25, "{frequency}: {power}");
        }
    }

    #[test]
    fn a_tone_between_two_lines_is_no_hum() {
        for frequency in [60.0, 75.0, 120.0, 137.0, 440.0, 1000.0] {
            let power = heard(|n| tone(frequency, n));
            assert!(power < 1e-8, "{frequency}: {power}");
        }
    }

    #[test]
    fn a_line_beneath_a_voice_is_neither_there_nor_gone() {
        let mut windows = Windows::default();
        let loud = [Line { power: 0.01, is_prominent: false }; HARMONICS];
        let hum = [Line { power: 0.01, is_prominent: true }; HARMONICS];
        (0..KEPT).for_each(|_| windows.push(loud));
        assert_eq!(windows.is_hum(0.001), None);
        (0..LEAST_PROMINENT).for_each(|_| windows.push(hum));
        assert_eq!(windows.is_hum(0.001), Some(true));
        (0..KEPT).for_each(|_| windows.push(Lines::default()));
        assert_eq!(windows.is_hum(0.001), Some(false));
    }
}
