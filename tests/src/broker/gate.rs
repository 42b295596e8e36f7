//! An HTTP proxy that knows CONNECT alone, as a school's firewall leaves it, and
//! counts what goes through.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The proxy. It ends when this is dropped.
#[derive(Debug)]
pub struct Gate {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    over: AtomicBool,
    /// Bytes of both directions, without the CONNECT itself.
    bytes: AtomicU64,
    /// Reads of both directions: about as many segments.
    pieces: AtomicU64,
    /// What CONNECT asked for.
    asked: Mutex<Vec<String>>,
}

impl Gate {
    /// Opens a proxy on the loopback.
    ///
    /// # Panics
    /// When the kernel has no port left.
    #[must_use]
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free TCP port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared::default());
        let all = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if all.over.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&all);
                if let Ok(client) = client {
                    std::thread::spawn(move || shared.serve(&client));
                }
            }
        });
        Self { port, shared }
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The addresses that were asked for.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Bytes and pieces that went through, of both directions.
    #[must_use]
    pub fn carried(&self) -> (u64, u64) {
        (self.shared.bytes.load(Ordering::SeqCst), self.shared.pieces.load(Ordering::SeqCst))
    }
}

impl Shared {
    fn serve(self: Arc<Self>, client: &TcpStream) {
        let Ok(copy) = client.try_clone() else { return };
        // One byte at a time: what follows the head belongs to the tunnel.
        let mut reader = BufReader::with_capacity(1, copy);
        let mut first = String::new();
        if reader.read_line(&mut first).is_err() {
            return;
        }
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
            line.clear();
        }
        let mut words = first.split_ascii_whitespace();
        let (Some("CONNECT"), Some(target)) = (words.next(), words.next()) else { return };
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(target.to_owned());
        let Ok(server) = TcpStream::connect(target) else { return };
        let mut answer = client;
        if answer.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").is_err() {
            return;
        }
        let (Ok(up), Ok(back)) = (client.try_clone(), server.try_clone()) else { return };
        let other = Arc::clone(&self);
        std::thread::spawn(move || other.pump(&back, &up));
        let Ok(down) = client.try_clone() else { return };
        self.pump(&down, &server);
    }

    fn pump(&self, mut from: &TcpStream, mut to: &TcpStream) {
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = from.read(&mut piece) {
            self.bytes.fetch_add(read as u64, Ordering::SeqCst);
            self.pieces.fetch_add(1, Ordering::SeqCst);
            if to.write_all(&piece[..read]).is_err() {
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // The listener wakes up and sees that it is over.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}
