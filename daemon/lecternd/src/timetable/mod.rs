//! The timetable in the daemon: where it comes from, which version is in
//! force, and what that means for this room.
//!
//! ```text
//! file, web, stick ─▶ Delivery ─┐
//!                               ├─▶ Keeper ─▶ watch: InForce ─▶ lesson, status, API
//! API, later MQTT ─▶ Desk ──────┘     │
//!                                   Book (pure) ─▶ facts
//! ```
//!
//! What is found is read ([`reading`]), judged ([`book`], [`gate`]), made
//! durable ([`shelf`]) and announced ([`in_force`]). What comes into force
//! when, and why, stands in `docs/decisions/0019-*.md`.

pub(crate) mod book;
mod compose;
mod desk;
mod gate;
mod in_force;
mod keeper;
mod reading;
mod record;
mod room;
pub(crate) mod shelf;
pub(crate) mod source;

pub(crate) use desk::{Desk, MISTAKEN, Request};
pub(crate) use in_force::InForce;
pub(crate) use keeper::{Keeper, Settings};

#[cfg(test)]
mod tests;
