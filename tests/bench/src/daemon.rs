//! `lecternd` as a process of its own, from its configuration to its end.

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};

use crate::BenchError;
use crate::part::Part;

/// A running daemon.
#[derive(Debug)]
pub(crate) struct Daemon {
    pub(crate) part: Part,
    socket: PathBuf,
    /// From the process's start to READY.
    pub(crate) ready_after: Duration,
}

/// What it captures and where it sends it.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) board: String,
    pub(crate) camera: String,
    pub(crate) mic: String,
    pub(crate) live: Option<String>,
    pub(crate) size: (u32, u32),
    pub(crate) standby: bool,
    /// The table of an archive.
    pub(crate) archive: Option<String>,
}

impl Setup {
    /// The built-in room, small.
    pub(crate) fn test_room(live: Option<String>, standby: bool) -> Self {
        Self {
            board: "test:board".to_owned(),
            camera: "test:camera".to_owned(),
            mic: "test:mic".to_owned(),
            live,
            size: (640, 360),
            standby,
            archive: None,
        }
    }

    fn configuration(&self, folder: &Path) -> String {
        let Self { board, camera, mic, live, size: (width, height), standby, archive } = self;
        let folder = folder.display();
        let mut text = format!(
            "[device]\nid = \"LB-BENCH\"\n\
             [[source]]\nname = \"board\"\nrole = \"board\"\nuri = {board:?}\n\
             [[source]]\nname = \"camera\"\nrole = \"camera\"\nuri = {camera:?}\n\
             [[source]]\nname = \"mic\"\nrole = \"mic\"\nuri = {mic:?}\n\
             [program]\nwidth = {width}\nheight = {height}\nfps = 25\nstandby = {standby}\n\
             [spool]\npath = \"{folder}/spool\"\nquota = \"4GiB\"\n\
             [keys]\npath = \"{folder}/keys\"\n\
             [control]\nsocket = \"{folder}/control.sock\"\n"
        );
        if let Some(live) = live {
            text.push_str(&format!("[[live]]\nname = \"receiver\"\nurl = {live:?}\n"));
        }
        text.push_str(archive.as_deref().unwrap_or_default());
        text
    }
}

const READY_LIMIT: Duration = Duration::from_secs(10);
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

impl Daemon {
    /// Starts it in `folder` and waits until it says that it is ready.
    pub(crate) fn start(setup: &Setup, folder: &Path, clock: SystemClock) -> Result<Self, BenchError> {
        let wrong = |path: &Path| BenchError::io(path.display().to_string());
        std::fs::create_dir_all(folder).map_err(wrong(folder))?;
        let config = folder.join("lectern.toml");
        std::fs::write(&config, setup.configuration(folder)).map_err(wrong(&config))?;
        let notify = folder.join("notify.sock");
        let _ = std::fs::remove_file(&notify);
        let ready = UnixDatagram::bind(&notify).map_err(wrong(&notify))?;
        ready.set_read_timeout(Some(READY_LIMIT)).map_err(wrong(&notify))?;

        let begun = clock.monotonic();
        let mut command = Command::new(program()?);
        command.arg("run").arg("--config").arg(&config).env("NOTIFY_SOCKET", &notify);
        let part = Part::start("lecternd", &mut command, folder)?;
        let mut message = [0; 256];
        loop {
            let Ok(size) = ready.recv(&mut message) else { return Err(part.idle("was never ready")) };
            if String::from_utf8_lossy(&message[..size]).lines().any(|line| line == "READY=1") {
                break;
            }
        }
        let ready_after = clock.monotonic() - begun;
        Ok(Self { part, socket: folder.join("control.sock"), ready_after })
    }

    /// Sends a command and waits until it is accepted.
    pub(crate) fn command(&self, command: &str) -> Result<(), BenchError> {
        let body = serde_json::json!({ "command": command }).to_string();
        self.ask("POST", "/api/v1/commands", &body).map(|_| ())
    }

    /// What it tells about itself.
    pub(crate) fn get(&self, path: &str) -> Result<serde_json::Value, BenchError> {
        self.ask("GET", path, "")
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<serde_json::Value, BenchError> {
        let mut answer = String::new();
        let mut exchange = || -> std::io::Result<()> {
            let mut stream = UnixStream::connect(&self.socket)?;
            stream.set_read_timeout(Some(ANSWER_LIMIT))?;
            let length = body.len();
            write!(
                stream,
                "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                 Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
            )?;
            stream.read_to_string(&mut answer).map(|_| ())
        };
        exchange().map_err(BenchError::io(format!("lecternd's control socket, {path}")))?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let accepted = head.starts_with("HTTP/1.1 200");
        match serde_json::from_str(body) {
            Ok(value) if accepted => Ok(value),
            _ => Err(self.part.idle(format!("answered {path} with {answer:?}"))),
        }
    }
}

/// The daemon that was built with the bench.
fn program() -> Result<PathBuf, BenchError> {
    let own = std::env::current_exe().map_err(BenchError::io("the bench itself"))?;
    Ok(own.with_file_name("lecternd"))
}
