//! Asks a disk how it is.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::name::Disk;
use crate::program;
use crate::refusal::Refusal;

const SMARTCTL: &str = "usr/sbin/smartctl";
/// Disks answer in less than a second; behind a poor USB bridge in some.
const LIMIT: Duration = Duration::from_secs(20);

pub(super) fn smart(root: &Path, disk: &Disk) -> Result<Value, Refusal> {
    if !root.join("sys/block").join(disk.as_str()).exists() {
        return Err(Refusal::NoDisk(disk.clone()));
    }
    let node = format!("/dev/{disk}");
    let ran = program::run(root, SMARTCTL, &["--json=c", "--all", "--nocheck=standby", &node], LIMIT)?;
    // Most bits of its exit status say that the disk is ill, which is an answer;
    // the lowest two that there is none (smartctl(8), EXIT STATUS).
    match (ran.status.code(), serde_json::from_slice(&ran.output)) {
        (Some(code), Ok(report @ Value::Object(_))) if code & 0b11 == 0 => Ok(report),
        (_, Ok(report)) => {
            let says = report.pointer("/smartctl/messages/0/string").and_then(Value::as_str);
            let cause = format!("{} ({})", says.unwrap_or("no report"), ran.status);
            Err(Refusal::Program { program: SMARTCTL, cause })
        }
        (_, Err(error)) => {
            Err(Refusal::Program { program: SMARTCTL, cause: format!("no JSON: {error} ({})", ran.status) })
        }
    }
}
