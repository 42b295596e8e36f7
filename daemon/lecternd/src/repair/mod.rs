//! The steps by which the box mends itself, each carried to whoever does it.
//! Which of them exist for what depends on this box: a network camera has no USB
//! plug, and where nobody starts the daemon again it does not end itself.

mod toolbox;
mod uplink;
mod usb;

pub(crate) use toolbox::{Ends, Toolbox};
pub(crate) use uplink::{Uplinks, run as keep_uplinks};
pub(crate) use usb::UsbSource;
