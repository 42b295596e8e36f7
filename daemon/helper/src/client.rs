//! The asking side. Blocks; not for an async thread.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::deadline::Deadline;
use crate::protocol::{Answer, MAX_ANSWER_BYTES, Request};

/// Longer than any verb takes: two programs of 20 s, and a port that is slow to
/// come back.
const ANSWER_LIMIT: Duration = Duration::from_secs(45);
const SEND_LIMIT: Duration = Duration::from_secs(2);

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody listens at the socket: the box has no helper.
    #[error("no helper at {}: {cause}; is lectern-helper.socket enabled?", path.display())]
    Absent {
        /// The socket.
        path: PathBuf,
        /// Why it cannot be reached.
        cause: io::Error,
    },
    /// The helper says no.
    #[error("the helper refuses: {why}")]
    Refused {
        /// As of [`Refusal::code`](crate::Refusal::code).
        code: String,
        /// In English.
        why: String,
    },
    /// No answer, or none that can be understood.
    #[error("the helper does not answer: {0}")]
    Silent(io::Error),
}

/// Where a helper is.
#[derive(Debug, Clone)]
pub struct Client {
    socket: PathBuf,
}

impl Client {
    /// The helper at that socket, which need not be there.
    #[must_use]
    pub fn new(socket: &Path) -> Self {
        Self { socket: socket.to_owned() }
    }

    /// Whether there is one.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.socket.exists()
    }

    /// Asks, and waits for the answer, up to 45 s. Gives what there is to tell.
    ///
    /// # Errors
    /// [`AskError`]; only [`AskError::Silent`] leaves open whether it was done.
    pub fn ask(&self, request: &Request) -> Result<Option<Value>, AskError> {
        let stream = UnixStream::connect(&self.socket)
            .map_err(|cause| AskError::Absent { path: self.socket.clone(), cause })?;
        let answer = exchange(&stream, request).map_err(AskError::Silent)?;
        match answer {
            Answer::Done { report } => Ok(report),
            Answer::Refused { code, why } => Err(AskError::Refused { code, why }),
        }
    }
}

fn exchange(mut stream: &UnixStream, request: &Request) -> io::Result<Answer> {
    stream.set_write_timeout(Some(SEND_LIMIT))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    // One that closes unheard may have answered all the same.
    let sent = stream.write_all(&line);
    let (deadline, mut answer, mut piece) = (Deadline::after(ANSWER_LIMIT), Vec::new(), [0; 4096]);
    while !answer.ends_with(b"\n") && answer.len() <= MAX_ANSWER_BYTES {
        if !deadline.wait(&stream)? {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(n) => answer.extend_from_slice(&piece[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if answer.is_empty() {
        sent?;
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&answer)?)
}
