//! Folders that vanish with the test.

use tempfile::TempDir;

/// Makes a folder for `what`. With `LECTERN_KEEP=1` in the environment it
/// stays, so that a failure can be looked into.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn temporary(what: &str) -> TempDir {
    let made = tempfile::Builder::new().prefix(&format!("lectern-{what}-")).tempdir();
    let mut folder = made.expect("a temporary folder can be made");
    folder.disable_cleanup(std::env::var_os("LECTERN_KEEP").is_some());
    folder
}
