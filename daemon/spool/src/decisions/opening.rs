//! Reading what was decided, and what is done when it cannot be read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Decision, Decisions, line_of};
use crate::SpoolError;
use crate::disk::Disk;
use crate::error::io_error;
use crate::journal::Journal;

const FILE: &str = "decisions.jsonl";
/// In front of the number of a file that was set aside.
const DAMAGED: &str = "decisions.jsonl.damaged-";
/// Names that are tried for a file to be set aside.
const MOST_DAMAGED: u32 = 9_999;

impl Decisions {
    /// Reads both files. One that cannot be read as a whole is set aside, and
    /// recording goes on without it: what was in it is then unknown, as are
    /// single lines that cannot be read, until somebody takes the file away.
    pub(crate) fn open(disk: &Arc<dyn Disk>, dir: &Path) -> Result<Self, SpoolError> {
        let (mut journal, lines) = open_journal(disk, dir)?;
        let (audit, audited) = open_audit(disk, dir)?;
        let (mut known, mut unreadable) = (Vec::new(), set_aside(dir));
        for (number, line) in (1..).zip(&lines) {
            match serde_json::from_str::<Decision>(line) {
                Ok(decision) => known.push(decision),
                // Its line break was on the disk and not all of it: the power went
                // before it was acknowledged.
                Err(_) if number == lines.len() && line.contains('\0') => journal.take_back_last(),
                Err(error) => {
                    tracing::error!(
                        "line {number} of {FILE}, a decision about a lesson, cannot be read: {error}"
                    );
                    unreadable.get_or_insert_with(|| dir.join(FILE));
                }
            }
        }
        let number = |line: &String| serde_json::from_str::<serde_json::Value>(line).ok()?["number"].as_u64();
        let last_audited = audited.iter().filter_map(number).max().unwrap_or(0);
        let mut decisions = Self {
            journal,
            audit,
            unaudited: Vec::new(),
            // A file that was set aside has used up its numbers.
            last_number: last_audited,
            unreadable,
            requests: Default::default(),
            holds: Default::default(),
            gone: Default::default(),
            cleaned: Default::default(),
            told: Default::default(),
        };
        for decision in known {
            if decision.number > last_audited {
                decisions.unaudited.push(line_of(&decision.audit_line()));
            }
            decisions.apply(decision);
        }
        decisions.write_audit();
        Ok(decisions)
    }

    /// Refuses what only who knows every hold may do.
    pub(crate) fn check_known(&self) -> Result<(), SpoolError> {
        match &self.unreadable {
            Some(path) => Err(SpoolError::DecisionsUnreadable { path: path.clone() }),
            None => Ok(()),
        }
    }
}

fn open_journal(disk: &Arc<dyn Disk>, dir: &Path) -> Result<(Journal, Vec<String>), SpoolError> {
    let path = dir.join(FILE);
    Journal::open(disk, path.clone()).or_else(|error| {
        let free = (1..MOST_DAMAGED).map(|n| dir.join(format!("{DAMAGED}{n}"))).find(|name| !name.exists());
        let aside = free.ok_or(error)?;
        tracing::error!("{} cannot be read; it is set aside as {}", path.display(), aside.display());
        disk.rename(&path, &aside).map_err(|e| io_error("setting aside", &path, e))?;
        disk.sync_folder(dir).map_err(|e| io_error("syncing", dir, e))?;
        Journal::open(disk, path)
    })
}

/// A file that was set aside and is still there.
fn set_aside(dir: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(dir).ok()?.flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(DAMAGED))
        .map(|entry| entry.path())
        .min()
}

/// The audit is for people: one that cannot be read is set aside.
fn open_audit(disk: &Arc<dyn Disk>, dir: &Path) -> Result<(Journal, Vec<String>), SpoolError> {
    let path = dir.join("audit.jsonl");
    Journal::open(disk, path.clone()).or_else(|error| {
        let aside = path.with_extension("jsonl.damaged");
        tracing::error!("{error}; it is set aside as {}", aside.display());
        disk.rename(&path, &aside).map_err(|e| io_error("setting aside", &path, e))?;
        Journal::open(disk, path)
    })
}
