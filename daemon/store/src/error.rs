//! What can go wrong with the store.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused a file operation outside sled.
    #[error("{doing} {path} failed: {source}; check that the disk is mounted, writable and not full")]
    Io {
        /// What was being done, such as `syncing`.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// sled reported an error of the disk while it worked.
    #[error(
        "the database {path} could not be {doing}: {source}; nothing since the last commit is durable, close and open it again"
    )]
    Engine {
        /// What was being done, such as `read`.
        doing: &'static str,
        /// The store's folder.
        path: PathBuf,
        /// sled's words.
        source: Box<sled::Error>,
    },
    /// sled panicked, which it does when its file is damaged.
    #[error(
        "the database {path} broke down while being {doing}: {cause}; close and open it again, it is set aside if it cannot be used"
    )]
    Panicked {
        /// What was being done, such as `read`.
        doing: &'static str,
        /// The store's folder.
        path: PathBuf,
        /// The panic's message.
        cause: String,
    },
    /// Another process, or another handle in this one, has the database open.
    #[error("the database {path} is in use; stop the other process that has it open")]
    InUse {
        /// The store's folder.
        path: PathBuf,
    },
    /// The database was written by a newer version of this software.
    #[error(
        "the database {path} has format {found}, this software reads up to {known}; install the newer version, nothing was changed"
    )]
    NewerFormat {
        /// The store's folder.
        path: PathBuf,
        /// The format found.
        found: u32,
        /// The newest format this software reads.
        known: u32,
    },
    /// A value is larger than [`crate::MAX_VALUE_BYTES`].
    #[error(
        "a value of {bytes} bytes in `{keyspace}` is above the limit of {limit}; store it as a file and its path here"
    )]
    ValueTooLarge {
        /// The keyspace.
        keyspace: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A key is larger than [`crate::MAX_KEY_BYTES`].
    #[error("a key of {bytes} bytes in `{keyspace}` is above the limit of {limit}; use a shorter one")]
    KeyTooLarge {
        /// The keyspace.
        keyspace: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The keyspace was not named when the store was opened.
    #[error("the keyspace `{0}` was not named when the store was opened; add it to the list given to `open`")]
    UnknownKeyspace(&'static str),
    /// The database was closed after an error and could not be opened again yet.
    #[error(
        "the database {path} is not usable after an error; free the disk and try again, or restart to have it mended"
    )]
    Unavailable {
        /// The store's folder.
        path: PathBuf,
    },
    /// Closing took longer than the caller wanted to wait; what was committed
    /// before is durable, a thread is left behind.
    #[error(
        "the database {path} did not close within {limit:?}; what was committed is safe, end the process"
    )]
    CloseTimeout {
        /// The store's folder.
        path: PathBuf,
        /// How long was waited.
        limit: Duration,
    },
}

impl StoreError {
    /// Whether the disk has no room left.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            Self::Io { source, .. } => source.kind() == io::ErrorKind::StorageFull,
            Self::Engine { source, .. } => {
                matches!(source.as_ref(), sled::Error::Io(e) if e.kind() == io::ErrorKind::StorageFull)
            }
            _ => false,
        }
    }
}
