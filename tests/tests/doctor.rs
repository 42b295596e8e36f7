//! Ten and more things that are really broken, each named with its cause and
//! the next step; a bundle; a repair that the box has seen.

use std::path::Path;
use std::process::Command;

use lectern_api::doctor::{Check, Examination, Outcome};
use lectern_api::fault::Fault;
use lectern_api::mqtt::{Answer, CommandState};
use lectern_api::status::SourceState;
use lectern_api::{Clock as _, SystemClock};
use lectern_doctor::bundle::Manifest;
use lectern_tests::broker::Memory;
use lectern_tests::classroom_box::built;
use lectern_tests::command_line::{Said, lecternctl, lecternctl_in};
use lectern_tests::process::{self, faketime, owned};
use lectern_tests::room::Camera;
use lectern_tests::setup::DEVICE;
use lectern_tests::store::{SmallDisk, TlsFront};
use lectern_tests::web_archive::WebArchive;
use lectern_tests::{Broker, ClassroomBox, Ear, Setup, eventually, ports};

const LIMIT: std::time::Duration = std::time::Duration::from_secs(60);

/// The command line with everything that a box without systemd needs to be told.
fn arguments(lectern: &ClassroomBox) -> Vec<String> {
    let path = |name: &str| lectern.path(name).display().to_string();
    let [socket, config, log] = [path("control.sock"), path("lectern.toml"), path("lecternd.log")];
    ["--json", "--socket", &socket, "doctor", "--config", &config, "--log", &log].map(str::to_owned).into()
}

fn examined(mut command: Command) -> Examination {
    let output = command.env("LC_ALL", "C").output().expect("lecternctl runs");
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr));
    })
}

fn examine(lectern: &ClassroomBox) -> Examination {
    let mut command = owned(&built("lecternctl"));
    command.args(arguments(lectern));
    examined(command)
}

/// What is to be done, by code and unit; this machine's own clock and memory
/// apart.
fn findings(found: &Examination) -> Vec<(String, String)> {
    let is_ours =
        |check: &&Check| !["clock.time", "clock.unsynced", "machine.memory"].contains(&&*check.code);
    let ours = found.findings().into_iter().filter(is_ours);
    ours.map(|check| (check.code.clone(), check.unit.clone())).collect()
}

/// The finding of a code, which says in both languages what and what to do.
#[track_caller]
fn the(found: &Examination, code: &str, unit: &str) -> Check {
    let check = found.findings().into_iter().find(|check| check.code == code && check.unit == unit);
    let check = check.unwrap_or_else(|| panic!("no {code} ({unit}) among {:#?}", found.checks));
    let hint = check.hint.as_ref().expect("a finding has a next step");
    assert!(!hint.en.is_empty() && !hint.zh.is_empty() && !check.text.zh.is_empty());
    check.clone()
}

fn rewrite(lectern: &ClassroomBox, change: impl Fn(&str) -> String) {
    let path = lectern.path("lectern.toml");
    let text = std::fs::read_to_string(&path).expect("the configuration is there");
    std::fs::write(&path, change(&text)).expect("the folder is writable");
}

fn mount(arguments: &[&str], folder: &Path) {
    let status = process::command("mount", "mount").args(arguments).arg(folder).status();
    assert!(status.expect("mount runs").success());
}

/// Proves that each of a dozen broken things is named, with the next step, and
/// that nothing else is: a box whose daemon is down, broken in one more way at a
/// time.
#[test]
fn whatever_is_broken_is_named_with_its_cause_and_the_next_step() {
    let lectern = ClassroomBox::prepare(Setup::bare().source("board", "board", "test:board").timetable());
    std::fs::write(lectern.path("timetable.toml"), "").unwrap();
    std::fs::write(lectern.path("lecternd.log"), "INFO begun\nERROR the disk is gone\n").unwrap();
    let whole = std::fs::read_to_string(lectern.path("lectern.toml")).unwrap();
    let stopped = ("daemon.answers".to_owned(), String::new());

    // 1: the daemon, and nothing else.
    let found = examine(&lectern);
    assert_eq!(findings(&found), std::slice::from_ref(&stopped), "{found:#?}");
    let down = the(&found, "daemon.answers", "");
    assert!(down.hint.is_some_and(|hint| hint.en.contains("lecternd run --config")));
    assert_eq!(down.detail.last().map(String::as_str), Some("ERROR the disk is gone"));
    assert!(found.took_ms < 10_000, "{} ms", found.took_ms);

    // 2 to 6: what a configuration names.
    let [broker, target] = [ports::tcp(), ports::tcp()];
    for (line, code, unit, says) in [
        ("\n[program]\nfps = 500\n".to_owned(), "config.file", None, "line "),
        (
            "\n[[source]]\nname = 'cam'\nrole = 'camera'\nuri = 'v4l2:/dev/video77'\n".to_owned(),
            "source.device",
            Some("cam"),
            "/dev/video77",
        ),
        (format!("\n[mqtt]\nurl = 'mqtt://127.0.0.1:{broker}'\n"), "net.reach", Some("broker"), "refuses"),
        (
            format!("\n[[live]]\nname = 'platform'\nurl = 'rtmp://127.0.0.1:{target}/live/KEY123456'\n"),
            "net.reach",
            Some("platform"),
            "refuses",
        ),
        (
            "\n[[archive]]\nname = 'stick'\nurl = 'file:///media/nowhere/lessons'\n".to_owned(),
            "store.folder",
            Some("stick"),
            "/media/nowhere/lessons",
        ),
    ] {
        let base =
            if code == "config.file" { whole.replace("[program]\n", "[ignored]\n") } else { whole.clone() };
        std::fs::write(lectern.path("lectern.toml"), base + &line).unwrap();
        let found = examine(&lectern);
        let unit = match unit {
            Some(unit) => unit.to_owned(),
            None => found.findings()[0].unit.clone(),
        };
        let check = the(&found, code, &unit);
        assert!(check.text.en.contains(says), "{check:?}");
        assert!(findings(&found).iter().all(|(found, _)| [code, "daemon.answers"].contains(&found.as_str())));
        assert!(!format!("{found:?}").contains("KEY123456"));
    }
    std::fs::write(lectern.path("lectern.toml"), &whole).unwrap();

    // 7: no timetable.
    std::fs::rename(lectern.path("timetable.toml"), lectern.path("elsewhere")).unwrap();
    assert!(the(&examine(&lectern), "timetable.plan", "").text.en.contains("timetable.toml"));
    std::fs::rename(lectern.path("elsewhere"), lectern.path("timetable.toml")).unwrap();

    // 8 and 9: a disk that is full, and one that the kernel has made read-only.
    {
        let disk = SmallDisk::mount(&lectern.path("spool"), 1 << 20);
        assert!(the(&examine(&lectern), "disk.room", "spool").text.en.contains("only"));
        disk.resize(4 << 30);
        mount(&["-o", "remount,ro"], &lectern.path("spool"));
        let found = examine(&lectern);
        the(&found, "disk.room", "spool");
        assert!(the(&found, "disk.folder", "spool").text.en.contains("cannot be written"));
    }

    // 10: a clock that woke up in 1970.
    let mut command = owned(&built("lecternctl"));
    command.args(arguments(&lectern)).env("LD_PRELOAD", faketime()).env("FAKETIME", "@1970-01-01 00:00:10");
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("TZ", "UTC");
    assert!(the(&examined(command), "clock.time", "").text.en.contains("1970"));

    // 11: the cable is out; the name that cannot be asked for is its consequence.
    rewrite(&lectern, |text| format!("{text}\n[[live]]\nname = 'far'\nurl = 'rtmp://push.example/live/x'\n"));
    let mut command = process::command("unshare", "util-linux");
    command.args(["--net", "--mount", "sh", "-c"]).arg(
        "mount -t sysfs sysfs /sys && ip link set lo up && ip link add eth9 type veth peer name other \
         && ip link set eth9 up && exec \"$0\" \"$@\"",
    );
    command.arg(built("lecternctl")).args(arguments(&lectern));
    let found = examined(command);
    assert!(the(&found, "net.carrier", "").text.en.contains("eth9"), "{found:#?}");
    assert!(findings(&found).iter().filter(|(code, _)| code.starts_with("net.")).count() == 1);
    std::fs::write(lectern.path("lectern.toml"), &whole).unwrap();

    // 12: a key that everybody may read.
    std::fs::create_dir(lectern.path("keys")).unwrap();
    std::fs::write(lectern.path("keys/device.key"), "7".repeat(64)).unwrap();
    std::fs::set_permissions(lectern.path("keys/device.key"), mode(0o644)).unwrap();
    assert!(the(&examine(&lectern), "keys.files", "device.key").hint.unwrap().en.contains("chmod 600"));

    // On paper as on a console: exit code, both languages, 80 columns.
    let config = lectern.path("lectern.toml").display().to_string();
    for (locale, says) in [("C", "FAIL  daemon.answers"), ("zh_CN.UTF-8", "故障  daemon.answers")] {
        let Said { code, text } = lecternctl_in(&lectern, locale, &["doctor", "--config", &config]);
        assert_eq!(code, 1);
        assert!(text.contains(says), "{text}");
    }
}

fn mode(mode: u32) -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(mode)
}

/// Proves that a camera's fault counts as repaired when the box sees its
/// picture again and not before, that the district hears who did it, and that a
/// bundle of this box holds none of its secrets.
#[test]
fn a_repair_counts_when_the_box_has_seen_it_and_a_bundle_tells_no_secret() {
    let server = Broker::start(Memory::Lost);
    let ear = Ear::at(server.plain_port(), "district");
    let workshop = WebArchive::open();
    let front = TlsFront::before(workshop.port());
    let mut camera = Camera::switch_on();
    let setup = Setup::bare()
        .source("camera", "camera", &camera.uri())
        .source("mic", "mic", "test:mic")
        .live("platform", "rtmp://127.0.0.1:9/live/CANARYSTREAM11?sign=CANARYSIGN22")
        .variable("PUSH_TOKEN", "CANARYTOKEN33")
        .variable("SSL_CERT_FILE", &front.authority().display().to_string())
        .broker(&format!("mqtt://127.0.0.1:{}", server.plain_port()));
    let mut lectern = ClassroomBox::prepare(setup);
    rewrite(&lectern, |text| text.replace("[mqtt]\n", "[mqtt]\ncommands = ['doctor', 'bundle_upload']\n"));
    lectern.launch();
    lectern.start("physics");
    lectern.wait_source("camera", SourceState::Running, LIMIT);
    camera.kill();
    let lost = lectern.wait_fault("camera.lost");
    lectern.stop();
    let found = examine(&lectern);
    assert_eq!(the(&found, "camera.lost", "camera").text, lost.text, "the daemon's own words");
    assert!(found.checks.iter().any(|c| c.code == "daemon.answers" && c.outcome == Outcome::Pass));

    // Nobody has to know where the configuration is while the daemon does. A fault
    // may begin between one look and the other.
    eventually("the same without being told where", LIMIT, || {
        let said = lecternctl(&lectern, &["--json", "doctor"]);
        let unasked: Examination = serde_json::from_str(&said.text).expect("an examination");
        assert_eq!(unasked.device.as_deref(), Some(DEVICE), "{unasked:#?}");
        (findings(&unasked) == findings(&examine(&lectern))).then_some(())
    });

    let id = lost.id.to_string();
    let repaired = |by: &str| lecternctl(&lectern, &["repaired", &id, "--by", by, "--part", "12 V"]);
    let said = repaired("Wang");
    assert_eq!(said.code, 1, "{}", said.text);
    assert!(said.text.contains("Not repaired yet"), "{}", said.text);
    camera.restart();
    let said = repaired("Li");
    assert_eq!(said.code, 0, "{}", said.text);
    assert!(said.text.contains("camera.lost (camera)") && said.text.contains("Li"), "{}", said.text);
    let faults: Vec<Fault> = serde_json::from_str(&lecternctl(&lectern, &["--json", "faults"]).text).unwrap();
    assert!(faults.iter().any(|fault| fault.id == lost.id && fault.until.is_some()));
    let Said { text, .. } = lecternctl(&lectern, &["faults", "--past", "9"]);
    assert!(text.contains("camera.lost (camera): repaired by Li") && text.contains("part: 12 V"), "{text}");
    let said = lecternctl(&lectern, &["repaired", "4711", "--by", "Li"]);
    assert!(said.code == 1 && said.text.contains("4711"), "{said:?}");

    let out = lectern.path("box.tar.gz");
    let path = |name: &str| lectern.path(name).display().to_string();
    let (config, log, out_text) = (path("lectern.toml"), path("lecternd.log"), path("box.tar.gz"));
    let said = lecternctl(&lectern, &["bundle", &out_text, "--config", &config, "--log", &log]);
    assert_eq!(said.code, 0, "{}", said.text);
    let unpacked = process::command("tar", "tar").args(["-xzO", "-f"]).arg(&out).output().unwrap();
    let everything = String::from_utf8_lossy(&unpacked.stdout);
    for there in ["\"camera.lost\"", "lectern_box_info", "[program]", "daemon.answers", "12 V"] {
        assert!(everything.contains(there), "no {there} in the bundle");
    }
    assert!(!everything.contains("CANARY"), "a secret is in the bundle");

    // The room is in it for who asks, and for nobody while the shutter is closed.
    assert!(!everything.contains("pictures/camera.jpg"), "pictures that nobody asked for");
    let shown = |name: &str| {
        let out = path(name);
        let said = lecternctl(&lectern, &["bundle", &out, "--with-pictures", "--config", &config]);
        assert!(said.code == 0 && said.text.contains("who is in the classroom"), "{said:?}");
        let tar = |more: &[&str]| {
            let mut tar = process::command("tar", "tar");
            tar.arg("-xzf").arg(&out).arg("--wildcards").args(more);
            tar.output().expect("tar runs").stdout
        };
        let manifest: Manifest =
            serde_json::from_slice(&tar(&["-O", "*/manifest.json"])).expect("a manifest");
        assert!(manifest.with_pictures && !manifest.never.contains(&"pictures".to_owned()));
        (tar(&["-O", "*/pictures/camera.jpg"]), manifest)
    };
    let (jpeg, manifest) = shown("shown.tar.gz");
    assert!(jpeg.starts_with(&[0xff, 0xd8]) && jpeg.len() > 1000, "{:?}", manifest.missing);
    lectern.start("a lesson behind the shutter");
    assert_eq!(lecternctl(&lectern, &["shutter", "on"]).code, 0);
    let (jpeg, manifest) = shown("shut.tar.gz");
    let missing = manifest.missing.iter().find(|missing| missing.path == "pictures/camera.jpg");
    assert!(
        jpeg.is_empty() && missing.is_some_and(|missing| missing.why.contains("shutter")),
        "{manifest:?}"
    );
    assert_eq!(lecternctl(&lectern, &["shutter", "off"]).code, 0);
    lectern.stop();

    let topic = |rest: &str| format!("te/device/{DEVICE}/{rest}");
    let event = eventually("the district hears of the repair", LIMIT, || ear.newest(&topic("//e/repair")));
    assert_eq!((&event["by"], &event["code"]), (&"Li".into(), &"camera.lost".into()));
    assert!(event["sequence"].as_u64().is_some() && event["took_s"].as_u64().is_some(), "{event}");
    let until = SystemClock::new().utc() + jiff::SignedDuration::from_mins(5);
    let asked = |kind: &str, more: &str| {
        let command = topic(&format!("//cmd/{kind}/7"));
        ear.say(&command, &format!(r#"{{"status":"init","valid_until":"{until}"{more}}}"#), true);
        eventually(&format!("{kind} is answered"), LIMIT, || {
            let answer: Answer = serde_json::from_value(ear.newest(&command)?).ok()?;
            assert_ne!(answer.status, CommandState::Failed, "{answer:?}");
            (answer.status == CommandState::Successful).then_some(answer)
        })
    };
    let answer = asked("doctor", "");
    assert!(answer.result["passed"].parse::<usize>().is_ok_and(|passed| passed > 5), "{answer:?}");
    let url = format!("https://127.0.0.1:{}/lessons/box.tar.gz?sign=CANARYUPLOAD44", front.port());
    let answer = asked("bundle_upload", &format!(r#","url":"{url}""#));
    let sent = std::fs::read(workshop.folder().join("box.tar.gz")).expect("the bundle is there");
    assert_eq!(answer.result["bytes"], sent.len().to_string());
    assert!(!lectern.log().contains("CANARYUPLOAD44"));
}
