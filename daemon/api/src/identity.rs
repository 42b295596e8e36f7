//! By what others know a box again.

use serde::{Deserialize, Serialize};

use crate::DeviceId;

/// The answer of `lecternctl --json identity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The asset number.
    pub device: DeviceId,
    /// The Ed25519 public key that its manifests are signed with, 64
    /// lower-case hex digits. Keep it where the archive cannot change it.
    pub public_key: String,
}
