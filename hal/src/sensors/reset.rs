//! What is known of the last reset, and the watchdogs that may cause the next.
//!
//! Sources: `/sys/class/watchdog`, `/sys/fs/pstore` and where systemd moves its
//! files at a start, and the boot id. How often the machine has started is
//! counted by whoever keeps boot ids; the kernel does not.

use serde::{Deserialize, Serialize};

use crate::tree::Tree;

/// The last reset and its traces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reset {
    /// The kernel's id of this boot.
    pub boot_id: Option<String>,
    /// The machine's watchdogs.
    pub watchdogs: Vec<Watchdog>,
    /// Names of what the kernel wrote down when it died, such as
    /// `dmesg-ramoops-0`; nothing where there is no such memory or nobody may look.
    pub crash_records: Option<Vec<String>>,
}

/// What a reset came from, as a watchdog's chip remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Nobody fed the watchdog.
    Watchdog,
    /// Too hot.
    Overheated,
    /// A fan stood still.
    Fan,
    /// The voltage was too low.
    PowerUnder,
    /// The voltage was too high.
    PowerOver,
    /// A line from outside, such as a button.
    External,
}

/// A hardware watchdog.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Watchdog {
    /// `watchdog0` and so on.
    pub name: String,
    /// What its driver calls it.
    pub identity: Option<String>,
    /// Whether it counts down now.
    pub active: Option<bool>,
    /// Whether it cannot be stopped once it counts.
    pub unstoppable: Option<bool>,
    /// After how long without food it resets.
    pub timeout_s: Option<u32>,
    /// What the last reset came from. Nothing is no answer: many chips forget.
    pub last_reset: Option<Cause>,
}

impl Reset {
    /// What the last reset came from, if any chip remembers.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.watchdogs.iter().find_map(|watchdog| watchdog.last_reset)
    }

    pub(super) fn read(tree: &Tree<'_>) -> Self {
        let watchdogs = tree.names("sys/class/watchdog").into_iter();
        Self {
            boot_id: crate::boot::id(&tree.path("")),
            watchdogs: watchdogs.map(|name| watchdog(tree, name)).collect(),
            crash_records: crash_records(tree),
        }
    }
}

fn watchdog(tree: &Tree<'_>, name: String) -> Watchdog {
    let folder = format!("sys/class/watchdog/{name}");
    let file = |file: &str| format!("{folder}/{file}");
    Watchdog {
        identity: tree.text(&file("identity")),
        active: tree.text(&file("state")).map(|state| state == "active"),
        unstoppable: tree.flag(&file("nowayout")),
        timeout_s: tree.number(&file("timeout")),
        last_reset: tree.number(&file("bootstatus")).and_then(cause),
        name,
    }
}

/// Source: `WDIOF_*` of the kernel's `watchdog.h`. A chip may set several; what
/// says most about the room comes first.
fn cause(status: u32) -> Option<Cause> {
    let flags = [
        (0x0010, Cause::PowerUnder),
        (0x0040, Cause::PowerOver),
        (0x0001, Cause::Overheated),
        (0x0002, Cause::Fan),
        (0x0020, Cause::Watchdog),
        (0x0004, Cause::External),
        (0x0008, Cause::External),
    ];
    flags.into_iter().find(|(flag, _)| status & flag != 0).map(|(_, cause)| cause)
}

/// Only root may look into `/sys/fs/pstore` as a rule, which is no trouble:
/// systemd moves what it finds there to a folder that others may list.
fn crash_records(tree: &Tree<'_>) -> Option<Vec<String>> {
    let folders = ["sys/fs/pstore", "var/lib/systemd/pstore"];
    let lists = folders.iter().filter_map(|folder| std::fs::read_dir(tree.path(folder)).ok());
    let lists = lists.map(|list| list.filter_map(|entry| entry.ok()?.file_name().into_string().ok()));
    let mut records = lists.map(Iterator::collect).reduce(|mut all: Vec<String>, one| {
        all.extend(one);
        all
    })?;
    records.sort_unstable();
    Some(records)
}
