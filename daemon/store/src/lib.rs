//! A small durable key-value store: sled with its gaps closed.
//!
//! What this crate adds to sled 0.34.7, and why:
//!
//! - **Commit is durable.** sled's `flush()` ends in `sync_file_range`, which
//!   does not survive a power cut. [`Store::commit`] calls `fdatasync` on
//!   sled's `db` file after every flush.
//! - **Loss is noticed.** A damaged sled may open empty or older than it was.
//!   Every commit raises a generation, inside the database and in a side file
//!   of its own; [`Opened`] tells when the two do not agree.
//! - **Damage stays outside.** Every call into sled is caught when it panics;
//!   a database that cannot be opened is set aside by renaming, never deleted,
//!   and a fresh one takes its place.
//! - **Nothing is written past the log.** sled puts large pages into separate
//!   files that it never syncs; keys and values are limited so that a page
//!   cannot grow that large ([`MAX_VALUE_BYTES`]).
//!
//! On disk, inside the folder given to [`Store::open`]:
//!
//! ```text
//! sled/              sled's own files (db, conf, snap.*, blobs/)
//! generation         two slots of 32 bytes at 0 and 4096, written in turn
//! sled.new/          a database being written anew, or the former one; of no use
//! quarantine-0001/   a former `sled/` that could not be used; the newest three are kept
//! ```
//!
//! The crate needs `panic = "unwind"`.

mod batch;
mod engine;
mod error;
mod generation;
mod open;
mod rewrite;
mod store;
#[cfg(test)]
mod tests;

pub use batch::Batch;
pub use error::StoreError;
pub use open::Opened;
pub use store::{Keyspace, MAX_KEY_BYTES, MAX_VALUE_BYTES, Store};
