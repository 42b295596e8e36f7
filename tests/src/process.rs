//! Processes that end with the test that started them.

use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

pub use rustix::process::Signal;

use crate::eventually;

/// A running program; what it says goes into a file.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
    log: PathBuf,
    ended: Option<ExitStatus>,
}

/// Lines of a log that a failed test shows.
const SHOWN_LINES: usize = 80;

/// A command of a program that a Debian package brings.
///
/// The program ends with the thread that starts it, even when the test is
/// killed: `setpriv` asks the kernel for that.
///
/// # Panics
/// When the program is not installed; the message names the package.
#[must_use]
pub fn command(program: &str, package: &str) -> Command {
    let path = locate(program);
    let path = path.unwrap_or_else(|| {
        panic!("`{program}` is not installed: `apt-get install {package}`, or `make deps` for everything")
    });
    owned(&path)
}

/// A command of a program that lies at `path`.
#[must_use]
pub fn owned(path: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(path);
    command
}

/// The library that shows a process another time, for programs with threads
/// and without.
///
/// # Panics
/// When it is not installed.
#[must_use]
pub fn faketime() -> PathBuf {
    let path = format!("/usr/lib/{}-linux-gnu/faketime/libfaketimeMT.so.1", std::env::consts::ARCH);
    assert!(Path::new(&path).is_file(), "{path} is missing: `apt-get install libfaketime`, or `make deps`");
    path.into()
}

/// Where a program lies, by `PATH` and the folders of administrators' programs.
fn locate(program: &str) -> Option<PathBuf> {
    let path = Path::new(program);
    if path.is_absolute() {
        return path.is_file().then(|| path.to_owned());
    }
    let folders = std::env::var("PATH").unwrap_or_default();
    let folders = folders.split(':').chain(["/usr/sbin", "/sbin"]);
    folders.map(|folder| Path::new(folder).join(program)).find(|path| path.is_file())
}

impl Process {
    /// Starts `command` under a name for messages, with a log that is appended
    /// to.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(name: &str, mut command: Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log);
        let file = file.unwrap_or_else(|error| panic!("the log {}: {error}", log.display()));
        let errors = file.try_clone().expect("a second handle of the log");
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        let child = command.spawn().unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        Self { child, name: name.to_owned(), log: log.to_owned(), ended: None }
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// When the process is gone.
    pub fn signal(&self, signal: Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal)
            .unwrap_or_else(|error| panic!("{} takes no {signal:?}: {error}", self.name));
    }

    /// How it ended, when it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().ok().flatten();
        }
        self.ended
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end within `limit`.
    #[track_caller]
    pub fn wait(&mut self, limit: Duration) -> ExitStatus {
        let what = format!("the end of {}", self.name);
        eventually(&what, limit, || self.ended())
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        self.ended = self.child.wait().ok();
    }

    /// Whether a signal ended it, and which.
    pub fn died_of(&mut self) -> Option<i32> {
        self.ended()?.signal()
    }

    /// What it has said so far.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Process {
    /// A stopped process dies of SIGKILL too.
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let shown = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
            eprintln!("---- the end of what {} said ----\n{}\n----", self.name, shown.join("\n"));
        }
    }
}
