//! The broker, as this daemon uses it: who the box is there, and how long it
//! waits before it tries again. The units are lectern-mqtt's.

mod diagnosis;
mod errands;

use std::sync::Arc;
use std::time::Duration;

use lectern_api::mqtt::{Channel, Kind, Place, Registration, Software, Topic};
use lectern_api::status::DeviceStatus;
use lectern_api::{DeviceId, IdError, Name};
use lectern_mqtt::client::{Settings, Standing};
use serde::Serialize;

use crate::backoff::Backoff;
use crate::config::Mqtt;

pub(crate) use errands::Errands;

/// Ten thousand boxes that lose their broker together try at most 526 times in a
/// second at first, and 49 times when it is back after twenty minutes.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(30), Duration::from_secs(600));
/// Messages without acknowledgement.
const IN_FLIGHT: usize = 8;

/// How the connection is kept.
pub(crate) fn settings(mqtt: &Mqtt, device: DeviceId, boot_id: String) -> Result<Settings, IdError> {
    // Where there is no chance all come together, which is still better than never.
    let chance = || getrandom::u32().unwrap_or(u32::MAX / 2);
    Ok(Settings {
        broker: mqtt.broker.clone(),
        root: mqtt.root.clone(),
        device,
        service: Name::new("lecternd")?,
        keepalive: mqtt.keepalive,
        heartbeat: mqtt.heartbeat,
        in_flight: IN_FLIGHT,
        pause: Arc::new(move |failures| BACKOFF.pause_anywhere(failures, chance())),
        boot_id,
    })
}

/// What the broker is to keep of a box, whatever happens: who it is, what runs,
/// where it stands.
pub(crate) fn standing(device: &DeviceStatus) -> Result<Standing, IdError> {
    let mut standing = Standing::new();
    let named = if device.place.is_empty() { device.id.as_str() } else { &device.place };
    let registration = Registration {
        kind: Kind::Device,
        parent: None,
        name: named.to_owned(),
        type_: "lectern".to_owned(),
        public_key: device.public_key.clone(),
    };
    put(&mut standing, Topic::device(Channel::Registration), &registration);
    let twin = |kind| Ok(Topic::device(Channel::Twin(Name::new(kind)?)));
    let software = Software { name: "lectern".to_owned(), version: device.version.clone() };
    put(&mut standing, twin("software")?, &software);
    let place =
        Place { place: device.place.clone(), time_zone: device.time_zone.clone().unwrap_or_default() };
    put(&mut standing, twin("place")?, &place);
    Ok(standing)
}

fn put(standing: &mut Standing, topic: Topic, payload: &impl Serialize) {
    match serde_json::to_vec(payload) {
        Ok(payload) => drop(standing.insert(topic, payload)),
        Err(error) => tracing::error!(%error, %topic, "a payload cannot be written"),
    }
}
