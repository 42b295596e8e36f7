//! A TCP link between a box and one server, which fails in the ways that a
//! school's uplink does.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lectern_api::Kbps;

use crate::wait::Stopwatch;

/// How a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Everything passes.
    Fair,
    /// Every connection is closed at once, those that are open too.
    Down,
    /// Connections are taken and stay open, and nothing passes.
    Silent,
    /// Everything passes, so fast, in each direction and all connections
    /// together.
    Slow(Kbps),
}

/// The link. It ends when this is dropped.
#[derive(Debug)]
pub struct Link {
    port: u16,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    now: Mutex<Now>,
    changed: Condvar,
}

#[derive(Debug)]
struct Now {
    weather: Weather,
    /// Answers to this command never arrive, so many of them: the connection
    /// is cut instead.
    answers_to_lose: (&'static str, u32),
    /// Bytes that still go up before the link falls silent.
    until_silent: Option<u64>,
    over: bool,
    /// Ports that somebody waits at, to be woken up in the end.
    doors: Vec<u16>,
    /// Sockets that are open, to be shut when the weather turns.
    open: Vec<TcpStream>,
    /// When a slow link is free again, in the time of `clock`.
    free_at: [Duration; 2],
    clock: Stopwatch,
}

/// The way of the bytes, as an index of [`Now::free_at`].
const UP: usize = 0;
const DOWN: usize = 1;

const PIECE_BYTES: usize = 16 << 10;

impl Link {
    /// Opens a link to a server on the loopback, in fair weather.
    ///
    /// The data connections that an FTP server names (`227`) pass the link too.
    ///
    /// # Panics
    /// When the kernel has no port left.
    #[must_use]
    pub fn to(server_port: u16) -> Self {
        let now = Now {
            weather: Weather::Fair,
            answers_to_lose: ("", 0),
            until_silent: None,
            over: false,
            doors: Vec::new(),
            open: Vec::new(),
            free_at: [Duration::ZERO; 2],
            clock: Stopwatch::start(),
        };
        let state = Arc::new(State { now: Mutex::new(now), changed: Condvar::new() });
        let port = state.door(server_port, usize::MAX).expect("a free TCP port");
        Self { port, state }
    }

    /// Where the box finds the server.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Turns the weather.
    pub fn turn(&self, weather: Weather) {
        let mut now = self.state.now();
        now.weather = weather;
        if weather == Weather::Down {
            now.cut();
        }
        self.state.changed.notify_all();
    }

    /// Lets so many more bytes up to the server, and then turns silent.
    pub fn fall_silent_after(&self, bytes: u64) {
        self.state.now().until_silent = Some(bytes);
    }

    /// How it is now.
    #[must_use]
    pub fn weather(&self) -> Weather {
        self.state.now().weather
    }

    /// The next so many answers to a command (`PUT`, `RNTO`) are lost: the
    /// server has done what was asked, and the box cannot know.
    pub fn lose_answers(&self, command: &'static str, count: u32) {
        self.state.now().answers_to_lose = (command, count);
    }

    /// Answers that are still to be lost.
    #[must_use]
    pub fn answers_to_lose(&self) -> u32 {
        self.state.now().answers_to_lose.1
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let mut now = self.state.now();
        now.over = true;
        now.cut();
        self.state.changed.notify_all();
        let doors = std::mem::take(&mut now.doors);
        drop(now);
        // The listeners wake up and see that it is over.
        for door in doors {
            let _ = TcpStream::connect(("127.0.0.1", door));
        }
    }
}

impl Now {
    fn cut(&mut self) {
        for socket in self.open.drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

impl State {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A port whose next so many connections lead to the server.
    fn door(self: &Arc<Self>, server_port: u16, connections: usize) -> std::io::Result<u16> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        self.now().doors.push(port);
        let shared = Arc::clone(self);
        std::thread::spawn(move || {
            for client in listener.incoming().take(connections) {
                if shared.now().over {
                    return;
                }
                if let Ok(client) = client {
                    shared.carry(&client, server_port);
                }
            }
            shared.now().doors.retain(|door| *door != port);
        });
        Ok(port)
    }

    fn carry(self: &Arc<Self>, client: &TcpStream, server_port: u16) {
        if self.now().weather == Weather::Down {
            return;
        }
        let Ok(server) = TcpStream::connect(("127.0.0.1", server_port)) else { return };
        for socket in [client, &server] {
            let _ = socket.set_nodelay(true);
            let Ok(copy) = socket.try_clone() else { return };
            self.now().open.push(copy);
        }
        let asked = Arc::new(AtomicBool::new(false));
        for (from, to, way) in [(client, &server, UP), (&server, client, DOWN)] {
            let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else { return };
            let (state, asked) = (Arc::clone(self), Arc::clone(&asked));
            std::thread::spawn(move || {
                state.pump(&from, &to, way, &asked);
                // One end tells the other, whichever it was.
                let _ = from.shutdown(Shutdown::Both);
                let _ = to.shutdown(Shutdown::Both);
            });
        }
    }

    /// `asked` tells whether the last command of the connection is the one
    /// whose answers are to be lost.
    fn pump(self: &Arc<Self>, mut from: &TcpStream, mut to: &TcpStream, way: usize, asked: &AtomicBool) {
        let mut piece = [0; PIECE_BYTES];
        while let Ok(read @ 1..) = from.read(&mut piece) {
            let piece = &piece[..read];
            if way == UP && is_command(piece) {
                let wanted = self.now().answers_to_lose.0;
                let word = piece.split(u8::is_ascii_whitespace).next().unwrap_or_default();
                asked.store(word == wanted.as_bytes(), Ordering::SeqCst);
            }
            if !self.lets_pass(read, way, asked.load(Ordering::SeqCst)) {
                return;
            }
            let passive = if way == DOWN { passive_port(piece) } else { None };
            let renamed = passive.and_then(|port| self.door(port, 1).ok()).map(|port| {
                format!("227 Entering passive mode (127,0,0,1,{},{}).\r\n", port >> 8, port & 0xff)
            });
            if to.write_all(renamed.as_deref().map_or(piece, str::as_bytes)).is_err() {
                return;
            }
        }
    }

    /// Waits until a piece may pass; false when it never will.
    fn lets_pass(&self, bytes: usize, way: usize, asked: bool) -> bool {
        let mut now = self.now();
        if way == DOWN && asked && now.answers_to_lose.1 > 0 && now.weather != Weather::Silent {
            now.answers_to_lose.1 -= 1;
            return false;
        }
        if let (UP, Some(left)) = (way, now.until_silent) {
            now.until_silent = left.checked_sub(bytes as u64);
            if now.until_silent.is_none() {
                now.weather = Weather::Silent;
            }
        }
        let mut paid = false;
        loop {
            if now.over {
                return false;
            }
            let wait = match now.weather {
                Weather::Down => return false,
                Weather::Fair => return true,
                Weather::Silent => None,
                Weather::Slow(rate) => {
                    let at = now.clock.elapsed();
                    if !paid {
                        let cost = Duration::from_secs_f64(bytes as f64 * 8.0 / 1000.0 / f64::from(rate.0));
                        now.free_at[way] = now.free_at[way].max(at) + cost;
                        paid = true;
                    }
                    let rest = now.free_at[way].saturating_sub(at);
                    if rest.is_zero() {
                        return true;
                    }
                    Some(rest)
                }
            };
            now = match wait {
                None => self.changed.wait(now).unwrap_or_else(PoisonError::into_inner),
                Some(rest) => self.changed.wait_timeout(now, rest).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }
}

/// Whether a piece begins with a command of HTTP or FTP: a word in capitals.
fn is_command(piece: &[u8]) -> bool {
    let word = piece.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    (3..=9).contains(&word) && piece.get(word).is_some_and(u8::is_ascii_whitespace)
}

/// The port that an FTP server has opened for data: `227 … (h,h,h,h,p,p)`.
fn passive_port(piece: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(piece).ok()?.strip_prefix("227 ")?;
    let (_, numbers) = text.split_once('(')?;
    let mut numbers = numbers.split_once(')')?.0.split(',').skip(4);
    let mut next = || numbers.next()?.trim().parse::<u8>().ok();
    Some(u16::from_be_bytes([next()?, next()?]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passive_port_is_found_in_the_servers_reply() {
        assert_eq!(passive_port(b"227 Entering passive mode (127,0,0,1,156,64).\r\n"), Some(40_000));
        assert_eq!(passive_port(b"200 Type set to: Binary.\r\n"), None);
    }

    #[test]
    fn only_capitals_before_a_blank_are_a_command() {
        assert!(is_command(b"PUT /a HTTP/1.1\r\n") && is_command(b"RNTO a\r\n"));
        assert!(!is_command(b"<Error>") && !is_command(b"PUTTING") && !is_command(b"\0\0"));
    }
}
