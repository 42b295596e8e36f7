//! The other way out of a box that has two. Whether a way leads anywhere is
//! asked by connections that are bound to its interface, so nothing is changed
//! to find out; only where the way in use reaches nobody and another one does, the
//! helper is asked to prefer that.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lectern_hal::sensors::network::routes::{self, DefaultRoute};
use lectern_helper::{Client, Interface, Request};
use tokio::net::{TcpSocket, lookup_host};
use tokio::time::timeout;
use url::Url;

use super::toolbox::asked;
use crate::config::{Config, Transport};
use crate::health::Hindrance;
use crate::off_thread::off_thread;

/// Whom the box speaks to, by name or address and TCP port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Peer {
    host: String,
    port: u16,
}

/// The ways out, and who is asked by them.
#[derive(Debug)]
pub(crate) struct Uplinks {
    root: PathBuf,
    peers: BTreeSet<Peer>,
    /// Units of faults that another way may end.
    units: BTreeSet<String>,
    /// Their addresses when names could be asked for last: by a dead link they
    /// cannot.
    known: Mutex<Vec<SocketAddr>>,
}

/// The fault of the link itself.
const UPLINK: &str = "uplink";
/// As the pre-class check has it.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// So many peers are asked by each way: a platform may be down, too.
const MOST_ASKED: usize = 3;
/// How often names are asked for, and whether the box can go back.
const LOOK: Duration = Duration::from_secs(300);

impl Uplinks {
    /// Those of a box whose ways are looked up below `root`, `/` in life.
    pub(crate) fn new(root: PathBuf, config: &Config) -> Self {
        let live = config.live.iter().filter(|live| !live.url.is_listener());
        // SRT is not TCP; whoever else the box speaks to is asked.
        let published = live.clone().filter(|live| live.url.transport == Transport::Rtmp);
        let stores = config.archives.iter().map(|archive| &archive.store);
        let urls = published
            .map(|live| live.url.secret().to_owned())
            .chain(stores.map(|store| store.endpoint.clone().unwrap_or_else(|| store.url.clone())));
        let mut peers: BTreeSet<Peer> = urls.filter_map(|url| peer(&url)).collect();
        peers.extend(config.mqtt.iter().map(|mqtt| {
            let broker = &mqtt.broker;
            Peer { host: broker.host.clone(), port: broker.port }
        }));
        let far = config.archives.iter().filter(|archive| archive.folder().is_none());
        let units = live.map(|live| live.name.to_string()).chain(far.map(|archive| archive.name.to_string()));
        let units = units.chain([UPLINK.to_owned()]).collect();
        Self { root, peers, units, known: Mutex::default() }
    }

    /// Whether there is another way for a unit. Reads two small files.
    pub(crate) fn may_help(&self, unit: &str) -> bool {
        self.units.contains(unit)
            && !self.known().is_empty()
            && choices(&routes::ways_out(&self.root)).is_some()
    }

    /// Takes another way if the one in use reaches nobody and that one does.
    pub(crate) async fn take_other(&self, helper: Client) -> Result<(), Hindrance> {
        let failed = |why: String| Err(Hindrance::Failed(why));
        let ways = routes::ways_out(&self.root);
        let Some((used, others)) = choices(&ways) else {
            return failed("there is one way out only".to_owned());
        };
        let peers = self.known();
        if reaches(&used.name, &peers).await {
            return failed(format!("{} leads out; the trouble lies behind it", used.name));
        }
        for other in others {
            if reaches(&other.name, &peers).await {
                tracing::warn!(from = used.name, to = other.name, "another uplink is taken");
                return prefer(helper, Some(other)).await;
            }
        }
        failed("no other way out leads anywhere".to_owned())
    }

    /// Goes back to the way that was configured, once it leads out again. Whether
    /// it has done so.
    async fn go_back(&self, helper: Client) -> Result<bool, Hindrance> {
        let ways = routes::ways_out(&self.root);
        let Some(home) = home(&ways) else { return Ok(false) };
        if !reaches(&home.name, &self.known()).await {
            return Ok(false);
        }
        prefer(helper, None).await?;
        tracing::info!(to = home.name, "the usual uplink is taken again");
        Ok(true)
    }

    /// Asks for the addresses of all names; what is not known any more is
    /// forgotten only when something else is.
    async fn look_up(&self) {
        let mut found = Vec::new();
        for Peer { host, port } in &self.peers {
            if let Ok(Ok(addresses)) = timeout(ANSWER_LIMIT, lookup_host((host.as_str(), *port))).await {
                found.extend(addresses.take(1).filter(|address| !address.ip().is_loopback()));
            }
        }
        if !found.is_empty() {
            *self.known.lock().unwrap_or_else(PoisonError::into_inner) = found;
        }
    }

    fn known(&self) -> Vec<SocketAddr> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The unit: keeps addresses, and goes back when the room is idle, since going
/// back breaks every connection. Runs until the daemon ends.
pub(crate) async fn run(uplinks: Arc<Uplinks>, helper: Client, is_idle: Arc<dyn Fn() -> bool + Send + Sync>) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        uplinks.look_up().await;
        let room = Arc::clone(&is_idle);
        if off_thread(move || room()).await
            && let Err(error) = uplinks.go_back(helper.clone()).await
        {
            tracing::warn!(%error, "the usual uplink is not taken again");
        }
    }
}

/// The way in use and the others, the kernel's next choice first. Whoever goes
/// out by a tunnel does so on purpose.
fn choices(ways: &[DefaultRoute]) -> Option<(&DefaultRoute, Vec<&DefaultRoute>)> {
    let (used, others) = ways.split_first()?;
    let others: Vec<_> = others.iter().filter(|way| !way.is_tunnel).collect();
    (!used.is_tunnel && !others.is_empty()).then_some((used, others))
}

/// The way to go back to, where the box is on another one.
fn home(ways: &[DefaultRoute]) -> Option<&DefaultRoute> {
    let (used, others) = choices(ways)?;
    others.into_iter().find(|way| used.is_preferred && !way.is_preferred)
}

/// Whether anybody answers by that interface. Who refuses has answered.
async fn reaches(interface: &str, peers: &[SocketAddr]) -> bool {
    for peer in peers.iter().take(MOST_ASKED) {
        let socket = if peer.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
        let Ok(socket) = socket else { continue };
        if socket.bind_device(Some(interface.as_bytes())).is_err() {
            return false;
        }
        match timeout(ANSWER_LIMIT, socket.connect(*peer)).await {
            Ok(Ok(_)) => return true,
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => return true,
            Ok(Err(_)) | Err(_) => {}
        }
    }
    false
}

async fn prefer(helper: Client, way: Option<&DefaultRoute>) -> Result<(), Hindrance> {
    let interface = way.map(|way| Interface::new(&way.name)).transpose();
    let interface = interface.map_err(|error| Hindrance::Failed(error.to_string()))?;
    asked(helper, Request::Uplink { interface }).await
}

fn peer(url: &str) -> Option<Peer> {
    let url = Url::parse(url).ok()?;
    let usual = match url.scheme() {
        "rtmp" => Some(1935),
        "rtmps" => Some(443),
        "ftps" => Some(21),
        // Amazon's own, whose host the store makes up.
        "s3" => return None,
        _ => url.port_or_known_default(),
    };
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    Some(Peer { host, port: url.port().or(usual)? })
}

#[cfg(test)]
mod tests;
