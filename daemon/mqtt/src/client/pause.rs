//! How long to wait before the broker is tried again.

use std::sync::Arc;
use std::time::Duration;

use super::Pause;

/// The longest first pause, where the configuration says nothing else.
pub const FIRST: Duration = Duration::from_secs(30);
/// The longest pause, after many failures.
const LONGEST: Duration = Duration::from_secs(600);

/// The pause of a box: anywhere within `first` before the first try, then within
/// a minute, doubling, and 10 min at last. With [`FIRST`], ten thousand boxes that lose their broker together try at
/// most 526 times in a second at first, and 49 times when it is back after
/// twenty minutes.
#[must_use]
pub fn pause(first: Duration) -> Pause {
    // Where there is no chance all come together, which is still better than never.
    let chance = || getrandom::u32().unwrap_or(u32::MAX / 2);
    Arc::new(move |failures| match failures {
        0 => within(first, chance()),
        failures => anywhere(failures, chance()),
    })
}

/// The pause after so many failures in a row, by a number of chance: anything
/// from nothing to all of it, for so many fail at the same moment that coming
/// again within half a pause would be a blow.
fn anywhere(failures: u32, chance: u32) -> Duration {
    let most = FIRST.saturating_mul(2_u32.saturating_pow(failures.min(30))).min(LONGEST);
    within(most, chance)
}

fn within(most: Duration, chance: u32) -> Duration {
    most.mul_f64(f64::from(chance) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_its_bound_and_is_never_longer() {
        let most: Vec<_> = (0..7).map(|failures| anywhere(failures, u32::MAX).as_secs()).collect();
        assert_eq!(most, [30, 60, 120, 240, 480, 600, 600]);
        assert_eq!(anywhere(u32::MAX, u32::MAX), LONGEST);
        assert_eq!(anywhere(3, 0), Duration::ZERO);
        assert!((0..100).all(|_| pause(FIRST)(0) <= FIRST));
    }

    #[test]
    fn ten_thousand_who_failed_together_come_back_one_by_one() {
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
                at += anywhere(failures, next());
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
