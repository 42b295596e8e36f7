//! What stands before brokers: one address, behind it whichever node is there.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Carries each connection to the first node that answers. It lives as long as
/// the test.
pub(crate) struct Relay {
    pub(crate) port: u16,
    is_open: Arc<AtomicBool>,
}

impl Relay {
    pub(crate) fn before(nodes: Vec<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_open = Arc::new(AtomicBool::new(true));
        let lets_in = Arc::clone(&is_open);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if !lets_in.load(Ordering::SeqCst) {
                    continue;
                }
                let far = nodes.iter().find_map(|node| TcpStream::connect(("127.0.0.1", *node)).ok());
                let Some(far) = far else { continue };
                carry(near.try_clone().unwrap(), far.try_clone().unwrap());
                carry(far, near);
            }
        });
        Self { port, is_open }
    }

    /// Whether new connections are let in.
    pub(crate) fn open(&self, is_open: bool) {
        self.is_open.store(is_open, Ordering::SeqCst);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
}
