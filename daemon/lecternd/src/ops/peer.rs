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
    /// Its user, when the kernel tells.
    pub(crate) uid: Option<u32>,
}

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        let own = rustix::process::geteuid().as_raw();
        let uid = stream.io().peer_cred().ok().map(|peer| peer.uid());
        Self { role: uid.map_or(Role::Viewer, |uid| role(uid, own)), uid }
    }
}

impl Peer {
    /// As the audit's log names who asked.
    pub(crate) fn who(self) -> String {
        let role = match self.role {
            Role::Viewer => "viewer",
            Role::Teacher => "teacher",
            Role::Technician => "technician",
            Role::Administrator => "administrator",
        };
        self.uid.map_or_else(|| role.to_owned(), |uid| format!("{role} (uid {uid})"))
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
    fn the_log_names_role_and_user() {
        assert_eq!(Peer { role: Role::Administrator, uid: Some(0) }.who(), "administrator (uid 0)");
        assert_eq!(Peer { role: Role::Viewer, uid: None }.who(), "viewer");
    }

    #[test]
    fn only_root_and_the_daemons_user_are_administrators() {
        assert_eq!(role(0, 990), Role::Administrator);
        assert_eq!(role(990, 990), Role::Administrator);
        assert_eq!(role(1000, 990), Role::Teacher);
    }
}
