//! What the targets share.

mod folder;
pub mod segments;

pub use folder::{block_on, folder};
