//! Who is at the other end of the control socket: the kernel says so. The
//! socket's mode (0660) keeps everybody out who is neither its owner nor of its
//! group; SO_PEERCRED would not tell of a group that is not the primary one.

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
        let own = rustix::process::geteuid().as_raw();
        let role = match stream.io().peer_cred() {
            Ok(peer) => role(peer.uid(), own),
            Err(_) => Role::Viewer,
        };
        Self { role }
    }
}

/// Root and the daemon's own user may do everything. Who else could open the
/// socket is of its group, which is a teacher's.
fn role(uid: u32, own: u32) -> Role {
    if uid == 0 || uid == own { Role::Administrator } else { Role::Teacher }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_and_the_daemons_user_are_administrators() {
        assert_eq!(role(0, 990), Role::Administrator);
        assert_eq!(role(990, 990), Role::Administrator);
        assert_eq!(role(1000, 990), Role::Teacher);
    }
}
