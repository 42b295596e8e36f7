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

    /// Anything from nothing to [`Self::pause`]: for so many who failed at the
    /// same moment that coming again within half a pause would be a blow.
    pub(crate) fn pause_anywhere(self, failures: u32, chance: u32) -> Duration {
        self.pause(failures).mul_f64(f64::from(chance) / f64::from(u32::MAX))
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

    #[test]
    fn ten_thousand_who_failed_together_come_back_one_by_one() {
        let backoff = Backoff::new(Duration::from_secs(30), Duration::from_secs(600));
        // A broker that is away for twenty minutes, and those who try meanwhile.
        let mut tries = vec![0_u32; 4 * 3600];
        for stranger in 0..10_000_u32 {
            // Any sequence without order.
            let mut chance = stranger.wrapping_mul(0x9e37_79b9) | 1;
            let mut next = || {
                chance ^= chance << 13;
                chance ^= chance >> 17;
                chance ^= chance << 5;
                chance
            };
            let (mut at, mut failures) = (Duration::ZERO, 0);
            while at < Duration::from_secs(1200) {
                at += backoff.pause_anywhere(failures, next());
                tries[at.as_secs() as usize] += 1;
                failures += 1;
            }
        }
        let most = |from: usize, to: usize| tries[from..to].iter().max().copied().unwrap_or_default();
        let (first, late) = (most(0, 30), most(1200, 1800));
        assert!(first < 600 && late < 60, "{first} in a second at first, {late} when it is back");
        assert!(tries[1800..].iter().all(|n| *n == 0), "all are back ten minutes later");
    }
}
