//! The unit that keeps a connection: dials, carries, waits, dials again. It
//! touches no disk and decides nothing about messages.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lectern_api::mqtt::{Channel, Health, HealthState, Root, Topic, Topics};
use lectern_api::{Clock, DeviceId, Name};
use rumqttc::{Connect, LastWill, Login, Packet, Publish, QoS};
use tokio::sync::{mpsc, watch};

use super::line::{Heard, Line};
use crate::link::{Broker, dial};

/// How long to wait before trying again, after so many failures in a row (0
/// before the first try). Random, so that ten thousand boxes that lost their
/// broker together do not come back together.
pub type Pause = Arc<dyn Fn(u32) -> Duration + Send + Sync>;

/// Who the box is to the broker, and how the connection is kept.
#[derive(Clone)]
pub struct Settings {
    /// Where.
    pub broker: Broker,
    /// Before every topic.
    pub root: Root,
    /// The asset number; also the client identifier.
    pub device: DeviceId,
    /// The service whose health is the connection's, `lecternd`.
    pub service: Name,
    /// Whole seconds. A broker gives a box up after one and a half of it.
    pub keepalive: Duration,
    /// How often the health is repeated.
    pub heartbeat: Duration,
    /// Messages that may be without acknowledgement.
    pub in_flight: usize,
    /// Before each try.
    pub pause: Pause,
    /// Of this start of the machine.
    pub boot_id: String,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("broker", &self.broker)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The topics of this box.
    #[must_use]
    pub fn topics(&self) -> Topics {
        Topics::new(&self.root, &self.device)
    }

    pub(super) fn health_topic(&self) -> Topic {
        Topic::service(self.service.clone(), Channel::Health)
    }

    pub(super) fn health(&self, status: HealthState, session: &str, time: jiff::Timestamp) -> Health {
        let (boot_id, session) = (self.boot_id.clone(), session.to_owned());
        Health { status, pid: std::process::id(), time, boot_id, session }
    }
}

/// A connection that is open, for whoever has something to say.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) session: String,
    pub(super) outgoing: mpsc::Sender<Packet>,
    pub(super) heard: mpsc::Receiver<Heard>,
}

/// How the connection is, for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkState {
    /// Whether the broker can be talked to.
    pub up: bool,
    /// Since when this is so.
    pub since: Option<jiff::Timestamp>,
    /// Why there is none, English; of the last try.
    pub cause: Option<String>,
    /// Connections since the daemon started.
    pub connections: u64,
}

/// Keeps a connection.
#[derive(Debug)]
pub struct Caller {
    settings: Settings,
    connections: mpsc::Sender<Connection>,
    state: watch::Sender<LinkState>,
    clock: Arc<dyn Clock>,
}

/// From the first packet to the broker's answer to it, proxy and TLS included.
const OPEN_LIMIT: Duration = Duration::from_secs(30);
/// A connection that lasted so long was a good one.
const GOOD_AFTER: Duration = Duration::from_secs(60);
/// More than may ever be without acknowledgement.
const OUTGOING_DEPTH: usize = 64;
const HEARD_DEPTH: usize = 32;

impl Caller {
    pub(super) fn new(
        settings: Settings,
        connections: mpsc::Sender<Connection>,
        state: watch::Sender<LinkState>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { settings, connections, state, clock }
    }

    /// Keeps a connection until nobody wants one.
    pub async fn run(&mut self) {
        let mut failures = 0;
        loop {
            tokio::select! {
                () = tokio::time::sleep((self.settings.pause)(failures)) => {}
                () = self.connections.closed() => return,
            }
            let opened = tokio::time::timeout(OPEN_LIMIT, self.open()).await;
            let (session, mut line) = match opened {
                Ok(Ok(opened)) => opened,
                Ok(Err(cause)) => {
                    self.down(&cause);
                    failures = failures.saturating_add(1);
                    continue;
                }
                Err(_) => {
                    self.down(&format!("the broker {} takes too long", self.settings.broker));
                    failures = failures.saturating_add(1);
                    continue;
                }
            };
            let began = tokio::time::Instant::now();
            let (outgoing, mut to_send) = mpsc::channel(OUTGOING_DEPTH);
            let (heard, to_hear) = mpsc::channel(HEARD_DEPTH);
            if self.connections.send(Connection { session, outgoing, heard: to_hear }).await.is_err() {
                return;
            }
            self.up();
            let cause = line.run(&mut to_send, &heard).await;
            self.down(&cause.to_string());
            failures = if began.elapsed() >= GOOD_AFTER { 0 } else { failures.saturating_add(1) };
        }
    }

    async fn open(&self) -> Result<(String, Line), String> {
        let session = getrandom::u64().map_err(|error| error.to_string())?;
        let session = format!("{session:016x}");
        let connect = self.connect(&session)?;
        let stream = dial(&self.settings.broker).await.map_err(|error| error.to_string())?;
        let line = Line::open(stream, connect).await.map_err(|error| error.to_string())?;
        Ok((session, line))
    }

    fn connect(&self, session: &str) -> Result<Connect, String> {
        let settings = &self.settings;
        let health = settings.health(HealthState::Down, session, self.clock.utc());
        let will = serde_json::to_vec(&health).map_err(|error| error.to_string())?;
        let topic = settings.topics().write(&settings.health_topic());
        let mut connect = Connect::new(settings.device.as_str());
        connect.keep_alive = u16::try_from(settings.keepalive.as_secs()).unwrap_or(u16::MAX);
        connect.last_will = Some(LastWill::new(topic, will, QoS::AtLeastOnce, true));
        if let Some(credentials) = &settings.broker.credentials {
            let (username, password) = credentials.login().map_err(|error| error.to_string())?;
            connect.login = Some(Login { username, password });
        }
        Ok(connect)
    }

    fn up(&self) {
        tracing::info!(broker = %self.settings.broker, "connected");
        let since = Some(self.clock.utc());
        self.state.send_modify(|state| {
            *state = LinkState { up: true, since, cause: None, connections: state.connections + 1 };
        });
    }

    fn down(&self, cause: &str) {
        let now = self.clock.utc();
        self.state.send_modify(|state| {
            // Each cause is told once: a broker may be away for weeks.
            if state.up || state.cause.as_deref() != Some(cause) {
                tracing::warn!(broker = %self.settings.broker, cause, "no connection");
            }
            state.since = if state.up || state.since.is_none() { Some(now) } else { state.since };
            state.up = false;
            state.cause = Some(cause.to_owned());
        });
    }
}

/// A message, as a packet.
pub(super) fn publish(topic: String, payload: Vec<u8>, retain: bool, pkid: u16) -> Packet {
    let mut publish = Publish::new(topic, QoS::AtLeastOnce, payload);
    (publish.retain, publish.pkid) = (retain, pkid);
    Packet::Publish(publish)
}
