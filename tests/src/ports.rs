//! Ports that are free, as the kernel says.

use std::net::{TcpListener, UdpSocket};

/// A TCP port of the loopback that nobody listens on.
///
/// # Panics
/// When the kernel has none left.
#[must_use]
pub fn tcp() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.expect("a free TCP port").port()
}

/// A UDP port of the loopback that nobody listens on.
///
/// # Panics
/// When the kernel has none left.
#[must_use]
pub fn udp() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    socket.expect("a free UDP port").port()
}
