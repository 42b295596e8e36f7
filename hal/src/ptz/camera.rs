//! A conversation with one camera.

use std::time::Duration;

use super::link::{Kind, Link};
use super::visca::{self, Reply};
use super::{Answer, Command, Inquiry, Ptz, PtzError};

/// How long a camera may take to accept or answer. Manuals promise 16 ms; cameras
/// that turn just now, and bridges to serial lines, need more.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often a message is sent before the camera counts as silent: UDP loses some.
const TRIES: u32 = 3;
/// How many messages about something else may come before the answer.
const ASIDES: u32 = 32;

/// A camera that speaks VISCA.
pub struct Camera<L> {
    link: L,
    address: u8,
    patience: Duration,
    /// Sockets whose end is still to come.
    under_way: u16,
}

impl<L: Link> Camera<L> {
    /// The camera at the other end of `link`; `address` counts on a serial line, where
    /// up to seven hang behind each other, and is 1 over a network.
    pub fn new(link: L, address: u8) -> Self {
        Self { link, address, patience: PATIENCE, under_way: 0 }
    }

    /// Waits that long for each answer, instead of 0.5 s.
    #[must_use]
    pub fn patient_for(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sends a message until `settle` finds in a reply what it means.
    fn converse<T>(
        &mut self,
        kind: Kind,
        message: &[u8],
        mut settle: impl FnMut(Reply) -> Option<Result<T, PtzError>>,
    ) -> Result<T, PtzError> {
        // What still comes from before is no answer to what is sent now.
        while let Some(late) = self.link.receive(Duration::ZERO)? {
            let _known = visca::reply(&late).is_some_and(|reply| self.is_of_before(&reply));
        }
        for again in 0..TRIES {
            self.link.send(kind, message, again > 0)?;
            for _ in 0..ASIDES {
                let Some(bytes) = self.link.receive(self.patience)? else { break };
                let Some(reply) = visca::reply(&bytes) else { continue };
                if self.is_of_before(&reply) {
                    continue;
                }
                if let Some(settled) = settle(reply) {
                    return settled;
                }
            }
        }
        Err(PtzError::Silent { limit: self.patience * TRIES })
    }

    /// Keeps track of what is under way; whether a reply is the end of a command that
    /// was accepted earlier.
    fn is_of_before(&mut self, reply: &Reply) -> bool {
        match reply {
            Reply::Accepted(socket) => {
                self.under_way |= 1 << socket;
                false
            }
            Reply::Done(socket, _) | Reply::Refused(socket, _) => {
                let was_under_way = self.under_way & (1 << socket) != 0;
                self.under_way &= !(1 << socket);
                was_under_way
            }
        }
    }
}

impl<L: Link> Ptz for Camera<L> {
    fn tell(&mut self, command: Command) -> Result<(), PtzError> {
        let message = visca::command(self.address, command);
        self.converse(Kind::Command, &message, |reply| match reply {
            // Some cameras do not accept, and are done at once.
            Reply::Accepted(_) => Some(Ok(())),
            Reply::Done(_, body) if body.is_empty() => Some(Ok(())),
            Reply::Done(..) => None,
            Reply::Refused(_, refusal) => {
                Some(Err(PtzError::Refused { what: format!("{command:?}"), refusal }))
            }
        })
    }

    fn ask(&mut self, inquiry: Inquiry) -> Result<Answer, PtzError> {
        let message = visca::inquiry(self.address, inquiry);
        let what = format!("{inquiry:?}");
        self.converse(Kind::Inquiry, &message, |reply| match reply {
            Reply::Done(_, body) if body.is_empty() => None,
            Reply::Done(_, bytes) => {
                let answer = visca::answer(inquiry, &bytes);
                Some(answer.ok_or_else(|| PtzError::Nonsense { what: what.clone(), bytes }))
            }
            Reply::Accepted(_) => None,
            Reply::Refused(_, refusal) => Some(Err(PtzError::Refused { what: what.clone(), refusal })),
        })
    }
}
