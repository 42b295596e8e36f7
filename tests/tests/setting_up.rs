//! One folder for any number of boxes, as it comes from an office's spreadsheet.
//! The machine is a folder; what checks the settings is the real daemon.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use lectern_tests::classroom_box::built;

const SOURCE: &str = "[[source]]\nname = \"board\"\nrole = \"board\"\nuri = \"test:board\"\n";

/// A machine before its first start, with a stick in it.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().expect("it is there and writable"));
        machine.file("etc/machine-id", "b0f1c2d3e4f5061728394a5b6c7d8e9f\n");
        machine.file("usr/share/lectern/lectern.toml", &systemd("lectern.toml"));
        machine
    }

    fn path(&self, place: &str) -> PathBuf {
        self.0.path().join(place)
    }

    fn file(&self, place: &str, text: &str) {
        fs::create_dir_all(self.path(place).parent().expect("it is there and writable"))
            .expect("it is there and writable");
        fs::write(self.path(place), text).expect("it is there and writable");
    }

    fn on_stick(&self, name: &str, text: &str) {
        self.file(&format!("media/usb/lectern-setup/{name}"), text);
    }

    /// Its exit code, and what it says.
    fn set_up(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../systemd/lectern-setup");
        let output = Command::new("sh")
            .arg(script)
            .args(arguments)
            .env("LECTERN_ROOT", self.0.path())
            .env("LECTERN_DAEMON", built("lecternd"))
            .env("LC_ALL", "C")
            .output()
            .expect("sh is there");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Sets it up anew, and gives its settings.
    #[track_caller]
    fn settings(&self, arguments: &[&str]) -> String {
        let _ = fs::remove_file(self.path("etc/lectern/lectern.toml"));
        let (code, said) = self.set_up(arguments);
        assert_eq!(code, Some(0), "{said}");
        fs::read_to_string(self.path("etc/lectern/lectern.toml")).expect("it is there and writable")
    }

    fn mode(&self, place: &str) -> u32 {
        fs::metadata(self.path(place)).expect("it is there and writable").permissions().mode() & 0o777
    }
}

fn systemd(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../systemd").join(file))
        .expect("it is there and writable")
}

#[test]
fn each_box_finds_its_own_line_by_its_number_or_by_what_the_machine_is() {
    let machine = Machine::new();
    machine.file("sys/class/net/eth0/address", "52:54:00:aa:bb:01\n");
    machine.file("sys/class/dmi/id/product_serial", "To Be Filled By O.E.M.\n");
    // As a spreadsheet in a Chinese office saves it.
    machine.on_stick(
        "boxes.csv",
        "\u{feff}id,machine,place\r\nLB-1,,\"李村小学, 一年级\"\r\nLB-2,52:54:00:AA:BB:01,张村小学 三年级二班\r\n",
    );
    machine.on_stick(
        "common.toml",
        &format!("{SOURCE}[[live]]\nname = \"p\"\nurl = \"rtmp://h/live/{{id}}\"\n"),
    );
    let by_machine = machine.settings(&[]);
    assert!(by_machine.contains("id = \"LB-2\"\nplace = \"张村小学 三年级二班\"\n"), "{by_machine}");
    assert!(by_machine.contains("rtmp://h/live/LB-2"), "{by_machine}");
    let by_number = machine.settings(&["--id", "LB-1"]);
    assert!(by_number.contains("id = \"LB-1\"\nplace = \"李村小学, 一年级\"\n"), "{by_number}");
    let elsewhere = machine.settings(&["--id", "LB-1", "--place", "a \"quoted\\ place"]);
    assert!(elsewhere.contains(r#"place = "a \"quoted\\ place""#), "{elsewhere}");
    machine.on_stick("LB-1.toml", &format!("{SOURCE}[program]\nfps = 10\n"));
    assert!(machine.settings(&["--id", "LB-1"]).contains("fps = 10"), "a box of its own settings");
}

#[test]
fn what_comes_with_the_settings_lies_where_they_look_and_secrets_are_nobodys() {
    let machine = Machine::new();
    machine.on_stick("common.toml", SOURCE);
    machine.on_stick("files/timetable.toml", "room = \"x\"\n");
    machine.on_stick("secrets/district", "password = \"s\"\n");
    machine.settings(&["--id", "LB-3"]);
    assert!(machine.path("etc/lectern/timetable.toml").exists());
    assert_eq!(machine.mode("etc/lectern/secrets/district") & 0o077, 0);
    assert_eq!(machine.mode("etc/lectern/lectern.toml"), 0o640);
}

#[test]
fn a_box_that_nobody_knows_records_what_it_finds_under_a_number_that_says_so() {
    let machine = Machine::new();
    let settings = machine.settings(&[]);
    let id = settings.lines().find(|line| line.starts_with("id = ")).unwrap().to_owned();
    assert!(id.starts_with("id = \"LB-NEW-"), "{id}");
    assert!(!settings.contains("place ="), "{settings}");
    assert!(machine.settings(&[]).contains(&id), "the same at each try");
    assert!(settings.contains("uri = \"auto\""), "{settings}");
}

#[test]
fn settings_with_mistakes_change_nothing_and_the_line_is_named() {
    let machine = Machine::new();
    machine.on_stick("common.toml", &format!("{SOURCE}[program]\nfsp = 10\n"));
    let (code, said) = machine.set_up(&["--id", "LB-4"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("fsp") && said.contains("nothing was changed"), "{said}");
    assert!(!machine.path("etc/lectern/lectern.toml").exists());
    assert!(!machine.path("etc/lectern/lectern.toml.new").exists());
    assert!(!machine.path("var/lib/lectern/setup-done").exists(), "it is tried again");
    let (code, said) = machine.set_up(&["--id", "a/../b"]);
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn what_is_set_up_is_left_alone() {
    let machine = Machine::new();
    machine.file("etc/lectern/lectern.toml", "of a person");
    let (code, said) = machine.set_up(&["--id", "LB-5"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(fs::read_to_string(machine.path("etc/lectern/lectern.toml")).unwrap(), "of a person");
}
