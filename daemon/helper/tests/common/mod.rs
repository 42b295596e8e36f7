//! What the tests of the program have in common.

use std::fs;
use std::path::Path;
use std::process::Child;

/// Waits until a helper can be asked. Its socket is there a moment before that,
/// and refuses. Source: proc_net(5), whose flags of a listening socket are
/// `__SO_ACCEPTCON`.
pub(crate) fn until_it_listens(helper: &mut Child, socket: &Path) {
    let socket = socket.to_str().unwrap();
    // The one of its own network.
    let table = format!("/proc/{}/net/unix", helper.id());
    let listens = |line: &str| line.ends_with(socket) && line.split_whitespace().nth(3) == Some("00010000");
    while !fs::read_to_string(&table).is_ok_and(|table| table.lines().any(listens)) {
        assert!(helper.try_wait().unwrap().is_none(), "the helper ended");
        std::thread::yield_now();
    }
}
