//! A process that the bench started. It ends with its owner.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::BenchError;

/// A running process with its log.
#[derive(Debug)]
pub(crate) struct Part {
    name: String,
    child: Child,
    log: PathBuf,
}

/// Drains are bounded; after this a process is killed.
const END_LIMIT: Duration = Duration::from_secs(12);
const LOOK: Duration = Duration::from_millis(20);
/// Of a log that is shown with an error.
const TAIL_LINES: usize = 12;

impl Part {
    /// Starts it; what it says goes to a log in `folder`, standard output too
    /// unless the command pipes it.
    pub(crate) fn start(name: &str, command: &mut Command, folder: &Path) -> Result<Self, BenchError> {
        let log = folder.join(format!("{name}.log"));
        let file = File::create(&log).map_err(BenchError::io(log.display()))?;
        let child = command.stdin(Stdio::null()).stderr(file).spawn().map_err(BenchError::io(name))?;
        Ok(Self { name: name.to_owned(), child, log })
    }

    /// The same for a process that says on its first line where it is.
    pub(crate) fn start_and_read_line(
        name: &str,
        command: &mut Command,
        folder: &Path,
    ) -> Result<(Self, String), BenchError> {
        use std::io::BufRead as _;
        let mut part = Self::start(name, command.stdout(Stdio::piped()), folder)?;
        let mut line = String::new();
        if let Some(stdout) = part.child.stdout.take() {
            std::io::BufReader::new(stdout).read_line(&mut line).map_err(BenchError::io(name))?;
        }
        let line = line.trim().to_owned();
        if line.is_empty() {
            return Err(part.idle("did not say where it is"));
        }
        Ok((part, line))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// An error when it ended by itself.
    pub(crate) fn must_run(&mut self) -> Result<(), BenchError> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(self.idle(format!("ended ({status})"))),
            Err(cause) => Err(BenchError::Io { what: self.name.clone(), cause }),
        }
    }

    /// It did not do its work: the error, with the end of its log.
    pub(crate) fn idle(&self, what: impl std::fmt::Display) -> BenchError {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n");
        BenchError::Idle { program: self.name.clone(), what: what.to_string(), log: tail }
    }
}

impl Drop for Part {
    /// As a person at the keyboard ends it, then by force.
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::INT);
        }
        let mut waited = Duration::ZERO;
        while waited < END_LIMIT {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(LOOK);
            waited += LOOK;
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
