use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use lectern_api::doctor::{Check, DAEMON, Outcome};
use lectern_hal::Sample;
use lectern_hal::capture::{Camera, Devices};
use lectern_hal::sensors::network::{Interface, Kind as Link};
use lectern_hal::sensors::storage::Place;

use super::*;
use crate::facts::{
    Config, Daemon, Facts, Folder, FolderState, Kind, Mistake, Network, Peer, Reached, SecretFile,
    SecretState, Segments, Service, Silence,
};

const CONFIG: &str = "[device]\nid='LB-7'\ntime_zone='Asia/Shanghai'\n[[source]]\nname='cam'\nrole='camera'\n\
    uri='v4l2:/dev/video0'\n[[live]]\nname='p'\nurl='rtmp://push.example/live/x'\n[timetable]\n\
    url='file:///etc/lectern/timetable.toml'\n";

/// A healthy box whose daemon does not run.
fn facts() -> Facts {
    let wired =
        Interface { name: "eth0".to_owned(), kind: Link::Wired, carrier: Some(true), ..Interface::default() };
    let room = Place {
        name: "spool".to_owned(),
        total_bytes: Some(100 << 30),
        available_bytes: Some(50 << 30),
        read_only: Some(false),
        ..Place::default()
    };
    let mut sample = Sample::default();
    sample.network.interfaces = vec![wired];
    sample.storage.places = vec![room];
    let address: IpAddr = "203.0.113.9".parse().unwrap();
    Facts {
        at: "2026-03-02T00:04:10Z".parse().unwrap(),
        config: Config {
            path: PathBuf::from("/etc/lectern/lectern.toml"),
            plan: Ok(Plan::of(CONFIG)),
            checked: Some(Ok(Vec::new())),
        },
        daemon: Daemon {
            socket: PathBuf::from("/run/lectern/control.sock"),
            answer: Some(Err(Silence::Nobody)),
            ..Daemon::default()
        },
        sample: Some(sample),
        devices: Some(Devices::default()),
        synced: true,
        folders: vec![Folder {
            unit: "spool".to_owned(),
            is_store: false,
            path: PathBuf::from("/var/lib/lectern/spool"),
            state: Some(FolderState::Fine),
        }],
        segments: Some(Segments { readable: 3, unread: None }),
        secrets: ["signing.key", "device.key"]
            .map(|name| SecretFile {
                is_key: true,
                path: PathBuf::from("/var/lib/lectern/keys").join(name),
                state: SecretState::Fine,
            })
            .into(),
        keys_by_systemd: false,
        nodes: vec![
            ("cam".to_owned(), PathBuf::from("/dev/video0"), true),
            ("timetable".to_owned(), PathBuf::from("/etc/lectern/timetable.toml"), true),
        ],
        network: Network {
            addresses: vec!["10.0.0.5".parse().unwrap()],
            gateways: vec!["10.0.0.1 (eth0)".to_owned()],
        },
        names: vec![("push.example".to_owned(), Some(Ok(address)))],
        peers: vec![Peer {
            unit: "p".to_owned(),
            kind: Kind::Live,
            place: "push.example:1935".to_owned(),
            is_here: false,
            reached: Some(Reached::Answers((address, 1935).into(), Duration::from_millis(12))),
        }],
    }
}

fn mistake(line: usize) -> Mistake {
    let text = |en: &str, zh: &str| Text { en: en.to_owned(), zh: zh.to_owned() };
    Mistake {
        line, cause: text("`fps` is 500", "fps 是 500"), remedy: text("write 5 to 60", "请写 5～60")
    }
}

/// What is to be done, by code.
fn found(facts: &Facts) -> Vec<String> {
    let told = judge(facts).into_iter().filter(|check| check.outcome >= Outcome::Warn);
    told.map(|check| check.code).collect()
}

fn the(facts: &Facts, code: &str) -> Check {
    judge(facts).into_iter().find(|check| check.code == code).unwrap_or_else(|| panic!("no {code}"))
}

#[test]
fn a_healthy_box_without_its_daemon_lacks_its_daemon_and_nothing_else() {
    assert_eq!(found(&facts()), [DAEMON]);
    for check in judge(&facts()) {
        assert_eq!(check.hint.is_some(), check.outcome >= Outcome::Warn, "{check:?}");
    }
}

#[test]
fn why_the_daemon_is_down_is_said_as_far_as_it_is_known() {
    let service = |active: &str, result: &str, status| Service {
        load: "loaded".to_owned(),
        active: active.to_owned(),
        result: result.to_owned(),
        code: if result == "signal" { 2 } else { 1 },
        status,
    };
    for (service, pid, text, hint) in [
        (None, None, "not running", "lecternd run --config /etc/lectern/lectern.toml"),
        (Some(service("inactive", "success", 0)), None, "was stopped", "systemctl start"),
        (Some(service("failed", "exit-code", 1)), None, "exit code 1", "last lines of its log"),
        (Some(service("failed", "exit-code", 2)), None, "exit code 2", "Mend the configuration"),
        (Some(service("failed", "signal", 11)), None, "by signal 11", "last lines"),
        (Some(service("failed", "watchdog", 6)), None, "(watchdog)", "last lines"),
        (Some(service("activating", "success", 0)), Some(7), "is being started", "Wait"),
        (None, Some(7), "(process 7), but not on /run/lectern", "--socket"),
    ] {
        let mut facts = facts();
        (facts.daemon.service, facts.daemon.pid) = (service, pid);
        facts.daemon.log = vec!["the last line".to_owned()];
        let check = the(&facts, DAEMON);
        assert_eq!(check.detail, ["the last line"]);
        assert!(check.text.en.contains(text), "{check:?}");
        assert!(check.hint.as_ref().unwrap().en.contains(hint), "{check:?}");
    }
    let mut hangs = facts();
    (hangs.daemon.answer, hangs.daemon.pid) = (None, Some(7));
    assert!(the(&hangs, DAEMON).text.en.contains("does not answer"));
    hangs.daemon.answer = Some(Err(Silence::Denied));
    assert_eq!(the(&hangs, DAEMON).outcome, Outcome::Warn);
}

#[test]
fn a_mistake_in_the_configuration_is_told_with_its_line_and_is_the_first_thing_to_mend() {
    let mut facts = facts();
    facts.config.checked = Some(Ok((3..8).map(mistake).collect()));
    let told: Vec<Check> = judge(&facts).into_iter().filter(|c| c.code == "config.file").collect();
    assert_eq!(told.len(), 4, "three of them and how many more");
    assert!(told[0].text.en.contains("line 3: `fps` is 500") && told[0].text.zh.contains("第 3 行"));
    assert_eq!(told[0].hint.as_ref().unwrap().zh, "请写 5～60");
    assert!(told[3].text.en.contains("2 more"));
    assert!(the(&facts, DAEMON).hint.unwrap().en.contains("config.file"));
    facts.config.plan = Err("No such file".to_owned());
    assert!(the(&facts, "config.file").text.en.contains("No such file"));
    assert_eq!(the(&facts, "source.device").outcome, Outcome::Skip);
}

#[test]
fn disks_are_full_read_only_closed_or_worn() {
    let with = |change: &dyn Fn(&mut Place)| {
        let mut facts = facts();
        change(&mut facts.sample.as_mut().unwrap().storage.places[0]);
        the(&facts, "disk.room").outcome
    };
    assert_eq!(with(&|place| place.available_bytes = Some(100 << 20)), Outcome::Fail);
    assert_eq!(with(&|place| place.available_bytes = Some(600 << 20)), Outcome::Warn);
    assert_eq!(with(&|place| place.available_files = Some(0)), Outcome::Fail);
    assert_eq!(with(&|place| place.read_only = Some(true)), Outcome::Fail);
    for (state, outcome) in [
        (Some(FolderState::Closed("read-only".to_owned())), Outcome::Fail),
        (Some(FolderState::Missing), Outcome::Skip),
        (None, Outcome::Fail),
    ] {
        let mut facts = facts();
        facts.folders[0].state = state;
        assert_eq!(the(&facts, "disk.folder").outcome, outcome);
    }
    let mut facts = facts();
    facts.segments = Some(Segments { readable: 1, unread: Some((2, "a.seg".to_owned(), "I/O".to_owned())) });
    assert!(the(&facts, "spool.segments").text.en.contains("2 recording files"));
}

#[test]
fn keys_that_are_missing_open_or_damaged_are_told_and_new_boxes_have_none_yet() {
    for (state, outcome) in [
        (SecretState::Missing, Outcome::Fail),
        (SecretState::Damaged, Outcome::Fail),
        (SecretState::Exposed(0o644), Outcome::Warn),
        (SecretState::Unread("denied".to_owned()), Outcome::Skip),
    ] {
        let mut facts = facts();
        facts.secrets[1].state = state;
        assert_eq!(the(&facts, "keys.files").outcome, outcome);
    }
    let mut new = facts();
    new.segments = None;
    new.secrets[0].state = SecretState::Missing;
    assert_eq!(the(&new, "keys.files").outcome, Outcome::Skip);
    new.keys_by_systemd = true;
    assert_eq!(the(&new, "keys.files").outcome, Outcome::Pass);
}

#[test]
fn a_camera_that_is_not_there_is_told_with_what_is() {
    let mut facts = facts();
    facts.nodes[0].2 = false;
    let other =
        Camera { name: "video2".to_owned(), label: Some("HD Webcam".to_owned()), ..Camera::default() };
    facts.devices = Some(Devices { cameras: vec![other], sound_cards: Vec::new() });
    let check = the(&facts, "source.device");
    assert_eq!((check.unit.as_str(), check.outcome), ("cam", Outcome::Fail));
    assert!(check.hint.unwrap().en.contains("/dev/video2 HD Webcam"));
}

#[test]
fn a_clock_of_1970_is_wrong_and_one_without_a_server_deserves_a_look() {
    let mut facts = facts();
    facts.synced = false;
    assert_eq!(the(&facts, "clock.time").outcome, Outcome::Warn);
    facts.at = "1970-01-01T00:01:00Z".parse().unwrap();
    let check = the(&facts, "clock.time");
    assert_eq!(check.outcome, Outcome::Fail);
    assert!(check.text.en.contains("1970-01-01 08:01:00"), "in the box's own zone: {check:?}");
}

#[test]
fn an_unplugged_cable_is_one_finding_and_not_four() {
    let mut facts = facts();
    facts.sample.as_mut().unwrap().network.interfaces[0].carrier = Some(false);
    facts.network = Network::default();
    facts.names[0].1 = None;
    facts.peers[0].reached = Some(Reached::Nameless);
    assert_eq!(found(&facts), [DAEMON, "net.carrier"]);
    assert!(the(&facts, "net.reach").text.en.contains("net.carrier"));
}

#[test]
fn each_of_address_route_name_and_answer_is_told_when_it_is_the_first_to_be_missing() {
    let mut dark = facts();
    dark.network.addresses.clear();
    assert_eq!(found(&dark), [DAEMON, "net.address"]);
    let mut islanded = facts();
    islanded.network.gateways.clear();
    assert_eq!(found(&islanded), [DAEMON], "it answers without a way out");
    islanded.peers[0].reached = Some(Reached::Silent);
    assert_eq!(found(&islanded), [DAEMON, "net.route"]);
    let mut nameless = facts();
    nameless.names[0].1 = Some(Err("not known".to_owned()));
    nameless.peers[0].reached = Some(Reached::Nameless);
    assert_eq!(found(&nameless), [DAEMON, "net.dns"]);
    for reached in [Some(Reached::Refuses), Some(Reached::Silent), None] {
        let mut dead = facts();
        dead.peers[0].reached = reached;
        assert_eq!(found(&dead), [DAEMON, "net.reach"]);
    }
}

#[test]
fn what_did_not_answer_in_time_is_left_out_and_not_called_fine() {
    let mut facts = facts();
    (facts.sample, facts.devices, facts.config.checked) = (None, None, None);
    for code in ["config.file", "disk.room", "net.carrier", "machine.heat"] {
        assert_eq!(the(&facts, code).outcome, Outcome::Skip, "{code}");
    }
}

#[test]
fn a_timetable_that_is_not_there_is_told_by_its_file() {
    let mut facts = facts();
    facts.nodes[1].2 = false;
    let check = the(&facts, "timetable.plan");
    assert!(check.outcome == Outcome::Fail && check.text.en.contains("/etc/lectern/timetable.toml"));
}
