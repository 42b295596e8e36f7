//! How long to wait before the next try: doubling, with a bound. Pure, so that
//! whoever waits decides how.

use std::time::Duration;

/// A doubling pause with a bound.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
}

impl Backoff {
    pub(crate) const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest }
    }

    /// The pause after so many failures in a row (0 is the first).
    pub(crate) fn pause(self, failures: u32) -> Duration {
        self.first.saturating_mul(2_u32.saturating_pow(failures.min(30))).min(self.longest)
    }

    /// As [`Self::pause`], shortened by up to a half: `chance` is any number, by
    /// which those who failed together come again one by one.
    pub(crate) fn pause_about(self, failures: u32, chance: u32) -> Duration {
        let pause = self.pause(failures);
        pause - pause.mul_f64(f64::from(chance) / f64::from(u32::MAX) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_its_bound() {
        let backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(3));
        let pauses: Vec<_> = (0..6).map(|n| backoff.pause(n).as_millis()).collect();
        assert_eq!(pauses, [250, 500, 1000, 2000, 3000, 3000]);
        assert_eq!(backoff.pause(u32::MAX), Duration::from_secs(3));
    }

    #[test]
    fn chance_takes_away_up_to_a_half() {
        let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        assert_eq!(backoff.pause_about(2, 0), Duration::from_secs(4));
        assert_eq!(backoff.pause_about(2, u32::MAX), Duration::from_secs(2));
    }
}
