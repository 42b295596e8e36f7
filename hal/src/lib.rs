//! What hardware is there and how it feels. No GStreamer, no async runtime.
//! Every reader of `/sys`, `/proc`, `/run` and `/dev` takes the root it reads
//! under, so that it runs on fixtures.

pub mod boot;
pub mod button;
pub mod capture;
pub mod clock;
pub mod hardware;
pub mod indicator;
pub mod machine;
pub mod ptz;
pub mod sensors;
pub mod sim;
pub mod tree;
pub mod watchdog;

pub use hardware::{Hardware, Linux};
pub use machine::Machine;
pub use sensors::Sample;
