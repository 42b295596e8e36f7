//! `status/health`: whether the box, or a part of it, is there.

use serde::{Deserialize, Serialize};

/// Whether something works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum HealthState {
    /// It works.
    Up,
    /// It is not there. Of `lecternd` it is the last will: the box is silent.
    Down,
    /// It works, and something is wrong with it.
    Degraded,
}

/// The payload of `status/health`. Retained. Of the service `lecternd` it is
/// repeated as the heartbeat, and `down` is the last will.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Health {
    /// Whether it works.
    pub status: HealthState,
    /// Of the daemon.
    pub pid: u32,
    /// When this was so, UTC. Of a last will: when the connection began.
    pub time: jiff::Timestamp,
    /// Changes with each start of the machine.
    pub boot_id: String,
    /// Changes with each connection: a `down` of another session than the last
    /// `up` is late, and not to be believed.
    pub session: String,
}
