//! What somebody wants of the box, over the broker.
//!
//! [`judge()`] decides, from nothing but what it is given: it is pure. [`Desk`]
//! notes what was accepted before anything is done, has it carried out, and
//! answers.

mod desk;
mod judge;
mod parse;
mod slow;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;
use lectern_api::LessonId;
use lectern_api::command::{Command, Refusal};
use lectern_api::mqtt::{Answer, Restart, SetLogLevel, TimetablePush};
use serde::{Deserialize, Serialize};

pub use self::desk::Desk;
pub use self::judge::{LONGEST, Verdict, judge};
pub use self::parse::KINDS;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Start, stop, prolong, shutter: as from anywhere else.
    Lesson(Command),
    /// A new timetable, which passes the same gate as any.
    Timetable(TimetablePush),
    /// Tell settings, `table.key`.
    GetSettings(Vec<String>),
    /// Change settings: values as TOML writes them.
    SetSettings(BTreeMap<String, String>),
    /// Check everything.
    Doctor,
    /// Put a diagnostic bundle there (`https`).
    Bundle(url::Url),
    /// Log more or less for a while.
    Log(SetLogLevel),
    /// Start the daemon anew.
    Restart(Restart),
    /// Start the machine anew.
    Reboot(Restart),
}

/// What came of an action.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// The lesson that it was about.
    pub lesson: Option<LessonId>,
    /// What was asked for.
    pub result: BTreeMap<String, String>,
}

/// What an action becomes.
pub type Carried = Pin<Box<dyn Future<Output = Result<Outcome, Refusal>> + Send>>;

/// Whoever carries actions out. A restart is to wait a moment, so that its
/// answer goes out.
pub trait Executor: Send + Sync {
    /// Carries one out.
    fn carry_out(&self, action: Action) -> Carried;
}

/// What is noted of a command, durable before it is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// Later nobody asks for it again.
    pub valid_until: Timestamp,
    /// The answer, when there is one.
    pub answer: Option<Answer>,
}
