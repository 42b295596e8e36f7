//! What is to be seen and heard of a source, as the guards in its pipeline
//! judge it. Nobody in the picture is looked for: only whether there is one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a device shows in place of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoSignal {
    /// Colour bars.
    Bars,
    /// One blue all over.
    Blue,
}

/// How a picture is lit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Exposure {
    /// As it should be, or nobody looks: a slide may be white.
    #[default]
    Normal,
    /// Too dark.
    Under,
    /// Too bright.
    Over,
}

/// What is to be seen of a source that delivers pictures. Of several things
/// that hold only the one that explains the others is true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureStatus {
    /// For how long it has been watched without a break. What is not told of a
    /// source that was opened a moment ago may still be so.
    pub watched_ms: u64,
    /// Nothing is to be seen.
    pub black: bool,
    /// One picture again and again; told of cameras only, since a slide stands
    /// still.
    pub frozen: bool,
    /// What stands there for a signal; null when there is one.
    #[serde(default)]
    pub no_signal: Option<NoSignal>,
    /// How it is lit; told of cameras only.
    #[serde(default)]
    pub exposure: Exposure,
    /// How long ago the picture changed; null while it has not.
    #[serde(default)]
    pub moved_ms_ago: Option<u64>,
    /// How long ago something was to be seen, also before the source was opened
    /// again; null while nothing was.
    #[serde(default)]
    pub shown_ms_ago: Option<u64>,
}

/// What is not told after this time of watching is not so, but for what takes
/// longer to judge.
const SETTLED: Duration = Duration::from_secs(2);
/// How a picture is lit is told after five seconds.
const LIGHT_SETTLED: Duration = Duration::from_secs(6);
/// A living picture changes: one from a camera behind an economical encoder with
/// each keyframe at least.
const LIVELY: Duration = Duration::from_secs(10);

impl PictureStatus {
    /// Whether it shows what a device shows when nothing comes in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.black || self.no_signal.is_some()
    }

    /// Whether there is evidence of a signal that shows something.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        !self.is_empty() && self.watched_ms >= ms(SETTLED)
    }

    /// Whether there is evidence that it is lit as it should be.
    #[must_use]
    pub fn is_lit(&self) -> bool {
        self.is_seen() && self.exposure == Exposure::Normal && self.watched_ms >= ms(LIGHT_SETTLED)
    }

    /// Whether there is evidence that it moves.
    #[must_use]
    pub fn is_lively(&self) -> bool {
        !self.is_empty() && !self.frozen && self.moved_ms_ago.is_some_and(|ago| ago < ms(LIVELY))
    }
}

/// What is to be heard of a microphone that delivers sound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoundStatus {
    /// For how long it has been listened to without a break.
    pub listened_ms: u64,
    /// Nothing is to be heard, not even the room.
    pub silent: bool,
    /// Peaks are cut off.
    pub clipping: bool,
    /// The mains are to be heard.
    pub hum: bool,
}

/// Hum is told after ten seconds of a voice with pauses.
const HUM_SETTLED: Duration = Duration::from_secs(15);

impl SoundStatus {
    /// A microphone below so many dB of full scale is switched off or muted: what
    /// 16 bits hold ends at −96, an open one lies above −80 in the quietest room.
    pub const MUTE_DB: i32 = -90;

    /// Whether there is evidence of an open microphone; `level_db` is how loud the
    /// last seconds were.
    #[must_use]
    pub fn is_open(&self, level_db: Option<i32>) -> bool {
        !self.silent && level_db.is_some_and(|level| level >= Self::MUTE_DB)
    }

    /// Whether there is evidence that nothing is cut off: a silent microphone
    /// clips nothing, and proves nothing.
    #[must_use]
    pub fn is_unclipped(&self, level_db: Option<i32>) -> bool {
        self.is_open(level_db) && !self.clipping && self.listened_ms >= ms(SETTLED)
    }

    /// Whether there is evidence that nothing hums.
    #[must_use]
    pub fn is_clean(&self, level_db: Option<i32>) -> bool {
        self.is_open(level_db) && !self.hum && self.listened_ms >= ms(HUM_SETTLED)
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
