//! Somebody who listens to everything at a broker, as a platform does.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};
use rumqttc::{Client, Event, MqttOptions, Packet, Publish, QoS};
use serde_json::Value;

use super::contract::Contract;
use crate::eventually;
use crate::setup::DEVICE;

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Where.
    pub topic: String,
    /// What; null for an empty payload.
    pub payload: Value,
    /// Whether the broker had kept it.
    pub retained: bool,
    /// When it was heard.
    pub at: jiff::Timestamp,
}

/// The listener. It hears what is said from its beginning on, and what was kept.
///
/// What a box of the scenarios says is held against the published document: a
/// message that differs from it fails the test that listens.
pub struct Ear {
    said: Arc<Mutex<Vec<Said>>>,
    kinds: Arc<Mutex<Kinds>>,
    client: Client,
    over: Arc<AtomicBool>,
}

impl std::fmt::Debug for Ear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ear").field("said", &self.said().len()).finish_non_exhaustive()
    }
}

/// Messages of the document that a box has sent, and what is none of them.
#[derive(Debug, Default)]
struct Kinds {
    heard: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Kinds {
    fn hear(&mut self, publish: &Publish) {
        let Some(rest) = publish.topic.strip_prefix(&format!("te/device/{DEVICE}/")) else { return };
        match Contract::published().check(rest, &publish.payload, publish.retain) {
            Ok(kind) => self.heard.extend(kind.map(str::to_owned)),
            Err(error) => self.wrong.push(error),
        }
    }
}

const LIMIT: Duration = Duration::from_secs(20);

impl Ear {
    /// Listens at a broker of this machine; when this returns, nothing that is
    /// said is missed.
    ///
    /// # Panics
    /// When the broker does not answer.
    #[must_use]
    pub fn at(port: u16, name: &str) -> Self {
        let mut options = MqttOptions::new(name, "127.0.0.1", port);
        options.set_max_packet_size(1 << 20, 1 << 20);
        let (client, mut connection) = Client::new(options, 100);
        client.subscribe("#", QoS::AtLeastOnce).expect("a subscription is taken");
        let said = Arc::new(Mutex::new(Vec::new()));
        let (over, ready) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let kinds = Arc::new(Mutex::new(Kinds::default()));
        let of_kinds = Arc::clone(&kinds);
        let (heard, is_over, is_ready) = (Arc::clone(&said), Arc::clone(&over), Arc::clone(&ready));
        std::thread::spawn(move || {
            for event in connection.iter() {
                match event {
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        of_kinds.lock().unwrap_or_else(PoisonError::into_inner).hear(&publish);
                        let payload = serde_json::from_slice(&publish.payload).unwrap_or(Value::Null);
                        let (topic, retained, at) = (publish.topic, publish.retain, SystemClock::new().utc());
                        let said = Said { topic, payload, retained, at };
                        heard.lock().unwrap_or_else(PoisonError::into_inner).push(said);
                    }
                    Ok(Event::Incoming(Packet::SubAck(_))) => is_ready.store(true, Ordering::SeqCst),
                    Ok(_) => {}
                    // Its broker is gone: a new one listens at the next.
                    Err(_) => return,
                }
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
        eventually("the broker takes a subscription", LIMIT, || ready.load(Ordering::SeqCst).then_some(()));
        Self { said, kinds, client, over }
    }

    /// The messages of the published document that boxes have sent so far, by
    /// their keys.
    ///
    /// # Panics
    /// When they have sent something else.
    #[must_use]
    #[track_caller]
    pub fn kinds(&self) -> BTreeSet<String> {
        let kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(kinds.wrong.is_empty(), "no message of the document: {:#?}", kinds.wrong);
        kinds.heard.clone()
    }

    /// Everything so far.
    #[must_use]
    pub fn said(&self) -> Vec<Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The newest payload on a topic.
    #[must_use]
    pub fn newest(&self, topic: &str) -> Option<Value> {
        self.said().into_iter().rev().find(|said| said.topic == topic).map(|said| said.payload)
    }

    /// Says something itself.
    ///
    /// # Panics
    /// When the broker is gone.
    pub fn say(&self, topic: &str, payload: &str, retained: bool) {
        self.client.publish(topic, QoS::AtLeastOnce, retained, payload).expect("the broker is there");
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = self.client.disconnect();
        if !std::thread::panicking() {
            let _ = self.kinds();
        }
    }
}
