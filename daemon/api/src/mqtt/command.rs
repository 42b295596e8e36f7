//! `cmd/<type>/<id>`: what somebody wants of the box, and how far it is.
//!
//! Whoever wants something publishes, retained, a [`Request`] with the state
//! `init`; the box answers on the same topic, retained, with an [`Answer`]. When
//! it has read the last one, whoever asked clears the topic with an empty
//! payload.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::LessonId;

/// How far a command is. It moves forward only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum CommandState {
    /// It is wanted.
    Init,
    /// The box does it.
    Executing,
    /// The box did it.
    Successful,
    /// The box did not do it; `reason` says why.
    Failed,
}

/// What is wanted, with what it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Request<T> {
    /// `init`.
    pub status: CommandState,
    /// Until when it is still wanted, UTC. Later it is refused: a start from
    /// yesterday must not begin a lesson.
    pub valid_until: jiff::Timestamp,
    /// What it takes.
    #[serde(flatten)]
    pub body: T,
}

/// What the box says to a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Answer {
    /// `executing`, `successful` or `failed`.
    pub status: CommandState,
    /// Since when, UTC.
    pub time: jiff::Timestamp,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The same, 简体中文.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_zh: Option<String>,
    /// A stable word for programs why it failed, such as `late`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The lesson that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lesson: Option<LessonId>,
    /// What was asked for, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub result: BTreeMap<String, String>,
}

/// `start`: begin a lesson now.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Start {
    /// What the lesson is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// End by itself after so many minutes (1–720).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
}

/// `prolong`: end the running lesson later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Prolong {
    /// Whole minutes (1–60).
    pub minutes: u32,
}

/// `shutter`: picture and sound off, or on again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Shutter {
    /// Off (closed), or on again.
    pub closed: bool,
    /// Until the end of the day, and not of the lesson.
    #[serde(default)]
    pub today: bool,
}

/// `timetable_push`: a new version of the timetable. It passes the same gate as
/// one from anywhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TimetablePush {
    /// The file, text of any form that the box reads.
    pub timetable: String,
    /// What the file is called, where its form cannot be told from its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// `config_get`: what is set, for all settings that may be told; secrets are
/// none of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GetSettings {
    /// Keys as `table.key`, or `table.name.key` of a target or store.
    pub keys: Vec<String>,
}

/// `config_set`: set it otherwise. All of it, or nothing where anything is
/// wrong. The answer's `waits` names the tables that wait for a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SetSettings {
    /// Values as TOML writes them, by key as for `config_get`; an empty text
    /// takes a value back, so that `lectern.toml` counts again.
    pub settings: BTreeMap<String, String>,
}

/// `restart` and `reboot`: begin anew, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Restart {
    /// Also while a lesson runs or is about to begin: it goes on afterwards,
    /// with a gap. Refused otherwise.
    #[serde(default)]
    pub force: bool,
}

/// `doctor` and `stop` take nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Diagnosis {}

/// `bundle_upload`: put a diagnostic bundle somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BundleUpload {
    /// An `https` address that takes it by PUT.
    pub url: String,
}

/// How much the log tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What was lost.
    Error,
    /// What went wrong and was mended.
    Warn,
    /// What happens.
    Info,
    /// How it happens.
    Debug,
    /// Everything.
    Trace,
}

/// `log_level`: tell more or less for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SetLogLevel {
    /// How much.
    pub level: LogLevel,
    /// For so many minutes (1–1440), a restart at the longest; then it is as it
    /// was.
    #[serde(default = "an_hour")]
    pub minutes: u32,
}

fn an_hour() -> u32 {
    60
}
