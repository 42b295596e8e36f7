//! The one place where time comes from. Everything else is handed a [`Clock`],
//! so that a test can be at any hour of any day.

use std::time::{Duration, Instant, SystemTime};

/// Wall time and monotonic time.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Wall time in UTC. May jump in either direction.
    fn utc(&self) -> jiff::Timestamp;
    /// Time since an arbitrary point, never backwards; goes on in suspend only
    /// as far as the system's monotonic clock does.
    fn monotonic(&self) -> Duration;
}

/// The clocks of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time counts from now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where time enters the house")]
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where time enters the house")]
    fn utc(&self) -> jiff::Timestamp {
        jiff::Timestamp::try_from(SystemTime::now()).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }
}
