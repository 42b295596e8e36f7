//! The first half of an SRT handshake, the induction (SRT, draft-sharabayko-srt,
//! 4.3.1): the caller says its name, the listener answers with a cookie. The
//! listener keeps nothing of it, and no stream is begun.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::timeout;

/// Header and handshake, without extensions.
const BYTES: usize = 16 + 48;
/// As often as libsrt says it.
const AGAIN: Duration = Duration::from_millis(250);
const INDUCTION: u32 = 1;

/// Waits for a listener's answer at one of the addresses.
///
/// # Errors
/// [`io::ErrorKind::TimedOut`] when nothing came back in `limit`,
/// [`io::ErrorKind::ConnectionRefused`] when the machine has no such port.
pub async fn greet(addresses: &[SocketAddr], limit: Duration) -> io::Result<()> {
    let mut outcome = Err(io::ErrorKind::TimedOut.into());
    for address in addresses {
        outcome =
            match timeout(limit / u32::try_from(addresses.len()).unwrap_or(1), greet_one(*address)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => Err(error),
                Err(_) => Err(io::ErrorKind::TimedOut.into()),
            };
    }
    outcome
}

async fn greet_one(address: SocketAddr) -> io::Result<()> {
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(address).await?;
    let name = getrandom::u32().unwrap_or(1) & 0x3fff_ffff | 1;
    let greeting = induction(name);
    let mut answer = [0; 1500];
    loop {
        socket.send(&greeting).await?;
        if let Ok(received) = timeout(AGAIN, socket.recv(&mut answer)).await
            && is_answer(&answer[..received?], name)
        {
            return Ok(());
        }
    }
}

fn induction(name: u32) -> [u8; BYTES] {
    let words: [u32; 12] = [
        0x8000_0000, // a control packet of type 0: a handshake
        0,           // nothing of its own
        0,           // time stamp
        0,           // to nobody in particular
        4,           // the version that inductions have
        2,           // no encryption is asked for; the socket is of datagrams
        0,           // first sequence number
        1500,        // longest packet
        8192,        // packets on the way at most
        INDUCTION,
        name,
        0, // the cookie is the listener's to give
    ];
    let mut packet = [0; BYTES];
    for (place, word) in packet.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_be_bytes());
    }
    packet
}

fn is_answer(packet: &[u8], name: u32) -> bool {
    let word = |index: usize| {
        let bytes = packet.get(index * 4..index * 4 + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    packet.len() >= BYTES
        && word(0) == Some(0x8000_0000)
        && word(3) == Some(name)
        && word(9) == Some(INDUCTION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn silence_and_nonsense_are_no_answer() {
        let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = other.local_addr().unwrap();
        let answers = async {
            let mut packet = [0; 1500];
            loop {
                let (bytes, from) = other.recv_from(&mut packet).await.unwrap();
                // An echo has the right length and type, and is addressed to nobody.
                other.send_to(&packet[..bytes], from).await.unwrap();
            }
        };
        let addresses = [address];
        let greeted = greet(&addresses, Duration::from_secs(1));
        let error = tokio::select! {
            greeted = greeted => greeted.unwrap_err(),
            () = answers => unreachable!(),
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(!is_answer(&[], 1) && !is_answer(&[0x80; 63], 0x8080_8080));
    }
}
