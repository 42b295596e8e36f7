//! The broker, as this daemon uses it: who the box is there, and what it keeps of
//! it. The units are lectern-mqtt's.

mod diagnosis;
mod errands;
mod settings;
mod teller;

use lectern_api::mqtt::{Channel, Kind, Place, Registration, Software, Topic};
use lectern_api::status::DeviceStatus;
use lectern_api::{DeviceId, IdError, Name};
use lectern_mqtt::client::{self, Standing, keep};

use crate::config::Mqtt;

pub(crate) use errands::Errands;
pub(crate) use settings::Settings;
pub(crate) use teller::{Memory, Teller, Told};

/// How the connection is kept.
pub(crate) fn settings(mqtt: &Mqtt, device: DeviceId, boot_id: String) -> Result<client::Settings, IdError> {
    Ok(client::Settings {
        broker: mqtt.broker.clone(),
        root: mqtt.root.clone(),
        device,
        service: Name::new("lecternd")?,
        keepalive: mqtt.keepalive,
        heartbeat: mqtt.heartbeat,
        in_flight: client::IN_FLIGHT,
        pause: client::pause(mqtt.spread),
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
    keep(&mut standing, Topic::device(Channel::Registration), &registration);
    let twin = |kind| Ok(Topic::device(Channel::Twin(Name::new(kind)?)));
    let software = Software { name: "lectern".to_owned(), version: device.version.clone() };
    keep(&mut standing, twin("software")?, &software);
    let place =
        Place { place: device.place.clone(), time_zone: device.time_zone.clone().unwrap_or_default() };
    keep(&mut standing, twin("place")?, &place);
    Ok(standing)
}
