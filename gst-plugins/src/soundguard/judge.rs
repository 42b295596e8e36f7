//! What a sound is like, judged over time.

use std::collections::VecDeque;
use std::time::Duration;

use super::hum::{Hum, Windows};
use super::limits::Limits;
use crate::condition::{Condition, Patience};

/// Sound is weighed in pieces of a tenth of a second …
const SLICES_PER_SECOND: u32 = 10;
/// … and clipping in this many of them.
const CLIPPING_SLICES: usize = 50;
/// A microphone that was never silent for so long has no gate that closes in pauses …
const OPEN_PROVEN: Duration = Duration::from_secs(20);
/// … unless it had one shortly before: who reads aloud leaves no pause for a while.
const GATE_REMEMBERED: Duration = Duration::from_secs(600);
/// As loud as can be: converters stop a little below full scale.
const FULL: f32 = 0.995;
/// So many samples at full scale in a row are a peak that was cut off; one alone is a loud sound.
const FLAT_TOP: u32 = 3;
/// A condition that stands is left only well beyond where it began: 3 dB.
const EASE: f64 = 2.0;
/// Digital silence: below what 24 bits hold.
const SILENCE_DB: f64 = -144.0;

/// What holds of the sound.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Verdict {
    /// Nothing is to be heard, not even the noise of a microphone.
    pub silent: bool,
    /// Peaks are cut off.
    pub clipping: bool,
    /// The mains are to be heard.
    pub hum: bool,
    /// Loudness of the newest tenth of a second in dB below full scale (RMS).
    pub level_db: Option<f64>,
    /// Loudness of the hum in the last ten seconds, likewise; nothing without hum.
    pub hum_db: Option<f64>,
    /// Running time of the end of the newest tenth of a second.
    pub heard: Option<Duration>,
    /// Running time since when it has been so; nothing before the first change.
    pub since: Option<Duration>,
}

impl Verdict {
    fn holds(&self) -> (bool, bool, bool) {
        (self.silent, self.clipping, self.hum)
    }
}

/// How sound is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Samples of each channel in a second.
    pub rate_hz: u32,
    /// Channels, interleaved.
    pub channels: usize,
}

/// Judges the sound of one source.
#[derive(Debug)]
pub struct Judge {
    form: Form,
    /// Running time of the first sample of this piece, and its samples so far.
    begun: Duration,
    samples: u64,
    squares: f64,
    /// Samples at full scale in a row, of each channel.
    at_full: Vec<u32>,
    is_clipped: bool,
    clipped: VecDeque<bool>,
    mains_hz: u32,
    hum: Hum,
    windows: Windows,
    /// Since when no tenth has been silent.
    open_since: Option<Duration>,
    /// Since when it has been silent, of one that was open before.
    closed_since: Option<Duration>,
    /// When a gate opened last: a silence that ended by itself.
    gate_seen: Option<Duration>,
    /// Whether it was open all along before it fell silent.
    was_open: bool,
    silent: Condition,
    clipping: Condition,
    humming: Condition,
    verdict: Verdict,
}

impl Judge {
    /// A judge that has heard nothing.
    pub fn new(form: Form) -> Self {
        let form = Form { rate_hz: form.rate_hz.max(SLICES_PER_SECOND), channels: form.channels.max(1) };
        let mains_hz = Limits::default().mains_hz;
        Self {
            form,
            begun: Duration::ZERO,
            samples: 0,
            squares: 0.0,
            at_full: vec![0; form.channels],
            is_clipped: false,
            clipped: VecDeque::new(),
            mains_hz,
            hum: Hum::new(form.rate_hz, mains_hz),
            windows: Windows::default(),
            open_since: None,
            closed_since: None,
            gate_seen: None,
            was_open: false,
            silent: Condition::default(),
            clipping: Condition::default(),
            humming: Condition::default(),
            verdict: Verdict::default(),
        }
    }

    /// What holds now.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Running time at which the next sample is expected.
    pub fn next(&self) -> Duration {
        self.begun + Duration::from_secs_f64(self.samples as f64 / f64::from(self.form.rate_hz))
    }

    /// Another piece of sound begins: what was heard so far proves nothing any more. What stands, stands
    /// until the sound says otherwise.
    pub fn begin_anew(&mut self, at: Duration) {
        let mut anew = Self { begun: at, ..Self::new(self.form) };
        anew.take_over(self);
        // Its time may have stepped back.
        anew.gate_seen = anew.gate_seen.map(|seen| seen.min(at));
        *self = anew;
    }

    /// Lets stand what stood with another judge, of sound of another form.
    pub fn take_over(&mut self, before: &Self) {
        (self.silent, self.clipping, self.humming) = (before.silent, before.clipping, before.humming);
        for condition in [&mut self.silent, &mut self.clipping, &mut self.humming] {
            condition.begin_anew();
        }
        self.verdict = before.verdict;
        // It is the same microphone.
        self.gate_seen = before.gate_seen;
    }

    /// Hears interleaved samples (−1..=1) that go on where the last ended; answers the verdicts that were
    /// new.
    pub fn hear(&mut self, samples: impl Iterator<Item = f32>, limits: &Limits) -> Vec<Verdict> {
        if self.mains_hz != limits.mains_hz {
            (self.mains_hz, self.hum) = (limits.mains_hz, Hum::new(self.form.rate_hz, limits.mains_hz));
            self.windows = Windows::default();
        }
        let slice = u64::from(self.form.rate_hz / SLICES_PER_SECOND);
        let mut verdicts = Vec::new();
        let (mut channel, mut sum) = (0, 0.0);
        for sample in samples {
            // A broken device's NaN must not spoil what follows.
            let sample = if sample.is_finite() { sample } else { 0.0 };
            let run = &mut self.at_full[channel];
            *run = if sample.abs() >= FULL { *run + 1 } else { 0 };
            self.is_clipped |= *run >= FLAT_TOP;
            self.squares += f64::from(sample) * f64::from(sample);
            sum += f64::from(sample);
            channel += 1;
            if channel < self.form.channels {
                continue;
            }
            if let Some(lines) = self.hum.hear(sum / self.form.channels as f64) {
                self.windows.push(lines);
            }
            (channel, sum) = (0, 0.0);
            self.samples += 1;
            if self.samples.is_multiple_of(slice) {
                verdicts.extend(self.weigh(slice as f64, limits));
            }
        }
        verdicts
    }

    /// Ends a tenth of a second.
    fn weigh(&mut self, samples: f64, limits: &Limits) -> Option<Verdict> {
        let now = self.next();
        let power = self.squares / (samples * self.form.channels as f64);
        self.squares = 0.0;
        self.clipped.push_back(std::mem::take(&mut self.is_clipped));
        if self.clipped.len() > CLIPPING_SLICES {
            self.clipped.pop_front();
        }
        let clipped = self.clipped.iter().filter(|clipped| **clipped).count();

        let ease = |condition: &Condition| if condition.is_raised() { EASE } else { 1.0 };
        let is_silent = power <= power_of(limits.silent_level_db) * ease(&self.silent);
        let is_clipping = match self.clipping.is_raised() {
            true => self.clipped.back().is_some_and(|clipped| *clipped),
            false => clipped > 0 && clipped as f64 >= limits.clipping_share * CLIPPING_SLICES as f64,
        };
        let least_hum = power_of(limits.hum_level_db) / ease(&self.humming);

        self.notice_gate(is_silent, now, limits);
        let silent_time = if self.was_open { limits.mute_time } else { limits.silent_time };
        let patience = |raise| Patience { raise, clear: limits.clear_time };
        let told = [
            self.silent.tell(is_silent, now, patience(silent_time)),
            self.clipping.tell(is_clipping, now, patience(Duration::ZERO)),
            // What a voice hides is no evidence, neither for nor against.
            self.windows
                .is_hum(least_hum)
                .and_then(|is_hum| self.humming.tell(is_hum, now, patience(limits.hum_time))),
        ];
        if told[1].is_some() && !self.clipping.is_raised() {
            // What was clipped before counts no more.
            self.clipped.clear();
        }
        let before = self.verdict.holds();
        self.verdict = Verdict {
            silent: limits.check_silent && self.silent.is_raised(),
            clipping: limits.check_clipping && self.clipping.is_raised(),
            hum: limits.check_hum && self.humming.is_raised(),
            level_db: Some(decibels(power)),
            hum_db: Some(self.windows.hum()).filter(|hum| *hum > 0.0).map(decibels),
            heard: Some(now),
            since: self.verdict.since,
        };
        if self.verdict.holds() == before {
            return None;
        }
        self.verdict.since = Some(told.into_iter().flatten().min().unwrap_or(now));
        Some(self.verdict)
    }

    /// A gate closes between sentences and opens by itself; a microphone without one hears the room in
    /// every pause.
    fn notice_gate(&mut self, is_silent: bool, now: Duration, limits: &Limits) {
        if !is_silent {
            let closed = self.closed_since.take().map(|since| now.saturating_sub(since));
            if closed.is_some_and(|closed| closed < limits.silent_time) {
                self.gate_seen = Some(now);
            }
            self.open_since.get_or_insert(now);
        } else if let Some(since) = self.open_since.take() {
            let has_gate = self.gate_seen.is_some_and(|seen| now.saturating_sub(seen) < GATE_REMEMBERED);
            self.was_open = !has_gate && now.saturating_sub(since) >= OPEN_PROVEN;
            self.closed_since = Some(now);
        }
    }
}

fn power_of(decibels: f64) -> f64 {
    10_f64.powf(decibels / 10.0)
}

fn decibels(power: f64) -> f64 {
    (10.0 * power.log10()).max(SILENCE_DB)
}

#[cfg(test)]
mod tests;
