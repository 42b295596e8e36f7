//! The root of a box in a container: this machine's `/usr` with the package's files
//! over it, folders of its own for the rest.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;

use super::package;
use crate::process::command;

/// What is written to, in a folder of its own; all else cannot be.
pub(super) const WRITABLE: [&str; 3] = ["/etc/lectern", "/srv", "/var"];
/// Of this machine, beside `/usr`: what programs there look up.
pub(super) const BORROWED: [&str; 3] = ["/etc/alternatives", "/etc/fonts", "/etc/ssl"];

/// The settings that the first start finds: three boxes, of which one has this
/// machine's address.
const BOXES: &str =
    "id,machine,place\nLB-6,,别的学校\nLB-7,MAC,教室 Classroom\nLB-8,02:00:00:00:00:08,李村\n";
const SETTINGS: &str = r#"
[[source]]
name = "board"
role = "board"
uri = "test:board"

[[source]]
name = "mic"
role = "mic"
uri = "test:mic"

[program]
width = 320
height = 180
fps = 10
bitrate_kbps = 300

[[archive]]
name = "shelf"
url = "file:///srv/archive"
"#;

/// Makes a root in an empty folder, as it is before the box's first start, and in
/// another what is written to.
///
/// # Panics
/// When the machine lacks something for it.
pub(super) fn make(root: &Path, kept: &Path, mac: &str) {
    package::lay_into(root);
    let folder = |path: &Path| fs::create_dir_all(path).expect("a folder can be made");
    let file = |path: &Path, text: &str| {
        folder(path.parent().expect("it lies in a folder"));
        fs::write(path, text).expect("a file can be written");
    };
    for place in ["dev", "proc", "root", "run", "sys", "tmp"] {
        folder(&root.join(place));
    }
    for place in WRITABLE.iter().chain(&BORROWED) {
        folder(&root.join(&place[1..]));
    }
    for place in WRITABLE {
        folder(&kept.join(&place[1..]));
    }
    for place in ["bin", "lib", "lib64", "sbin"] {
        symlink(format!("usr/{place}"), root.join(place)).expect("a link can be made");
    }
    for place in ["etc/ld.so.cache", "etc/os-release"] {
        fs::copy(Path::new("/").join(place), root.join(place)).expect("Debian has it");
    }
    // With one, systemd takes no preset for the units of this machine.
    file(&root.join("etc/machine-id"), "b0f1c2d3e4f5061728394a5b6c7d8e9f\n");
    file(&root.join("etc/nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files\n");
    // A box has none: nothing may need it.
    folder(&root.join("etc/systemd/system"));
    symlink("/dev/null", root.join("etc/systemd/system/polkit.service")).expect("a link can be made");
    make_users(root);
    let mut enable = command("systemctl", "systemd");
    enable.arg("--root").arg(root).args(["--quiet", "enable"]).args(package::enabled_units());
    assert!(enable.status().expect("systemctl runs").success(), "the units cannot be enabled");

    let setup = kept.join("etc/lectern/setup");
    file(&setup.join("boxes.csv"), &BOXES.replace("MAC", mac));
    file(&setup.join("common.toml"), SETTINGS);
    file(&setup.join("secrets/spare"), "not for everybody\n");
}

/// Debian's users, and those of the package.
fn make_users(root: &Path) {
    let mut users = String::new();
    for entry in fs::read_dir("/usr/lib/sysusers.d").expect("systemd brings users") {
        let path = entry.expect("it can be listed").path();
        users += &fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        users.push('\n');
    }
    let ours = root.join("usr/lib/sysusers.d/lectern.conf");
    users += &fs::read_to_string(ours).expect("the package brings its user");
    // Debian's dbus makes its own in a script.
    users += "u messagebus -\n";
    let mut make = command("systemd-sysusers", "systemd");
    make.arg("--root").arg(root).arg("-").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut make = make.spawn().expect("systemd-sysusers runs");
    let mut to = make.stdin.take().expect("it is asked by its input");
    to.write_all(users.as_bytes()).expect("it listens");
    drop(to);
    assert!(make.wait().expect("it ends").success(), "the users cannot be made");
}
