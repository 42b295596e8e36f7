//! How loud the sound is, and how loud the room is beneath it. Pure.
//!
//! What is constant (a fan, the projector, the street) is the room's; speech is
//! not: it has gaps every second or two. So the quietest tenth of a second of
//! the last ten seconds is the room (minimum statistics, as noise estimators
//! for speech have it since Martin, 2001), and what lies well above it is
//! somebody.

use std::collections::VecDeque;
use std::time::Duration;

use crate::capture::time::ClockPoint;

/// What is to be heard. All in dB below full scale (RMS).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heard {
    /// Over the last second.
    pub(crate) now_db: f64,
    /// Over the last five seconds.
    pub(crate) level_db: f64,
    /// The quietest tenth of a second of the last ten seconds.
    pub(crate) room_db: f64,
    /// For how long sound has come without a pause; ten seconds at most.
    pub(crate) listened: Duration,
}

impl Heard {
    /// Whether enough was heard to tell how loud it is: devices begin with
    /// silence.
    pub(crate) fn is_settled(&self) -> bool {
        self.listened >= Duration::from_secs(5)
    }

    /// Over the last five seconds, in whole dB.
    #[expect(clippy::cast_possible_truncation, reason = "decibels, 0 to -144")]
    pub(crate) fn level(self) -> i32 {
        self.level_db.round() as i32
    }
}

/// Digital silence: below what 24 bits hold.
pub(crate) const SILENCE_DB: f64 = -144.0;
/// A tenth of a second of 48 kHz stereo, see [`AUDIO_CAPS`].
///
/// [`AUDIO_CAPS`]: crate::capture::source::AUDIO_CAPS
const SLICE: u32 = 9_600;
const SLICES_PER_SECOND: usize = 10;
const KEPT: usize = 10 * SLICES_PER_SECOND;
/// A longer pause, and the source began anew.
const PAUSE: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(super) struct Levels {
    /// Mean squares, the newest last.
    slices: VecDeque<f64>,
    sum: f64,
    samples: u32,
    at: Option<ClockPoint>,
}

impl Levels {
    pub(super) fn take(&mut self, samples: impl Iterator<Item = f32>, now: ClockPoint) {
        if self.at.is_none_or(|at| now.duration_since(at) > PAUSE) {
            *self = Self::default();
        }
        self.at = Some(now);
        for sample in samples {
            // A broken device's NaN must not make the level NaN for ever.
            let sample = if sample.is_finite() { f64::from(sample) } else { 0.0 };
            self.sum += sample * sample;
            self.samples += 1;
            if self.samples == SLICE {
                if self.slices.len() == KEPT {
                    self.slices.pop_front();
                }
                self.slices.push_back(self.sum / f64::from(SLICE));
                (self.sum, self.samples) = (0.0, 0);
            }
        }
    }

    pub(super) fn heard(&self, now: ClockPoint) -> Option<Heard> {
        self.at.filter(|at| now.duration_since(*at) <= PAUSE)?;
        let quietest = self.slices.iter().copied().min_by(f64::total_cmp)?;
        let tenths = u32::try_from(self.slices.len()).unwrap_or(u32::MAX);
        Some(Heard {
            now_db: decibels(self.mean(SLICES_PER_SECOND)),
            level_db: decibels(self.mean(5 * SLICES_PER_SECOND)),
            room_db: decibels(quietest),
            listened: Duration::from_millis(100) * tenths,
        })
    }

    /// Of so many of the newest slices.
    fn mean(&self, newest: usize) -> f64 {
        let count = self.slices.len().min(newest);
        let sum: f64 = self.slices.iter().rev().take(count).sum();
        sum / f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX))
    }
}

fn decibels(mean_square: f64) -> f64 {
    (10.0 * mean_square.log10()).max(SILENCE_DB)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> ClockPoint {
        ClockPoint(gst::ClockTime::from_mseconds(millis))
    }

    /// So many seconds of a tone of so many dB (RMS), in pieces of 10 ms.
    fn play(levels: &mut Levels, from_ms: u64, millis: u64, db: f64) {
        #[expect(clippy::cast_possible_truncation, reason = "a sample")]
        let amplitude = 10_f64.powf(db / 20.0) as f32;
        for piece in 0..millis / 10 {
            let samples = (0..960).map(|i| if i % 2 == 0 { amplitude } else { -amplitude });
            levels.take(samples, at(from_ms + piece * 10));
        }
    }

    #[test]
    fn a_steady_noise_is_the_room_and_speech_lies_above_it() {
        let mut levels = Levels::default();
        assert_eq!(levels.heard(at(0)), None);
        play(&mut levels, 0, 12_000, -50.0);
        let heard = levels.heard(at(12_000)).unwrap();
        assert!((heard.now_db + 50.0).abs() < 0.1 && (heard.room_db + 50.0).abs() < 0.1, "{heard:?}");
        // Words of 400 ms, gaps of 100 ms.
        for word in 0..20 {
            play(&mut levels, 12_000 + word * 500, 400, -25.0);
            play(&mut levels, 12_400 + word * 500, 100, -50.0);
        }
        let heard = levels.heard(at(22_000)).unwrap();
        assert!(heard.now_db > -27.0 && heard.room_db < -49.0, "{heard:?}");
    }

    #[test]
    fn a_fan_that_is_switched_on_is_the_room_after_ten_seconds() {
        let mut levels = Levels::default();
        play(&mut levels, 0, 10_000, -60.0);
        play(&mut levels, 10_000, 10_500, -35.0);
        let heard = levels.heard(at(20_500)).unwrap();
        assert!(heard.now_db - heard.room_db < 0.1, "{heard:?}");
    }

    #[test]
    fn digital_silence_is_told_from_the_noise_of_an_open_microphone() {
        let mut levels = Levels::default();
        play(&mut levels, 0, 6_000, -1_000.0);
        assert!((levels.heard(at(6_000)).unwrap().level_db - SILENCE_DB).abs() < 0.1);
        levels.take([f32::NAN, f32::INFINITY].into_iter(), at(6_010));
        play(&mut levels, 6_020, 5_200, -75.0);
        assert!((levels.heard(at(11_200)).unwrap().level_db + 75.0).abs() < 0.5);
    }

    #[test]
    fn a_microphone_that_comes_back_is_listened_to_anew() {
        let mut levels = Levels::default();
        play(&mut levels, 0, 5_000, -30.0);
        assert_eq!(levels.heard(at(7_500)), None);
        play(&mut levels, 60_000, 1_000, -70.0);
        let heard = levels.heard(at(61_000)).unwrap();
        assert_eq!(heard.listened, Duration::from_secs(1));
        assert!(heard.level_db < -69.0);
    }
}
