//! What the targets share.

mod folder;
#[cfg(feature = "timetable")]
pub mod importers;
pub mod segments;
#[cfg(feature = "timetable")]
pub mod spreadsheet;

#[cfg(feature = "archive")]
pub use folder::block_on;
pub use folder::folder;
