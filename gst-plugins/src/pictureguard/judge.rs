//! What pictures are like, judged over time.

use std::time::Duration;

use super::brightness::Brightness;
use super::limits::Limits;
use super::pattern::{self, Pattern};
use super::picture::Picture;
use super::stillness::{self, Stand, Stillness};
use crate::condition::{Condition, Patience};

/// Pictures further apart than this are two pieces: nobody saw what was between.
const PAUSE: Duration = Duration::from_secs(5);
/// What may be bright in a black picture: a lamp of a device, a hot pixel.
const BLACK_REST: f64 = 0.002;
/// What may be bright in a picture that is too dark.
const DARK_REST: f64 = 0.05;
/// A condition that stands is left only well beyond where it began: these are factors of its limits.
const EASE: f64 = 1.5;

/// How a picture is lit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Exposure {
    /// As it should be, or not looked at.
    #[default]
    Normal,
    /// Too dark.
    Under,
    /// Too bright.
    Over,
}

impl Exposure {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Under => "under",
            Self::Over => "over",
        }
    }
}

/// What holds of the pictures. What explains another thing hides it: a blue screen is not frozen too.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Verdict {
    /// Nothing is to be seen.
    pub black: bool,
    /// One picture again and again.
    pub frozen: bool,
    /// What is shown instead of a signal.
    pub no_signal: Option<Pattern>,
    /// How the picture is lit.
    pub exposure: Exposure,
    /// Mean brightness of the newest picture, 0 is black and 1 is white.
    pub brightness: Option<f64>,
    /// Running time of the newest picture that was looked at.
    pub looked: Option<Duration>,
    /// Running time since when it has been so; nothing before the first change.
    pub since: Option<Duration>,
}

impl Verdict {
    fn holds(&self) -> (bool, bool, Option<Pattern>, Exposure) {
        (self.black, self.frozen, self.no_signal, self.exposure)
    }
}

/// Judges the pictures of one source.
#[derive(Debug, Default)]
pub struct Judge {
    points: Vec<u8>,
    stillness: Stillness,
    pattern: Option<Pattern>,
    black: Condition,
    frozen: Condition,
    no_signal: Condition,
    dark: Condition,
    bright: Condition,
    verdict: Verdict,
}

impl Judge {
    /// Whether a picture at the running time `now` should be looked at.
    pub fn is_due(&self, now: Duration, limits: &Limits) -> bool {
        self.verdict.looked.is_none_or(|looked| now < looked || now - looked >= limits.interval)
    }

    /// What holds now.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Another piece of pictures begins: what was seen so far proves nothing any more. What stands,
    /// stands until pictures of the new piece say otherwise.
    pub fn begin_anew(&mut self) {
        self.stillness.begin_anew();
        for condition in
            [&mut self.black, &mut self.frozen, &mut self.no_signal, &mut self.dark, &mut self.bright]
        {
            condition.begin_anew();
        }
    }

    /// Looks at a picture; answers the verdict when it is another than before.
    pub fn look(&mut self, picture: &Picture<'_>, now: Duration, limits: &Limits) -> Option<Verdict> {
        let goes_on = self
            .verdict
            .looked
            .is_some_and(|looked| looked <= now && now - looked <= PAUSE.max(limits.interval));
        if !goes_on {
            self.begin_anew();
        }
        let row = picture.sample(&mut self.points);
        let brightness = Brightness::of(&self.points, picture.range);
        let before = self.verdict.holds();
        let since = self.weigh(picture, row, &brightness, now, limits);
        self.verdict =
            Verdict { brightness: Some(brightness.mean()), looked: Some(now), ..self.settle(limits) };
        if self.verdict.holds() == before {
            return None;
        }
        self.verdict.since = Some(since.unwrap_or(now));
        Some(self.verdict)
    }

    /// Lets each condition know what the picture says; answers the earliest time since when one of those
    /// that change has been otherwise.
    fn weigh(
        &mut self,
        picture: &Picture<'_>,
        row: usize,
        brightness: &Brightness,
        now: Duration,
        limits: &Limits,
    ) -> Option<Duration> {
        let ease = |condition: &Condition| if condition.is_raised() { EASE } else { 1.0 };
        let pattern = limits.check_no_signal.then(|| pattern::of(picture)).flatten();
        let is_black =
            pattern.is_none() && brightness.share_from(limits.black_level) <= BLACK_REST * ease(&self.black);
        let is_dark = brightness.share_from(limits.dark_level) <= DARK_REST * ease(&self.dark);
        let is_bright =
            brightness.share_from(limits.bright_level) >= limits.bright_share / ease(&self.bright);
        self.pattern = pattern.or(self.pattern);

        let patience = |raise| Patience { raise, clear: limits.clear_time };
        let told = [
            self.no_signal.tell(pattern.is_some(), now, patience(limits.no_signal_time)),
            self.black.tell(is_black, now, patience(limits.black_time)),
            self.dark.tell(is_dark, now, patience(limits.exposure_time)),
            self.bright.tell(is_bright, now, patience(limits.exposure_time)),
        ];

        let stillness = stillness::Patience { noisy: limits.frozen_time, quiet: limits.frozen_quiet_time };
        let stand = self.stillness.look(&self.points, row, now, stillness);
        let is_explained = pattern.is_some() || limits.check_black && is_black;
        let frozen = match stand {
            // How long it stood was counted already.
            Stand::Frozen(since) if !is_explained => {
                self.frozen.tell(true, now, patience(Duration::ZERO)).and(Some(since))
            }
            Stand::Unknown if !is_explained => None,
            _ => self.frozen.tell(false, now, patience(Duration::ZERO)),
        };
        told.into_iter().flatten().chain(frozen).min()
    }

    /// What is said of the conditions that stand.
    fn settle(&self, limits: &Limits) -> Verdict {
        let no_signal =
            (limits.check_no_signal && self.no_signal.is_raised()).then_some(self.pattern).flatten();
        let black = limits.check_black && no_signal.is_none() && self.black.is_raised();
        let is_plain = no_signal.is_none() && !black;
        let exposure = match limits.check_exposure && is_plain {
            true if self.dark.is_raised() => Exposure::Under,
            true if self.bright.is_raised() => Exposure::Over,
            _ => Exposure::Normal,
        };
        let frozen = limits.check_frozen && is_plain && self.frozen.is_raised();
        Verdict { black, frozen, no_signal, exposure, ..self.verdict }
    }
}

#[cfg(test)]
mod tests;
