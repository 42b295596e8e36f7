//! What needs root on a box, and nothing else: the daemon has no capability and
//! asks here, over a Unix socket. One request per connection, a JSON line; one
//! answer, a JSON line; then the connection is closed.
//!
//! ```text
//! {"verb":"replug","port":"1-1.4"}
//! {"outcome":"done"}
//! ```
//!
//! The verbs are those of [`Request`]; no verb takes a path, a command or an
//! option, and nothing goes through a shell. Who asks the kernel says
//! (`SO_PEERCRED`): root and one user are answered, all others refused. Every
//! request is one line in the journal with who asked, for what and what became
//! of it. This crate depends on nothing of ours.

mod audit;
mod client;
mod deadline;
mod name;
mod program;
mod protocol;
mod refusal;
mod server;
mod verbs;

pub use client::{AskError, Client};
pub use name::{Disk, Interface, NotAName, Partition, UsbPort};
pub use protocol::{Answer, MAX_ANSWER_BYTES, MAX_REQUEST_BYTES, Request};
pub use refusal::Refusal;
pub use server::{Server, Settings};

/// Where the helper listens, unless configured otherwise.
pub const DEFAULT_SOCKET: &str = "/run/lectern/helper.sock";

/// Where a stick is mounted, below the root.
pub const STICK: &str = "run/lectern/stick";
