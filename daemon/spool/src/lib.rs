//! The spool: every fragment of every lesson, durable on this disk.
//!
//! Segment files hold the bytes ([`mod@frame`] is their specification), the
//! store holds the facts: which fragment lies where, what is archived, where
//! there is no media and why. The order of events makes it safe:
//!
//! 1. a segment is created, allocated and synced with its folder;
//! 2. a fragment's frame is written and `fdatasync` returns — from here on it
//!    is durable, and [`Spool::append`] returns;
//! 3. its entry goes into the index, which is committed within a second or 32
//!    fragments. What a crash takes from the index is found again by scanning
//!    the segments that were in use.
//!
//! The segments repeat every fact that cannot be made again (the lesson, its
//! runs, init segments, anchors, gaps), so that the index can be rebuilt from
//! them alone. What they do not repeat are acknowledgements: an archive may be
//! offered a fragment twice after the index was lost.
//!
//! # Locks
//! Always taken in this order, none twice: `decisions` (held while one is made
//! durable), then `writers` (held while a segment is written), then `facts` (held for memory and for looking into the index, never
//! while anything is written or synced), then the index's own two, `turn` (held
//! for a commit) and `staged`, then the pool's. A reader takes `facts` and `staged` alone, so that
//! uploading never waits for a slow append.

mod append;
mod archive;
mod ballast;
mod carried;
mod cipher;
mod decisions;
mod deletion;
pub mod disk;
mod draft;
mod entry;
mod error;
mod facts;
mod footer;
mod fragment;
pub mod frame;
mod index;
mod journal;
mod keyring;
mod keys;
mod lesson;
mod lessons;
mod lock;
mod marking;
mod pool;
mod reading;
mod rebuild;
pub mod recover;
mod recovery;
mod release;
mod report;
mod retention;
mod room;
mod scan;
mod segment;
#[doc(hidden)]
pub mod sparse;
mod spool;
mod sweep;
#[cfg(test)]
mod tests;
mod tombstone;
mod unlock;
mod wrapped;

pub use archive::Pending;
pub use carried::Carried;
pub use deletion::PendingDeletion;
pub use error::SpoolError;
pub use fragment::{FragmentState, NewFragment, StoredFragment};
pub use keyring::{DeviceKey, Keyring, RecoveryPrivateKey, RecoveryPublicKey};
pub use lesson::{LessonRecord, RunRecord, TrackRecord};
pub use reading::Verified;
pub use report::OpenReport;
pub use retention::{Discarded, Retention};
pub use room::{RoomMade, Usage};
pub use spool::{Options, Spool};
