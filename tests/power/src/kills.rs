//! A process that is killed in the middle of a chosen operation, and the next
//! one that must find everything.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fastrand::Rng;
use lectern_api::{Clock as _, SystemClock};

use crate::child::{Damaged, Task, Work};
use crate::model::{Mark, Model, Op, Spoil};
use crate::process::{self, Ending};

/// What is killed. What a process is in the middle of most of the time comes
/// first.
const TARGETS: [&str; 9] =
    ["opening", "append", "begin lesson", "begin run", "commit", "end", "finish", "make room", "gap"];
const LONGEST_DELAY: Duration = Duration::from_millis(4);

/// One spool, and the processes that write to it in turn.
#[derive(Debug)]
pub struct Kills {
    program: PathBuf,
    folder: tempfile::TempDir,
    rng: Rng,
    expected: Model,
    /// How many were killed in the middle of what.
    pub during: BTreeMap<&'static str, usize>,
}

fn during(mark: &Mark) -> &'static str {
    match mark {
        Mark::Opening => "opening",
        Mark::Begin(Op::Append { .. }) => "append",
        Mark::Begin(Op::BeginLesson(_)) => "begin lesson",
        Mark::Begin(Op::BeginRun { .. }) => "begin run",
        Mark::Begin(Op::Commit) => "commit",
        Mark::Begin(Op::End(_)) => "end",
        Mark::Begin(Op::Finish(_)) => "finish",
        Mark::Begin(Op::MakeRoom | Op::Delete(_)) => "make room",
        Mark::Begin(Op::Gap { .. }) => "gap",
        Mark::Begin(_) => "another operation",
        Mark::Opened => "looking",
        Mark::Adopted(_) | Mark::Done(_) | Mark::Failed(_) => "between operations",
    }
}

impl Kills {
    /// An empty spool.
    ///
    /// # Errors
    /// The file system's.
    pub fn new(program: &Path, seed: u64) -> io::Result<Self> {
        Ok(Self {
            program: program.to_owned(),
            folder: tempfile::Builder::new().prefix("lectern-kills-").tempdir()?,
            rng: Rng::with_seed(seed),
            expected: Model::default(),
            during: BTreeMap::new(),
        })
    }

    /// How many were killed.
    #[must_use]
    pub fn count(&self) -> usize {
        self.during.values().sum()
    }

    /// Starts a process, which looks at what is there and writes, and kills it.
    ///
    /// # Errors
    /// The surroundings'. The inner error is a process that found something
    /// wrong.
    pub fn kill_one(&mut self) -> io::Result<Result<(), Ending>> {
        // The first of them as often as all others together.
        let target = if self.rng.u8(..5) < 2 { self.rng.usize(..2) } else { self.rng.usize(..TARGETS.len()) };
        let target = TARGETS[target];
        let nth = if target == "opening" { 0 } else { self.rng.usize(..8) };
        let delay = Duration::from_nanos(match self.rng.u8(..3) {
            0 => 0,
            1 => self.rng.u64(..LONGEST_DELAY.as_nanos() as u64 / 16),
            _ => self.rng.u64(..LONGEST_DELAY.as_nanos() as u64 * if target == "opening" { 8 } else { 1 }),
        });
        let spoil = self.rng.u8(..16) == 0 && self.expected.born;
        let task = Task {
            work: Work::Spool,
            folder: self.folder.path().join("spool"),
            marks: "/dev/stdout".into(),
            expected: self.expected.clone(),
            seed: self.rng.u64(..),
            operations: 120,
            spoil: spoil.then_some(Spoil::Emptied),
            damaged: Damaged::default(),
            commits: false,
            closes: false,
        };
        let mut running = process::start(&self.program, self.folder.path(), &task)?;
        let Some(stdout) = running.stdout() else { return Err(io::Error::other("it has no output")) };
        let mut lines = Vec::new();
        let (mut seen, mut killed) = (0, false);
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line?;
            // Cut short by the kill: the system call before it had not returned either.
            let Ok(mark) = serde_json::from_slice::<Mark>(&line) else { break };
            if !killed && during(&mark) == target {
                seen += 1;
                if seen > nth {
                    spin(delay);
                    running.kill()?;
                    killed = true;
                }
            }
            lines.push(mark);
        }
        let ending = running.wait()?;
        if ending.code.is_some_and(|code| code != 0) || !killed && !ending.is_good() {
            return Ok(Err(ending));
        }
        if ending.code.is_none() {
            *self.during.entry(lines.last().map_or("starting", during)).or_default() += 1;
        }
        for mark in lines {
            self.expected.take_in(mark);
        }
        Ok(Ok(()))
    }
}

/// Shorter than a sleep can be.
fn spin(delay: Duration) {
    let clock = SystemClock::new();
    while clock.monotonic() < delay {
        std::hint::spin_loop();
    }
}
