//! The package's files under systemd, in a container: what the units let the daemon
//! and its helper do, and what they do not. `make test-install` has more of it: the
//! package itself, the watchdog, upgrades and the purge.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use lectern_api::Bytes;
use lectern_api::status::LessonStatus;
use lectern_tests::installed::UPLINKS;
use lectern_tests::{InstalledBox, eventually};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(30);
const DAEMON: &str = "lecternd.service";
const HELPER: &str = "lectern-helper.service";
/// How systemd-nspawn ends when its machine has asked for a new start.
const STARTS_AGAIN: i32 = 133;
/// Behind either uplink.
const FAR: [&str; 2] = ["192.0.2.1", "2001:db8:ffff::1"];

fn begin_lesson(lectern: &InstalledBox) -> LessonStatus {
    lectern.does(&["lecternctl", "start", "--title", "语文", "--minutes", "20"]);
    lectern.wait_records(2)
}

/// The folder of the only lesson in the archive, in the box.
fn archived(lectern: &InstalledBox) -> PathBuf {
    let said = lectern.does(&["find", "/srv/archive", "-name", "manifest.json"]);
    PathBuf::from(said.trim()).parent().expect("one manifest, in a folder").to_owned()
}

#[test]
fn a_box_sets_itself_up_at_its_first_start_and_loses_nothing_of_a_lesson_to_a_kill() {
    let lectern = InstalledBox::switch_on_first();
    let device = lectern.status().expect("it answers").device;
    assert_eq!((device.id.as_str(), device.place.as_str()), ("LB-7", "教室 Classroom"));
    assert!(device.public_key.is_some(), "no identity was made: {device:?}");
    assert_eq!(lectern.does(&["systemctl", "--failed", "--no-legend"]), "");
    lectern.does(&["systemctl", "start", "boot-complete.target"]);

    let before = begin_lesson(&lectern);
    let killed = lectern.process_of(DAEMON);
    lectern.does(&["kill", "-KILL", &killed.to_string()]);
    eventually("another daemon", LIMIT, || {
        (![0, killed].contains(&lectern.process_of(DAEMON))).then_some(())
    });
    let after = lectern.wait_records(2);
    assert_eq!(after.id, before.id, "the lesson goes on");
    assert!(after.fragments >= before.fragments + 2, "{before:?}, then {after:?}");

    lectern.does(&["lecternctl", "stop"]);
    eventually("an archive that has everything", LIMIT, || {
        let status = lectern.status()?;
        let lacks = status.archive.iter().any(|archive| archive.pending_bytes != Bytes(0));
        (status.lesson.is_none() && !lacks).then_some(())
    });
    let url = format!("file://{}", archived(&lectern).display());
    eventually("a closed manifest", LIMIT, || {
        lectern.does(&["cat", &format!("{}/manifest.json", &url[7..])]).contains("\"closed\"").then_some(())
    });
    lectern.does(&["lecternctl", "lesson", "verify", &url]);
}

#[test]
fn the_daemon_has_no_right_and_no_port_and_shows_no_secret() {
    let lectern = InstalledBox::switch_on_first();
    let daemon = lectern.process_of(DAEMON);
    let process = lectern.does(&["cat", &format!("/proc/{daemon}/status")]);
    let field = |name: &str| {
        let line = process.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_else(|| panic!("no {name} in {process}")).split_whitespace().collect::<Vec<_>>()
    };
    let user = lectern.does(&["id", "-u", "lectern"]);
    assert_ne!(user, "0");
    assert_eq!(field("Uid"), [user.as_str(); 4]);
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert_eq!(field(set), ["0000000000000000"], "{set}");
    }
    assert_eq!((field("NoNewPrivs"), field("Seccomp")), (vec!["1"], vec!["2"]));

    // As docs/reference/service.md says; with a lesson, too.
    begin_lesson(&lectern);
    assert_eq!(lectern.does(&["ss", "-Hlntup"]), "", "somebody listens");

    let places = ["find", "/etc/lectern", "/var/lib/lectern", "/var/cache/lectern", "-type", "f"];
    let open = ["-perm", "/o=rwx", "!", "-path", "/etc/lectern/setup/*"];
    assert_eq!(lectern.does(&[places.as_slice(), open.as_slice()].concat()), "", "open to everybody");
    let secret = "/run/credentials/lecternd.service/lectern_spare";
    let reads = |user: &str, file: &str| {
        let reading = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "cat", file];
        lectern.inside(&reading).status.success()
    };
    assert!(reads("lectern", secret), "the daemon does not get its secret");
    for file in [
        secret,
        "/etc/lectern/secrets/spare",
        "/etc/lectern/lectern.toml",
        "/var/lib/lectern/keys/device.key",
    ] {
        assert!(!reads("daemon", file), "a stranger reads {file}");
    }
    let key = lectern.kept("/var/lib/lectern/keys/device.key").metadata().expect("it is there");
    assert_eq!(key.permissions().mode() & 0o777, 0o600);

    // It works all the same on a root that nobody can write to.
    for place in ["/x", "/etc/x", "/usr/bin/x"] {
        assert!(!lectern.inside(&["touch", place]).status.success(), "{place}");
    }
}

#[test]
fn the_helper_sends_out_by_the_other_uplink_for_the_daemon_and_for_no_stranger() {
    let lectern = InstalledBox::switch_on_first();
    let ways = || {
        FAR.map(|far| {
            let route = lectern.does(&["ip", "-o", "route", "get", far]);
            route.split_once("dev ").and_then(|(_, dev)| dev.split(' ').next()).unwrap_or_default().to_owned()
        })
    };
    let [usual, other] = UPLINKS;
    assert_eq!(ways(), [usual; 2]);
    let done = json!({"outcome": "done"});
    assert_eq!(lectern.ask_helper("lectern", r#"{"verb":"uplink","interface":"wwan0"}"#), done);
    assert_eq!(ways(), [other; 2]);
    assert_eq!(lectern.ask_helper("lectern", r#"{"verb":"uplink"}"#), done);
    assert_eq!(ways(), [usual; 2]);

    for (user, line, code) in [
        ("daemon", r#"{"verb":"uplink","interface":"wwan0"}"#, "stranger"),
        ("lectern", r#"{"verb":"uplink","interface":"wwan7"}"#, "no_uplink"),
        ("lectern", r#"{"verb":"uplink","interface":"../wwan0"}"#, "malformed"),
        ("lectern", r#"{"verb":"uplink","interface":"wwan0","gateway":"10.9.2.1"}"#, "malformed"),
        ("lectern", r#"{"verb":"halt"}"#, "malformed"),
        ("lectern", "ip route add default dev wwan0", "malformed"),
        ("lectern", r#"{"verb":"replug","port":"1-1"}"#, "no_port"),
        ("lectern", r#"{"verb":"smart","disk":"sdz"}"#, "no_disk"),
        ("lectern", r#"{"verb":"mount","partition":"sdz1"}"#, "no_stick"),
        ("lectern", r#"{"verb":"unmount"}"#, "not_mounted"),
    ] {
        let answer = lectern.ask_helper(user, line);
        assert_eq!((&answer["outcome"], &answer["code"]), (&json!("refused"), &Value::from(code)), "{line}");
    }
    assert_eq!(ways(), [usual; 2]);

    // What it mounts and routes, it mounts and routes for the machine.
    let helper = lectern.process_of(HELPER);
    for namespace in ["mnt", "net"] {
        let of = |process: u32| lectern.does(&["readlink", &format!("/proc/{process}/ns/{namespace}")]);
        assert_eq!(of(helper), of(1), "{namespace}");
    }
}

#[test]
fn a_reboot_asked_of_the_helper_starts_the_machine_again_and_the_lesson_goes_on() {
    let mut lectern = InstalledBox::switch_on_first();
    let before = begin_lesson(&lectern);
    lectern.tell_helper("lectern", r#"{"verb":"reboot"}"#);
    assert_eq!(lectern.ends().code(), Some(STARTS_AGAIN));
    lectern.switch_on();
    let after = lectern.wait_records(2);
    assert_eq!(after.id, before.id);
    assert!(after.fragments >= before.fragments + 2, "{before:?}, then {after:?}");
    // The first start was the first.
    assert_eq!(lectern.does(&["systemctl", "show", "-P", "ConditionResult", "lectern-setup.service"]), "no");
}
