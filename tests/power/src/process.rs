//! The child, started and waited for.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};

use crate::child::Task;

/// Opening, looking at 36 MiB and writing as much again takes seconds; a loaded
/// machine gets two minutes.
const LIMIT: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(2);

/// How a child ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Its exit code; nothing when a signal ended it or the time did.
    pub code: Option<i32>,
    /// What it said.
    pub said: String,
}

impl Ending {
    /// Whether nothing was wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.code == Some(0)
    }
}

/// A child that is running.
#[derive(Debug)]
pub struct Running {
    child: Child,
    said: PathBuf,
}

/// Starts the child. Its task and its words lie in `folder`.
///
/// # Errors
/// The file system's, or the program is not there.
pub fn start(program: &Path, folder: &Path, task: &Task) -> io::Result<Running> {
    let (file, said) = (folder.join("task.json"), folder.join("said"));
    std::fs::write(&file, serde_json::to_vec_pretty(task)?)?;
    let stderr = std::fs::File::create(&said)?;
    let mut command = Command::new(program);
    command.arg(file).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
    Ok(Running { child: command.spawn()?, said })
}

impl Running {
    /// Its standard output, which is where its lines go when the task says
    /// `/dev/stdout`.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Ends it at once.
    ///
    /// # Errors
    /// The system's.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()
    }

    /// Waits for its end; kills it when that takes too long.
    ///
    /// # Errors
    /// The system's.
    pub fn wait(mut self) -> io::Result<Ending> {
        let clock = SystemClock::new();
        let mut hangs = false;
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if clock.monotonic() > LIMIT && !hangs {
                hangs = true;
                self.child.kill()?;
            }
            std::thread::sleep(LOOK);
        };
        let mut said = String::from_utf8_lossy(&std::fs::read(&self.said)?).into_owned();
        if hangs {
            said.push_str(&format!("it did not end within {LIMIT:?}\n"));
        } else if status.code().is_none() {
            said.push_str(&format!("it died: {status}\n"));
        }
        Ok(Ending { code: status.code().filter(|_| !hangs), said })
    }
}
