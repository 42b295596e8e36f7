//! Files damaged behind the spool's back, and what it makes of them.
//!
//! What is asked: whatever bytes of the index are changed, everything that was
//! acknowledged reads bit for bit, and facts that are lost are reported as
//! lost. Whatever bytes of a segment are changed, only fragments whose frames
//! were touched are damaged, and a gap says so. In both cases the process
//! ends by itself, and the spool takes more.

mod change;
mod specimen;

pub use change::{Change, Target};
pub use specimen::Specimen;
