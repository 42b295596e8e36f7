//! Power cuts, kills and damaged files against the spool and the store.
//!
//! A child process, `power-child`, opens a spool, compares everything in it
//! with what was acknowledged ([`model::Model`]) and writes on. It tells what
//! it is about to do and what was answered, line by line ([`model::Mark`]).
//!
//! - **Power cuts** ([`chain`]): the spool lies on ext4, on a loop device, on a
//!   FUSE file system of ours that records every write, every flush and every
//!   line of the child in one order ([`disk`]). A disk is then made as a power
//!   cut at any place of that log may leave it, and the next child opens it;
//!   its own recovery is recorded and cut as well.
//! - **Kills** ([`kills`]): the child gets `kill -9` in the middle of a chosen
//!   operation.
//! - **Damage** ([`damage`]): bytes of the index or of a segment are changed.
//!
//! # Environment
//! - `LECTERN_SEED`: repeats a run's choices. Every run prints it. When the
//!   kernel writes back is not among them; so a disk on which something was
//!   lost is kept, with its task, in the temporary folder.
//! - `LECTERN_CUTS`, `LECTERN_STORE_CUTS`, `LECTERN_KILLS`,
//!   `LECTERN_DAMAGES`:
//!   how many; `make test-power` asks for many.

pub mod chain;
pub mod child;
pub mod damage;
pub mod disk;
pub mod kills;
pub mod model;
pub mod process;
pub mod run;
pub mod spool_api;
