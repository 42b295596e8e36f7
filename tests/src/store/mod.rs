//! Stores of every kind that a network has, each a real server in a process of
//! its own, that fail when they are told to.

mod part;
pub mod s3;
mod small_disk;
mod tls;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use small_disk::SmallDisk;
pub use tls::{TlsFront, Valid};

use self::part::Part;
use crate::WebArchive;
use crate::classroom_box::built;
use crate::process::{self, Process};

/// A kind of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `s3s-fs` behind `s3://`.
    S3,
    /// nginx behind `http://`.
    Web,
    /// pyftpdlib behind `ftp://`.
    Ftp,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::S3, Self::Web, Self::Ftp];

    /// What a box calls its store of this kind.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Web => "web",
            Self::Ftp => "ftp",
        }
    }

    /// The command by which a file gets its place, and whose answer tells.
    #[must_use]
    pub fn last_command(self) -> &'static str {
        match self {
            Self::S3 | Self::Web => "PUT",
            Self::Ftp => "RNTO",
        }
    }
}

/// A server. It ends when this is dropped.
#[derive(Debug)]
pub struct StoreServer {
    kind: Kind,
    server: Server,
    /// What the data lie on, when it is not the machine's own disk.
    disk: Option<SmallDisk>,
}

#[derive(Debug)]
enum Server {
    Nginx(WebArchive),
    Other(Part),
}

impl StoreServer {
    /// Opens an empty store.
    ///
    /// # Panics
    /// When its program is not installed.
    #[must_use]
    pub fn open(kind: Kind) -> Self {
        Self::on(kind, |_| None)
    }

    /// Opens an empty store on a disk of its own, of so many bytes. Needs root.
    ///
    /// # Panics
    /// When the disk cannot be mounted.
    #[must_use]
    pub fn on_small_disk(kind: Kind, bytes: u64) -> Self {
        Self::on(kind, |data| Some(SmallDisk::mount(data, bytes)))
    }

    fn on(kind: Kind, mount: impl FnOnce(&Path) -> Option<SmallDisk>) -> Self {
        let (server, disk) = match kind {
            Kind::Web => {
                let mut disk = None;
                let web = WebArchive::over(|data| disk = mount(data));
                (Server::Nginx(web), disk)
            }
            Kind::S3 | Kind::Ftp => {
                let part = Part::prepare(kind.name(), if kind == Kind::S3 { start_s3 } else { start_ftp });
                let disk = mount(&part.path("data"));
                (Server::Other(part), disk)
            }
        };
        let mut this = Self { kind, server, disk };
        if let Server::Other(part) = &mut this.server {
            part.launch(None);
        }
        this
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        match &self.server {
            Server::Nginx(web) => web.port(),
            Server::Other(part) => part.port(),
        }
    }

    /// The disk that it was opened on.
    ///
    /// # Panics
    /// When it was opened without one.
    #[must_use]
    pub fn disk(&self) -> &SmallDisk {
        self.disk.as_ref().expect("it was opened on a small disk")
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        match &mut self.server {
            Server::Nginx(web) => web.kill(),
            Server::Other(part) => part.kill(),
        }
    }

    /// Starts it again at the same port.
    pub fn restart(&mut self) {
        match &mut self.server {
            Server::Nginx(web) => web.restart(),
            Server::Other(part) => part.launch(None),
        }
    }

    /// Starts it again with a clock that is off (`-2h`, as libfaketime reads it).
    ///
    /// # Panics
    /// For nginx, whose clock nobody asks.
    pub fn restart_with_clock(&mut self, off: &str) {
        match &mut self.server {
            Server::Nginx(_) => panic!("nobody asks nginx for the time"),
            Server::Other(part) => part.launch(Some(off)),
        }
    }

    /// From now on every upload is refused: by 503 when it is `busy`, by 500
    /// otherwise; over FTP by 421, upon which the connection ends, or by 451.
    ///
    /// # Panics
    /// When the server cannot be told.
    pub fn refuse(&self, busy: bool) {
        let reply = match (self.kind, busy) {
            (Kind::S3, false) => "500 InternalError",
            (Kind::S3, true) => "503 SlowDown",
            (Kind::Ftp, false) => "451 Requested action aborted: local error in processing.",
            (Kind::Ftp, true) => "421 Service not available.",
            (Kind::Web, _) => "",
        };
        self.accept();
        let name = match (self.kind, busy) {
            (Kind::Web, true) => "refuse-503",
            (Kind::Web, false) => "refuse-500",
            _ => "refuse",
        };
        let write = std::fs::write(self.path("told"), reply)
            .and_then(|()| std::fs::rename(self.path("told"), self.path(name)));
        write.expect("the server can be told");
    }

    /// From now on uploads are taken again.
    pub fn accept(&self) {
        for name in ["refuse", "refuse-500", "refuse-503"] {
            // Usually one of them is there at most.
            let _ = std::fs::remove_file(self.path(name));
        }
    }

    /// How often each file was put and kept, by its path in the store.
    ///
    /// # Panics
    /// When the server has no log.
    #[must_use]
    pub fn puts(&self) -> BTreeMap<String, u32> {
        if let Server::Nginx(web) = &self.server {
            return web.puts();
        }
        let log = std::fs::read_to_string(self.path("puts")).unwrap_or_default();
        let mut puts = BTreeMap::new();
        for line in log.lines() {
            let path = line.trim_start_matches("village/").trim_start_matches("lessons/");
            *puts.entry(path.to_owned()).or_default() += 1;
        }
        puts
    }

    /// Where its lessons lie on this machine.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        match (&self.server, self.kind) {
            (Server::Nginx(web), _) => web.folder(),
            (Server::Other(part), Kind::S3) => part.path("data").join(s3::BUCKET).join("village"),
            (Server::Other(part), _) => part.path("data/lessons"),
        }
    }

    /// Its address for whoever reaches it at a port.
    #[must_use]
    pub fn url(&self, port: u16) -> String {
        match self.kind {
            Kind::S3 => format!("s3://{}/village", s3::BUCKET),
            Kind::Web => format!("http://127.0.0.1:{port}/lessons"),
            Kind::Ftp => format!("ftp://127.0.0.1:{port}/lessons"),
        }
    }

    /// The keys of its `[[archive]]` beside name and URL, for a box that reaches
    /// it at a port.
    #[must_use]
    pub fn keys(&self, port: u16) -> String {
        let credentials = format!("credentials = \"file:{}\"\n", self.credentials().display());
        match self.kind {
            Kind::S3 => {
                let endpoint = format!("endpoint = \"http://127.0.0.1:{port}\"\nstyle = \"path\"\n");
                credentials + &endpoint + "proxy = \"none\"\n"
            }
            Kind::Web => "proxy = \"none\"\n".to_owned(),
            Kind::Ftp => credentials,
        }
    }

    /// The same for the command line.
    #[must_use]
    pub fn arguments(&self) -> Vec<OsString> {
        let credentials = ["--credentials".into(), self.credentials().into_os_string()];
        let endpoint = format!("http://127.0.0.1:{}", self.port());
        match self.kind {
            Kind::S3 => credentials
                .into_iter()
                .chain(["--endpoint".into(), endpoint.into(), "--path-style".into()])
                .collect(),
            Kind::Web => Vec::new(),
            Kind::Ftp => credentials.to_vec(),
        }
    }

    /// The file with the keys, by which the box comes in.
    #[must_use]
    pub fn credentials(&self) -> PathBuf {
        self.path("keys.toml")
    }

    fn path(&self, name: &str) -> PathBuf {
        match &self.server {
            Server::Nginx(web) => web.path(name),
            Server::Other(part) => part.path(name),
        }
    }
}

fn start_s3(folder: &Path, port: u16, clock: Option<&str>) -> Process {
    let mut command = process::owned(&built("lectern-s3"));
    command.arg(folder).arg(port.to_string());
    if let Some(off) = clock {
        command.env("LD_PRELOAD", process::faketime());
        command.env("FAKETIME", off).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }
    Process::start("lectern-s3", command, &folder.join("log"))
}

fn start_ftp(folder: &Path, port: u16, _: Option<&str>) -> Process {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/ftp_server.py");
    let mut command = process::command("/usr/bin/python3", "python3 python3-pyftpdlib");
    command.arg(script).arg(folder).arg(port.to_string());
    Process::start("ftp", command, &folder.join("log"))
}
