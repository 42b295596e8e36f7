//! A namespace for the boxes, and a line to the broker's that is counted and can
//! be cut. Needs root; `.ci/fleet` starts the bench in a namespace of its own.

use std::path::Path;
use std::process::Command;

use crate::process::{self, Process};
use crate::{FleetError, eventually, folder};

/// The broker's address.
pub const BROKER: &str = "10.99.0.1";
const BOXES: &str = "10.99.0.2";
const NEAR: &str = "fleet0";
const FAR: &str = "fleet1";
/// The head that the line adds to each packet; no provider counts it.
const ETHERNET_BYTES: u64 = 14;

/// The line. It vanishes with this.
#[derive(Debug)]
pub struct Network {
    boxes: Process,
    _folder: tempfile::TempDir,
}

/// What went over the line since it was laid: IP packets with all their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// From the boxes.
    pub up_bytes: u64,
    /// To the boxes.
    pub down_bytes: u64,
    /// In both directions.
    pub packets: u64,
}

impl std::ops::Sub for Traffic {
    type Output = Self;

    fn sub(self, former: Self) -> Self {
        Self {
            up_bytes: self.up_bytes - former.up_bytes,
            down_bytes: self.down_bytes - former.down_bytes,
            packets: self.packets - former.packets,
        }
    }
}

impl Traffic {
    /// Both directions.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self.up_bytes + self.down_bytes
    }
}

impl Network {
    /// Lays the line. Packets on it are as long as on an Ethernet (1500 bytes),
    /// so that what is counted is what a provider would.
    ///
    /// # Errors
    /// Without root, or in the machine's own namespace: nothing is changed then.
    pub fn lay() -> Result<Self, FleetError> {
        let devices = devices()?;
        if devices.lines().skip(2).any(|line| !line.trim_start().starts_with("lo:")) {
            let what = "a namespace of the network without devices".to_owned();
            let said = "this one has some; start the bench by `make fleet`".to_owned();
            return Err(FleetError::Refused { what, said });
        }
        ip(&["link", "set", "lo", "up"])?;
        let folder = folder::temporary("fleet-line");
        let mut command = process::owned(Path::new("unshare"));
        command.args(["--net", "--", "sleep", "infinity"]);
        let boxes = Process::start("the namespace of the boxes", command, &folder.path().join("log"));
        let pid = boxes.pid().to_string();
        // setpriv becomes unshare becomes sleep, in a namespace of its own.
        let own = std::fs::read_link("/proc/self/ns/net").map_err(FleetError::io("our namespace"))?;
        eventually("the namespace of the boxes", std::time::Duration::from_secs(10), || {
            let theirs = std::fs::read_link(format!("/proc/{pid}/ns/net")).ok()?;
            (theirs != own).then_some(())
        });
        ip(&["link", "add", NEAR, "type", "veth", "peer", "name", FAR, "netns", &pid])?;
        let this = Self { boxes, _folder: folder };
        ip(&["addr", "add", &format!("{BROKER}/24"), "dev", NEAR])?;
        this.ip(&["addr", "add", &format!("{BOXES}/24"), "dev", FAR])?;
        this.ip(&["link", "set", "lo", "up"])?;
        // No packets that only a network card would cut to length.
        ip(&["link", "set", "dev", NEAR, "gso_max_segs", "1", "up"])?;
        this.ip(&["link", "set", "dev", FAR, "gso_max_segs", "1", "up"])?;
        let mut ports = this.command(Path::new("/bin/sh"));
        // 64 000 connections from one address.
        ports.args(["-c", "echo 1024 65535 >/proc/sys/net/ipv4/ip_local_port_range"]);
        run(ports)?;
        Ok(this)
    }

    /// A command among the boxes.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = process::owned(Path::new("nsenter"));
        command.arg(format!("--net=/proc/{}/ns/net", self.boxes.pid())).arg("--").arg(program);
        command
    }

    fn ip(&self, arguments: &[&str]) -> Result<(), FleetError> {
        let mut command = self.command(Path::new("ip"));
        command.args(arguments);
        run(command)
    }

    /// Cuts the line, or mends it.
    ///
    /// # Errors
    /// The system's.
    pub fn open(&self, is_open: bool) -> Result<(), FleetError> {
        ip(&["link", "set", NEAR, if is_open { "up" } else { "down" }])
    }

    /// What went over it so far.
    ///
    /// # Errors
    /// When the line is gone.
    pub fn traffic(&self) -> Result<Traffic, FleetError> {
        let devices = devices()?;
        traffic(&devices).ok_or_else(|| FleetError::Refused { what: "counters".to_owned(), said: devices })
    }
}

/// The counters of our end of the line; see proc(5), `/proc/net/dev`.
fn traffic(devices: &str) -> Option<Traffic> {
    let name = format!("{NEAR}:");
    let line = devices.lines().find_map(|line| line.trim_start().strip_prefix(&name))?;
    let numbers: Vec<u64> = line.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    let [up_bytes, up, .., down_bytes, down, _, _, _, _, _, _] = numbers.as_slice() else { return None };
    Some(Traffic {
        up_bytes: up_bytes - up * ETHERNET_BYTES,
        down_bytes: down_bytes - down * ETHERNET_BYTES,
        packets: up + down,
    })
}

fn devices() -> Result<String, FleetError> {
    std::fs::read_to_string("/proc/self/net/dev").map_err(FleetError::io("/proc/self/net/dev"))
}

fn ip(arguments: &[&str]) -> Result<(), FleetError> {
    let mut command = process::command("ip", "iproute2");
    command.args(arguments);
    run(command)
}

fn run(mut command: Command) -> Result<(), FleetError> {
    let output = command.output().map_err(FleetError::io(format!("{command:?}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(FleetError::Refused { what: format!("{command:?}"), said })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heads_of_the_line_are_not_counted() {
        let devices = "Inter-|   Receive                                                |  Transmit\n \
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs\n    \
             lo:  900 9 0 0 0 0 0 0 900 9 0 0 0 0 0 0\n\
             fleet0: 1140 10 0 0 0 0 0 0 2280 20 0 0 0 0 0 0\n";
        let traffic = traffic(devices).unwrap();
        assert_eq!(traffic, Traffic { up_bytes: 1000, down_bytes: 2000, packets: 30 });
        assert_eq!((traffic - traffic).bytes(), 0);
    }
}
