//! What can be wrong, and how it is told: once when it begins, once when it is
//! over.

use serde::{Deserialize, Serialize};

use crate::Text;
use crate::repair::{Part, Tried};

/// How bad, in the words of the field: 紧急 / 重要 / 一般 / 提示.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// 提示
    Warning,
    /// 一般
    Minor,
    /// 重要
    Major,
    /// 紧急
    Critical,
}

/// One fault, from its begin to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Tells it from every other fault of this box; a later one has a higher
    /// number. 0 from a box that keeps no book of them.
    #[serde(default)]
    pub id: u64,
    /// Dotted code, such as `camera.lost`.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// The source, target or store it is about.
    pub unit: String,
    /// Since when.
    pub since: jiff::Timestamp,
    /// What it means for the lesson.
    pub text: Text,
    /// One thing to do.
    pub hint: Text,
    /// How often it was there: more than once when it came back before it
    /// counted as over.
    #[serde(default = "once")]
    pub count: u32,
    /// Since when it is over; null while it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<jiff::Timestamp>,
    /// What the box has tried by itself, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<Tried>,
    /// The part that it may need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
}

fn once() -> u32 {
    1
}
