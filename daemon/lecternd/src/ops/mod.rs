//! What people and programs see and ask: one status, one command type, one
//! HTTP API, today on the control socket.

mod accounts;
pub(crate) mod api;
mod clock;
mod deletion;
mod faults;
mod metrics;
pub(crate) mod peer;
pub(crate) mod pictures;
pub(crate) mod repair;
pub(crate) mod socket;
pub(crate) mod status;
mod timetable;
pub(crate) mod watchdog;
