//! Links between a client and a real server, each with one fault.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Passes requests on; the answer to the first PUT is swallowed with its
/// connection, after the server has acted on it.
pub(crate) fn forgetful_relay(server: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut swallowed = false;
        for client in listener.incoming() {
            let (mut client, mut upstream) =
                (client.unwrap(), TcpStream::connect(("127.0.0.1", server)).unwrap());
            upstream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
            let mut request = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = client.read(&mut request) {
                upstream.write_all(&request[..length]).unwrap();
                let mut answer = vec![0; 4096];
                let Ok(answered) = upstream.read(&mut answer) else { continue };
                if request.starts_with(b"PUT") && !swallowed && answer.starts_with(b"HTTP/1.1 20") {
                    swallowed = true;
                    break;
                }
                client.write_all(&answer[..answered]).unwrap();
            }
        }
    });
    port
}

/// Passes one connection on, 16 KiB every 30 ms.
pub(crate) fn slow_relay(server: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut client, mut upstream) =
            (listener.accept().unwrap().0, TcpStream::connect(("127.0.0.1", server)).unwrap());
        let (mut back, mut answers) = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut answers, &mut back));
        let mut piece = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = client.read(&mut piece) {
            std::thread::sleep(Duration::from_millis(30));
            upstream.write_all(&piece[..length]).unwrap();
        }
    });
    port
}

/// Passes everything on and keeps what the client said.
pub(crate) fn listening_relay(server: u16) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heard);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, kept) = (client.unwrap(), Arc::clone(&kept));
            let mut upstream = TcpStream::connect(("127.0.0.1", server)).unwrap();
            let (mut back, mut answers) = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut answers, &mut back));
            std::thread::spawn(move || {
                let mut piece = vec![0; 64 * 1024];
                while let Ok(length @ 1..) = client.read(&mut piece) {
                    kept.lock().unwrap().extend_from_slice(&piece[..length]);
                    upstream.write_all(&piece[..length]).unwrap();
                }
                let _ = upstream.shutdown(Shutdown::Both);
            });
        }
    });
    (port, heard)
}

/// Lets `bytes` of each connection through to the server and then cuts it.
pub(crate) fn cutting_relay(server: u16, bytes: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut upstream = TcpStream::connect(("127.0.0.1", server)).unwrap();
            let (mut back, mut answers) = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut answers, &mut back));
            let mut left = bytes;
            let mut piece = vec![0; 16 * 1024];
            while let Ok(length @ 1..) = client.read(&mut piece) {
                let passed = length.min(left);
                let _ = upstream.write_all(&piece[..passed]);
                left -= passed;
                if left == 0 {
                    break;
                }
            }
            let _ = upstream.shutdown(Shutdown::Both);
            let _ = client.shutdown(Shutdown::Both);
        }
    });
    port
}

/// Answers every request with the same text.
pub(crate) fn parrot(answer: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut request = vec![0; 64 * 1024];
            let _ = client.read(&mut request);
            let _ = client.write_all(answer.as_bytes());
            let _ = client.shutdown(Shutdown::Write);
            // Read to the end, or the answer is lost in a reset.
            while let Ok(1..) = client.read(&mut request) {}
        }
    });
    port
}

/// An HTTP proxy that knows only CONNECT.
pub(crate) fn tunnel() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            std::thread::spawn(move || {
                let mut request = Vec::new();
                let mut byte = [0];
                while !request.ends_with(b"\r\n\r\n") && client.read(&mut byte).unwrap() == 1 {
                    request.push(byte[0]);
                }
                let request = String::from_utf8(request).unwrap();
                let target = request.split(' ').nth(1).unwrap().to_owned();
                let mut upstream = TcpStream::connect(target).unwrap();
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                let (mut back, mut answers) = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut answers, &mut back));
                let _ = std::io::copy(&mut client, &mut upstream);
                let _ = upstream.shutdown(Shutdown::Both);
            });
        }
    });
    port
}
