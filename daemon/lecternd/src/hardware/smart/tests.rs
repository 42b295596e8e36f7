//! Disks on a virtual clock, asked through a real helper on a machine that is a
//! folder.

use std::io::Write as _;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};

use lectern_hal::sim::Script;
use lectern_helper::{Server, Settings};

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

fn names(disks: &[&str]) -> Vec<String> {
    disks.iter().map(|disk| (*disk).to_owned()).collect()
}

fn asleep() -> Result<Health, SmartError> {
    Err(SmartError::Asking { disk: "sda".to_owned(), cause: "STANDBY".to_owned() })
}

/// When a disk that answers so is asked in two days, in minutes.
fn asked_at(answer: impl Fn() -> Result<Health, SmartError>) -> Vec<u32> {
    let (mut rounds, disks) = (Rounds::daily(), names(&["sda"]));
    let asked = (0..=2 * 24 * 60).filter(|minute| {
        let now = Duration::from_secs(60) * *minute;
        let is_due = !rounds.due(&disks, now).is_empty();
        if is_due {
            rounds.answered("sda", &answer(), now);
        }
        is_due
    });
    asked.collect()
}

#[test]
fn a_disk_is_asked_once_a_day_and_one_that_was_asleep_each_hour() {
    assert_eq!(asked_at(|| Ok(Health::default())), [0, 1440, 2880]);
    let unsupported = || SmartError::Unsupported { disk: "mmcblk0".to_owned(), cause: String::new() };
    assert_eq!(asked_at(|| Err(unsupported())), [0, 1440, 2880]);
    assert_eq!(asked_at(asleep), (0..=48).map(|hour| hour * 60).collect::<Vec<_>>());
}

#[test]
fn what_keeps_silent_is_told_once_and_again_when_it_says_why_else() {
    let mut rounds = Rounds::daily();
    let mut told = |answer| rounds.answered("sda", &answer, HOUR).is_some();
    assert_eq!([told(asleep()), told(asleep())], [true, false]);
    assert!(told(Err(SmartError::NoHelper { cause: "none".to_owned() })));
    assert!(!told(Ok(Health::default())));
    assert!(told(asleep()), "after an answer it is news");
}

#[test]
fn a_disk_that_comes_back_may_be_another_and_is_asked() {
    let mut rounds = Rounds::daily();
    rounds.answered("sda", &Ok(Health::default()), HOUR);
    assert!(rounds.due(&names(&["sda"]), HOUR * 2).is_empty());
    assert!(rounds.due(&[], HOUR * 3).is_empty());
    assert_eq!(rounds.due(&names(&["sda"]), HOUR * 4), ["sda"]);
}

/// A machine with a disk and a card, just looked at.
fn looked_at() -> Memory {
    let script = "[start.sensors.storage]\n\
                  places = [{ name = \"spool\", device = \"sda1\" }]\n\
                  disks = [{ name = \"sda\" }, { name = \"mmcblk0\" }]";
    let sample = Script::parse(script).unwrap().world(Duration::ZERO).sensors;
    let memory = Memory::default();
    memory.lock().1.take(sample);
    memory
}

/// What is known of the first disk at the next look.
fn next(memory: &Memory) -> lectern_api::hardware::DiskStatus {
    let mut window = memory.lock();
    let sample = window.1.newest().unwrap().clone();
    window.1.take(sample).disks.remove(0)
}

fn disks(helper: &Path, memory: &Memory) -> Disks {
    Disks {
        smart: Arc::new(HelperSmart(Client::new(helper))),
        rounds: Arc::new(Mutex::new(Rounds::daily())),
        look: Duration::ZERO,
        clock: Arc::new(lectern_api::SystemClock::new()),
        memory: memory.clone(),
    }
}

/// A helper below `root`, whose smartctl says what the script says. It ends with
/// the test.
fn helper(root: &Path, smartctl: &str) -> std::path::PathBuf {
    let program = root.join("usr/sbin/smartctl");
    std::fs::create_dir_all(root.join("sys/block/sda")).unwrap();
    // By another process: one that is forked while this one writes would keep
    // the program busy.
    let mut install = Command::new("install");
    install.args(["-D", "-m", "755", "/dev/stdin"]).arg(&program).stdin(Stdio::piped());
    let mut install = install.spawn().unwrap();
    write!(install.stdin.take().unwrap(), "#!/bin/sh\n{smartctl}\n").unwrap();
    assert!(install.wait().unwrap().success());
    let socket = root.join("helper.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let uid = Some(rustix::process::getuid().as_raw());
    let settings =
        Settings { root: root.to_owned(), uid, request_limit: Duration::from_secs(10), idle_limit: None };
    std::thread::spawn(move || Server::new(settings).serve(&listener));
    socket
}

#[test]
fn what_a_disk_tells_the_helper_stands_in_the_next_sample() {
    let root = tempfile::tempdir().unwrap();
    let report = concat!(env!("CARGO_MANIFEST_DIR"), "/../../hal/tests/fixtures/smart/sata.json");
    let socket = helper(root.path(), &format!("cat {report}\necho >> {}/asked", root.path().display()));
    let memory = looked_at();
    let disks = disks(&socket, &memory);
    assert_eq!(next(&memory).sound, None);
    disks.ask();
    let sda = next(&memory);
    assert_eq!((sda.sound, sda.worn_percent), (Some(false), Some(12)));
    assert_eq!((sda.bad_blocks, sda.replaced_blocks), (Some(3), Some(24)));
    disks.ask();
    let asked = std::fs::read(root.path().join("asked")).unwrap();
    assert_eq!(asked.len(), 1, "the disk once, the card not at all");
}

#[test]
fn without_a_helper_or_an_answer_nothing_is_known_and_nothing_is_wrong() {
    let root = tempfile::tempdir().unwrap();
    let memory = looked_at();
    disks(&root.path().join("none.sock"), &memory).ask();
    let asleep = helper(root.path(), r#"echo '{"smartctl":{"messages":[{"string":"STANDBY"}]}}'; exit 2"#);
    disks(&asleep, &memory).ask();
    let sda = next(&memory);
    assert_eq!((sda.sound, sda.worn_percent, sda.bad_blocks, sda.reserve), (None, None, None, None));
    let answer = HelperSmart(Client::new(&root.path().join("none.sock"))).health("sda");
    assert!(matches!(answer, Err(SmartError::NoHelper { .. })), "{answer:?}");
}
