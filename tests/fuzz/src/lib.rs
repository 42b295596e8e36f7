//! What the targets share.

mod folder;
pub mod segments;

#[cfg(feature = "archive")]
pub use folder::block_on;
pub use folder::folder;
