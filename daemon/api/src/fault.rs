//! What can be wrong, as far as the box can tell today.

use serde::{Deserialize, Serialize};

use crate::Text;

/// How bad, in the words of the field: 紧急 / 重要 / 一般 / 提示.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

/// One open fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
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
}
