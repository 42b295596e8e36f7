//! Quantities whose unit would otherwise have to be guessed.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Kilobits (1000 bits) per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Kbps(pub u32);

/// A number of bytes.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    /// In binary units with one decimal: `3.2 GiB`.
    #[expect(clippy::cast_precision_loss, reason = "a figure for people, one decimal")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
        let mut value = self.0 as f64;
        let mut unit = 0;
        while value >= 1024.0 && unit + 1 < UNITS.len() {
            value /= 1024.0;
            unit += 1;
        }
        if unit == 0 { write!(f, "{} B", self.0) } else { write!(f, "{value:.1} {}", UNITS[unit]) }
    }
}

/// A point or length on a lesson's time line in ticks of 1/90 000 s, the unit
/// of MPEG: 25, 30 and 60 fps and 48 kHz audio frames are whole or nearly so,
/// and 64 bits of it never wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Ticks(pub u64);

impl Ticks {
    /// Ticks in one second.
    pub const PER_SECOND: u64 = 90_000;

    /// Rounded to the nearest tick.
    #[must_use]
    pub fn from_nanos(nanos: u64) -> Self {
        let ticks = (u128::from(nanos) * 9 + 50_000) / 100_000;
        Self(u64::try_from(ticks).unwrap_or(u64::MAX))
    }

    /// In nanoseconds, rounded to the nearest.
    #[must_use]
    pub fn as_nanos(self) -> u64 {
        let nanos = (u128::from(self.0) * 100_000 + 4) / 9;
        u64::try_from(nanos).unwrap_or(u64::MAX)
    }

    /// As a [`Duration`].
    #[must_use]
    pub fn as_duration(self) -> Duration {
        Duration::from_nanos(self.as_nanos())
    }

    /// Rounded to the nearest tick.
    #[must_use]
    pub fn from_duration(duration: Duration) -> Self {
        Self::from_nanos(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
    }

    /// In seconds.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.as_duration().as_secs_f64()
    }

    /// The distance between two points, whichever comes first.
    #[must_use]
    pub fn abs_diff(self, other: Self) -> Self {
        Self(self.0.abs_diff(other.0))
    }
}

impl Add for Ticks {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Ticks {
    type Output = Self;
    /// Never below zero.
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_and_nanoseconds_agree_over_a_school_day() {
        for second in [0_u64, 1, 2_700, 8 * 3_600] {
            assert_eq!(Ticks::from_nanos(second * 1_000_000_000), Ticks(second * Ticks::PER_SECOND));
            assert_eq!(Ticks(second * Ticks::PER_SECOND).as_nanos(), second * 1_000_000_000);
        }
        // A frame at 30 fps is 33.333… ms and exactly 3000 ticks.
        assert_eq!(Ticks::from_nanos(33_333_333), Ticks(3_000));
    }

    #[test]
    fn bytes_read_as_a_person_would_say_them() {
        assert_eq!(Bytes(900).to_string(), "900 B");
        assert_eq!(Bytes(20 << 30).to_string(), "20.0 GiB");
    }
}
