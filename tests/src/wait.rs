//! Waiting for conditions.

use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};

/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Looks until `look` answers, and hands the answer on.
///
/// # Panics
/// When there is no answer within `limit`; `what` says what was waited for.
#[track_caller]
pub fn eventually<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let stopwatch = Stopwatch::start();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(stopwatch.elapsed() < limit, "not within {limit:?}: {what}");
        std::thread::sleep(LOOK);
    }
}

/// Looks again and again for as long as `span`.
///
/// # Panics
/// When `holds` is false once.
#[track_caller]
pub fn throughout(what: &str, span: Duration, mut holds: impl FnMut() -> bool) {
    let stopwatch = Stopwatch::start();
    while stopwatch.elapsed() < span {
        assert!(holds(), "after {:?} no longer: {what}", stopwatch.elapsed());
        std::thread::sleep(LOOK);
    }
}

/// Monotonic time since a start.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(SystemClock);

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(SystemClock::new())
    }

    /// Time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.monotonic()
    }
}
