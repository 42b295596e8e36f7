//! What `lecternctl doctor` finds: the same answer on the terminal, over MQTT
//! and for programs.
//!
//! The codes stand in `docs/reference/doctor.md`; a fault that the daemon has
//! raised keeps its own code.

use serde::{Deserialize, Serialize};

use crate::Text;

/// One look at a box from all sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examination {
    /// The asset number, where it is known.
    pub device: Option<String>,
    /// Where the box stands, where that is known.
    #[serde(default)]
    pub place: String,
    /// When, by the machine's clock.
    pub at: jiff::Timestamp,
    /// How long it took.
    pub took_ms: u64,
    /// Causes first, consequences after them.
    pub checks: Vec<Check>,
}

impl Examination {
    /// How many came out so.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.checks.iter().filter(|check| check.outcome == outcome).count()
    }

    /// What somebody should do something about, the worst first.
    #[must_use]
    pub fn findings(&self) -> Vec<&Check> {
        let of = |outcome| self.checks.iter().filter(move |check| check.outcome == outcome);
        of(Outcome::Fail).chain(of(Outcome::Warn)).collect()
    }

    /// Whether nothing could be looked at: no daemon answers, and everything
    /// else was left out.
    #[must_use]
    pub fn saw_nothing(&self) -> bool {
        let is_blind = |check: &Check| check.outcome == Outcome::Skip || check.code == DAEMON;
        self.count(Outcome::Pass) == 0 && self.checks.iter().all(is_blind)
    }
}

/// The code of the check whether the daemon answers.
pub const DAEMON: &str = "daemon.answers";

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Dotted code, such as `disk.room`. Never changes its meaning.
    pub code: String,
    /// Which one of them: a source, target, store, interface or folder; empty
    /// where there is only one.
    #[serde(default)]
    pub unit: String,
    /// What came out.
    pub outcome: Outcome,
    /// What was found.
    pub text: Text,
    /// One thing to do; with [`Outcome::Warn`] and [`Outcome::Fail`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    /// Lines that show it, such as the last ones of a log, without secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub detail: Vec<String>,
}

/// What comes out of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is as it should be.
    Pass,
    /// It was not looked at; the text says why.
    Skip,
    /// Lessons are recorded, and something is not as it should be.
    Warn,
    /// A lesson, a broadcast or an upload suffers from it.
    Fail,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, outcome: Outcome) -> Check {
        let text = Text { en: String::new(), zh: String::new() };
        Check { code: code.to_owned(), unit: String::new(), outcome, text, hint: None, detail: Vec::new() }
    }

    fn examination(checks: Vec<Check>) -> Examination {
        Examination {
            device: None,
            place: String::new(),
            at: jiff::Timestamp::UNIX_EPOCH,
            took_ms: 1,
            checks,
        }
    }

    #[test]
    fn the_worst_comes_first_among_what_is_to_be_done() {
        let found = examination(vec![
            check("a", Outcome::Warn),
            check("b", Outcome::Pass),
            check("c", Outcome::Fail),
        ]);
        let codes: Vec<&str> = found.findings().iter().map(|check| check.code.as_str()).collect();
        assert_eq!(codes, ["c", "a"]);
    }

    #[test]
    fn nothing_was_seen_only_where_no_check_but_the_daemons_came_to_a_verdict() {
        let down = check(DAEMON, Outcome::Fail);
        assert!(examination(vec![down.clone(), check("disk.room", Outcome::Skip)]).saw_nothing());
        assert!(!examination(vec![down.clone(), check("disk.room", Outcome::Pass)]).saw_nothing());
        assert!(!examination(vec![down, check("disk.room", Outcome::Fail)]).saw_nothing());
    }
}
