//! The box at the broker: what is wrong, what happened and what is wanted, over
//! a link that comes and goes.
//!
//! - [`outbox`]: what waits for the broker survives outage and power cut.
//! - [`link`]: from a URL to bytes, through proxies, TLS and WebSocket.
//! - [`client`]: the units that keep a connection and say what is to be said.
//! - [`measurements`]: which numbers are worth telling.
//! - [`commands`]: what others want of the box, judged and carried out once.

pub mod client;
pub mod commands;
pub mod link;
pub mod measurements;
pub mod outbox;
