//! Who listens to every box, as a district's platform does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::ledger::{Ledger, essence};
use crate::{FleetError, eventually};

/// How a platform listens.
#[derive(Debug, Clone)]
pub struct Ear {
    /// Where the broker is.
    pub host: String,
    /// Its port for plain MQTT.
    pub port: u16,
    /// Of every box, as a filter.
    pub filter: String,
    /// The client's identifier.
    pub name: String,
    /// Whether the broker is to keep what comes while the platform is away.
    pub is_kept: bool,
}

/// A platform; it comes back whenever its broker does.
#[derive(Debug)]
pub struct Platform {
    ledger: Arc<Mutex<Ledger>>,
    client: AsyncClient,
    listening: watch::Receiver<bool>,
    runtime: Option<Runtime>,
}

/// A platform stands beside its broker: it may come back at once.
const AGAIN: Duration = Duration::from_millis(20);
const LIMIT: Duration = Duration::from_secs(60);
/// What a listener says when it has heard everything that is kept.
const END: &str = "fleet/end";

impl Platform {
    /// Listens; when this returns, nothing that is said is missed.
    ///
    /// # Errors
    /// When there is no thread for it.
    ///
    /// # Panics
    /// When the broker takes no subscription within a minute.
    pub fn listen(ear: &Ear) -> Result<Self, FleetError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(FleetError::io("a thread for the platform"))?;
        let mut options = MqttOptions::new(&ear.name, &ear.host, ear.port);
        options.set_max_packet_size(1 << 20, 1 << 20).set_clean_session(!ear.is_kept);
        let (client, mut line) = AsyncClient::new(options, 100);
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let (listens, listening) = watch::channel(false);
        let (heard, asked, filter) = (Arc::clone(&ledger), client.clone(), ear.filter.clone());
        runtime.spawn(async move {
            loop {
                match line.poll().await {
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        let mut ledger = heard.lock().unwrap_or_else(PoisonError::into_inner);
                        ledger.take(&publish.topic, &publish.payload);
                    }
                    Ok(Event::Incoming(Packet::ConnAck(ack))) => {
                        if ack.session_present {
                            listens.send_replace(true);
                        } else {
                            let _ = asked.try_subscribe(&filter, QoS::AtLeastOnce);
                        }
                    }
                    Ok(Event::Incoming(Packet::SubAck(_))) => drop(listens.send_replace(true)),
                    Ok(_) => {}
                    Err(_) => {
                        listens.send_replace(false);
                        tokio::time::sleep(AGAIN).await;
                    }
                }
            }
        });
        let this = Self { ledger, client, listening, runtime: Some(runtime) };
        this.wait_until_listening();
        Ok(this)
    }

    /// Waits for the broker to have its subscription.
    ///
    /// # Panics
    /// When that takes more than a minute.
    pub fn wait_until_listening(&self) {
        eventually("the platform listens", LIMIT, || self.listening.borrow().then_some(()));
    }

    /// Whether the broker has its subscription.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        *self.listening.borrow()
    }

    /// What it heard.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says something itself.
    ///
    /// # Panics
    /// When too much waits already.
    pub fn say(&self, topic: &str, payload: &str, is_retained: bool) {
        self.client.try_publish(topic, QoS::AtLeastOnce, is_retained, payload).expect("room for a message");
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What the broker keeps, as [`essence`] reads it, for somebody who comes late
/// and asks for `ear.filter`.
///
/// # Errors
/// When there is no answer within a minute.
pub fn kept(ear: &Ear) -> Result<BTreeMap<String, Value>, FleetError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(FleetError::io("a thread for a listener"))?;
    let mut options = MqttOptions::new(&ear.name, &ear.host, ear.port);
    options.set_max_packet_size(1 << 20, 1 << 20);
    let (client, mut line) = AsyncClient::new(options, 100);
    let listen = async {
        let mut kept = BTreeMap::new();
        let mut subscriptions = 0;
        loop {
            match line.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    let _ = client.try_subscribe(END, QoS::AtLeastOnce);
                    let _ = client.try_subscribe(&ear.filter, QoS::AtLeastOnce);
                }
                Ok(Event::Incoming(Packet::SubAck(_))) => {
                    subscriptions += 1;
                    // What is kept comes before what is said next.
                    if subscriptions == 2 {
                        let _ = client.try_publish(END, QoS::AtLeastOnce, false, "end");
                    }
                }
                Ok(Event::Incoming(Packet::Publish(publish))) if publish.topic == END => return Ok(kept),
                Ok(Event::Incoming(Packet::Publish(publish))) if publish.retain => {
                    if let Some(essence) = essence(&publish.topic, &publish.payload) {
                        kept.insert(publish.topic, essence);
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    let what = "listening to what is kept".to_owned();
                    return Err(FleetError::Refused { what, said: error.to_string() });
                }
            }
        }
    };
    let late = FleetError::Late { what: "everything that is kept".to_owned(), seconds: LIMIT.as_secs() };
    runtime.block_on(async { tokio::time::timeout(LIMIT, listen).await.unwrap_or(Err(late)) })
}
