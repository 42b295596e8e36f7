//! What the Debian package lays into a root, by its own list.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::classroom_box::built;

/// What `.ci/deb` makes beside the programs; no unit needs it.
const MADE_LATER: [&str; 2] = ["target/release/*.cdx.json", "target/release/third-party-licences.txt"];
/// In that list, a program of this build.
const PROGRAMS: &str = "target/release/";

#[derive(Deserialize)]
struct Crate {
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    deb: Deb,
}

/// As `cargo-deb` reads it: source, place, mode.
#[derive(Deserialize)]
struct Deb {
    assets: Vec<[String; 3]>,
}

fn daemon_crate() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../daemon/lecternd")
}

/// Lays the package into `root`, with this build's programs.
///
/// # Panics
/// When the list cannot be read, or something on it is missing.
pub(super) fn lay_into(root: &Path) {
    let text = fs::read_to_string(daemon_crate().join("Cargo.toml")).expect("the daemon has a Cargo.toml");
    let daemon: Crate = toml::from_str(&text).expect("it lists what is in the package");
    for [source, place, mode] in daemon.package.metadata.deb.assets {
        if MADE_LATER.contains(&source.as_str()) {
            continue;
        }
        let mode = u32::from_str_radix(&mode, 8).expect("a mode is octal");
        for file in files(&source) {
            let mut target = root.join(&place);
            if place.ends_with('/') {
                target.push(file.file_name().expect("a file has a name"));
            }
            fs::create_dir_all(target.parent().expect("it lies in a folder")).expect("a folder can be made");
            fs::copy(&file, &target).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            fs::set_permissions(&target, fs::Permissions::from_mode(mode)).expect("the mode can be set");
        }
    }
}

/// The files of a source, which may have one `*` in its last part.
fn files(source: &str) -> Vec<PathBuf> {
    if let Some(program) = source.strip_prefix(PROGRAMS) {
        return vec![built(program)];
    }
    let path = daemon_crate().join(source);
    let (folder, name) = (path.parent().expect("a folder"), path.file_name().expect("a name"));
    let Some((front, back)) = name.to_str().expect("a name in ASCII").split_once('*') else {
        return vec![path];
    };
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let names = entries.map(|entry| entry.expect("it can be listed").path());
    let found: Vec<PathBuf> = names
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            path.is_file() && name.starts_with(front) && name.ends_with(back)
        })
        .collect();
    assert!(!found.is_empty(), "the package lists {source}, and nothing is there");
    found
}

/// The units that the package's script enables.
///
/// # Panics
/// When the script does not name them.
pub(super) fn enabled_units() -> Vec<String> {
    let script = daemon_crate().join("../../systemd/debian/postinst");
    let text = fs::read_to_string(script).expect("the package has a script");
    let units = text.lines().find_map(|line| line.strip_prefix("UNITS=\"")?.strip_suffix('"'));
    units.expect("it names its units").split(' ').map(str::to_owned).collect()
}
