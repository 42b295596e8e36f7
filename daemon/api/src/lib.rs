//! What other programs see of Lectern, and nothing else: identifiers, units,
//! the status tree, commands, the archive's manifest, and every sentence that
//! is shown to a person.
//!
//! The crate does no input or output; a type here is part of the contract, so
//! a change to it needs a line in the changelog.

pub mod account;
pub mod check;
pub mod clock;
pub mod command;
pub mod doctor;
pub mod fault;
pub mod hardware;
pub mod identity;
pub mod ids;
pub mod lessons;
pub mod manifest;
pub mod messages;
pub mod mqtt;
pub mod picture;
pub mod receipt;
pub mod repair;
pub mod room;
pub mod source;
pub mod status;
pub mod text;
pub mod timetable;
pub mod units;

pub use clock::{Clock, SystemClock, TimeSource, Trust, Verdict};
pub use ids::{DeviceId, IdError, LessonId, Name};
pub use text::{Language, Text};
pub use units::{Bytes, Kbps, Ticks};
