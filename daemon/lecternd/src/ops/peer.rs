//! Who is at the other end of the control socket: the kernel says so.

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use lectern_api::command::Role;
use tokio::net::UnixListener;

/// The process that connected.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) role: Role,
}

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        let own = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        let role = match stream.io().peer_cred() {
            Ok(peer) => role(peer.uid(), peer.gid(), own),
            Err(_) => Role::Viewer,
        };
        Self { role }
    }
}

/// Root and the daemon's own user may do everything, its group may teach,
/// everybody else may look.
fn role(uid: u32, gid: u32, own: (u32, u32)) -> Role {
    if uid == 0 || uid == own.0 {
        Role::Administrator
    } else if gid == own.1 {
        Role::Teacher
    } else {
        Role::Viewer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_on_the_box_may_only_look() {
        let own = (990, 991);
        assert_eq!(role(1000, 1000, own), Role::Viewer);
        assert_eq!(role(1000, 991, own), Role::Teacher);
        assert_eq!(role(990, 5, own), Role::Administrator);
        assert_eq!(role(0, 0, own), Role::Administrator);
    }
}
