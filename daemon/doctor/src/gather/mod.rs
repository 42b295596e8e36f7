//! Gathers facts: everything at once, each with a deadline of its own, nothing
//! written, nothing opened that a lesson uses.

mod daemon;
mod disk;
mod network;
mod peers;
pub(crate) mod run;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use lectern_hal::{Hardware as _, Linux};
use tokio::time::timeout;

use crate::facts::{Config, Facts};
use crate::plan::Plan;
use crate::redact::Redactor;

pub(crate) use daemon::{program, tail};

/// What nobody answers in this time is told so. Reading the configuration,
/// names and addresses come one after the other: all together stays below ten
/// seconds.
pub(crate) const EACH: Duration = Duration::from_secs(4);
/// The configuration.
const LOADING: Duration = Duration::from_millis(1500);
/// The daemon, where its configuration is.
const ASKING: Duration = Duration::from_secs(1);
/// Where it is when nobody says anything else.
const USUAL: &str = "/etc/lectern/lectern.toml";
/// Name servers.
const NAMES: Duration = Duration::from_secs(3);

/// Where things are that no configuration tells.
#[derive(Debug, Clone)]
pub struct Places {
    /// The configuration.
    pub config: PathBuf,
    /// The daemon's control socket.
    pub socket: PathBuf,
    /// Where the daemon's log goes when there is no journal.
    pub log: Option<PathBuf>,
    /// `/`, but for tests.
    pub root: PathBuf,
}

impl Places {
    /// On this machine.
    #[must_use]
    pub fn new(config: &Path, socket: &Path) -> Self {
        Self { config: config.to_owned(), socket: socket.to_owned(), log: None, root: PathBuf::from("/") }
    }

    /// On this machine, with the configuration that the daemon at that socket
    /// runs with; the usual one where none answers.
    pub async fn of_daemon(socket: &Path) -> Self {
        let told = timeout(ASKING, daemon::status(socket)).await.ok().and_then(Result::ok);
        let path = told.and_then(|status| status.config).map(|config| PathBuf::from(config.path));
        // A daemon of another root, in a container, means a file of its own.
        let path = path.filter(|path| path.is_absolute() && path.exists());
        Self::new(&path.unwrap_or_else(|| PathBuf::from(USUAL)), socket)
    }
}

/// Work that may wait for a disk; nothing when it is not done in time. Its
/// thread is left behind then.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    blocking_within(EACH, work).await
}

/// As [`blocking`], with another deadline.
pub(crate) async fn blocking_within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    timeout(limit, tokio::task::spawn_blocking(work)).await.ok()?.ok()
}

/// What this box holds secret, as far as it can be read in time.
pub(crate) async fn redactor(limit: Duration, places: &Places, plan: &Plan) -> Option<Redactor> {
    let (places, plan) = (places.clone(), plan.clone());
    blocking_within(limit, move || Redactor::of_box(&places, &plan)).await
}

/// Looks at everything.
pub async fn gather(places: &Places, at: Timestamp) -> Facts {
    let path = places.config.clone();
    let loaded = blocking_within(LOADING, move || Plan::load(&path).map_err(|error| error.to_string())).await;
    let plan = loaded.unwrap_or_else(|| Err("the disk does not answer".to_owned()));
    let known = plan.clone().unwrap_or_else(|_| Plan::of(""));
    let (root, devices) = (places.root.clone(), places.root.clone());
    let (sampled, watched) = (places.clone(), known.clone());
    let look = async { tokio::join!(daemon::look(places), redactor(EACH, places, &known)) };
    let (checked, daemon, sample, devices, folders, segments, secrets, nodes, network, reached) = tokio::join!(
        daemon::checked(places, plan.is_ok()),
        look,
        blocking(move || sampler(&sampled, &watched).sample()),
        blocking(move || Linux::new(&devices).devices()),
        disk::folders(&known),
        disk::segments(&known),
        disk::secrets(&known),
        disk::nodes(&known),
        blocking(move || network::look(&root)),
        peers::reach(&known),
    );
    let (names, peers) = reached;
    let (mut daemon, redactor) = daemon;
    // Lines of the log are shown only where it is known what is secret in them.
    let log = std::mem::take(&mut daemon.log);
    daemon.log = redactor.map_or_else(Vec::new, |r| log.iter().map(|line| r.redact(line)).collect());
    Facts {
        at,
        config: Config { path: places.config.clone(), plan, checked },
        daemon,
        sample,
        devices,
        synced: lectern_hal::clock::sync(&places.root).synced,
        folders,
        segments,
        secrets: secrets.unwrap_or_default(),
        keys_by_systemd: places.root.join("run/credentials/lecternd.service/lectern.device").exists(),
        nodes: nodes.unwrap_or_default(),
        network: network.unwrap_or_default(),
        names,
        peers,
    }
}

/// The sensors, with the room of every folder that recordings depend on.
fn sampler(places: &Places, plan: &Plan) -> Linux {
    let watched = [("spool", plan.spool.as_path()), ("facts", &plan.facts), ("system", Path::new("/"))];
    watched
        .into_iter()
        .fold(Linux::new(&places.root), |linux, (name, path)| linux.watching(name, disk::existing(path)))
}
