//! A TCP link between a box and one server, which fails in the ways that a
//! school's uplink does.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
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
    server: SocketAddr,
    now: Mutex<Now>,
    changed: Condvar,
}

#[derive(Debug)]
struct Now {
    weather: Weather,
    /// So many answers of the server never arrive: the connection is cut
    /// instead.
    answers_to_lose: u32,
    over: bool,
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
    /// # Panics
    /// When the kernel has no port left.
    #[must_use]
    pub fn to(server_port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free TCP port");
        let port = listener.local_addr().expect("a bound port").port();
        let now = Now {
            weather: Weather::Fair,
            answers_to_lose: 0,
            over: false,
            open: Vec::new(),
            free_at: [Duration::ZERO; 2],
            clock: Stopwatch::start(),
        };
        let server = SocketAddr::from(([127, 0, 0, 1], server_port));
        let state = Arc::new(State { server, now: Mutex::new(now), changed: Condvar::new() });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if shared.now().over {
                    return;
                }
                if let Ok(client) = client {
                    shared.carry(client);
                }
            }
        });
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

    /// The next so many answers of the server are lost: it has done what was
    /// asked, and the box cannot know.
    pub fn lose_answers(&self, count: u32) {
        self.state.now().answers_to_lose += count;
    }

    /// Answers that are still to be lost.
    #[must_use]
    pub fn answers_to_lose(&self) -> u32 {
        self.state.now().answers_to_lose
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let mut now = self.state.now();
        now.over = true;
        now.cut();
        self.state.changed.notify_all();
        drop(now);
        // The listener wakes up and sees that it is over.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
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

    fn carry(self: &Arc<Self>, client: TcpStream) {
        if self.now().weather == Weather::Down {
            return;
        }
        let Ok(server) = TcpStream::connect(self.server) else { return };
        for socket in [&client, &server] {
            let _ = socket.set_nodelay(true);
            let Ok(copy) = socket.try_clone() else { return };
            self.now().open.push(copy);
        }
        for (from, to, way) in [(&client, &server, UP), (&server, &client, DOWN)] {
            let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else { return };
            let state = Arc::clone(self);
            std::thread::spawn(move || {
                state.pump(&from, &to, way);
                // One end tells the other, whichever it was.
                let _ = from.shutdown(Shutdown::Both);
                let _ = to.shutdown(Shutdown::Both);
            });
        }
    }

    fn pump(&self, mut from: &TcpStream, mut to: &TcpStream, way: usize) {
        let mut piece = [0; PIECE_BYTES];
        while let Ok(read @ 1..) = from.read(&mut piece) {
            if !self.lets_pass(read, way) || to.write_all(&piece[..read]).is_err() {
                return;
            }
        }
    }

    /// Waits until a piece may pass; false when it never will.
    fn lets_pass(&self, bytes: usize, way: usize) -> bool {
        let mut now = self.now();
        if way == DOWN && now.answers_to_lose > 0 && now.weather != Weather::Silent {
            now.answers_to_lose -= 1;
            return false;
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
