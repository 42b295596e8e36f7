//! What the process does that loses its power: open the spool, look at
//! everything, and go on writing. A process of its own, so that a panic, an
//! abort or a hang is seen from outside.

mod examine;
mod facts;
mod marks;
mod media;
mod spoil;
mod workload;

use std::io;
use std::path::PathBuf;

use fastrand::Rng;
use serde::{Deserialize, Serialize};

use crate::model::{Mark, Model, Op, Spoil};
use crate::spool_api;
use examine::Findings;
use marks::Marks;
use workload::Workload;

/// What is exercised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    /// The spool.
    Spool,
    /// The store alone.
    Store,
}

/// What may be wrong, and must then be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damaged {
    /// The index may have lost what only it knew.
    pub index: bool,
    /// Nothing can tell that it did: it is a whole older copy.
    pub unnoticed: bool,
    /// So many fragments may be damaged.
    pub fragments: usize,
    /// So many copies of init segments may be damaged.
    pub inits: usize,
    /// A segment was damaged, and may be missing or unreadable as a whole.
    pub segments: bool,
}

/// What to do, handed over as a JSON file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task {
    /// What is exercised.
    pub work: Work,
    /// The spool's folder.
    pub folder: PathBuf,
    /// Takes the lines.
    pub marks: PathBuf,
    /// What must be there.
    pub expected: Model,
    /// Chooses the operations.
    pub seed: u64,
    /// So many operations follow, none when only looking.
    pub operations: usize,
    /// Whether the index is destroyed before it is opened.
    pub spoil: Option<Spoil>,
    /// What was damaged behind the spool's back.
    #[serde(default)]
    pub damaged: Damaged,
    /// Whether the last operation is a commit.
    #[serde(default)]
    pub commits: bool,
    /// Whether the spool is closed at the end, or left as a kill leaves it.
    pub closes: bool,
}

impl Task {
    /// Does it. What is found wrong goes to the standard error, one line each.
    /// Gives the exit code: 0 when nothing is wrong, 1 when something is lost
    /// or untrue, 2 when the spool does not work.
    #[must_use]
    pub fn run(self) -> u8 {
        match self.carry_out() {
            Ok(findings) if findings.is_empty() => 0,
            Ok(findings) => {
                findings.iter().for_each(|finding| eprintln!("{finding}"));
                1
            }
            Err(error) => {
                eprintln!("{error}");
                2
            }
        }
    }

    fn carry_out(self) -> io::Result<Vec<String>> {
        let mut marks = Marks::open(&self.marks)?;
        if self.work == Work::Store {
            return facts::carry_out(&self, &mut marks);
        }
        let mut expected = self.expected;
        if let Some(spoil) = self.spoil {
            marks.write(&Mark::Begin(Op::Spoil(spoil)))?;
            spoil::spoil(&self.folder.join("index"), spoil)?;
            // What was pending before may still be there.
            expected.index_lost = true;
        }
        marks.write(&Mark::Opening)?;
        let (spool, report) = spool_api::open(&self.folder).map_err(io::Error::other)?;
        marks.write(&Mark::Opened)?;
        let mut findings = Vec::new();
        let look = |expected: &Model, findings: &mut Findings| {
            examine::examine(&spool, &report, expected, self.damaged, findings).map_err(io::Error::other)
        };
        let mut found = look(&expected, &mut findings)?;
        if self.damaged.index && !findings.is_empty() {
            // Then the index lost something: it must say so, and the media must be there.
            if !report.lost_facts() && !self.damaged.unnoticed {
                findings.push(format!("and nothing is reported: {report:?}"));
                return Ok(findings);
            }
            expected.index_lost = true;
            findings.clear();
            found = look(&expected, &mut findings)?;
        }
        if !findings.is_empty() {
            return Ok(findings);
        }
        marks.write(&Mark::Adopted(Box::new(found.clone())))?;
        let rng = Rng::with_seed(self.seed);
        Workload { spool: &spool, marks: &mut marks, model: found, rng }.run(self.operations)?;
        if self.commits {
            marks.write(&Mark::Begin(Op::Commit))?;
            spool.commit().map_err(io::Error::other)?;
            marks.write(&Mark::Done(Vec::new()))?;
        }
        if self.closes {
            let spool = std::sync::Arc::new(spool);
            spool.close(std::time::Duration::from_secs(30)).map_err(io::Error::other)?;
        } else {
            // As the end of the power: nothing is tidied up.
            std::process::exit(0);
        }
        Ok(findings)
    }
}
