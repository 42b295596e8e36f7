//! Two units that bring what the box has to say to the broker:
//!
//! ```text
//! faults, standing, news, answers ─▶ Post ─▶ Outbox (disk)
//!                                     │ ▲
//!                   packets, few in flight │ acknowledgements, commands
//!                                     ▼ │
//!                                   Caller ─▶ TCP, proxy, TLS, WebSocket
//! ```
//!
//! [`Caller`] waits for the network alone and [`Post`] for the disk alone, so
//! that a dead disk keeps no ping from the broker and a dead link keeps no event
//! from the disk. Neither ever waits for the other.

mod caller;
mod line;
mod packets;
mod pause;
mod post;
mod retained;
mod window;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use lectern_api::Clock;
use lectern_api::fault::Fault;
use lectern_api::mqtt::{Answer, Measurement, Topic};
use serde::Serialize;
use tokio::sync::{mpsc, watch};

pub use self::caller::{Caller, LinkState, Pause, Settings};
pub use self::pause::{FIRST, pause};
pub use self::post::Post;
use crate::outbox::Outbox;

/// Messages that may be without acknowledgement.
pub const IN_FLIGHT: usize = 8;

/// Retained state that the box wants at the broker, payloads by topic:
/// registration, inventory, units, health of its parts. Alarms and the health of
/// the connection's own service are added.
pub type Standing = BTreeMap<Topic, Vec<u8>>;

/// Adds a payload of ours to what the broker is to keep.
pub fn keep(standing: &mut Standing, topic: Topic, payload: &impl Serialize) {
    match serde_json::to_vec(payload) {
        Ok(payload) => drop(standing.insert(topic, payload)),
        Err(error) => tracing::error!(%error, %topic, "a payload cannot be written"),
    }
}

/// Something to be told once.
#[derive(Debug, Clone)]
pub enum News {
    /// Something happened; never given up. The payload is a JSON object without
    /// epoch and sequence.
    Event {
        /// `e/<type>`.
        topic: Topic,
        /// When.
        time: jiff::Timestamp,
        /// What.
        body: serde_json::Value,
    },
    /// Something was measured; worth less with time.
    Measurement {
        /// `m/<type>`.
        topic: Topic,
        /// What.
        measurement: Measurement,
    },
}

/// A command as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// `cmd/<type>/<id>`.
    pub topic: Topic,
    /// Whatever stands there.
    pub payload: Vec<u8>,
}

/// What the units read and write.
#[derive(Debug)]
pub struct Ports {
    /// What is wrong now; nothing before the first look: a restart is no clear.
    pub faults: watch::Receiver<Option<Vec<Fault>>>,
    /// Retained state that is wanted.
    pub standing: watch::Receiver<Standing>,
    /// What is to be told once.
    pub news: mpsc::Receiver<News>,
    /// How far commands are.
    pub answers: mpsc::Receiver<(Topic, Answer)>,
    /// Commands, as they come; those of before at every connection again.
    pub commands: mpsc::Sender<Wanted>,
    /// How the connection is.
    pub state: watch::Sender<LinkState>,
}

/// The two units. Each is run for ever, and goes on after a restart.
#[must_use]
pub fn units(
    settings: Settings,
    ports: Ports,
    outbox: Arc<Mutex<Outbox>>,
    clock: Arc<dyn Clock>,
) -> (Caller, Post) {
    // One connection at a time; the next is dialled when that one is over.
    let (connections, connected) = mpsc::channel(1);
    let Ports { faults, standing, news, answers, commands, state } = ports;
    let caller = Caller::new(settings.clone(), connections, state, Arc::clone(&clock));
    let post = Post::new(
        settings,
        outbox,
        clock,
        connected,
        post::Inputs { faults, standing, news, answers, commands },
    );
    (caller, post)
}
