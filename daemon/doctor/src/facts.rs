//! What was gathered, without any judgement. `None` stands for "not in time" or
//! "nobody tells", never for "fine".

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use lectern_api::Text;
use lectern_api::status::Status;
use lectern_hal::Sample;
use lectern_hal::capture::Devices;

use crate::plan::Plan;

/// Everything.
#[derive(Debug, Clone)]
pub struct Facts {
    /// When, by the machine's clock.
    pub at: Timestamp,
    /// The configuration.
    pub config: Config,
    /// The daemon.
    pub daemon: Daemon,
    /// Sensors, with the room of the folders that matter.
    pub sample: Option<Sample>,
    /// Cameras and sound cards.
    pub devices: Option<Devices>,
    /// Whether the kernel says that its clock is disciplined.
    pub synced: bool,
    /// Folders of the box, stores and sources that are files.
    pub folders: Vec<Folder>,
    /// Recordings.
    pub segments: Option<Segments>,
    /// Keys and credentials.
    pub secrets: Vec<SecretFile>,
    /// The keys are systemd's.
    pub keys_by_systemd: bool,
    /// Device nodes and files of sources: source, path, whether it is there.
    pub nodes: Vec<(String, PathBuf, bool)>,
    /// The network of this machine.
    pub network: Network,
    /// Names that were asked for.
    pub names: Vec<(String, Option<Result<IpAddr, String>>)>,
    /// Whoever the box speaks to.
    pub peers: Vec<Peer>,
}

/// The configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file.
    pub path: PathBuf,
    /// What stands there; or why it cannot be read.
    pub plan: Result<Plan, String>,
    /// What the daemon's own check says; or why it was not asked.
    pub checked: Option<Result<Vec<Mistake>, String>>,
}

/// A mistake of the configuration, as `lecternd check --json` tells it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Mistake {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub cause: Text,
    /// What to do.
    pub remedy: Text,
}

/// The daemon.
#[derive(Debug, Clone, Default)]
pub struct Daemon {
    /// Its socket.
    pub socket: PathBuf,
    /// What it says about itself.
    pub answer: Option<Result<Box<Status>, Silence>>,
    /// A process that is called so.
    pub pid: Option<u32>,
    /// What systemd knows of it.
    pub service: Option<Service>,
    /// The last lines of its log, without secrets.
    pub log: Vec<String>,
}

impl Daemon {
    /// What it says, where it answers.
    #[must_use]
    pub fn status(&self) -> Option<&Status> {
        self.answer.as_ref()?.as_ref().ok().map(Box::as_ref)
    }
}

/// Why the daemon says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// No socket, or nobody at its other end.
    Nobody,
    /// This user may not.
    Denied,
    /// Something else.
    Other(String),
}

/// A service, in systemd's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Service {
    /// `loaded`, `not-found` …
    pub load: String,
    /// `active`, `inactive`, `failed`, `activating`.
    pub active: String,
    /// `success`, `exit-code`, `signal`, `watchdog`, `oom-kill` …
    pub result: String,
    /// 1: exited, 2 and 3: killed.
    pub code: u32,
    /// Exit code, or the signal's number.
    pub status: i32,
}

/// A folder that the box writes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// What it is for: `spool`, `facts`, or a store's name.
    pub unit: String,
    /// Whether it is a store, which nobody makes.
    pub is_store: bool,
    /// Where.
    pub path: PathBuf,
    /// How it is; nothing when its disk did not answer in time.
    pub state: Option<FolderState>,
}

/// How a folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FolderState {
    /// It is there and can be written.
    Fine,
    /// It is not there.
    Missing,
    /// It cannot be written, and why.
    Closed(String),
}

/// Files of recordings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segments {
    /// Files that could be read.
    pub readable: usize,
    /// Files that could not: how many, the first one and why.
    pub unread: Option<(usize, String, String)>,
}

/// A file that nobody else may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretFile {
    /// Whether it is one of the box's own keys.
    pub is_key: bool,
    /// Where.
    pub path: PathBuf,
    /// How it is.
    pub state: SecretState,
}

/// How such a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretState {
    /// As it should be.
    Fine,
    /// Others may read it; its mode.
    Exposed(u32),
    /// Not there.
    Missing,
    /// There, and holds no key.
    Damaged,
    /// It cannot be read.
    Unread(String),
}

/// This machine's side of the network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// Addresses beyond the machine itself.
    pub addresses: Vec<IpAddr>,
    /// Where everything else is sent: address and interface.
    pub gateways: Vec<String>,
}

/// Somebody the box speaks to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Name of the source, target or store; `broker`, `timetable`.
    pub unit: String,
    /// What it is.
    pub kind: Kind,
    /// Host and port, as configured; without secrets.
    pub place: String,
    /// Whether it is on this machine.
    pub is_here: bool,
    /// What came of it; nothing when it was not in time.
    pub reached: Option<Reached>,
}

/// What somebody is to the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A camera on the network.
    Source,
    /// A live target.
    Live,
    /// An archive store.
    Archive,
    /// The broker.
    Broker,
    /// The timetable's server.
    Timetable,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// It answered after so long.
    Answers(SocketAddr, Duration),
    /// Nobody listens there.
    Refuses,
    /// Nothing came back.
    Silent,
    /// Its name is not known; told by the name.
    Nameless,
    /// It calls us.
    Listener,
}
