//! Which configuration counts, and what of it could not be used.

use serde::{Deserialize, Serialize};

/// The configuration of the running daemon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigStatus {
    /// The `lectern.toml` that it was started with, from the root on.
    pub path: String,
    /// Files of it that could not be used as they lie there now.
    pub unusable: Vec<UnusableFile>,
}

/// A file of the configuration that has mistakes or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnusableFile {
    /// Where it lies now.
    pub path: String,
    /// Which of the two it is, or was.
    pub file: ConfigFile,
    /// Whether it lies under another name since the start, and counts for
    /// nothing.
    pub set_aside: bool,
    /// What is wrong with it: the first mistake, with its line.
    pub cause: crate::Text,
}

/// A file of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ConfigFile {
    /// `lectern.toml`: without it nothing starts.
    #[serde(rename = "lectern.toml")]
    Main,
    /// `local.toml`: what was changed from afar.
    #[serde(rename = "local.toml")]
    Local,
}
