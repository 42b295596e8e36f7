//! Finds beeps in sound and dates their onset.
//!
//! The sound is cut into blocks of a quarter of a millisecond; of each, the sum against a complex sine
//! of the beep's pitch and the energy are kept. Over 10 ms these say how much of the sound is the tone
//! (1 for a pure tone, near 0 for speech). A stretch in which the tone has more than half of the energy
//! for about as long as a beep lasts is a beep. Its onset is then sought with a window of 2 ms: where
//! the window's middle passes the onset, the tone has half of its full amplitude there.

use std::collections::VecDeque;
use std::f64::consts::TAU;

const BLOCKS_PER_SECOND: u32 = 4000;
/// Blocks over which tone and speech are told apart.
const WIDE: usize = 40;
/// Blocks over which the onset is dated.
const NARROW: usize = 8;
/// Blocks kept: the longest beep with what surrounds it.
const KEPT: usize = 2800;
/// Blocks of silence that are thought to be before the sound, so that a beep may begin with it.
const LEAD: usize = 2 * WIDE;
/// The tone's part of the energy in a beep.
const LEAST_SHARE: f64 = 0.5;
/// A beep seems longer or shorter when speech covers its ends: these parts of its length are believed.
const SHORTEST: f64 = 0.5;
const LONGEST: f64 = 1.7;
/// Of a beep that begins with the sound this part must be there: it may have begun before.
const SHORTEST_AT_START: f64 = 0.85;
/// Two onsets closer than this are one beep and its echo.
const APART_S: f64 = 0.3;

#[derive(Debug, Clone, Copy, Default)]
struct Block {
    re: f64,
    im: f64,
    energy: f64,
}

impl Block {
    fn add(self, other: &Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im, energy: self.energy + other.energy }
    }

    /// Amplitude of the tone in a stretch of `samples`.
    fn amplitude(self, samples: f64) -> f64 {
        2.0 * self.re.hypot(self.im) / samples
    }

    /// The tone's part of the energy in a stretch of `samples`, 0..=1.
    fn share(self, samples: f64) -> f64 {
        if self.energy <= 0.0 {
            return 0.0;
        }
        2.0 * (self.re * self.re + self.im * self.im) / (samples * self.energy)
    }
}

/// What to look for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// Samples per second.
    pub rate_hz: u32,
    /// Pitch of the beep.
    pub frequency_hz: f64,
    /// Length of the beep.
    pub duration_ms: u32,
    /// The softest beep that is reported.
    pub level_dbfs: f64,
}

/// Looks for beeps in one channel of sound.
#[derive(Debug, Clone)]
pub struct Detector {
    wanted: Wanted,
    block_samples: u32,
    turn: (f64, f64),
    phase: (f64, f64),
    current: Block,
    filled: u32,
    blocks: VecDeque<Block>,
    /// Number of the block that follows the last of `blocks`.
    next_block: u64,
    tone_since: Option<u64>,
    last_onset: Option<f64>,
}

impl Detector {
    /// A detector that has heard nothing.
    pub fn new(wanted: Wanted) -> Self {
        let angle = TAU * wanted.frequency_hz / f64::from(wanted.rate_hz.max(1));
        Self {
            wanted,
            block_samples: (wanted.rate_hz / BLOCKS_PER_SECOND).max(1),
            turn: (angle.cos(), angle.sin()),
            phase: (1.0, 0.0),
            current: Block::default(),
            filled: 0,
            blocks: std::iter::repeat_n(Block::default(), LEAD).collect(),
            next_block: LEAD as u64,
            tone_since: None,
            last_onset: None,
        }
    }

    /// Hears one sample (-1..=1). Answers the onset of a beep, in samples since the detector was made,
    /// some time after the beep ended.
    pub fn hear(&mut self, sample: f32) -> Option<f64> {
        let sample = f64::from(sample);
        let (re, im) = self.phase;
        self.current.re += sample * re;
        self.current.im += sample * im;
        self.current.energy += sample * sample;
        self.phase = (re * self.turn.0 - im * self.turn.1, re * self.turn.1 + im * self.turn.0);
        self.filled += 1;
        if self.filled < self.block_samples {
            return None;
        }
        // Rounding would let the sine grow or shrink over hours.
        let length = self.phase.0.hypot(self.phase.1);
        self.phase = (self.phase.0 / length, self.phase.1 / length);
        self.filled = 0;
        let block = std::mem::take(&mut self.current);
        self.block(block)
    }

    /// The beep that had not ended when the sound did.
    pub fn finish(&mut self) -> Option<f64> {
        (0..=WIDE).find_map(|_| self.block(Block::default()))
    }

    fn block(&mut self, block: Block) -> Option<f64> {
        self.blocks.push_back(block);
        if self.blocks.len() > KEPT {
            self.blocks.pop_front();
        }
        self.next_block += 1;
        let wide = self.sum(self.blocks.len().checked_sub(WIDE)?, WIDE);
        let samples = self.samples(WIDE);
        let loud = wide.amplitude(samples) > 0.5 * 10f64.powf(self.wanted.level_dbfs / 20.0);
        if loud && wide.share(samples) > LEAST_SHARE {
            self.tone_since.get_or_insert(self.next_block);
            return None;
        }
        let since = self.tone_since.take()?;
        let lasted_s = self.samples((self.next_block - since) as usize) / f64::from(self.wanted.rate_hz);
        let expected_s = f64::from(self.wanted.duration_ms) / 1000.0;
        if lasted_s < SHORTEST * expected_s || lasted_s > LONGEST * expected_s {
            return None;
        }
        let onset = self.onset(since)?;
        if onset <= self.samples(NARROW) && lasted_s < SHORTEST_AT_START * expected_s {
            return None;
        }
        let apart = APART_S * f64::from(self.wanted.rate_hz);
        if self.last_onset.is_some_and(|last| onset - last < apart) {
            return None;
        }
        self.last_onset = Some(onset);
        Some(onset)
    }

    fn samples(&self, blocks: usize) -> f64 {
        blocks as f64 * f64::from(self.block_samples)
    }

    fn sum(&self, first: usize, many: usize) -> Block {
        self.blocks.range(first..first + many).fold(Block::default(), |sum, block| sum.add(block))
    }

    /// Amplitude of the tone in the narrow window that begins with block number `block`.
    fn narrow(&self, block: u64) -> Option<f64> {
        let first = usize::try_from(block.checked_sub(self.next_block - self.blocks.len() as u64)?).ok()?;
        (first + NARROW <= self.blocks.len()).then(|| self.sum(first, NARROW).amplitude(self.samples(NARROW)))
    }

    /// Dates the beep that the wide window saw from the moment `since` on.
    fn onset(&self, since: u64) -> Option<f64> {
        let half = self.reference(since)? / 2.0;
        // Backwards from inside the beep to the first window that holds less than half of it.
        let latest = since + NARROW as u64;
        let earliest = since.saturating_sub(2 * WIDE as u64);
        let mut above = self.narrow(latest)?;
        for block in (earliest..latest).rev() {
            let amplitude = self.narrow(block)?;
            if amplitude < half && above >= half {
                let part = (half - amplitude) / (above - amplitude).max(f64::EPSILON);
                let middle = NARROW as f64 / 2.0;
                return Some(self.samples(1) * (block as f64 + part + middle - LEAD as f64));
            }
            above = amplitude;
        }
        None
    }

    /// The full amplitude of the beep: the median over its first half.
    fn reference(&self, since: u64) -> Option<f64> {
        let many = u64::from(self.wanted.duration_ms) * u64::from(BLOCKS_PER_SECOND) / 2000;
        let mut inside: Vec<f64> = (since..since + many).filter_map(|block| self.narrow(block)).collect();
        inside.sort_unstable_by(f64::total_cmp);
        inside.get(inside.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::beep::tone::Tone;
    use super::*;

    fn wanted(rate_hz: u32) -> Wanted {
        Wanted { rate_hz, frequency_hz: 1000.0, duration_ms: 60, level_dbfs: -30.0 }
    }

    /// Seconds at which beeps were found in `seconds` of sound.
    fn found(rate_hz: u32, seconds: f64, sound: impl Fn(u64) -> f32) -> Vec<f64> {
        let mut detector = Detector::new(wanted(rate_hz));
        let mut onsets: Vec<f64> = (0..(seconds * f64::from(rate_hz)) as u64)
            .filter_map(|position| detector.hear(sound(position)))
            .collect();
        onsets.extend(detector.finish());
        onsets.into_iter().map(|onset| onset / f64::from(rate_hz)).collect()
    }

    fn tone(rate_hz: u32, level_dbfs: f64) -> Tone {
        Tone { rate_hz, frequency_hz: 1000.0, duration_ms: 60, level_dbfs }
    }

    fn assert_whole_seconds(onsets: &[f64], seconds: std::ops::Range<u32>) {
        assert_eq!(onsets.len(), seconds.len(), "{onsets:?}");
        for (onset, second) in onsets.iter().zip(seconds) {
            assert!((onset - f64::from(second)).abs() < 0.001, "{onsets:?}");
        }
    }

    #[test]
    fn beeps_are_dated_within_a_millisecond_at_every_rate() {
        for rate in [16_000, 44_100, 48_000, 96_000] {
            let tone = tone(rate, -6.0);
            let shifted = |at: u64| tone.at(at + u64::from(rate) / 2).unwrap_or_default();
            let onsets: Vec<f64> = found(rate, 3.7, shifted).iter().map(|onset| onset + 0.5).collect();
            assert_whole_seconds(&onsets, 1..5);
        }
    }

    #[test]
    fn a_soft_beep_is_found_and_one_below_the_level_is_not() {
        assert_eq!(found(48_000, 2.5, |at| tone(48_000, -26.0).at(at).unwrap_or_default()).len(), 3);
        assert_eq!(found(48_000, 2.5, |at| tone(48_000, -40.0).at(at).unwrap_or_default()).len(), 0);
    }

    #[test]
    fn a_beep_over_humming_is_dated_as_well() {
        let hum =
            |at: u64| (1..8).map(|n| (at as f64 * TAU * 150.0 * f64::from(n) / 48e3).sin()).sum::<f64>();
        let onsets = found(48_000, 3.5, |at| {
            tone(48_000, -6.0).at(at + 24_000).unwrap_or_default() + (0.03 * hum(at)) as f32
        });
        let onsets: Vec<f64> = onsets.iter().map(|onset| onset + 0.5).collect();
        assert_whole_seconds(&onsets, 1..4);
    }

    #[test]
    fn a_long_tone_another_pitch_and_noise_are_no_beeps() {
        let sine = |frequency: f64| move |at: u64| (0.5 * (at as f64 * TAU * frequency / 48e3).sin()) as f32;
        assert_eq!(found(48_000, 2.0, sine(1000.0)), []);
        let other = Tone { frequency_hz: 1500.0, ..tone(48_000, -6.0) };
        assert_eq!(found(48_000, 2.0, |at| other.at(at).unwrap_or_default()), []);
        let noise = |at: u64| ((at.wrapping_mul(6_364_136_223_846_793_005) >> 40) as f32 / 8_388_608.0) - 1.0;
        assert_eq!(found(48_000, 2.0, noise), []);
    }

    #[test]
    fn a_beep_that_was_cut_at_the_start_is_left_out() {
        let cut = |at: u64| tone(48_000, -6.0).at(at + 1000).unwrap_or_default();
        assert_eq!(found(48_000, 1.5, cut).len(), 1);
    }

    #[test]
    fn the_beep_at_the_very_start_and_the_one_at_the_very_end_count() {
        let onsets = found(48_000, 3.07, |at| tone(48_000, -6.0).at(at).unwrap_or_default());
        assert_whole_seconds(&onsets, 0..4);
    }
}
