//! A sound like speech: deterministic, never the same for long, and of no language.
//!
//! As in a throat, pulses of the glottis (with a pitch that glides) pass three resonators whose
//! frequencies move from vowel to vowel. Syllables follow each other about four times a second, many
//! begin with a burst of fricative noise, and after some syllables there is a pause.

use std::f64::consts::{PI, TAU};

/// Brings the sound, with its pauses, to about −20 dBFS RMS.
const GAIN: f64 = 0.125;
/// What a microphone hears of a quiet room: −65 dBFS RMS. Only one that is off or muted hears nothing.
const ROOM: f64 = 0.001;
/// Nothing gets louder than this.
const CEILING: f64 = 0.9;

const LOWEST_PITCH_HZ: f64 = 120.0;
const HIGHEST_PITCH_HZ: f64 = 220.0;

/// Formants of a, o, e, i, u, ə in Hz.
const VOWELS: [[f64; 3]; 6] = [
    [800.0, 1250.0, 2600.0],
    [520.0, 900.0, 2500.0],
    [480.0, 1850.0, 2550.0],
    [300.0, 2250.0, 2950.0],
    [340.0, 720.0, 2350.0],
    [520.0, 1450.0, 2450.0],
];
const BANDWIDTHS_HZ: [f64; 3] = [90.0, 110.0, 160.0];
const FORMANT_GAINS: [f64; 3] = [1.0, 0.6, 0.3];

/// Samples between two changes of the resonators.
const UPDATE: u32 = 48;

/// A random sequence that only the seed decides (splitmix64).
#[derive(Debug, Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// Evenly between `low` and `high`.
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A resonator with two poles.
#[derive(Debug, Clone, Copy, Default)]
struct Resonator {
    input: f64,
    back1: f64,
    back2: f64,
    y1: f64,
    y2: f64,
}

impl Resonator {
    fn tune(&mut self, frequency_hz: f64, bandwidth_hz: f64, rate_hz: f64) {
        let radius = (-PI * bandwidth_hz / rate_hz).exp();
        self.back1 = 2.0 * radius * (TAU * frequency_hz / rate_hz).cos();
        self.back2 = -radius * radius;
        self.input = (1.0 - radius) * (TAU * frequency_hz / rate_hz).sin().abs().max(0.05) * 4.0;
    }

    fn pass(&mut self, x: f64) -> f64 {
        let y = self.input * x + self.back1 * self.y1 + self.back2 * self.y2;
        (self.y1, self.y2) = (y, self.y1);
        y
    }
}

/// One syllable, or the pause after a phrase. Times in seconds.
#[derive(Debug, Clone, Copy, Default)]
struct Syllable {
    length_s: f64,
    fricative_s: f64,
    fricative_hz: f64,
    loudness: f64,
    from: [f64; 3],
    to: [f64; 3],
    pitch_from_hz: f64,
    pitch_to_hz: f64,
}

/// Speaks one sample after the other.
#[derive(Debug, Clone)]
pub struct Voice {
    rate_hz: f64,
    random: Random,
    syllable: Syllable,
    /// Syllables left in the phrase.
    left: u32,
    /// Samples since the syllable began.
    since: u32,
    formants: [Resonator; 3],
    hiss: Resonator,
    /// Part of the glottis' period that is over.
    phase: f64,
    pitch_hz: f64,
    flow: f64,
}

impl Voice {
    /// A voice that has not spoken; `seed` decides all it will say.
    pub fn new(rate_hz: u32, seed: u64) -> Self {
        let mut voice = Self {
            rate_hz: f64::from(rate_hz.max(1)),
            random: Random(seed),
            syllable: Syllable { to: VOWELS[5], pitch_to_hz: 170.0, ..Syllable::default() },
            left: 0,
            since: 0,
            formants: [Resonator::default(); 3],
            hiss: Resonator::default(),
            phase: 0.0,
            pitch_hz: 170.0,
            flow: 0.0,
        };
        voice.begin_phrase();
        voice
    }

    fn begin_phrase(&mut self) {
        self.left = 5 + (self.random.next() % 8) as u32;
        self.syllable.pitch_to_hz = self.random.between(180.0, HIGHEST_PITCH_HZ);
        self.begin_syllable();
    }

    fn begin_syllable(&mut self) {
        let before = self.syllable;
        let random = &mut self.random;
        let vowel = VOWELS[(random.next() % VOWELS.len() as u64) as usize];
        let fricative = random.next() % 5 < 3;
        // Pitch falls through a phrase, with a movement of its own on each syllable.
        let pitch =
            (before.pitch_to_hz + random.between(-28.0, 20.0)).clamp(LOWEST_PITCH_HZ, HIGHEST_PITCH_HZ);
        self.syllable = Syllable {
            length_s: random.between(0.19, 0.31),
            fricative_s: if fricative { random.between(0.045, 0.09) } else { 0.0 },
            fricative_hz: random.between(3000.0, 6500.0),
            loudness: random.between(0.7, 1.0),
            from: before.to,
            to: vowel,
            pitch_from_hz: before.pitch_to_hz,
            pitch_to_hz: pitch,
        };
        self.since = 0;
    }

    fn begin_pause(&mut self) {
        let length_s = self.random.between(0.35, 0.9);
        self.syllable =
            Syllable { length_s, fricative_s: 0.0, loudness: 0.0, from: self.syllable.to, ..self.syllable };
        self.since = 0;
    }

    fn advance(&mut self) {
        if f64::from(self.since) < self.syllable.length_s * self.rate_hz {
            return;
        }
        if self.syllable.loudness == 0.0 {
            self.begin_phrase();
        } else if self.left == 0 {
            self.begin_pause();
        } else {
            self.left -= 1;
            self.begin_syllable();
        }
    }

    fn tune(&mut self, part: f64) {
        // Most of the way to the new vowel is made in the first third.
        let way = 1.0 - (1.0 - part.min(1.0)).powi(4);
        let Syllable { from, to, pitch_from_hz, pitch_to_hz, fricative_hz, .. } = self.syllable;
        for (index, formant) in self.formants.iter_mut().enumerate() {
            let frequency = from[index] + (to[index] - from[index]) * way;
            formant.tune(frequency, BANDWIDTHS_HZ[index], self.rate_hz);
        }
        self.hiss.tune(fricative_hz.min(self.rate_hz * 0.4), 1800.0, self.rate_hz);
        self.pitch_hz = pitch_from_hz + (pitch_to_hz - pitch_from_hz) * part.min(1.0);
    }

    /// The change of the glottis' flow: opens slowly, closes at once.
    fn glottis(&mut self) -> f64 {
        self.phase = (self.phase + self.pitch_hz / self.rate_hz).fract();
        let flow = match self.phase {
            open if open < 0.4 => 0.5 * (1.0 - (PI * open / 0.4).cos()),
            close if close < 0.56 => (PI * (close - 0.4) / 0.32).cos(),
            _ => 0.0,
        };
        let change = flow - self.flow;
        self.flow = flow;
        change * self.rate_hz / 4800.0
    }

    /// The next sample, -1..=1.
    pub fn speak(&mut self) -> f32 {
        self.advance();
        let time = f64::from(self.since) / self.rate_hz;
        let Syllable { length_s, fricative_s, loudness, .. } = self.syllable;
        if self.since.is_multiple_of(UPDATE) {
            self.tune(time / length_s);
        }
        self.since += 1;

        let voiced = {
            let rise = ((time - fricative_s * 0.8) / 0.03).clamp(0.0, 1.0);
            let fall = ((length_s - time) / 0.05).clamp(0.0, 1.0);
            loudness * rise * (0.25 + 0.75 * fall)
        };
        let noise = self.random.between(-1.0, 1.0);
        let source = (self.glottis() + 0.02 * noise) * voiced;
        let throat: f64 = self
            .formants
            .iter_mut()
            .zip(FORMANT_GAINS)
            .map(|(formant, gain)| gain * formant.pass(source))
            .sum();
        let swell = if time < fricative_s { (PI * time / fricative_s).sin() } else { 0.0 };
        let hiss = self.hiss.pass(noise * swell * loudness);
        ((throat * 11.0 + hiss * 0.8) * GAIN + ROOM * noise).clamp(-CEILING, CEILING) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 48_000;

    fn speech(seed: u64, seconds: u32) -> Vec<f32> {
        let mut voice = Voice::new(RATE, seed);
        (0..seconds * RATE).map(|_| voice.speak()).collect()
    }

    fn rms_dbfs(sound: &[f32]) -> f64 {
        let power: f64 = sound.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        10.0 * (power / sound.len() as f64).log10()
    }

    #[test]
    fn speech_is_about_minus_20_dbfs_and_never_clips() {
        for seed in [0, 1, 42] {
            let sound = speech(seed, 20);
            let level = rms_dbfs(&sound);
            assert!((-22.5..=-17.5).contains(&level), "seed {seed}: {level}");
            let clipped = sound.iter().filter(|sample| sample.abs() >= CEILING as f32).count();
            assert_eq!(clipped, 0, "seed {seed}");
        }
    }

    #[test]
    fn the_seed_decides_everything() {
        assert_eq!(speech(7, 2), speech(7, 2));
        assert_ne!(speech(7, 2), speech(8, 2));
    }

    #[test]
    fn phrases_are_parted_by_pauses() {
        let sound = speech(3, 20);
        let quiet: Vec<bool> = sound.chunks(RATE as usize / 20).map(|part| rms_dbfs(part) < -50.0).collect();
        let share = quiet.iter().filter(|quiet| **quiet).count() as f64 / quiet.len() as f64;
        assert!((0.08..0.4).contains(&share), "{share}");
        let pauses = quiet.windows(2).filter(|two| !two[0] && two[1]).count();
        assert!((4..=16).contains(&pauses), "{pauses}");
    }

    #[test]
    fn most_of_the_energy_is_below_4_khz() {
        let sound = speech(5, 10);
        // First differences weigh high frequencies: for a pure tone of 4 kHz the ratio is 0.27.
        let change: f64 = sound.windows(2).map(|two| f64::from(two[1] - two[0]).powi(2)).sum();
        let power: f64 = sound.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        assert!(change / power < 0.1, "{}", change / power);
    }
}
