//! Small files of the kernel, read under a root. What is absent is an answer,
//! what cannot be read is noted.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

/// A file that is there and could not be read or understood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trouble {
    /// Below the root, such as `sys/class/thermal/thermal_zone0/temp`.
    pub place: String,
    /// What the system answered, or what stands there instead of a value.
    pub cause: String,
}

/// No file of `/sys` is longer than a page; `/proc/net/*` and the database of
/// udev stay far below this.
const LONGEST_BYTES: u64 = 64 << 10;

/// The files below a root, and the troubles met on the way.
#[derive(Debug)]
pub struct Tree<'a> {
    root: &'a Path,
    troubles: RefCell<Vec<Trouble>>,
}

impl<'a> Tree<'a> {
    /// Reads below `root`, `/` in life.
    #[must_use]
    pub fn new(root: &'a Path) -> Self {
        Self { root, troubles: RefCell::default() }
    }

    /// `place` below the root.
    #[must_use]
    pub fn path(&self, place: &str) -> PathBuf {
        self.root.join(place)
    }

    /// A file's text without white space around it; nothing where the file, the
    /// device or the value is absent.
    pub fn text(&self, place: &str) -> Option<String> {
        let read = File::open(self.path(place)).and_then(|file| {
            let mut bytes = Vec::new();
            file.take(LONGEST_BYTES).read_to_end(&mut bytes).map(|_| bytes)
        });
        match read {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
                Some(text.to_owned()).filter(|text| !text.is_empty())
            }
            Err(error) => {
                self.note(place, &error);
                None
            }
        }
    }

    /// A file's number.
    pub fn number<T: FromStr>(&self, place: &str) -> Option<T> {
        let text = self.text(place)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.trouble(place, format!("{text:?} is no number that fits"));
        }
        number
    }

    /// A file that says 0 or 1.
    pub fn flag(&self, place: &str) -> Option<bool> {
        self.number::<u8>(place).map(|flag| flag != 0)
    }

    /// The names in a folder, `zone2` before `zone10`.
    pub fn names(&self, place: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(place)).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut names: Vec<String> = match entries {
            Ok(entries) => entries.iter().filter_map(|entry| entry.file_name().into_string().ok()).collect(),
            Err(error) => {
                self.note(place, &error);
                Vec::new()
            }
        };
        names.sort_by_cached_key(|name| {
            let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
            (stem.to_owned(), name[stem.len()..].parse::<u64>().unwrap_or(0), name.clone())
        });
        names
    }

    /// Whether something is there.
    #[must_use]
    pub fn has(&self, place: &str) -> bool {
        self.path(place).exists()
    }

    /// The last name of what a link points at, such as a driver's.
    #[must_use]
    pub fn target(&self, place: &str) -> Option<String> {
        let target = std::fs::read_link(self.path(place)).ok()?;
        target.file_name()?.to_str().map(str::to_owned)
    }

    /// Notes that a file is there and says something else than was expected.
    pub fn trouble(&self, place: &str, cause: impl Into<String>) {
        self.troubles.borrow_mut().push(Trouble { place: place.to_owned(), cause: cause.into() });
    }

    /// What could not be read.
    #[must_use]
    pub fn into_troubles(self) -> Vec<Trouble> {
        self.troubles.into_inner()
    }

    fn note(&self, place: &str, error: &io::Error) {
        if !is_absent(error) {
            self.trouble(place, error.to_string());
        }
    }
}

/// `ENOTSUPP`, which the kernel keeps for itself and some drivers let out.
const NOT_SUPPORTED_INSIDE: i32 = 524;

/// Whether an error only says that there is nothing to read: no such file, a
/// device that went while it was read, a switched-off thermal zone (`EINVAL`), a
/// link that is down (`EINVAL`), a sensor that has not measured yet (`EAGAIN`),
/// an attribute that this chip does not have (`EOPNOTSUPP`, `ENODATA`, `ENXIO`).
fn is_absent(error: &io::Error) -> bool {
    let absent = [
        Errno::NOENT,
        Errno::NOTDIR,
        Errno::NODEV,
        Errno::NXIO,
        Errno::INVAL,
        Errno::AGAIN,
        Errno::NODATA,
        Errno::OPNOTSUPP,
    ];
    error.raw_os_error().is_some_and(|code| {
        code == NOT_SUPPORTED_INSIDE || absent.iter().any(|errno| errno.raw_os_error() == code)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_no_trouble() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("empty"), "\n").unwrap();
        let tree = Tree::new(root.path());
        assert_eq!(tree.text("sys/none"), None);
        assert_eq!(tree.number::<u32>("empty/below"), None);
        assert_eq!(tree.text("empty"), None);
        assert!(tree.names("sys/class/none").is_empty());
        assert_eq!(tree.into_troubles(), []);
    }

    #[test]
    fn what_cannot_be_understood_is_noted_with_its_place() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("temp"), "hot\n").unwrap();
        std::fs::create_dir(root.path().join("folder")).unwrap();
        let tree = Tree::new(root.path());
        assert_eq!(tree.number::<i32>("temp"), None);
        assert_eq!(tree.text("folder"), None);
        let troubles = tree.into_troubles();
        assert_eq!(troubles.len(), 2);
        assert_eq!(troubles[0].place, "temp");
        assert!(troubles[0].cause.contains("\"hot\""), "{troubles:?}");
        assert_eq!(troubles[1].place, "folder");
    }

    #[test]
    fn names_stand_in_the_order_of_their_numbers() {
        let root = tempfile::tempdir().unwrap();
        for name in ["zone10", "zone2", "cooler1"] {
            std::fs::write(root.path().join(name), "").unwrap();
        }
        assert_eq!(Tree::new(root.path()).names(""), ["cooler1", "zone2", "zone10"]);
    }
}
