//! Starts the machine again. By `systemctl`, not by reboot(2), which stops
//! nothing and writes nothing back.

use std::path::Path;
use std::time::Duration;

use crate::program;
use crate::refusal::Refusal;

const SYSTEMCTL: &str = "usr/bin/systemctl";
/// It only puts the order in; what is stopped takes its time afterwards.
const LIMIT: Duration = Duration::from_secs(20);

pub(super) fn reboot(root: &Path) -> Result<(), Refusal> {
    let ran = program::run(root, SYSTEMCTL, &["--no-ask-password", "--no-wall", "reboot"], LIMIT)?;
    if ran.status.success() {
        return Ok(());
    }
    Err(Refusal::Program { program: SYSTEMCTL, cause: format!("ended with {}", ran.status) })
}
