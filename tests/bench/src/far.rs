//! A long line to a receiver: 30 ms each way, and a note of when the box sent
//! pictures. Datagrams are noted as they come out of the box's socket, before
//! the delay; sound comes sooner and counts for nothing.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use jiff::Timestamp;
use lectern_api::{Clock as _, SystemClock};

use crate::BenchError;

const ONE_WAY: Duration = Duration::from_millis(30);
/// There and back.
pub(crate) const ROUND_TRIP_MS: u64 = 60;
/// SRT's head. Its highest bit tells control from data.
const HEAD_BYTES: usize = 16;
/// One packet of a transport stream.
const PACKET_BYTES: usize = 188;
/// Datagrams on the way: a second of 20 Mbit/s.
const MOST_ON_THE_WAY: usize = 2048;
const LOOK: Duration = Duration::from_millis(100);

/// The line. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct FarLine {
    pub(crate) port: u16,
    pictures: Arc<Mutex<Vec<Timestamp>>>,
    over: Arc<AtomicBool>,
}

impl FarLine {
    /// A line to whoever listens at a port of this machine.
    pub(crate) fn to(receiver: u16, clock: SystemClock) -> Result<Self, BenchError> {
        let failed = || BenchError::io("the long line to the receiver");
        let near = UdpSocket::bind("127.0.0.1:0").map_err(failed())?;
        let far = UdpSocket::bind("127.0.0.1:0").map_err(failed())?;
        far.connect(("127.0.0.1", receiver)).map_err(failed())?;
        let port = near.local_addr().map_err(failed())?.port();
        let pictures: Arc<Mutex<Vec<Timestamp>>> = Arc::default();
        let over = Arc::new(AtomicBool::new(false));
        let sender: Arc<Mutex<Option<SocketAddr>>> = Arc::default();

        let (noted, heard) = (Arc::clone(&pictures), Arc::clone(&sender));
        let up = far.try_clone().map_err(failed())?;
        let note = move |datagram: &[u8], from: SocketAddr| {
            *heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(from);
            if begins_picture(datagram) {
                noted.lock().unwrap_or_else(PoisonError::into_inner).push(clock.utc());
            }
        };
        let send = move |datagram: &[u8]| drop(up.send(datagram));
        carry(near.try_clone().map_err(failed())?, (clock, Arc::clone(&over)), note, send);
        let send = move |datagram: &[u8]| {
            let to = *sender.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = to.map(|to| near.send_to(datagram, to));
        };
        carry(far, (clock, Arc::clone(&over)), |_, _| {}, send);
        Ok(Self { port, pictures, over })
    }

    /// When the first picture began to come out of the box's socket from a point
    /// on.
    pub(crate) fn first_picture_from(&self, at: Timestamp) -> Option<Timestamp> {
        let pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        pictures.iter().copied().find(|sent| *sent >= at)
    }
}

/// Whether a datagram holds the beginning of a picture: a packet that starts a
/// PES of a video stream (ISO/IEC 13818-1, 2.4.3).
fn begins_picture(datagram: &[u8]) -> bool {
    let Some(payload) = datagram.get(HEAD_BYTES..).filter(|_| datagram[0] & 0x80 == 0) else { return false };
    payload.chunks_exact(PACKET_BYTES).any(|packet| {
        let starts = packet[0] == 0x47 && packet[1] & 0x40 != 0;
        let adaptation = if packet[3] & 0x20 == 0 { 0 } else { 1 + usize::from(packet[4]) };
        let pes = packet.get(4 + adaptation..).unwrap_or_default();
        starts && matches!(pes, [0, 0, 1, id, ..] if id & 0xf0 == 0xe0)
    })
}

impl Drop for FarLine {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// Takes datagrams from one end, notes them, and gives them to the other later.
fn carry(
    from: UdpSocket,
    (clock, over): (SystemClock, Arc<AtomicBool>),
    note: impl Fn(&[u8], SocketAddr) + Send + 'static,
    send: impl Fn(&[u8]) + Send + 'static,
) {
    let (put, take) = mpsc::sync_channel::<(Duration, Vec<u8>)>(MOST_ON_THE_WAY);
    std::thread::spawn(move || {
        let _ = from.set_read_timeout(Some(LOOK));
        let mut datagram = vec![0; 2048];
        while !over.load(Ordering::Relaxed) {
            let Ok((size, address)) = from.recv_from(&mut datagram) else { continue };
            note(&datagram[..size], address);
            // A full line loses, as lines do.
            let _ = put.try_send((clock.monotonic() + ONE_WAY, datagram[..size].to_vec()));
        }
    });
    std::thread::spawn(move || {
        for (due, datagram) in take {
            std::thread::sleep(due.saturating_sub(clock.monotonic()));
            send(&datagram);
        }
    });
}
