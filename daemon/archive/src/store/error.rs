//! What can go wrong with a store, told apart by who can help.

use std::io;
use std::path::PathBuf;

use super::credentials::CredentialsError;
pub use super::tls_fault::TlsFault;

/// Why a store did not do what was asked. `store` is the store's
/// [`describe`](super::Store::describe), never a secret.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL of the store cannot be used at all.
    #[error("`{url}` is no archive store: {why}")]
    Url {
        /// The URL without its secrets.
        url: String,
        /// What is wrong with it and how it should look.
        why: String,
    },
    /// A path that would leave the store's folder, or that no store could hold.
    #[error("`{path}` is not a path inside an archive: use letters, digits, `-`, `_`, `.` and `/`")]
    Path {
        /// The path as it was given.
        path: String,
    },
    /// The folder of a `file:` store is not there: its medium is not mounted.
    #[error("{store} is not there; mount the medium or create the folder")]
    NotMounted {
        /// The store.
        store: String,
    },
    /// No connection could be made: no route, no name, nobody listening.
    #[error("{store} cannot be reached ({why}); check network and address")]
    Unreachable {
        /// The store.
        store: String,
        /// What the system said.
        why: String,
    },
    /// The connection was made and then lost.
    #[error("the connection to {store} broke at `{path}` ({why}); it will be tried again")]
    Interrupted {
        /// The store.
        store: String,
        /// The file it was about.
        path: String,
        /// What the system said.
        why: String,
    },
    /// The time-out passed: nothing came back, or not fast enough.
    #[error("{store} did not finish `{path}` within {limit_s} s; it will be tried again")]
    TimedOut {
        /// The store.
        store: String,
        /// The file it was about.
        path: String,
        /// The time-out that passed, in seconds.
        limit_s: u64,
    },
    /// No trust: certificate, name or protocol. A wrong clock and a portal in
    /// between look the same, so trying again may help.
    #[error("no secure connection to {store}: {fault} ({why})")]
    Tls {
        /// The store.
        store: String,
        /// Which of the usual faults it is.
        fault: TlsFault,
        /// What the TLS library said.
        why: String,
    },
    /// The store refuses requests of another time than its own, and its time
    /// and ours are too far apart.
    #[error("{store} says it is {server}, this clock says {here}; set the clock right")]
    ClockSkew {
        /// The store.
        store: String,
        /// The store's time, RFC 3339.
        server: String,
        /// The time of this machine, RFC 3339.
        here: String,
    },
    /// There is no bucket of this name.
    #[error("there is no bucket of this name: {store}; create it, or correct its name, region and endpoint")]
    NoBucket {
        /// The store.
        store: String,
    },
    /// The keys or the password cannot be had.
    #[error("{store} cannot be used: {cause}")]
    Credentials {
        /// The store.
        store: String,
        /// What is wrong with them.
        cause: CredentialsError,
    },
    /// A certificate or key of this side cannot be used.
    #[error("the certificate {} cannot be used ({why}); give a PEM file", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Something between here and the store answers in its place: a web page
    /// where none can be, or HTTP 511.
    #[error("a sign-in page answers in the place of {store}; sign in to this network first")]
    Portal {
        /// The store.
        store: String,
    },
    /// The answer points somewhere else. It is not followed: an upload that
    /// becomes a download on the way would look like a success.
    #[error("{store} has moved to {to}; put the new address into the configuration")]
    Moved {
        /// The store.
        store: String,
        /// Scheme, host and port that it points to.
        to: String,
    },
    /// HTTP 401 or 403, or a file's permissions.
    #[error("{store} refuses `{path}` ({why}); check user name, password and rights")]
    Refused {
        /// The store.
        store: String,
        /// The file it was about.
        path: String,
        /// The status or what the system said.
        why: String,
    },
    /// Any other refusal, such as HTTP 400, 405 or 413 (the file is too large).
    #[error("{store} does not take `{path}` ({why}); check its address and what it allows")]
    Rejected {
        /// The store.
        store: String,
        /// The file it was about.
        path: String,
        /// The status.
        why: String,
    },
    /// The server cannot do it at all: no listing without WebDAV's PROPFIND.
    /// Nothing is wrong with the files, and each can be asked for by its name.
    #[error("{store} cannot do that with `{path}` ({why}); its files can only be asked for one by one")]
    Unsupported {
        /// The store.
        store: String,
        /// The folder it was about.
        path: String,
        /// The status or what the server said.
        why: String,
    },
    /// HTTP 507, a full disk or an exhausted quota.
    #[error("{store} has no room for `{path}` ({why}); free space or raise its limit")]
    NoRoom {
        /// The store.
        store: String,
        /// The file it was about.
        path: String,
        /// The status or what the system said.
        why: String,
    },
    /// HTTP 5xx, 408 and 429: the server's own trouble.
    #[error("{store} failed at `{path}` ({why}); it will be tried again")]
    ServerFault {
        /// The store.
        store: String,
        /// The file it was about.
        path: String,
        /// The status.
        why: String,
    },
    /// More bytes than any file of an archive has.
    #[error("`{path}` at {store} has {bytes} bytes, more than an archive's file may have ({limit})")]
    TooLarge {
        /// The store.
        store: String,
        /// The file.
        path: String,
        /// Its size as far as it is known.
        bytes: u64,
        /// What was expected at most, in bytes.
        limit: u64,
    },
    /// The disk of a `file:` store, or anything not known by a better name.
    #[error("{store} failed at `{path}`: {source}")]
    Io {
        /// The store.
        store: String,
        /// The file it was about.
        path: String,
        /// What happened.
        source: io::Error,
    },
}

impl StoreError {
    /// Whether the same request may succeed later without anybody changing the
    /// configuration. A temporary error is a matter of time or of the place's
    /// network; the others want a person, and still nothing is given up.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::NotMounted { .. }
            | Self::Unreachable { .. }
            | Self::Interrupted { .. }
            | Self::TimedOut { .. }
            | Self::Tls { .. }
            | Self::ClockSkew { .. }
            | Self::Credentials { .. }
            | Self::Portal { .. }
            | Self::NoRoom { .. }
            | Self::ServerFault { .. }
            | Self::Io { .. } => true,
            Self::Url { .. }
            | Self::Path { .. }
            | Self::Moved { .. }
            | Self::Refused { .. }
            | Self::Rejected { .. }
            | Self::Unsupported { .. }
            | Self::NoBucket { .. }
            | Self::Certificate { .. }
            | Self::TooLarge { .. } => false,
        }
    }

    /// Whether it says something about the one file and nothing about the
    /// store, so that the next file is worth trying.
    pub(crate) fn is_about_one_file(&self) -> bool {
        matches!(
            self,
            Self::Path { .. }
                | Self::TooLarge { .. }
                | Self::Refused { .. }
                | Self::Rejected { .. }
                | Self::Io { .. }
        )
    }

    /// Whether the bytes may have arrived although the answer did not.
    pub(super) fn is_uncertain(&self) -> bool {
        matches!(self, Self::Interrupted { .. } | Self::TimedOut { .. } | Self::ServerFault { .. })
    }
}
