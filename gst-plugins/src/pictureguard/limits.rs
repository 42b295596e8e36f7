//! What is looked for, and how much of it for how long.

use std::time::Duration;

/// The settings of a [`Judge`](super::judge::Judge).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Whether black pictures are looked for.
    pub check_black: bool,
    /// Whether frozen pictures are looked for.
    pub check_frozen: bool,
    /// Whether the pictures that stand for a lost signal are looked for.
    pub check_no_signal: bool,
    /// Whether pictures that are too dark or too bright are looked for.
    pub check_exposure: bool,
    /// How long a picture is black before it is said.
    pub black_time: Duration,
    /// How long a picture stands still before it is said, where all of it had noise before.
    pub frozen_time: Duration,
    /// The same where it had none: longer than the keyframes of a camera are apart.
    pub frozen_quiet_time: Duration,
    /// How long there is no signal before it is said.
    pub no_signal_time: Duration,
    /// How long a picture is too dark or too bright before it is said: longer than a camera takes to
    /// get used to a lamp.
    pub exposure_time: Duration,
    /// How long a condition is over before it is said.
    pub clear_time: Duration,
    /// Time between two pictures that are looked at.
    pub interval: Duration,
    /// A picture with next to nothing as bright as this is black; 0 is black and 1 is white.
    pub black_level: f64,
    /// A picture with little as bright as this is too dark.
    pub dark_level: f64,
    /// What is as bright as this has lost its drawing.
    pub bright_level: f64,
    /// A picture with so much of that is too bright, 0..=1.
    pub bright_share: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            check_black: true,
            check_frozen: true,
            check_no_signal: true,
            check_exposure: true,
            black_time: Duration::from_millis(1500),
            frozen_time: Duration::from_millis(1500),
            frozen_quiet_time: Duration::from_secs(12),
            no_signal_time: Duration::from_millis(1500),
            exposure_time: Duration::from_secs(5),
            clear_time: Duration::from_secs(1),
            interval: Duration::from_millis(80),
            black_level: 0.1,
            dark_level: 0.25,
            bright_level: 0.95,
            bright_share: 0.5,
        }
    }
}
