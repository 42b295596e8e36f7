//! From the spool to the archive stores: one unit per store, each with its own
//! cursor, so that a dead store holds up nobody else.

mod compose;
pub(crate) mod unit;

pub(crate) use compose::{Extent, compose};
