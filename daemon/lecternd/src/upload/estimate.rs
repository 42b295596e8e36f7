//! How fast it goes, and when it will be done. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use lectern_api::{Bytes, Kbps};

/// What counts: the last minute in which something was being sent.
const WINDOW: Duration = Duration::from_secs(60);

/// Bytes over the time in which something was in flight: a lane that waits for
/// the next fragment does not make the link look slow. Times are points on any
/// clock that never goes back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Throughput {
    in_flight: u32,
    /// Since when something is.
    since: Duration,
    /// Time in which something was in flight, before `since`.
    busy: Duration,
    /// When on the busy time something arrived, and how much.
    arrived: VecDeque<(Duration, u64)>,
}

impl Throughput {
    pub(crate) fn begin(&mut self, now: Duration) {
        if self.in_flight == 0 {
            self.since = now;
        }
        self.in_flight += 1;
    }

    /// The end of what [`begin`](Self::begin) began; nothing arrived when it failed.
    pub(crate) fn end(&mut self, now: Duration, bytes: u64) {
        let busy = self.busy_at(now);
        self.in_flight = self.in_flight.saturating_sub(1);
        (self.busy, self.since) = (busy, now);
        if bytes > 0 {
            self.arrived.push_back((busy, bytes));
        }
        while self.arrived.front().is_some_and(|(at, _)| *at + WINDOW < busy) {
            self.arrived.pop_front();
        }
    }

    fn busy_at(&self, now: Duration) -> Duration {
        if self.in_flight == 0 { self.busy } else { self.busy + now.saturating_sub(self.since) }
    }

    /// Zero before anything arrived.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rate for people; saturates"
    )]
    pub(crate) fn rate(&self) -> Kbps {
        let time = self.busy.min(WINDOW).as_secs_f64().max(0.001);
        let bytes: u64 = self.arrived.iter().map(|(_, bytes)| bytes).sum();
        Kbps((bytes as f64 / 125.0 / time) as u32)
    }
}

/// Seconds until a store has everything: at `rate`, but not above `bound`,
/// while `growth` is being recorded. Nothing when it never would, or when it is
/// not known how fast it goes.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub(crate) fn through_in_s(pending: Bytes, rate: Kbps, bound: Option<Kbps>, growth: Kbps) -> Option<f64> {
    if pending == Bytes(0) {
        return Some(0.0);
    }
    let rate = bound.map_or(rate, |bound| rate.min(bound));
    let left = rate.0.checked_sub(growth.0).filter(|left| *left > 0)?;
    Some(pending.0 as f64 / 125.0 / f64::from(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn waiting_does_not_count_and_two_at_once_count_once() {
        let mut link = Throughput::default();
        assert_eq!(link.rate(), Kbps(0));
        // 250 000 B in one second, then a minute of nothing, 30 times.
        for round in 0..30 {
            link.begin(s(61 * round));
            link.end(s(61 * round + 1), 250_000);
        }
        assert_eq!(link.rate(), Kbps(2_000));
        let mut both = Throughput::default();
        both.begin(s(0));
        both.begin(s(0));
        both.end(s(2), 250_000);
        both.end(s(2), 250_000);
        assert_eq!(both.rate(), Kbps(2_000));
    }

    #[test]
    fn only_the_last_minute_of_sending_counts() {
        let mut link = Throughput::default();
        link.begin(s(0));
        link.end(s(10), 125_000_000);
        for second in 0..70 {
            link.begin(s(100 + second));
            link.end(s(101 + second), 125_000);
        }
        assert!((990..=1_030).contains(&link.rate().0), "{:?}", link.rate());
    }

    #[test]
    fn a_dead_link_becomes_slow_and_stays_small() {
        let mut link = Throughput::default();
        link.begin(s(0));
        link.end(s(1), 1_250_000);
        for second in 1..100 {
            link.begin(s(second));
            link.end(s(second + 1), 0);
        }
        assert_eq!(link.rate(), Kbps(0));
        for second in 0..10_000 {
            link.begin(s(1_000 + second));
            link.end(s(1_001 + second), 1);
        }
        assert!(link.arrived.len() < 70);
    }

    #[test]
    fn the_end_takes_into_account_what_is_recorded_meanwhile() {
        let pending = Bytes(180_000_000);
        assert_eq!(through_in_s(pending, Kbps(4_000), None, Kbps(0)), Some(360.0));
        assert_eq!(through_in_s(pending, Kbps(6_500), None, Kbps(2_500)), Some(360.0));
        assert_eq!(through_in_s(pending, Kbps(99_000), Some(Kbps(4_000)), Kbps(0)), Some(360.0));
        assert_eq!(through_in_s(pending, Kbps(2_500), None, Kbps(2_500)), None, "it never gets less");
        assert_eq!(through_in_s(pending, Kbps(0), None, Kbps(0)), None, "nothing is known");
        assert_eq!(through_in_s(Bytes(0), Kbps(0), None, Kbps(2_500)), Some(0.0));
    }
}
