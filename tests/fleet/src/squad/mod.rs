//! Members in processes of their own, and what is asked of them: a line of JSON
//! each way.

mod inside;
mod outside;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use inside::serve;
pub use outside::Squads;

use crate::day::Day;

/// Which members, and where their broker is.
#[derive(Debug, Clone, clap::Args)]
pub struct Roster {
    /// Number of the first.
    #[arg(long)]
    pub first: usize,
    /// How many.
    #[arg(long)]
    pub count: usize,
    /// The broker.
    #[arg(long)]
    pub url: String,
    /// What is trusted beside the system's certificates.
    #[arg(long)]
    pub ca: Option<PathBuf>,
    /// Where their outboxes lie.
    #[arg(long)]
    pub folder: PathBuf,
}

/// What is asked of a squad.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Order {
    /// Dial, all at once; whoever loses the broker later waits as a box does.
    Dial,
    /// Tell of a lesson, all at once.
    Tell,
    /// So many cameras of each are lost.
    Lose(usize),
    /// Tell and measure at random for so long, once in so many seconds each.
    Live {
        /// Between two events of one box, in the mean.
        event_s: u64,
        /// Between two measurements.
        measurement_s: u64,
        /// How long.
        seconds: u64,
    },
    /// Each member lives another slice of the day, all of them the whole of it.
    Day(Day),
    /// Say how you are.
    Report,
    /// Say what each holds for true.
    Beliefs,
    /// Say when who tried to connect, and whether it could, since last asked.
    Tries,
}

/// What a squad says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Reply {
    /// It is done.
    Done,
    /// How it is.
    Report(Report),
    /// What each holds for true.
    Beliefs(Vec<Belief>),
    /// Every try to connect.
    Tries(Vec<Try>),
    /// It cannot be done.
    Failed(String),
}

/// A try to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// When it was over, in milliseconds since 1970.
    pub at_ms: i64,
    /// Whose.
    pub member: usize,
    /// Whether the broker was there.
    pub is_up: bool,
}

/// How a squad is, or all of them together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Members that have their broker.
    pub up: usize,
    /// Messages in their outboxes.
    pub waiting: usize,
    /// Events that they ever took in.
    pub events: u64,
    /// Processor time so far, in seconds.
    pub cpu_s: f64,
    /// Memory, in bytes.
    pub resident_bytes: u64,
    /// Open files.
    pub files: usize,
}

/// What one member holds for true.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Belief {
    /// Its asset number.
    pub device: String,
    /// Of its outbox.
    pub epoch: String,
    /// The number of its newest event.
    pub newest: u64,
    /// What the broker has to keep of it.
    pub state: BTreeMap<String, Value>,
}
