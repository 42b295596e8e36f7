//! How fast a store may be sent to: a token bucket, filled at the rate that the
//! configuration and the broadcast leave. A file is sent as a whole; then the
//! bucket is in debt, and the next one waits until it is paid.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lectern_api::{Clock, Kbps};
use tokio::sync::watch;

/// The bucket. Times are points on any clock that never goes back. Pure.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    debt_bytes: f64,
    at: Duration,
}

impl Bucket {
    /// How long to wait before the next file; nothing when it may go. Nothing
    /// goes at a rate of zero.
    fn wait(&mut self, now: Duration, rate: Option<Kbps>) -> Option<Duration> {
        let elapsed = now.saturating_sub(self.at);
        self.at = now;
        let Some(rate) = rate else {
            self.debt_bytes = 0.0;
            return None;
        };
        let bytes_per_s = f64::from(rate.0) * 125.0;
        self.debt_bytes = (self.debt_bytes - elapsed.as_secs_f64() * bytes_per_s).max(0.0);
        if rate == Kbps(0) {
            return Some(Duration::MAX);
        }
        (self.debt_bytes > 0.0)
            .then(|| Duration::from_secs_f64((self.debt_bytes / bytes_per_s).min(86_400.0)))
    }

    #[expect(clippy::cast_precision_loss, reason = "sizes of files")]
    fn take(&mut self, bytes: u64) {
        self.debt_bytes += bytes as f64;
    }
}

/// One store's pace.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    /// What the uplink has left for archives, as the broadcast sees it; nothing
    /// is as much as there is.
    allowed: watch::Receiver<Option<Kbps>>,
    /// The most that the configuration lets this store have.
    own: Option<Kbps>,
    clock: Arc<dyn Clock>,
    bucket: Arc<Mutex<Bucket>>,
}

/// Longest time between two looks at the rate.
const LOOK: Duration = Duration::from_secs(1);

impl Pace {
    pub(crate) fn new(
        allowed: watch::Receiver<Option<Kbps>>,
        own: Option<Kbps>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { allowed, own, clock, bucket: Arc::default() }
    }

    /// The rate now; nothing is no bound.
    pub(crate) fn rate(&self) -> Option<Kbps> {
        let allowed = *self.allowed.borrow();
        [allowed, self.own].into_iter().flatten().min()
    }

    /// Waits until a file of so many bytes may go.
    pub(crate) async fn admit(&self, bytes: u64) {
        let mut allowed = self.allowed.clone();
        loop {
            let wait = {
                let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
                let wait = bucket.wait(self.clock.monotonic(), self.rate());
                if wait.is_none() {
                    bucket.take(bytes);
                }
                wait
            };
            let Some(wait) = wait else { return };
            allowed.borrow_and_update();
            // A broadcast that is gone changes nothing any more: only time does.
            let changed = async {
                if allowed.changed().await.is_err() {
                    std::future::pending::<()>().await
                }
            };
            let _ = tokio::time::timeout(wait.min(LOOK), changed).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAGMENT: u64 = 250_000;

    #[test]
    fn a_bucket_lets_through_what_the_rate_says() {
        let (mut bucket, mut now, mut sent) = (Bucket::default(), Duration::ZERO, 0);
        while now < Duration::from_secs(60) {
            match bucket.wait(now, Some(Kbps(1_000))) {
                Some(wait) => now += wait,
                None => {
                    bucket.take(FRAGMENT);
                    sent += FRAGMENT;
                }
            }
        }
        assert_eq!(sent, 60 * 125_000);
    }

    #[test]
    fn time_without_sending_is_not_saved_up() {
        let mut bucket = Bucket::default();
        assert_eq!(bucket.wait(Duration::from_secs(3_600), Some(Kbps(1_000))), None);
        bucket.take(FRAGMENT);
        assert_eq!(bucket.wait(Duration::from_secs(3_600), Some(Kbps(1_000))), Some(Duration::from_secs(2)));
    }

    #[test]
    fn a_rate_of_zero_stops_and_a_new_rate_counts_at_once() {
        let mut bucket = Bucket::default();
        assert_eq!(bucket.wait(Duration::ZERO, Some(Kbps(0))), Some(Duration::MAX));
        bucket.take(FRAGMENT);
        assert_eq!(bucket.wait(Duration::ZERO, Some(Kbps(2_000))), Some(Duration::from_secs(1)));
        assert_eq!(bucket.wait(Duration::ZERO, None), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_lower_of_both_rates_counts_and_a_raise_wakes_who_waits() {
        let (tx, rx) = watch::channel(Some(Kbps(0)));
        let pace = Pace::new(rx, Some(Kbps(800)), Arc::new(lectern_api::SystemClock::new()));
        assert_eq!(pace.rate(), Some(Kbps(0)));
        let waiting = pace.admit(FRAGMENT);
        tokio::pin!(waiting);
        let early = tokio::time::timeout(Duration::from_secs(5), waiting.as_mut()).await;
        assert!(early.is_err(), "nothing goes at a rate of zero");
        tx.send_replace(None);
        waiting.await;
        assert_eq!(pace.rate(), Some(Kbps(800)));
    }
}
