//! Crash, recover, write, crash again: each link of a chain opens what the
//! power cut before left, looks at all of it, writes on, and is cut itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fastrand::Rng;

use crate::child::{Damaged, Task, Work};
use crate::disk::{Behaviour, Cut, Flushes, Log, Mounted, Recorder};
use crate::model::{Model, Spoil};
use crate::process::{self, Ending};

/// Where in the life of the spool the power went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// While ext4 replayed its journal, or before the spool was opened.
    Mounting,
    /// While the spool was opened.
    Opening,
    /// While the spool was opened with its index destroyed.
    Rebuilding,
    /// While it was written to.
    Working,
}

/// A power cut after which something was wrong.
#[derive(Debug)]
pub struct Loss {
    /// The cut, in words.
    pub cut: String,
    /// What was wrong.
    pub ending: Ending,
    /// The disk and the task that show it, when they were kept.
    pub kept: Option<PathBuf>,
}

/// A disk through a row of power cuts.
#[derive(Debug)]
pub struct Chain {
    program: PathBuf,
    work: Work,
    rng: Rng,
    recorder: Recorder,
    folder: tempfile::TempDir,
    disk: Vec<u8>,
    expected: Model,
    keep: bool,
    cut: Option<(Cut, Phase)>,
}

impl Chain {
    /// A chain that begins with an empty disk.
    ///
    /// # Errors
    /// FUSE cannot be mounted here.
    pub fn new(program: &Path, work: Work, empty: &[u8], seed: u64, flushes: Flushes) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("lectern-power-").tempdir()?;
        for name in ["fuse", "ext4"] {
            fs::create_dir(folder.path().join(name))?;
        }
        let recorder = Recorder::mount(&folder.path().join("fuse"), Behaviour::recorded(flushes))?;
        Ok(Self {
            program: program.to_owned(),
            work,
            rng: Rng::with_seed(seed),
            recorder,
            folder,
            disk: empty.to_vec(),
            expected: Model::default(),
            keep: flushes == Flushes::Kept,
            cut: None,
        })
    }

    /// Opens, looks, writes on, and cuts the power. Gives the phase of the cut
    /// that was looked at, nothing for the first link.
    ///
    /// # Errors
    /// The surroundings are at fault: no loop device, no room.
    pub fn link(&mut self) -> io::Result<Result<Option<Phase>, Loss>> {
        let task = self.task();
        let at = self.folder.path().join("ext4");
        self.recorder.insert(self.disk.clone());
        let mounted = match Mounted::mount(&self.recorder, &at) {
            Ok(mounted) => mounted,
            // A disk that was never cut must be mountable: then it is not the disk's fault.
            Err(error) if self.cut.is_none() => return Err(error),
            Err(error) => {
                let ending = Ending { code: None, said: format!("ext4: {error}") };
                return Ok(Err(self.lose(ending, &task)?));
            }
        };
        let ending = process::start(&self.program, self.folder.path(), &task)?.wait();
        drop(mounted);
        let (ending, log) = (ending?, self.recorder.take_log());
        if !ending.is_good() {
            return Ok(Err(self.lose(ending, &task)?));
        }
        let looked_at = self.cut.map(|(_, phase)| phase);
        let (cut, phase) = self.choose(&log, task.spoil.is_some());
        self.disk = cut.disk(&log);
        self.expected = std::mem::take(&mut self.expected).fold(log.marks(cut.before));
        self.cut = Some((cut, phase));
        Ok(Ok(looked_at))
    }

    fn task(&mut self) -> Task {
        let spoil = match self.rng.u8(..12) {
            0 => Some(Spoil::Removed),
            1 => Some(Spoil::Emptied),
            2 => Some(Spoil::Garbled),
            _ => None,
        };
        Task {
            work: self.work,
            folder: self.folder.path().join("ext4/spool"),
            marks: self.recorder.marks(),
            expected: self.expected.clone(),
            seed: self.rng.u64(..),
            operations: self.rng.usize(4..40),
            // There must be an index to destroy.
            spoil: spoil.filter(|_| self.work == Work::Spool && self.expected.born),
            damaged: Damaged::default(),
            commits: false,
            closes: self.rng.u8(..4) == 0,
        }
    }

    /// A third of the cuts lie while the spool is opened; of the others most
    /// where something is not flushed.
    fn choose(&mut self, log: &Log, is_spoilt: bool) -> (Cut, Phase) {
        let is = |mark: &'static str| move |line: &str| line.starts_with(mark);
        let end = log.events.len();
        let opening = log.position(is("\"Opening\"")).unwrap_or(0);
        let opened = log.position(is("\"Opened\"")).unwrap_or(end);
        let range = match self.rng.u8(..20) {
            0 => 0..opening + 1,
            1..8 => opening..opened + 1,
            _ => opened..end + 1,
        };
        let mut before = self.rng.usize(range.clone());
        for _ in 0..4 {
            if !log.unflushed(before).is_empty() {
                break;
            }
            before = self.rng.usize(range.clone());
        }
        let phase = match before {
            _ if before <= opening => Phase::Mounting,
            _ if before > opened => Phase::Working,
            _ if is_spoilt || self.expected.index_lost => Phase::Rebuilding,
            _ => Phase::Opening,
        };
        (Cut::random(&mut self.rng, before), phase)
    }

    fn lose(&self, ending: Ending, task: &Task) -> io::Result<Loss> {
        let cut = format!("{:?}", self.cut);
        let kept = match self.keep {
            false => None,
            true => {
                let kept = tempfile::Builder::new().prefix("lectern-loss-").tempdir()?.keep();
                fs::write(kept.join("disk"), &self.disk)?;
                fs::write(kept.join("task.json"), serde_json::to_vec_pretty(task)?)?;
                fs::write(kept.join("said"), format!("{cut}\n{}", ending.said))?;
                Some(kept)
            }
        };
        Ok(Loss { cut, ending, kept })
    }
}
