//! Who asks, and the line of the journal that every request leaves.

use std::io;
use std::os::unix::net::UnixStream;

use rustix::net::sockopt::socket_peercred;

use crate::protocol::{Answer, Request};
use crate::refusal::Refusal;

/// The process at the other end, as the kernel saw it when it connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) pid: i32,
}

impl Peer {
    pub(crate) fn of(stream: &UnixStream) -> io::Result<Self> {
        let peer = socket_peercred(stream)?;
        Ok(Self { uid: peer.uid.as_raw(), gid: peer.gid.as_raw(), pid: peer.pid.as_raw_nonzero().get() })
    }
}

/// Before it is carried out: the last line before a reboot says who wanted it.
pub(crate) fn asked(peer: Peer, request: &Request) {
    let (verb, of) = (request.verb(), request.to_string());
    tracing::info!(uid = peer.uid, pid = peer.pid, verb, of, "asked");
}

/// What became of it. Without a request there was none that could be read.
pub(crate) fn answered(peer: Peer, request: Option<&Request>, outcome: &Result<Answer, Refusal>) {
    let verb = request.map_or("none", Request::verb);
    let of = request.map(Request::to_string).unwrap_or_default();
    match outcome {
        Ok(_) => tracing::info!(uid = peer.uid, pid = peer.pid, verb, of, outcome = "done", "answered"),
        Err(refusal) => {
            let outcome = refusal.code();
            tracing::warn!(uid = peer.uid, pid = peer.pid, verb, of, outcome, why = %refusal, "answered");
        }
    }
}
