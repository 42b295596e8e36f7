//! What goes over MQTT: topics and payloads, one type for each.
//!
//! The grammar is thin-edge's: a topic is
//! `<root>/device/<id>/<service>/<unit>/<channel…>`, where the two segments of
//! the service are empty for the box itself. Consumers that know thin-edge
//! read ours; what we add (`text_zh`, `hint`, `epoch`, `sequence`) they ignore.
//!
//! `docs/reference/asyncapi.json` is generated from these types.

mod alarm;
#[cfg(test)]
mod asyncapi;
mod command;
mod event;
mod health;
mod inventory;
mod measurement;
mod registration;
mod repair;
mod topic;

pub use alarm::{Alarm, AlarmChange, AlarmEvent, OpenAlarm, OpenAlarms};
pub use command::{
    Answer, BundleUpload, CommandState, Diagnosis, GetSettings, LogLevel, Prolong, Request, Restart,
    SetLogLevel, SetSettings, Shutter, Start, TimetablePush,
};
pub use event::{Event, Properties};
pub use health::{Health, HealthState};
pub use inventory::{Attached, Disk, Interface, Inventory};
pub use measurement::{Measurement, NotFinite, Units, Value};
pub use registration::{Kind, Place, Registration, Software};
pub use repair::RepairEvent;
pub use topic::{Channel, Entity, Root, RootError, Topic, Topics};
