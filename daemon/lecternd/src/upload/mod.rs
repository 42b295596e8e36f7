//! From the spool to the archive stores: one unit per store, each with its own
//! cursors and its own two lanes, so that a dead store holds up nobody else.
//!
//! The *fresh* lane brings the newest lesson, while it runs and until it is
//! whole; the *backlog* lane brings the others, the oldest first, carries out
//! deletions, and tells of lessons that made way. Each is strictly in order. The fresh lane never waits for the
//! other; the backlog sends a fragment only while the fresh lane has nothing to
//! send, in the hours that the configuration gives it.

mod backlog;
mod closing;
mod compose;
mod deletion;
mod desk;
mod error;
pub(crate) mod estimate;
mod fresh;
pub(crate) mod hours;
mod journey;
mod lane;
mod ledger;
mod loss;
mod media;
pub(crate) mod pace;
mod queue;
mod state;
#[cfg(test)]
mod tests;
mod unit;

pub(crate) use compose::{Extent, compose};
pub(crate) use state::UploadState;
pub(crate) use unit::Uploader;
