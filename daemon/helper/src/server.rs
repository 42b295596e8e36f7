//! Answers whoever connects, each on a thread of its own.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::audit::{self, Peer};
use crate::deadline::Deadline;
use crate::protocol::{Answer, MAX_REQUEST_BYTES, Request};
use crate::refusal::Refusal;
use crate::verbs::Verbs;

/// Connections at a time; one more is closed unheard.
const MOST_AT_ONCE: usize = 8;

/// How a helper serves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What everything is looked up below; `/` in life.
    pub root: PathBuf,
    /// The user who may ask, beside root.
    pub uid: Option<u32>,
    /// From the connection to the end of the request.
    pub request_limit: Duration,
    /// After so long without a request it ends, and is started again by the next
    /// one; never where nothing is said.
    pub idle_limit: Option<Duration>,
}

/// The helper.
#[derive(Debug)]
pub struct Server {
    settings: Settings,
    verbs: Verbs,
}

impl Server {
    /// One that serves so.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let verbs = Verbs::new(&settings.root);
        Self { settings, verbs }
    }

    /// Answers until nobody has asked for so long, or the socket fails.
    ///
    /// # Errors
    /// The socket's.
    pub fn serve(self, listener: &UnixListener) -> io::Result<()> {
        let server = Arc::new(self);
        // Whoever waits in the queue is not lost: the socket is systemd's.
        listener.set_nonblocking(true)?;
        loop {
            let limit = server.settings.idle_limit.unwrap_or(Duration::from_secs(3600));
            if !Deadline::after(limit).wait(listener)? {
                if server.settings.idle_limit.is_some() && Arc::strong_count(&server) == 1 {
                    return Ok(());
                }
                continue;
            }
            let stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) =>
                {
                    continue;
                }
                Err(error) => return Err(error),
            };
            if Arc::strong_count(&server) > MOST_AT_ONCE {
                tracing::warn!("too many ask at once: one was not heard");
                continue;
            }
            let of = Arc::clone(&server);
            std::thread::Builder::new().name("request".to_owned()).spawn(move || of.answer(stream))?;
        }
    }

    fn answer(&self, stream: UnixStream) {
        let peer = match Peer::of(&stream) {
            Ok(peer) => peer,
            Err(error) => {
                tracing::warn!(%error, "nobody knows who asks");
                return;
            }
        };
        let request = self.read(&stream, peer);
        let (request, outcome) = match request {
            Ok(request) => {
                audit::asked(peer, &request);
                let outcome = self.verbs.carry_out(&request, peer);
                (Some(request), outcome)
            }
            Err(refusal) => (None, Err(refusal)),
        };
        audit::answered(peer, request.as_ref(), &outcome);
        let answer = outcome.unwrap_or_else(|refusal| Answer::Refused {
            code: refusal.code().to_owned(),
            why: refusal.to_string(),
        });
        if let Err(error) = write(stream, &answer, self.settings.request_limit) {
            tracing::debug!(%error, "nobody waits for the answer");
        }
    }

    fn read(&self, stream: &UnixStream, peer: Peer) -> Result<Request, Refusal> {
        if peer.uid != 0 && Some(peer.uid) != self.settings.uid {
            return Err(Refusal::Stranger { uid: peer.uid });
        }
        let limit = self.settings.request_limit;
        let deadline = Deadline::after(limit);
        let mut line = Vec::with_capacity(MAX_REQUEST_BYTES);
        let mut piece = [0; MAX_REQUEST_BYTES];
        let failed = |error: io::Error| Refusal::Malformed(error.to_string());
        while !line.contains(&b'\n') {
            if line.len() >= MAX_REQUEST_BYTES {
                return Err(Refusal::TooLong(MAX_REQUEST_BYTES));
            }
            if !deadline.wait(stream).map_err(failed)? {
                return Err(Refusal::TooSlow(limit));
            }
            let free = MAX_REQUEST_BYTES - line.len();
            match (&mut &*stream).read(&mut piece[..free]) {
                Ok(0) => return Err(Refusal::Malformed("it ends before its line does".to_owned())),
                Ok(n) => line.extend_from_slice(&piece[..n]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            }
        }
        let end = line.iter().position(|byte| *byte == b'\n').unwrap_or(line.len());
        if end + 1 < line.len() {
            return Err(Refusal::Malformed("more than one line".to_owned()));
        }
        Request::read(&line[..end]).map_err(Refusal::Malformed)
    }
}

fn write(mut stream: UnixStream, answer: &Answer, limit: Duration) -> io::Result<()> {
    stream.set_write_timeout(Some(limit))?;
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    stream.write_all(&line)
}
