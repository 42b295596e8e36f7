//! The sound of the beep, sample by sample.

use std::f64::consts::TAU;

/// The tone rises from silence to full in this time: short, so that its onset is a moment.
const ATTACK_S: f64 = 0.000_5;
/// The tone fades in this time, which keeps its end free of a click.
const RELEASE_S: f64 = 0.005;

/// A beep at the start of each second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tone {
    /// Samples per second.
    pub rate_hz: u32,
    /// Pitch.
    pub frequency_hz: f64,
    /// Length of a beep with its attack and release.
    pub duration_ms: u32,
    /// Level of the full tone, 0 is the loudest sine there is.
    pub level_dbfs: f64,
}

impl Tone {
    /// Samples a beep lasts.
    pub fn length(&self) -> u64 {
        (u64::from(self.rate_hz) * u64::from(self.duration_ms) / 1000).min(u64::from(self.rate_hz))
    }

    /// The value of the tone `position` samples after time zero, -1..=1; nothing between two beeps.
    pub fn at(&self, position: u64) -> Option<f32> {
        let since = position.checked_rem(u64::from(self.rate_hz))?;
        let length = self.length();
        if since >= length {
            return None;
        }
        let rate = f64::from(self.rate_hz);
        let (from_start, to_end) = (since as f64 / rate, (length - since) as f64 / rate);
        let envelope = (from_start / ATTACK_S).min(to_end / RELEASE_S).min(1.0);
        let amplitude = 10f64.powf(self.level_dbfs / 20.0);
        Some((amplitude * envelope * (TAU * self.frequency_hz * from_start).sin()) as f32)
    }

    /// How many samples from `position` on are certainly without a beep.
    pub fn silence_from(&self, position: u64) -> u64 {
        match position.checked_rem(u64::from(self.rate_hz)) {
            Some(since) if since >= self.length() => u64::from(self.rate_hz) - since,
            Some(_) => 0,
            None => u64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TONE: Tone = Tone { rate_hz: 48_000, frequency_hz: 1000.0, duration_ms: 60, level_dbfs: -6.0 };

    #[test]
    fn a_beep_fills_the_first_60_ms_of_each_second_and_nothing_else() {
        for second in [0, 1, 3600] {
            let start = second * 48_000;
            assert!(TONE.at(start).is_some() && TONE.at(start + 2879).is_some());
            assert!(TONE.at(start + 2880).is_none() && TONE.at(start + 47_999).is_none());
        }
    }

    #[test]
    fn the_tone_is_full_after_half_a_millisecond() {
        let loudest = |from: u64, to: u64| {
            (from..to).filter_map(|at| TONE.at(at)).fold(0.0, |max: f32, value| max.max(value.abs()))
        };
        assert!((loudest(24, 2600) - 0.501).abs() < 0.001);
        assert!(loudest(0, 4) < 0.1);
        assert!(loudest(2872, 2880) < 0.05);
    }

    #[test]
    fn silence_reaches_to_the_next_second() {
        assert_eq!(TONE.silence_from(0), 0);
        assert_eq!(TONE.silence_from(2879), 0);
        assert_eq!(TONE.silence_from(2880), 45_120);
        assert_eq!(TONE.silence_from(47_999), 1);
    }
}
