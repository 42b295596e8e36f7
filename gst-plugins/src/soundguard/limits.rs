//! What is listened for, and how much of it for how long.

use std::time::Duration;

/// The settings of a [`Judge`](super::judge::Judge).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Whether silence is listened for.
    pub check_silent: bool,
    /// Whether clipping is listened for.
    pub check_clipping: bool,
    /// Whether the hum of the mains is listened for.
    pub check_hum: bool,
    /// How long it is silent before it is said: longer than a teacher thinks, whose microphone closes in
    /// pauses.
    pub silent_time: Duration,
    /// The same where the microphone was open all along before.
    pub mute_time: Duration,
    /// How long there is hum before it is said, pauses beneath a voice included.
    pub hum_time: Duration,
    /// How long a condition is over before it is said.
    pub clear_time: Duration,
    /// Silence is below this: the noise of an open microphone lies above. dB below full scale, RMS.
    pub silent_level_db: f64,
    /// Hum is above this. dB below full scale, RMS.
    pub hum_level_db: f64,
    /// So much of the last five seconds is clipped before it is said, 0..=1.
    pub clipping_share: f64,
    /// Frequency of the mains.
    pub mains_hz: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            check_silent: true,
            check_clipping: true,
            check_hum: true,
            silent_time: Duration::from_secs(15),
            mute_time: Duration::from_millis(1500),
            hum_time: Duration::from_secs(3),
            clear_time: Duration::from_secs(2),
            silent_level_db: -72.0,
            hum_level_db: -50.0,
            clipping_share: 0.1,
            mains_hz: 50,
        }
    }
}
