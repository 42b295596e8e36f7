//! What time it is: a time of the box's own, decided by who vouches for it.
//!
//! ```text
//! NTP, clock chip, system ─ once a second ─┐
//! a person, a server's Date ─ when it comes ┴▶ Keeper (pure) ─▶ BoxClock ─▶ every unit
//!                                                 └─▶ ClockState, journal, kept facts
//! ```
//!
//! The daemon cannot set the system's clock and need not: [`BoxClock`] is what
//! everything in it reads.

mod keeper;
mod memory;
mod reading;
pub(crate) mod servers;
pub(crate) mod start;
pub(crate) mod unit;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_api::{Clock, Trust};

use keeper::Keeper;
pub(crate) use keeper::Refused;

/// The box's time, for every unit.
#[derive(Debug)]
pub(crate) struct BoxClock {
    system: Arc<dyn Clock>,
    keeper: Mutex<Keeper>,
}

/// What is known about the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClockState {
    /// Who vouches for it, whether the bell may ring, how far it may be off.
    pub(crate) trust: Trust,
    /// The box's time minus the system's.
    pub(crate) correction: SignedDuration,
    /// By how much a better source says that the time is ahead, while a lesson
    /// keeps it from being set back.
    pub(crate) contradiction: Option<Duration>,
    /// How often it stepped since the daemon started: who plans ahead plans
    /// anew when this changes.
    pub(crate) jumps: u64,
    /// Where the last step led.
    pub(crate) jumped_at: Option<Timestamp>,
    /// The newest time that anything vouched for.
    pub(crate) last_known: Option<Timestamp>,
    /// Which start of the machine this is, counted from 1.
    pub(crate) boots: u64,
}

impl BoxClock {
    fn keeper(&self) -> MutexGuard<'_, Keeper> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for BoxClock {
    fn utc(&self) -> Timestamp {
        self.keeper().utc(self.system.monotonic())
    }

    fn monotonic(&self) -> Duration {
        self.system.monotonic()
    }

    fn trust(&self) -> Trust {
        self.keeper().trust(self.system.monotonic())
    }
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
