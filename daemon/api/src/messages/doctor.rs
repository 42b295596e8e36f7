//! What an examination of the box says: first what was found, then one thing to
//! do.

mod daemon;
mod machine;
mod network;
mod page;
mod receipt;

pub use daemon::*;
pub use machine::*;
pub use network::*;
pub use page::*;
pub use receipt::*;
