//! Another way out of the box: two uplinks in network namespaces, of which one
//! leads nowhere. Needs root.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use lectern_helper::{AskError, Client, Interface, Request};

/// A server behind the uplink that works, in both families.
const SERVER: [&str; 2] = ["192.0.2.1", "2001:db8:ffff::1"];

/// A box with two uplinks: `eth0` first, whose other end is nobody, and `wwan0`,
/// behind which is a server.
struct Village {
    names: [String; 3],
    helper: Option<Child>,
    folder: tempfile::TempDir,
}

impl Village {
    fn new() -> Option<Self> {
        if !rustix::process::getuid().is_root() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let names = ["box", "dead", "alive"].map(|what| format!("lectern-{}-{what}", village_number()));
        let mut village = Self { names, helper: None, folder };
        let [own, dead, alive] = village.names.clone();
        for name in &village.names {
            run(&["ip", "netns", "add", name]);
            village.at(name, "ip link set lo up");
        }
        for (link, peer, net, metric) in [("eth0", &dead, 1, 100), ("wwan0", &alive, 2, 600)] {
            run(&["ip", "link", "add", link, "netns", &own, "type", "veth", "peer", link, "netns", peer]);
            // The other end of the dead one has no address: nobody answers there.
            if *peer == alive {
                village.at(peer, &format!("ip addr add 10.9.{net}.1/24 dev {link}"));
                village.at(peer, &format!("ip addr add 2001:db8:{net}::1/64 dev {link} nodad"));
            }
            village.at(peer, &format!("ip link set {link} up"));
            village.at(&own, &format!("ip addr add 10.9.{net}.2/24 dev {link}"));
            village.at(&own, &format!("ip addr add 2001:db8:{net}::2/64 dev {link} nodad"));
            village.at(&own, &format!("ip link set {link} up"));
            village.at(&own, &format!("ip route add default via 10.9.{net}.1 metric {metric}"));
            village.at(&own, &format!("ip -6 route add default via 2001:db8:{net}::1 metric {metric}"));
        }
        for address in SERVER {
            village.at(&alive, &format!("ip addr add {address} dev lo"));
        }
        let mut helper = Command::new("ip");
        helper.args(["netns", "exec", &own, env!("CARGO_BIN_EXE_lectern-helper"), "--socket"]);
        let helper = helper.arg(village.socket()).stderr(Stdio::null()).spawn().unwrap();
        common::until_it_listens(village.helper.insert(helper), &village.folder.path().join("socket"));
        Some(village)
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    fn at(&self, namespace: &str, line: &str) -> String {
        let words: Vec<&str> = line.split(' ').collect();
        let output = run(&[&["ip", "netns", "exec", namespace], words.as_slice()].concat());
        String::from_utf8(output.stdout).unwrap()
    }

    fn ask(&self, interface: Option<&str>) -> Result<(), AskError> {
        let interface = interface.map(|name| Interface::new(name).unwrap());
        Client::new(&self.socket()).ask(&Request::Uplink { interface }).map(drop)
    }

    /// By which interface the box would send to the server, in both families.
    fn by(&self) -> [String; 2] {
        SERVER.map(|server| {
            let route = self.at(&self.names[0], &format!("ip -o route get {server}"));
            route.split_once("dev ").unwrap().1.split(' ').next().unwrap().to_owned()
        })
    }

    /// Whether an answer of the server comes back, in both families.
    fn answers(&self) -> [bool; 2] {
        SERVER.map(|server| {
            let mut ping = Command::new("ip");
            ping.args(["netns", "exec", &self.names[0], "python3", "-c", ASKING, server]);
            ping.status().unwrap().success()
        })
    }

    /// What was configured, and how many routes the helper has added.
    fn routes(&self) -> (String, usize) {
        let lines = ["-4", "-6"].map(|family| self.at(&self.names[0], &format!("ip {family} route show")));
        let all = lines.concat();
        let (ours, theirs): (Vec<_>, Vec<_>) = all.lines().partition(|line| line.contains("proto 76"));
        (theirs.join("\n"), ours.len())
    }
}

/// A connection that is refused came to the server and back.
const ASKING: &str = "import socket,sys\n\
    try: socket.create_connection((sys.argv[1], 9), timeout=4)\n\
    except ConnectionRefusedError: sys.exit(0)\n\
    except OSError: sys.exit(1)";

/// Tests run beside each other.
fn village_number() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn run(words: &[&str]) -> Output {
    let output = Command::new(words[0]).args(&words[1..]).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

impl Drop for Village {
    fn drop(&mut self) {
        if let Some(helper) = &mut self.helper {
            let _ = helper.kill();
            let _ = helper.wait();
        }
        for name in &self.names {
            let _ = Command::new("ip").args(["netns", "del", name]).status();
        }
    }
}

#[test]
fn a_box_goes_out_by_its_other_uplink_and_back_and_its_configuration_stays() {
    let Some(village) = Village::new() else { return };
    let (before, none) = village.routes();
    assert_eq!((none, village.by(), village.answers()), (0, both("eth0"), [false, false]));

    village.ask(Some("wwan0")).unwrap();
    assert_eq!((village.by(), village.answers()), (both("wwan0"), [true, true]));
    // Asked again, it is still so.
    village.ask(Some("wwan0")).unwrap();
    assert_eq!((village.by(), village.routes()), (both("wwan0"), (before.clone(), 4)));
    // What the school has configured for a network of its own goes on by it.
    let near = village.at(&village.names[0], "ip -o route get 10.9.1.77");
    assert!(near.contains("dev eth0"), "{near}");

    village.ask(None).unwrap();
    assert_eq!(village.routes(), (before.clone(), 0));
    // The kernel itself leaves an IPv6 router that does not answer.
    assert_eq!(village.by()[0], "eth0");
    village.ask(None).unwrap();
    assert_eq!(village.routes(), (before, 0));

    // One that goes down takes its routes along.
    village.ask(Some("wwan0")).unwrap();
    village.at(&village.names[0], "ip link set wwan0 down");
    assert_eq!((village.by()[0].as_str(), village.routes().1), ("eth0", 0));
}

#[test]
fn an_interface_that_leads_nowhere_is_refused_and_nothing_changes() {
    let Some(village) = Village::new() else { return };
    let own = &village.names[0];
    village.at(own, "ip route del default dev eth0");
    village.at(own, "ip -6 route del default dev eth0");
    let before = village.routes();
    for (interface, cause) in
        [("eth0", "no default route"), ("eth7", "no such interface"), ("lo", "no default")]
    {
        let error = village.ask(Some(interface)).unwrap_err();
        assert!(matches!(&error, AskError::Refused { code, .. } if code == "no_uplink"), "{error}");
        assert!(error.to_string().contains(cause), "{error}");
    }
    assert_eq!((village.routes(), village.by()), (before, both("wwan0")));
    // Somebody else's halves of the world, as a VPN has them, are not replaced.
    village.at(own, "ip route add 128.0.0.0/1 via 10.9.1.1");
    let before = village.routes();
    let error = village.ask(Some("wwan0")).unwrap_err();
    assert!(matches!(&error, AskError::Refused { code, .. } if code == "program"), "{error}");
    assert_eq!(village.routes(), before, "half of a change was taken back");
}

fn both(interface: &str) -> [String; 2] {
    [interface, interface].map(str::to_owned)
}
