//! What can go wrong with the spool.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use lectern_api::lessons::Hold;
use lectern_api::{Bytes, LessonId, Name};
use lectern_store::StoreError;

/// Why the spool could not do what was asked. After any of them the spool can
/// be used further, unless the variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// Another process has the spool open.
    #[error("the spool {path} is in use by process {pid}; stop that process first")]
    InUse {
        /// The spool's folder.
        path: PathBuf,
        /// The process, or `unknown`.
        pid: String,
    },
    /// The disk refused a file operation.
    #[error("{doing} {path} failed: {source}; what was acknowledged before is safe, check the disk")]
    Io {
        /// What was being done, such as `syncing`.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// There is no room for it, by the quota or on the disk.
    #[error(
        "the spool is full: {needed} are needed and {free} are left; let the archive catch up or raise the quota"
    )]
    Full {
        /// What the operation needs.
        needed: Bytes,
        /// What is left.
        free: Bytes,
    },
    /// The index did not take or give a fact.
    #[error("the index of the spool failed: {0}")]
    Store(#[from] StoreError),
    /// An entry of the index cannot be understood.
    #[error(
        "the index holds an entry in `{keyspace}` that cannot be read: {cause}; close the spool, set its `index` folder aside and open it again to rebuild it"
    )]
    Entry {
        /// The keyspace.
        keyspace: &'static str,
        /// What is wrong with it.
        cause: String,
    },
    /// No lesson has this id.
    #[error("the spool knows no lesson {0}; begin it first")]
    UnknownLesson(LessonId),
    /// The lesson has ended and takes nothing more.
    #[error("lesson {0} has ended; begin another one")]
    LessonClosed(LessonId),
    /// The lesson still runs.
    #[error("lesson {0} has not ended; end it first")]
    LessonOpen(LessonId),
    /// The lesson has no such run on this track.
    #[error("lesson {lesson} has no run {run} on track {track}; begin the run first")]
    UnknownRun {
        /// The lesson.
        lesson: LessonId,
        /// The track.
        track: Name,
        /// The run.
        run: u32,
    },
    /// The track has no fragment of this number.
    #[error("lesson {lesson} has no fragment {seq} on track {track}")]
    UnknownFragment {
        /// The lesson.
        lesson: LessonId,
        /// The track.
        track: Name,
        /// The number.
        seq: u64,
    },
    /// The lesson's media are not on this disk any more.
    #[error("the media of lesson {0} were removed from this disk; an archive may have them")]
    Removed(LessonId),
    /// Decisions were made that nobody can read: the lesson may be held.
    #[error(
        "decisions about lessons in {path} cannot be read, and any lesson may be held; put a good copy in its place, or take the file away, and restart"
    )]
    DecisionsUnreadable {
        /// The file.
        path: PathBuf,
    },
    /// The lesson was deleted on purpose.
    #[error("lesson {0} was deleted; only its dates are left")]
    Deleted(LessonId),
    /// The lesson is kept whatever anybody asks.
    #[error("lesson {lesson} is held by {} since {}: {}; release it first", hold.by, hold.since, hold.reason)]
    Held {
        /// The lesson.
        lesson: LessonId,
        /// Who holds it and why.
        hold: Box<Hold>,
    },
    /// The wish to delete it is too young.
    #[error("lesson {lesson} may be deleted from {from} on; until then only with an explicit \"now\"")]
    TooEarly {
        /// The lesson.
        lesson: LessonId,
        /// From when on.
        from: jiff::Timestamp,
    },
    /// Nobody wants the lesson deleted.
    #[error("nobody asked to delete lesson {0}; there is nothing to take back")]
    NotRequested(LessonId),
    /// Nobody holds the lesson.
    #[error("lesson {0} is not held; there is nothing to release")]
    NotHeld(LessonId),
    /// The bytes are not what was written. A gap says so from now on.
    #[error(
        "{what} of lesson {lesson}, track {track}, is damaged on the disk; a gap is recorded in its place"
    )]
    Damaged {
        /// The lesson.
        lesson: LessonId,
        /// The track.
        track: Name,
        /// What is damaged, such as `fragment 12`.
        what: String,
    },
    /// The lesson is encrypted under a key that this device's key does not
    /// open. Nothing is damaged; with the right key it reads.
    #[error(
        "lesson {0} was encrypted with another device key; give this spool its former key back, or recover the lesson with the recovery key"
    )]
    KeyMissing(LessonId),
    /// A segment was written by a newer version of this program. Nothing was
    /// touched.
    #[error("{path} has format {version}, which this version does not know; install a newer one")]
    Newer {
        /// The segment.
        path: PathBuf,
        /// Its format.
        version: u16,
    },
    /// The system's cryptography failed.
    #[error("encrypting failed: {0}; restart the box, and check its memory when it happens again")]
    Cipher(String),
    /// A value is outside what the format can hold.
    #[error("{0}")]
    Invalid(String),
    /// The spool was closed.
    #[error("the spool is closed; open it again")]
    Closed,
    /// Closing took longer than the caller wanted to wait. What was
    /// acknowledged is durable; end the process.
    #[error("the spool did not close within {0:?}; what was acknowledged is safe, end the process")]
    CloseTimeout(Duration),
}

impl From<openssl::error::ErrorStack> for SpoolError {
    fn from(error: openssl::error::ErrorStack) -> Self {
        Self::Cipher(error.to_string())
    }
}

impl SpoolError {
    /// Whether it is a matter of room: the quota, the disk, or the index's disk.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            Self::Full { .. } => true,
            Self::Io { source, .. } => source.kind() == io::ErrorKind::StorageFull,
            Self::Store(error) => error.is_full(),
            _ => false,
        }
    }

    /// Whether the medium itself failed: other errors (too many files, a disk
    /// that became read-only) say nothing about what was to be read.
    #[must_use]
    pub fn is_of_the_medium(&self) -> bool {
        use rustix::io::Errno;
        let of_medium = [Errno::IO, Errno::NODATA, Errno::ILSEQ, Errno::BADMSG].map(Errno::raw_os_error);
        match self {
            Self::Io { source, .. } => source.raw_os_error().is_some_and(|code| of_medium.contains(&code)),
            _ => false,
        }
    }
}

pub(crate) fn io_error(doing: &'static str, path: &std::path::Path, source: io::Error) -> SpoolError {
    SpoolError::Io { doing, path: path.to_owned(), source }
}
