//! The box's side of MQTT against a real broker that dies, forgets and comes
//! back, over a link that is cut.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod cost;
mod outages;
mod roads;
mod speaker;
mod state;
