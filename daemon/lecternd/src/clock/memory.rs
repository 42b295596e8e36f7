//! What one run of the daemon leaves the next about the time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_api::{TimeSource, Trust};
use serde::{Deserialize, Serialize};

use crate::facts::{BOX, Facts, FactsError};

/// The time as it was last written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The box's time.
    pub(crate) at: Timestamp,
    /// Who vouched for it.
    pub(crate) source: TimeSource,
    /// How far it was off at most; absent when nobody knew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) uncertainty_ms: Option<u64>,
    /// What the clock chip lacked.
    #[serde(default)]
    pub(crate) rtc_offset_ms: i64,
    /// The kernel's boot id, where it told.
    #[serde(default)]
    pub(crate) boot_id: Option<String>,
    /// How long the machine had been running.
    pub(crate) uptime_ms: u64,
    /// Which start of the machine it was, counted from 1.
    pub(crate) boots: u64,
    /// Whether the daemon was told to end.
    pub(crate) clean: bool,
}

/// Its key in [`BOX`].
const KEY: &str = "clock";

impl Kept {
    /// A time, how far it was trusted, and what the clock chip lacked.
    pub(crate) fn new(at: Timestamp, trust: Trust, rtc_offset: SignedDuration, machine: &Machine) -> Self {
        Self {
            at,
            source: trust.source,
            uncertainty_ms: trust.uncertainty.map(whole_ms),
            rtc_offset_ms: i64::try_from(rtc_offset.as_millis()).unwrap_or_default(),
            boot_id: machine.boot_id.clone(),
            uptime_ms: whole_ms(machine.uptime),
            boots: machine.boots,
            clean: false,
        }
    }

    /// How long the machine has been running since; nothing when it was started
    /// anew.
    pub(crate) fn passed(&self, boot_id: &str, uptime: Duration) -> Option<Duration> {
        let same = self.boot_id.as_deref() == Some(boot_id);
        uptime.checked_sub(Duration::from_millis(self.uptime_ms)).filter(|_| same)
    }

    pub(crate) fn uncertainty(&self) -> Option<Duration> {
        self.uncertainty_ms.map(Duration::from_millis)
    }

    pub(crate) fn rtc_offset(&self) -> SignedDuration {
        SignedDuration::from_millis(self.rtc_offset_ms)
    }

    /// What the last run left.
    pub(crate) fn read(facts: &Facts) -> Result<Option<Self>, FactsError> {
        facts.get(BOX, KEY)
    }

    /// Leaves it, durably.
    pub(crate) fn write(&self, facts: &Facts) -> Result<(), FactsError> {
        facts.put(BOX, KEY, self)
    }
}

/// Which start of which machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Machine {
    pub(crate) boot_id: Option<String>,
    pub(crate) uptime: Duration,
    pub(crate) boots: u64,
}

fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
