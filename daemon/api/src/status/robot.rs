//! The group that hears of what a person must act on.

use serde::{Deserialize, Serialize};

/// What came of telling it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RobotStatus {
    /// Whose robot it is: `wecom`, `dingtalk` or `feishu`.
    pub kind: String,
    /// When a message last reached the group, also before the daemon started;
    /// null when none ever did.
    pub told_at: Option<jiff::Timestamp>,
    /// When one last failed to, since the daemon started.
    pub failed_at: Option<jiff::Timestamp>,
    /// How often in a row.
    pub failures: u32,
    /// Why, English; of the last failure, until a message gets through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}
