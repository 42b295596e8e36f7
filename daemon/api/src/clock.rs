//! The one place where time comes from. Everything else is handed a [`Clock`],
//! so that a test can be at any hour of any day.

use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

/// Who vouches for the wall time, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    /// Nobody: the system's clock runs as it woke up.
    #[default]
    None,
    /// The last time that was known, and the time that was seen to pass since.
    /// How long the box was off in between, nobody knows.
    LastKnown,
    /// Somebody set the system's clock before the daemon started, and nothing
    /// speaks against it.
    System,
    /// A server whose certificate would be valid at the time that it tells.
    ServerHint,
    /// The clock chip that runs on its own battery.
    Rtc,
    /// A person at the command line or with a phone.
    Person,
    /// A server whose certificate is valid.
    Server,
    /// The kernel's clock, disciplined by NTP.
    Ntp,
    /// Told by a newer version.
    #[serde(other)]
    Unknown,
}

/// Whether the bell may ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nobody knows what time it is: no bell rings, by hand everything works.
    #[default]
    Unknown,
    /// Probably right: bells ring, and a fault tells.
    Unsure,
    /// Right within the uncertainty that stands beside it.
    Believed,
}

impl Verdict {
    /// Whether lessons begin by the timetable.
    #[must_use]
    pub fn rings(self) -> bool {
        self > Self::Unknown
    }
}

/// How far the wall time is to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trust {
    /// Who vouches for it.
    pub source: TimeSource,
    /// What follows from that.
    pub verdict: Verdict,
    /// How far it may be off; nothing when that is unknown.
    pub uncertainty: Option<Duration>,
}

impl Trust {
    /// Whether a machine of the network vouches for it: enough to delete by age.
    #[must_use]
    pub fn is_networked(&self) -> bool {
        self.verdict == Verdict::Believed && matches!(self.source, TimeSource::Server | TimeSource::Ntp)
    }
}

/// Wall time and monotonic time.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Wall time in UTC. May jump in either direction.
    fn utc(&self) -> jiff::Timestamp;
    /// Time since an arbitrary point, never backwards; goes on in suspend only
    /// as far as the system's monotonic clock does.
    fn monotonic(&self) -> Duration;
    /// How far the wall time is to be trusted; not at all, where nobody decides.
    fn trust(&self) -> Trust {
        Trust::default()
    }
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
