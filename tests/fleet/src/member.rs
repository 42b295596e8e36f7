//! What of a box speaks MQTT: outbox and client, without the rest.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lectern_api::fault::{Fault, Severity};
use lectern_api::mqtt::{
    Answer, Channel, Inventory, Kind, Measurement, Place, Registration, Root, Software, Topic,
};
use lectern_api::{Clock as _, DeviceId, IdError, Name, SystemClock, Text};
use lectern_archive::store::Proxy;
use lectern_mqtt::client::{
    self, IN_FLIGHT, LinkState, News, Pause, Ports, Settings, Standing, Wanted, keep,
};
use lectern_mqtt::link::Broker;
use lectern_mqtt::measurements::units;
use lectern_mqtt::outbox::{Limits, Outbox};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use crate::ledger::essence;
use crate::{FleetError, day};

/// As configured by default (docs/reference/config.md).
pub const KEEPALIVE: Duration = Duration::from_secs(50);
/// As configured by default.
pub const HEARTBEAT: Duration = Duration::from_secs(900);

/// A box at the broker.
#[derive(Debug)]
pub struct Member {
    settings: Settings,
    faults: watch::Sender<Option<Vec<Fault>>>,
    standing: watch::Sender<Standing>,
    news: mpsc::Sender<News>,
    /// How far commands are.
    pub answers: mpsc::Sender<(Topic, Answer)>,
    /// How the connection is.
    pub state: watch::Receiver<LinkState>,
    /// What waits for the broker.
    pub outbox: Arc<Mutex<Outbox>>,
    clock: SystemClock,
}

/// How a box is set up as it is from the factory.
///
/// # Errors
/// When the device's number is none.
pub fn settings(broker: Broker, device: &str, pause: Pause) -> Result<Settings, IdError> {
    Ok(Settings {
        broker,
        root: Root::default(),
        device: DeviceId::new(device)?,
        service: Name::new("lecternd")?,
        keepalive: KEEPALIVE,
        heartbeat: HEARTBEAT,
        in_flight: IN_FLIGHT,
        pause,
        boot_id: "6e0c4f8e-1b1f-4f0c-9c65-0d5a4cbb3c21".to_owned(),
    })
}

/// A broker by its URL, without the environment's proxy.
///
/// # Errors
/// When it is no broker's.
pub fn address(url: &str) -> Result<Broker, FleetError> {
    let broker = Broker::parse(url);
    let broker = broker
        .map_err(|error| FleetError::Refused { what: "a broker".to_owned(), said: error.to_string() })?;
    Ok(Broker { proxy: Proxy::None, ..broker })
}

/// Opens an outbox with the room that a box gives it.
///
/// # Errors
/// The outbox's.
pub fn outbox(folder: &Path) -> Result<Outbox, FleetError> {
    Ok(Outbox::open(folder, Limits::default())?.0)
}

impl Member {
    /// Starts the units on an outbox; they end with the runtime. Commands come
    /// out at the second of the two.
    ///
    /// # Errors
    /// When the house's own names are none any more, or a status has other fields.
    pub fn start(
        runtime: &Handle,
        settings: Settings,
        outbox: Outbox,
    ) -> Result<(Self, mpsc::Receiver<Wanted>), FleetError> {
        let outbox = Arc::new(Mutex::new(outbox));
        let (faults, faults_rx) = watch::channel(None);
        let (standing, standing_rx) = watch::channel(standing(&settings.device)?);
        let (news, news_rx) = mpsc::channel(64);
        let (answers, answers_rx) = mpsc::channel(8);
        let (commands, wanted) = mpsc::channel(8);
        let (state_tx, state) = watch::channel(LinkState::default());
        let ports = Ports {
            faults: faults_rx,
            standing: standing_rx,
            news: news_rx,
            answers: answers_rx,
            commands,
            state: state_tx,
        };
        let clock = SystemClock::new();
        let (mut caller, mut post) =
            client::units(settings.clone(), ports, Arc::clone(&outbox), Arc::new(clock));
        runtime.spawn(async move { caller.run().await });
        runtime.spawn(async move { post.run().await });
        Ok((Self { settings, faults, standing, news, answers, state, outbox, clock }, wanted))
    }

    /// Something happened.
    ///
    /// # Errors
    /// When more waits than the unit takes at once: the box is ill.
    pub fn tell(&self, text: &str, text_zh: &str) -> Result<(), FleetError> {
        let topic = Topic::device(Channel::Event(Name::new("lesson")?));
        let body = json!({ "text": text, "text_zh": text_zh });
        self.news(News::Event { topic, time: self.clock.utc(), body })
    }

    /// Something was measured, now.
    ///
    /// # Errors
    /// As of [`Self::tell`].
    pub fn measured(&self, topic: Topic, measurement: &Measurement) -> Result<(), FleetError> {
        let measurement = Measurement::new(self.clock.utc(), measurement.values().clone());
        let measurement = measurement
            .map_err(|error| FleetError::Refused { what: topic.to_string(), said: error.to_string() })?;
        self.news(News::Measurement { topic, measurement })
    }

    fn news(&self, news: News) -> Result<(), FleetError> {
        self.news.try_send(news).map_err(|error| FleetError::Refused {
            what: format!("news of {}", self.settings.device),
            said: error.to_string(),
        })
    }

    /// So many cameras are lost now.
    pub fn wrong(&self, cameras: usize) {
        let fault = |camera| Fault {
            id: 0,
            count: 1,
            until: None,
            tried: Vec::new(),
            part: None,
            code: "camera.lost".to_owned(),
            severity: Severity::Major,
            unit: format!("camera{camera}"),
            since: self.clock.utc(),
            text: Text {
                en: "No picture from the camera. Board and sound are recorded as usual.".to_owned(),
                zh: "摄像机没有画面。大屏和声音照常录制。".to_owned(),
            },
            hint: Text {
                en: "Look at the camera's light: dark, check its power; lit, check its cable.".to_owned(),
                zh: "看摄像机指示灯:不亮查电源,亮着查网线;接好后自动恢复,不用重启。".to_owned(),
            },
        };
        self.faults.send_replace(Some((0..cameras).map(fault).collect()));
    }

    /// What the broker is to keep beside alarms and health.
    pub fn stand(&self, standing: Standing) {
        self.standing.send_replace(standing);
    }

    /// A topic of this box as it goes over the wire.
    #[must_use]
    pub fn topic(&self, topic: &Topic) -> String {
        self.settings.topics().write(topic)
    }

    /// The asset number.
    #[must_use]
    pub fn device(&self) -> &str {
        self.settings.device.as_str()
    }

    /// Whether the broker can be talked to.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.state.borrow().up
    }

    /// Messages that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.outbox().len()
    }

    /// Epoch and number of the newest event.
    #[must_use]
    pub fn newest(&self) -> (String, u64) {
        let outbox = self.outbox();
        let (epoch, sequence) = outbox.newest();
        (epoch.to_owned(), sequence)
    }

    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the box holds for true, as [`essence`] reads it: what a broker that
    /// can be talked to has to keep of it.
    #[must_use]
    pub fn beliefs(&self) -> BTreeMap<String, Value> {
        let mut wanted = self.standing.borrow().clone();
        {
            let outbox = self.outbox();
            for record in outbox.open_alarms() {
                let topic = Topic::service(record.unit.clone(), Channel::Alarm(record.alarm.code.clone()));
                wanted.insert(topic, serde_json::to_vec(&record.alarm).unwrap_or_default());
            }
            if let Ok(name) = Name::new("alarms") {
                let twin = serde_json::to_vec(&outbox.twin(self.clock.utc())).unwrap_or_default();
                wanted.insert(Topic::device(Channel::Twin(name)), twin);
            }
        }
        let health = Topic::service(self.settings.service.clone(), Channel::Health);
        wanted.insert(health, br#"{"status":"up"}"#.to_vec());
        let essential = |(topic, payload): (Topic, Vec<u8>)| {
            let topic = self.topic(&topic);
            let essence = essence(&topic, &payload)?;
            Some((topic, essence))
        };
        wanted.into_iter().filter_map(essential).collect()
    }
}

/// What the daemon has a broker keep of every box.
fn standing(device: &DeviceId) -> Result<Standing, FleetError> {
    let registration = Registration {
        kind: Kind::Device,
        parent: None,
        name: "张村小学 三年级二班".to_owned(),
        type_: "lectern".to_owned(),
        public_key: Some(format!("{:0>64}", device.as_str().len())),
    };
    let software = Software { name: "lectern".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
    let place =
        Place { place: "张村小学 三年级二班".to_owned(), time_zone: "Asia/Shanghai".to_owned() };
    let camera = json!({"label": "Sonix HD USB Camera", "port": "1-1.4"});
    let inventory: Inventory = serde_json::from_value(json!({
        "simulated": false, "model": "Radxa ROCK 5B", "kernel": "6.1.84", "memory_bytes": 4_000_000_000_u64,
        "disks": [{"name": "mmcblk0", "model": "BJTD4R"}], "cameras": [camera.clone(), camera], "sound_cards": [],
        "interfaces": [],
    }))?;
    let twin = |kind| Ok::<_, FleetError>(Topic::device(Channel::Twin(Name::new(kind)?)));
    let mut standing = Standing::new();
    keep(&mut standing, Topic::device(Channel::Registration), &registration);
    keep(&mut standing, twin("software")?, &software);
    keep(&mut standing, twin("place")?, &place);
    keep(&mut standing, twin("hardware")?, &inventory);
    units(&day::status()?, &mut standing)?;
    Ok(standing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_has_its_inventory_and_the_units_of_its_numbers_kept() {
        let standing = standing(&DeviceId::new("LB-2026-000317").unwrap()).unwrap();
        let topics: Vec<String> = standing.keys().map(ToString::to_string).collect();
        for topic in ["//twin/hardware", "//m/hardware/meta", "service/platform/m/live/meta"] {
            assert!(topics.iter().any(|kept| kept == topic), "{topic} in {topics:?}");
        }
    }
}
