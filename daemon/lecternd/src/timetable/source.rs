//! Where timetables come from. A source reads and tells; it judges nothing.

pub(crate) mod file;
pub(crate) mod stick;
pub(crate) mod web;

use lectern_api::Text;
use lectern_api::timetable::Origin;

/// What a source tells.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) origin: Origin,
    pub(crate) found: Found,
}

/// What was found there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Something new, perhaps.
    Bytes(Vec<u8>),
    /// What was there before.
    Same,
    /// It cannot be read, and why.
    Failed(Text),
    /// A medium was taken away.
    Gone,
}
