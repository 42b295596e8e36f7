//! Still pictures, for somebody who has asked for them.

use serde::{Deserialize, Serialize};

use crate::{Name, Text};

/// One picture of a source, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The source.
    pub source: Name,
    /// A JPEG, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jpeg: Option<String>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Text>,
}
