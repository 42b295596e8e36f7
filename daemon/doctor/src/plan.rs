//! What is to be looked at, as the configuration says.
//!
//! Whether the configuration is right, the daemon itself is asked. This reading
//! only wants places and addresses, and takes what it can get: a box whose
//! configuration has a mistake has disks and cables all the same.

use std::io;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

/// Places and addresses of a box.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The asset number.
    pub device: Option<String>,
    /// Where the box stands.
    pub place: String,
    /// The IANA name of its time zone.
    pub time_zone: Option<String>,
    /// Cameras, boards and sounds.
    pub sources: Vec<Named>,
    /// Live targets.
    pub live: Vec<Named>,
    /// Archive stores.
    pub archives: Vec<Named>,
    /// The broker's URL.
    pub broker: Option<String>,
    /// The timetable's URL.
    pub timetable: Option<String>,
    /// Recordings.
    pub spool: PathBuf,
    /// Keys.
    pub keys: PathBuf,
    /// What the box knows beyond its recordings.
    pub facts: PathBuf,
    /// Files with users and passwords, and certificates with keys.
    pub credentials: Vec<PathBuf>,
}

/// One source, target or store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Its name; empty when none can be read.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Where an S3 service is, or by which proxy it is reached.
    pub by: Option<String>,
}

impl Plan {
    /// Reads a configuration, and what `local.toml` says over it, as far as they
    /// can be read.
    ///
    /// # Errors
    /// When the first file cannot be.
    pub fn load(path: &Path) -> io::Result<Self> {
        let bytes = std::fs::read(path)?;
        let text = String::from_utf8_lossy(&bytes);
        let plan = Self::of(&text);
        match std::fs::read(plan.local()) {
            Ok(over) => Ok(Self::of_both(&text, &String::from_utf8_lossy(&over))),
            Err(_) => Ok(plan),
        }
    }

    /// Where what was changed from afar lies.
    #[must_use]
    pub fn local(&self) -> PathBuf {
        self.facts.with_file_name("local.toml")
    }

    /// Reads a text as far as it is TOML.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self::of_both(text, "")
    }

    fn of_both(text: &str, over: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let ((root, _), (over, _)) = (DeTable::parse_recoverable(text), DeTable::parse_recoverable(over));
        let (root, over) = (root.get_ref(), over.get_ref());
        let in_table = |table: &str, key: &str| {
            let of = |root: &DeTable<'_>| text_of(root.get(table)?.get_ref().as_table()?, key);
            of(over).or_else(|| of(root))
        };
        let list = |name: &str, url: &str| list(root, over, name, url);
        let path = |table: &str, key: &str| in_table(table, key).map(PathBuf::from);
        let spool = path("spool", "path").unwrap_or_else(|| PathBuf::from("/var/lib/lectern/spool"));
        Self {
            device: in_table("device", "id"),
            place: in_table("device", "place").unwrap_or_default(),
            time_zone: in_table("device", "time_zone"),
            sources: list("source", "uri"),
            live: list("live", "url"),
            archives: list("archive", "url"),
            broker: in_table("mqtt", "url"),
            timetable: in_table("timetable", "url"),
            keys: path("keys", "path").unwrap_or_else(|| PathBuf::from("/var/lib/lectern/keys")),
            facts: path("facts", "path").unwrap_or_else(|| spool.with_file_name("facts")),
            spool,
            credentials: credentials([root, over]),
        }
    }
}

fn text_of(table: &DeTable<'_>, key: &str) -> Option<String> {
    table.get(key)?.get_ref().as_str().map(str::to_owned)
}

fn tables<'t>(root: &'t DeTable<'t>, name: &str) -> impl Iterator<Item = &'t DeTable<'t>> {
    let array = root.get(name).and_then(|value| value.get_ref().as_array());
    array.into_iter().flat_map(|array| array.iter()).filter_map(|value| value.get_ref().as_table())
}

/// Those of the one file, with what the other says of the same names.
fn list(root: &DeTable<'_>, over: &DeTable<'_>, kind: &str, url: &str) -> Vec<Named> {
    let named = tables(root, kind).filter_map(|table| {
        let name = text_of(table, "name").unwrap_or_default();
        let changed = tables(over, kind).find(|table| text_of(table, "name").as_ref() == Some(&name));
        let text = |key| changed.and_then(|table| text_of(table, key)).or_else(|| text_of(table, key));
        let proxy = text("proxy").filter(|proxy| proxy.contains("://"));
        Some(Named { url: text(url)?, by: proxy.or_else(|| text("endpoint")), name })
    });
    named.collect()
}

/// Every `file:` reference of a key that names a secret file.
fn credentials(roots: [&DeTable<'_>; 2]) -> Vec<PathBuf> {
    const KEYS: [&str; 2] = ["credentials", "client_certificate"];
    let mut found = Vec::new();
    let mut take = |table: &DeTable<'_>| {
        for reference in KEYS.iter().filter_map(|key| text_of(table, key)) {
            let path = reference.strip_prefix("file:").map(|path| path.strip_prefix("//").unwrap_or(path));
            found.extend(path.map(PathBuf::from));
        }
    };
    for (_, value) in roots.into_iter().flatten() {
        match value.get_ref() {
            DeValue::Table(table) => take(table),
            DeValue::Array(array) => {
                array.iter().filter_map(|value| value.get_ref().as_table()).for_each(&mut take);
            }
            _ => {}
        }
    }
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[device]\nid = 'LB-1'\n[[source]]\nname='cam'\nrole='camera'\nuri='v4l2:/dev/video0'\n\
        [[archive]]\nname='a'\nurl='s3://b'\nendpoint='https://oss.example'\ncredentials='file:/etc/a.toml'\n\
        [spool]\npath='/srv/lectern/spool'\n[mqtt]\nurl='mqtts://broker'\ncredentials='file:///etc/m.toml'\n";

    #[test]
    fn places_and_addresses_are_read_with_their_defaults() {
        let plan = Plan::of(TEXT);
        assert_eq!(plan.device.as_deref(), Some("LB-1"));
        assert_eq!(plan.archives[0].by.as_deref(), Some("https://oss.example"));
        assert_eq!(plan.facts, Path::new("/srv/lectern/facts"));
        assert_eq!(plan.keys, Path::new("/var/lib/lectern/keys"));
        assert_eq!(plan.credentials, [PathBuf::from("/etc/a.toml"), PathBuf::from("/etc/m.toml")]);
    }

    #[test]
    fn a_broken_line_takes_nothing_with_it_but_itself() {
        let plan = Plan::of(&TEXT.replace("role='camera'\n", "role = \n"));
        assert_eq!(plan.sources[0].url, "v4l2:/dev/video0");
        assert_eq!(plan.spool, Path::new("/srv/lectern/spool"));
        assert_eq!(plan.broker.as_deref(), Some("mqtts://broker"));
    }

    #[test]
    fn what_was_changed_from_afar_counts_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let spool = folder.path().join("spool").display().to_string();
        std::fs::write(folder.path().join("lectern.toml"), TEXT.replace("/srv/lectern/spool", &spool))
            .unwrap();
        let over = "[[archive]]\nname='a'\nendpoint='https://other'\n[mqtt]\nurl='mqtt://other'\n";
        std::fs::write(folder.path().join("local.toml"), over).unwrap();
        let plan = Plan::load(&folder.path().join("lectern.toml")).unwrap();
        assert_eq!(plan.archives[0].by.as_deref(), Some("https://other"));
        assert_eq!(plan.archives[0].url, "s3://b");
        assert_eq!(plan.broker.as_deref(), Some("mqtt://other"));
    }

    #[test]
    fn what_is_no_configuration_at_all_has_the_usual_places() {
        for text in ["", "\u{feff}", "%PDF-1.4", "device = 3\nsource = 'x'\n"] {
            assert_eq!(Plan::of(text).spool, Path::new("/var/lib/lectern/spool"), "{text}");
        }
    }
}
