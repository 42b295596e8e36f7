//! Thousands of boxes at one broker. A [`Member`] is what of a box speaks MQTT:
//! the real outbox on a disk, the real client, no process of its own. A
//! [`Platform`] listens and dedupes, as a district's does. Brokers are real and
//! run on this machine: [`Mosquitto`] alone in a namespace of the network
//! ([`Network`]), [`RabbitMq`] on the loopback.
//!
//! ```text
//!  namespace of the boxes            namespace of the broker
//!  squad (process) ─ 2500 members ─┐           ┌─ mosquitto ─▶ Platform
//!  squad ─ 2500 members ───────────┴─ veth ────┘
//!                                counted, can be cut
//! ```
//!
//! Squads are processes because of the limit of open files: a member has up to
//! five.

// The scenarios' own; their crate would bring GStreamer.
#[path = "../../src/folder.rs"]
pub mod folder;
#[path = "../../src/ports.rs"]
pub mod ports;
#[path = "../../src/process.rs"]
pub mod process;
#[path = "../../src/wait.rs"]
pub mod wait;

pub mod broker;
pub mod day;
pub mod error;
pub mod ledger;
pub mod line;
pub mod member;
pub mod network;
pub mod platform;
pub mod proc;
pub mod squad;

pub use broker::{Mosquitto, RabbitMq};
pub use error::FleetError;
pub use ledger::Ledger;
pub use member::Member;
pub use network::Network;
pub use platform::Platform;
pub use process::Process;
pub use wait::{Stopwatch, eventually};
