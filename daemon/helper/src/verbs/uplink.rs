//! Sends what leaves the box out by one of its interfaces.
//!
//! Two routes are added in each family, `0.0.0.0/1` and `128.0.0.0/1`, over the
//! gateway of the interface's own default route. Longer than any default route,
//! they come first whatever metric somebody has configured, and shorter than any
//! route to a network of the school, they leave those alone. They carry a
//! protocol number by which they are found again. Nothing that was configured is
//! changed, so a new lease or NetworkManager undoes nothing, and taking ours
//! away is enough to go back.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use crate::name::Interface;
use crate::program;
use crate::refusal::Refusal;

/// Of iproute2; where `/sbin` and `/usr/sbin` are two, it lies in the first.
const IP: &str = "sbin/ip";
/// The kernel answers at once.
const LIMIT: Duration = Duration::from_secs(5);
/// `rtm_protocol` of our routes: nobody's in iproute2's `rt_protos`.
const OURS: &str = "76";

/// A family, and its addresses in two halves.
const FAMILIES: [(&str, [&str; 2]); 2] = [("-4", ["0.0.0.0/1", "128.0.0.0/1"]), ("-6", ["::/1", "8000::/1"])];

/// What `ip -json route` says of a route, as far as it matters.
#[derive(Debug, Deserialize)]
struct Route {
    dev: Option<String>,
    gateway: Option<IpAddr>,
    #[serde(default)]
    flags: Vec<String>,
}

pub(super) fn uplink(root: &Path, interface: Option<&Interface>) -> Result<(), Refusal> {
    let Some(interface) = interface else { return clear(root) };
    let nowhere = |cause| Refusal::NoUplink { interface: interface.clone(), cause };
    if !root.join("sys/class/net").join(interface.as_str()).exists() {
        return Err(nowhere("there is no such interface"));
    }
    // All is known before anything is changed.
    let mut found = Vec::new();
    for (family, halves) in FAMILIES {
        found.extend(default_route(root, family, interface)?.map(|route| (family, halves, route)));
    }
    if found.is_empty() {
        return Err(nowhere("it has no default route; give it an address and a gateway"));
    }
    clear(root)?;
    for (family, halves, route) in found {
        for half in halves {
            if let Err(refusal) = add(root, family, half, interface, &route) {
                // Half of the world by one way and half by another helps nobody.
                let _ = clear(root);
                return Err(refusal);
            }
        }
    }
    Ok(())
}

/// The first default route over an interface that has a signal.
fn default_route(root: &Path, family: &str, interface: &Interface) -> Result<Option<Route>, Refusal> {
    let output = ip(root, &["-json", family, "route", "show", "default"])?;
    // A kernel without the family says nothing at all.
    if output.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let routes: Vec<Route> = serde_json::from_slice(&output)
        .map_err(|error| Refusal::Program { program: IP, cause: format!("no JSON: {error}") })?;
    let leads = |route: &Route| {
        route.dev.as_deref() == Some(interface.as_str())
            && !route.flags.iter().any(|flag| matches!(flag.as_str(), "dead" | "linkdown"))
    };
    Ok(routes.into_iter().find(leads))
}

fn add(root: &Path, family: &str, to: &str, by: &Interface, route: &Route) -> Result<(), Refusal> {
    let gateway = route.gateway.map(|gateway| gateway.to_string());
    let mut arguments = vec![family, "route", "add", to];
    if let Some(gateway) = &gateway {
        arguments.extend(["via", gateway]);
    }
    arguments.extend(["dev", by.as_str(), "proto", OURS]);
    // A gateway outside of the interface's own network was taken once already.
    if gateway.is_some() && route.flags.iter().any(|flag| flag == "onlink") {
        arguments.push("onlink");
    }
    ip(root, &arguments).map(drop)
}

/// Takes our routes away, if there are any.
fn clear(root: &Path) -> Result<(), Refusal> {
    for (family, _) in FAMILIES {
        ip(root, &[family, "route", "flush", "proto", OURS])?;
    }
    Ok(())
}

fn ip(root: &Path, arguments: &[&str]) -> Result<Vec<u8>, Refusal> {
    let ran = program::run(root, IP, arguments, LIMIT)?;
    if ran.status.success() {
        return Ok(ran.output);
    }
    Err(Refusal::Program { program: IP, cause: format!("{} ended with {}", arguments.join(" "), ran.status) })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::*;

    /// Stands for iproute2 where the second half of the world cannot be had.
    const HALF: &str = r#"#!/bin/sh
echo "$@" >>"$(dirname "$0")/asked"
case "$*" in
"-json -4 route show default") echo '[{"dst":"default","gateway":"10.0.0.1","dev":"eth1","flags":[]}]' ;;
*"add 128.0.0.0/1"*) exit 2 ;;
esac
"#;

    #[test]
    fn half_of_the_world_is_given_back() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("sys/class/net/eth1")).unwrap();
        // By another process: one that is forked while this one writes would keep
        // the program busy.
        let mut install = Command::new("install");
        install.args(["-D", "-m", "755", "/dev/stdin"]).arg(root.path().join(IP)).stdin(Stdio::piped());
        let mut install = install.spawn().unwrap();
        install.stdin.take().unwrap().write_all(HALF.as_bytes()).unwrap();
        assert!(install.wait().unwrap().success());
        let refusal = uplink(root.path(), Some(&Interface::new("eth1").unwrap())).unwrap_err();
        assert_eq!(refusal.code(), "program", "{refusal}");
        let asked = fs::read_to_string(root.path().join("sbin/asked")).unwrap();
        let (before, after) = asked.split_once("add 128.0.0.0/1").unwrap();
        assert!(before.contains("add 0.0.0.0/1 via 10.0.0.1 dev eth1 proto 76"), "{asked}");
        assert!(after.contains("-4 route flush proto 76"), "{asked}");
    }
}
