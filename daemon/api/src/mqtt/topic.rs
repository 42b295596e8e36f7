//! Topics: built and read in one place, so that no other code joins strings.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{DeviceId, Name};

/// The segments before `device`: one to four, of the alphabet of names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Root(String);

/// Why a text is not a root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no root of topics; write one to four names with `/` between them, such as `te`")]
pub struct RootError(String);

impl Root {
    /// Checks number and alphabet of the segments.
    ///
    /// # Errors
    /// [`RootError`]; in particular for wildcards, and for `$`, which is the
    /// broker's.
    pub fn new(text: &str) -> Result<Self, RootError> {
        let segments: Vec<&str> = text.split('/').collect();
        if segments.len() > 4 || segments.iter().any(|segment| Name::new(segment).is_err()) {
            return Err(RootError(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The segments, joined.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Root {
    /// `te`, thin-edge's own.
    fn default() -> Self {
        Self("te".to_owned())
    }
}

impl TryFrom<String> for Root {
    type Error = RootError;
    fn try_from(text: String) -> Result<Self, RootError> {
        Self::new(&text)
    }
}

impl From<Root> for String {
    fn from(root: Root) -> Self {
        root.0
    }
}

/// Who a topic is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// The box.
    Device,
    /// A part of it: `lecternd`, `uplink`, a source, a store …
    Service(Name),
}

/// What a topic is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Who it is. Retained.
    Registration,
    /// `status/health`. Retained, and the last will.
    Health,
    /// `m/<type>`: numbers.
    Measurement(Name),
    /// `m/<type>/meta`: the units of those numbers. Retained.
    Units(Name),
    /// `e/<type>`: something happened.
    Event(Name),
    /// `a/<type>`: something is wrong. Retained; empty when it no longer is.
    Alarm(Name),
    /// `twin/<type>`: how it is now. Retained.
    Twin(Name),
    /// `cmd/<type>/<id>`: somebody wants something. Retained.
    Command {
        /// What is wanted, such as `start`.
        kind: Name,
        /// Chosen by whoever wants it.
        id: Name,
    },
}

/// One topic of a box, without root and device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic {
    /// Who it is about.
    pub entity: Entity,
    /// What it is about.
    pub channel: Channel,
}

impl Topic {
    /// A topic of the box itself.
    #[must_use]
    pub fn device(channel: Channel) -> Self {
        Self { entity: Entity::Device, channel }
    }

    /// A topic of one of its parts.
    #[must_use]
    pub fn service(unit: Name, channel: Channel) -> Self {
        Self { entity: Entity::Service(unit), channel }
    }

    /// Reads what [`Display`](fmt::Display) writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let segments: Vec<&str> = text.split('/').collect();
        let (entity, channel) = match segments.as_slice() {
            ["", "", rest @ ..] => (Entity::Device, rest),
            ["service", unit, rest @ ..] => (Entity::Service(Name::new(unit).ok()?), rest),
            _ => return None,
        };
        let name = |text: &&str| Name::new(text).ok();
        let channel = match channel {
            [] => Channel::Registration,
            ["status", "health"] => Channel::Health,
            ["m", kind] => Channel::Measurement(name(kind)?),
            ["m", kind, "meta"] => Channel::Units(name(kind)?),
            ["e", kind] => Channel::Event(name(kind)?),
            ["a", kind] => Channel::Alarm(name(kind)?),
            ["twin", kind] => Channel::Twin(name(kind)?),
            ["cmd", kind, id] => Channel::Command { kind: name(kind)?, id: name(id)? },
            _ => return None,
        };
        Some(Self { entity, channel })
    }
}

impl fmt::Display for Topic {
    /// The segments behind `<root>/device/<id>/`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entity {
            Entity::Device => f.write_str("/")?,
            Entity::Service(unit) => write!(f, "service/{unit}")?,
        }
        match &self.channel {
            Channel::Registration => Ok(()),
            Channel::Health => f.write_str("/status/health"),
            Channel::Measurement(kind) => write!(f, "/m/{kind}"),
            Channel::Units(kind) => write!(f, "/m/{kind}/meta"),
            Channel::Event(kind) => write!(f, "/e/{kind}"),
            Channel::Alarm(kind) => write!(f, "/a/{kind}"),
            Channel::Twin(kind) => write!(f, "/twin/{kind}"),
            Channel::Command { kind, id } => write!(f, "/cmd/{kind}/{id}"),
        }
    }
}

/// The topics of one box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    prefix: String,
}

impl Topics {
    /// Below this root, of this box.
    #[must_use]
    pub fn new(root: &Root, device: &DeviceId) -> Self {
        Self { prefix: format!("{}/device/{device}/", root.as_str()) }
    }

    /// A whole topic, as it goes over the wire.
    #[must_use]
    pub fn write(&self, topic: &Topic) -> String {
        format!("{}{topic}", self.prefix)
    }

    /// Reads a whole topic; nothing for one of another box or none of ours.
    #[must_use]
    pub fn read(&self, topic: &str) -> Option<Topic> {
        topic.strip_prefix(&self.prefix).and_then(Topic::parse)
    }

    /// The filter of every command to the box.
    #[must_use]
    pub fn commands(&self) -> String {
        format!("{}//cmd/+/+", self.prefix)
    }

    /// The filter of every alarm of its parts.
    #[must_use]
    pub fn alarms(&self) -> String {
        format!("{}service/+/a/+", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics() -> Topics {
        Topics::new(&Root::default(), &DeviceId::new("LB-1").unwrap())
    }

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    #[test]
    fn topics_are_those_of_the_contract_and_are_read_back() {
        let service = |channel| Topic::service(name("camera"), channel);
        for (topic, written) in [
            (Topic::device(Channel::Registration), "te/device/LB-1//"),
            (service(Channel::Registration), "te/device/LB-1/service/camera"),
            (service(Channel::Health), "te/device/LB-1/service/camera/status/health"),
            (Topic::device(Channel::Measurement(name("thermal"))), "te/device/LB-1///m/thermal"),
            (Topic::device(Channel::Units(name("thermal"))), "te/device/LB-1///m/thermal/meta"),
            (Topic::device(Channel::Event(name("alarm"))), "te/device/LB-1///e/alarm"),
            (service(Channel::Alarm(name("camera.lost"))), "te/device/LB-1/service/camera/a/camera.lost"),
            (Topic::device(Channel::Twin(name("alarms"))), "te/device/LB-1///twin/alarms"),
            (
                Topic::device(Channel::Command { kind: name("start"), id: name("7") }),
                "te/device/LB-1///cmd/start/7",
            ),
        ] {
            assert_eq!(topics().write(&topic), written);
            assert_eq!(topics().read(written), Some(topic));
        }
    }

    #[test]
    fn what_is_no_topic_of_this_box_is_nothing() {
        for other in [
            "",
            "te",
            "te/device/LB-2//",
            "te/device/LB-1",
            "te/device/LB-1/",
            "te/device/LB-1/service/",
            "te/device/LB-1/service/+/a/+",
            "te/device/LB-1///m",
            "te/device/LB-1///m/thermal/units",
            "te/device/LB-1///cmd/start",
            "te/device/LB-1///cmd/start/7/8",
            "te/device/LB-1///e/张",
        ] {
            assert_eq!(topics().read(other), None, "{other}");
        }
    }

    #[test]
    fn a_root_has_names_and_no_wildcards() {
        assert_eq!(Root::new("school/7").unwrap().as_str(), "school/7");
        for bad in ["", "/te", "te/", "te/+", "#", "$SYS", "a/b/c/d/e", "te st"] {
            assert!(Root::new(bad).is_err(), "{bad}");
        }
    }
}
