//! The harness of the scenarios in `tests/tests`: a classroom box that runs
//! the real daemon, the room before it, the servers behind it, and readers
//! that prove from pictures and sound alone what arrived.
//!
//! Every scenario runs `lecternd` as a process of its own and uses real peers
//! (nginx, mosquitto, an S3 and an FTP server, Xvfb, Chromium, PulseAudio, an RTSP server).
//! A peer that is not installed makes the test fail with the name of its Debian
//! package; nothing is ever skipped. Every process that a test starts ends with
//! it.
//!
//! `.ci/scenarios` runs each in a process of its own, a few at a time, and of those
//! that encode for targets or have real cameras and screens one; `cargo test -p
//! lectern-tests -- --test-threads=1` runs all one by one.
//!
//! Nothing waits for a fixed time: tests wait for a condition, with a limit
//! that a loaded machine keeps ([`eventually`]).
//!
//! # Environment
//! - `LECTERN_LONG=1`: the scenarios at full length, as a release needs them: a
//!   target frozen for a minute, a hundred starts, ten minutes of silence, an
//!   hour without an alarm.
//! - `LECTERN_KEEP=1`: the folders of boxes and servers stay in the temporary
//!   folder.

pub mod archive;
pub mod broker;
mod certificates;
pub mod classroom_box;
pub mod command_line;
pub mod control;
pub mod faults;
pub mod folder;
pub mod installed;
pub mod link;
pub mod media;
mod nginx;
pub mod numbers;
pub mod platform;
pub mod ports;
pub mod practice;
pub mod process;
pub mod readings;
pub mod receiver;
pub mod recordings;
pub mod room;
pub mod school;
pub mod setup;
pub mod store;
pub mod timetable;
mod turn;
pub mod wait;
pub mod web_archive;

pub use archive::Archive;
pub use broker::{Broker, Ear, Gate};
pub use classroom_box::ClassroomBox;
pub use installed::InstalledBox;
pub use link::{Link, Weather};
pub use platform::Platform;
pub use practice::Practice;
pub use process::Process;
pub use readings::Readings;
pub use receiver::Receiver;
pub use recordings::Recording;
pub use setup::Setup;
pub use store::{Kind, StoreServer};
pub use wait::{Stopwatch, eventually};
pub use web_archive::WebArchive;
