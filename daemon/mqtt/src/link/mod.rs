//! From a URL to a stream of bytes that an MQTT connection runs over.
//!
//! `mqtt://` is TCP (1883), `mqtts://` TLS on it (8883), `wss://` WebSocket on
//! TLS (443), `ws://` without (80). Each of them goes through an HTTP proxy by
//! CONNECT where there is one, so that a school that opens port 443 alone still
//! hears of its boxes.

mod broker;
mod dial;
mod socket;

pub use self::broker::{Broker, BrokerError, Scheme};
pub use self::dial::{DialError, dial};

/// What a connection runs over.
pub trait Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin {}

impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin> Stream for S {}
