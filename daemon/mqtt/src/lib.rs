//! The box at the broker: what is wrong, what happened and what is wanted, over
//! a link that comes and goes.
//!
//! - [`outbox`]: what waits for the broker survives outage and power cut.

pub mod outbox;
