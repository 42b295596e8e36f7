//! The helper as a program, over its socket, on a machine that is a folder.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};

use lectern_helper::{AskError, Client, Disk, Request, UsbPort};

/// A helper that runs.
struct Helper {
    root: tempfile::TempDir,
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Helper {
    /// Listens at a path, for root and one user. Whoever tests is not always root.
    fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        let own = rustix::process::getuid().as_raw().to_string();
        Self::start_in(root, |command| command.args(["--user", &own]))
    }

    fn start_in(root: tempfile::TempDir, more: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lectern-helper"));
        command.arg("--root").arg(root.path()).arg("--socket").arg(root.path().join("socket"));
        more(&mut command).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        common::until_it_listens(&mut child, &root.path().join("socket"));
        Self { root, child, log }
    }

    fn socket(&self) -> PathBuf {
        self.root.path().join("socket")
    }

    fn ask(&self, request: &Request) -> Result<Option<serde_json::Value>, AskError> {
        Client::new(&self.socket()).ask(request)
    }

    /// What is answered to any bytes.
    fn answer_to(&self, bytes: &[u8]) -> String {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        // It may have refused and closed already.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    }

    fn program(&self, place: &str, script: &str) {
        let path = self.root.path().join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The next line of the audit that has all of `words`.
    fn journal(&mut self, words: &[&str]) -> String {
        loop {
            let mut line = String::new();
            assert!(self.log.read_line(&mut line).unwrap() > 0, "no line with {words:?}");
            if words.iter().all(|word| line.contains(word)) {
                return line;
            }
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_reboot_is_ordered_from_systemd_with_fixed_words_and_stands_in_the_journal() {
    let mut helper = Helper::start();
    let told = helper.root.path().join("told");
    helper.program("usr/bin/systemctl", &format!("echo \"$@\" > {}", told.display()));
    assert_eq!(helper.ask(&Request::Reboot {}).unwrap(), None);
    assert_eq!(fs::read_to_string(told).unwrap(), "--no-ask-password --no-wall reboot\n");
    let uid = format!("uid={}", rustix::process::getuid().as_raw());
    let pid = format!("pid={}", std::process::id());
    helper.journal(&["asked", &uid, &pid, "verb=\"reboot\""]);
    helper.journal(&["answered", &uid, &pid, "verb=\"reboot\"", "outcome=\"done\""]);
}

#[test]
fn a_reboot_that_systemd_refuses_is_refused() {
    let mut helper = Helper::start();
    helper.program("usr/bin/systemctl", "exit 1");
    let error = helper.ask(&Request::Reboot {}).unwrap_err();
    assert!(matches!(&error, AskError::Refused { code, .. } if code == "program"), "{error}");
    helper.journal(&["verb=\"reboot\"", "outcome=\"program\"", "exit status: 1"]);
}

#[test]
fn the_report_of_a_disk_comes_through_and_an_ill_disk_is_an_answer() {
    let helper = Helper::start();
    let disk = Request::Smart { disk: Disk::new("sda").unwrap() };
    let error = helper.ask(&disk).unwrap_err();
    assert!(matches!(&error, AskError::Refused { code, .. } if code == "no_disk"), "{error}");
    fs::create_dir_all(helper.root.path().join("sys/block/sda")).unwrap();
    helper.program(
        "usr/sbin/smartctl",
        r#"echo "{\"argv\":\"$*\",\"smart_status\":{\"passed\":false}}"; exit 8"#,
    );
    let report = helper.ask(&disk).unwrap().unwrap();
    assert_eq!(report["argv"], "--json=c --all --nocheck=standby /dev/sda");
    assert_eq!(report["smart_status"]["passed"], false);
    let none =
        r#"echo '{"smartctl":{"messages":[{"string":"/dev/sda: Unable to detect device type"}]}}'; exit 2"#;
    helper.program("usr/sbin/smartctl", none);
    let error = helper.ask(&disk).unwrap_err().to_string();
    assert!(error.contains("Unable to detect device type"), "{error}");
}

#[test]
fn a_port_is_replugged_over_the_socket() {
    let mut helper = Helper::start();
    let switch = helper.root.path().join("sys/bus/usb/devices/1-0:1.0/usb1-port3/disable");
    fs::create_dir_all(switch.parent().unwrap()).unwrap();
    fs::write(&switch, "").unwrap();
    helper.ask(&Request::Replug { port: UsbPort::new("1-3").unwrap() }).unwrap();
    assert_eq!(fs::read_to_string(switch).unwrap(), "0");
    helper.journal(&["answered", "verb=\"replug\"", "of=\"1-3\"", "outcome=\"done\""]);
}

#[test]
fn what_is_no_request_is_refused_with_its_reason() {
    let mut helper = Helper::start();
    for (bytes, code, reason) in [
        (&b"{\"verb\":\"halt\"}\n"[..], "malformed", "unknown variant `halt`"),
        (b"{\"verb\":\"replug\",\"port\":\"../../../etc\"}\n", "malformed", "is not the name of a USB port"),
        (b"\xff\xfe\n", "malformed", "no request"),
        (b"{\"verb\":\"reboot\"", "malformed", "ends before its line does"),
        (b"{\"verb\":\"unmount\"}\n{\"verb\":\"reboot\"}\n", "malformed", "more than one line"),
        (&[b'x'; 4096], "too_long", "longer than 1024 bytes"),
    ] {
        let answer = helper.answer_to(bytes);
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert_eq!((&answer["outcome"], &answer["code"]), (&"refused".into(), &code.into()), "{answer}");
        assert!(answer["why"].as_str().unwrap().contains(reason), "{answer}");
        helper.journal(&["verb=\"none\"", &format!("outcome=\"{code}\"")]);
    }
}

#[test]
fn one_that_says_nothing_is_not_waited_for_and_holds_up_nobody() {
    let mut helper = Helper::start();
    let mut idle = UnixStream::connect(helper.socket()).unwrap();
    idle.write_all(b"{\"verb\":").unwrap();
    assert!(helper.answer_to(b"{\"verb\":\"unmount\"}\n").contains("not_mounted"));
    let mut answer = String::new();
    idle.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("too_slow"), "{answer}");
    helper.journal(&["outcome=\"too_slow\""]);
}

/// Needs root, to ask as somebody else.
#[test]
fn a_stranger_is_refused_whatever_he_asks() {
    if !rustix::process::getuid().is_root() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(root.path().join("etc")).unwrap();
    fs::write(root.path().join("etc/passwd"), "root:x:0:0::/:/bin/sh\nlectern:x:3700:3700::/:/bin/false\n")
        .unwrap();
    let mut helper = Helper::start_in(root, |command| command.args(["--user", "lectern"]));
    fs::set_permissions(helper.socket(), fs::Permissions::from_mode(0o777)).unwrap();
    let ask_as = |uid: &str| {
        let asking = "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n\
                      try: s.sendall(b'{\"verb\":\"unmount\"}\\n')\n\
                      except BrokenPipeError: pass  # refused and closed already\n\
                      print(s.recv(4096).decode())";
        let asked = Command::new("setpriv")
            .args(["--reuid", uid, "--regid", uid, "--clear-groups", "/usr/bin/python3", "-c", asking])
            .arg(helper.socket())
            .output()
            .unwrap();
        assert!(asked.status.success(), "{asked:?}");
        String::from_utf8(asked.stdout).unwrap()
    };
    assert!(ask_as("3701").contains("\"code\":\"stranger\""));
    assert!(ask_as("3700").contains("\"code\":\"not_mounted\""));
    helper.journal(&["uid=3701", "outcome=\"stranger\""]);
}

#[test]
fn the_socket_of_systemd_is_served() {
    let root = tempfile::tempdir().unwrap();
    let socket = root.path().join("socket");
    // What systemd does: descriptor 3 listens, two variables say so.
    let giving = "import os,socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.bind(sys.argv[1])\ns.listen()\n\
                  os.dup2(s.fileno(),3)\nos.set_inheritable(3,True)\n\
                  os.environ.update(LISTEN_FDS='1',LISTEN_PID=str(os.getpid()))\nos.execv(sys.argv[2],sys.argv[2:])";
    let own = rustix::process::getuid().as_raw().to_string();
    let mut child = Command::new("/usr/bin/python3")
        .args(["-c", giving])
        .arg(&socket)
        .args([env!("CARGO_BIN_EXE_lectern-helper"), "--user", &own])
        .spawn()
        .unwrap();
    let client = Client::new(&socket);
    let answer = loop {
        match client.ask(&Request::Unmount {}) {
            Err(AskError::Absent { .. }) => std::thread::yield_now(),
            answer => break answer,
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    assert!(matches!(&answer, Err(AskError::Refused { code, .. }) if code == "not_mounted"), "{answer:?}");
}

#[test]
fn a_script_asks_with_the_same_program_and_its_exit_code_is_the_answer() {
    let mut helper = Helper::start();
    let ask = |arguments: &[&str]| {
        let program = env!("CARGO_BIN_EXE_lectern-helper");
        let socket = helper.socket();
        let output = Command::new(program).arg("--socket").arg(socket).arg("ask").args(arguments).output();
        let output = output.unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = ask(&["unmount"]);
    assert!(code == Some(1) && said.contains("no stick is mounted"), "{code:?}: {said}");
    let (code, said) = ask(&["mount", "sdz1"]);
    assert!(code == Some(1) && said.contains("no USB stick"), "{code:?}: {said}");
    let (code, said) = ask(&["mount", "../sda"]);
    assert!(code == Some(2) && said.contains("is not the name of"), "{code:?}: {said}");
    helper.journal(&["asked", "verb=\"mount\"", "of=\"sdz1\""]);
}

#[test]
fn without_a_helper_that_is_what_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::new(&folder.path().join("none"));
    assert!(!client.is_there());
    let error = client.ask(&Request::Reboot {}).unwrap_err();
    assert!(matches!(error, AskError::Absent { .. }), "{error}");
}
