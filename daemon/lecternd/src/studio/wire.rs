//! A long wire to a server: 30 ms each way, and a note of when the box sent.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use crate::capture::time::ClockPoint;

const ONE_WAY: Duration = Duration::from_millis(30);
/// Pieces on the way: more than any test sends in 30 ms.
const MOST_ON_THE_WAY: usize = 4096;

pub(super) struct Wire {
    pub(super) port: u16,
    sent: Arc<Mutex<Vec<(ClockPoint, usize)>>>,
}

impl Wire {
    /// A wire to a port of this machine. Its threads end with its connections.
    pub(super) fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let sent: Arc<Mutex<Vec<_>>> = Arc::default();
        let noted = Arc::clone(&sent);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                let (up, down) = ((client.try_clone(), server.try_clone()), (server, client));
                let noted = Arc::clone(&noted);
                carry(up.0.unwrap(), up.1.unwrap(), move |bytes| {
                    noted.lock().unwrap().push((ClockPoint::now(), bytes));
                });
                carry(down.0, down.1, |_| {});
            }
        });
        Self { port, sent }
    }

    /// When the box sent, and how much.
    pub(super) fn sent(&self) -> Vec<(ClockPoint, usize)> {
        self.sent.lock().unwrap().clone()
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, note: impl Fn(usize) + Send + 'static) {
    let _ = to.set_nodelay(true);
    let (put, take) = mpsc::sync_channel::<(ClockPoint, Vec<u8>)>(MOST_ON_THE_WAY);
    std::thread::spawn(move || {
        let mut piece = vec![0; 64 << 10];
        while let Ok(read @ 1..) = from.read(&mut piece) {
            note(read);
            if put.send((ClockPoint::now().later_by(ONE_WAY), piece[..read].to_vec())).is_err() {
                return;
            }
        }
    });
    std::thread::spawn(move || {
        for (due, piece) in take {
            std::thread::sleep(due.duration_since(ClockPoint::now()));
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
