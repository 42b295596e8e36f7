//! From what is seen, look by look, to faults that begin and end: pure. A
//! fault begins when it has held for its time, does not flicker, and ends on
//! evidence only, or as the consequence of another one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use lectern_api::Text;
use lectern_api::fault::{Fault, Severity};
use lectern_api::repair::{Outcome, Tried};

use super::catalogue::{Gate, Row, Silence, row_of};
use super::repair;

/// A kind of fault of one thing.
pub(super) type Key = (&'static str, String);

/// Something wrong, without its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) code: &'static str,
    pub(super) severity: Severity,
    pub(super) unit: String,
    pub(super) text: Text,
    pub(super) hint: Text,
}

/// What one look at the box has shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) wrong: Vec<Finding>,
    /// What was looked at and is fine.
    pub(super) fine: BTreeSet<Key>,
    /// Whether a lesson runs or is being prepared.
    pub(super) in_use: bool,
}

/// When it was taken: by the wall, and by the clock that never goes back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) utc: Timestamp,
    pub(super) monotonic: Duration,
}

/// A fault that begins or ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// It has begun.
    Raised(Fault),
    /// It came back before it counted as over, or is worse or better than it
    /// was.
    Changed(Fault),
    /// The box tries something about it, or knows what became of that.
    Tried(Fault),
    /// It is over.
    Cleared(Fault),
}

impl Change {
    /// The fault as it is from now on.
    pub(crate) fn fault(&self) -> &Fault {
        match self {
            Self::Raised(fault) | Self::Changed(fault) | Self::Tried(fault) | Self::Cleared(fault) => fault,
        }
    }
}

#[derive(Debug)]
enum Stage {
    /// Seen, but not for long enough.
    Suspected { since: Moment },
    /// Told.
    Open {
        fault: Box<Fault>,
        /// Since when evidence says that it is over.
        gone: Option<Moment>,
        /// Since when another fault has been open that is behind it.
        explained: Option<Moment>,
    },
}

/// A fault that was told before what is behind it is over so long after that:
/// while a plug is pulled and put in again it is still the same.
const EXPLAINED: Duration = Duration::from_secs(30);

/// The faults that are there.
#[derive(Debug, Default)]
pub(super) struct Book {
    stages: BTreeMap<Key, Stage>,
    /// The number of the newest fault.
    last: u64,
}

impl Book {
    /// A book that goes on where another one stopped. Faults of codes that this
    /// version does not know are given back: they are over.
    pub(super) fn reopened(open: Vec<Fault>, last: u64) -> (Self, Vec<Fault>) {
        let (mut book, mut unknown) = (Self { stages: BTreeMap::new(), last }, Vec::new());
        for mut fault in open {
            repair::after_restart(&mut fault);
            match row_of(&fault.code) {
                Some(row) => {
                    book.stages.insert(
                        (row.code, fault.unit.clone()),
                        Stage::Open { fault: Box::new(fault), gone: None, explained: None },
                    );
                }
                None => unknown.push(fault),
            }
        }
        (book, unknown)
    }

    /// The open faults, the worst first, then the oldest.
    pub(super) fn open(&self) -> Vec<Fault> {
        let open = self.stages.values().filter_map(|stage| match stage {
            Stage::Open { fault, .. } => Some(Fault::clone(fault)),
            Stage::Suspected { .. } => None,
        });
        let mut open: Vec<Fault> = open.collect();
        open.sort_by_key(|fault| (std::cmp::Reverse(fault.severity), fault.id));
        open
    }

    /// Notes a step that is begun.
    pub(super) fn tries(&mut self, id: u64, tried: Tried) -> Option<Change> {
        let fault = self.open_mut(id)?;
        fault.tried.push(tried);
        Some(Change::Tried(fault.clone()))
    }

    /// Notes what became of the newest step. Of a fault that is over nothing is
    /// noted any more.
    pub(super) fn outcome(&mut self, id: u64, outcome: Outcome) -> Option<Change> {
        let fault = self.open_mut(id)?;
        fault.tried.last_mut()?.outcome = outcome;
        Some(Change::Tried(fault.clone()))
    }

    fn open_mut(&mut self, id: u64) -> Option<&mut Fault> {
        self.stages.values_mut().find_map(|stage| match stage {
            Stage::Open { fault, .. } if fault.id == id => Some(&mut **fault),
            _ => None,
        })
    }

    /// Takes a look into account; gives what has changed by it.
    pub(super) fn step(&mut self, look: Look, now: Moment) -> Vec<Change> {
        let mut changes = Vec::new();
        let Look { wrong, fine, in_use } = look;
        let mut seen = BTreeSet::new();
        for finding in wrong {
            let Some(row) = row_of(finding.code) else {
                debug_assert!(false, "{} is in no row of the catalogue", finding.code);
                continue;
            };
            seen.insert((row.code, finding.unit.clone()));
            changes.extend(self.holds(row, finding, in_use, now));
        }
        let gone: Vec<Key> = self.stages.keys().filter(|key| !seen.contains(*key)).cloned().collect();
        for key in gone {
            let is_over =
                fine.contains(&key) || row_of(key.0).is_some_and(|row| row.silence == Silence::IsOver);
            changes.extend(self.is_gone(key, is_over, now));
        }
        changes.extend(self.explain(now));
        changes
    }

    /// Ends what has become the consequence of another fault: a camera that is
    /// pulled out is no longer frozen. What of it is left afterwards begins anew.
    fn explain(&mut self, now: Moment) -> Vec<Change> {
        let is_explained = |(code, unit): &&Key| {
            let parent = row_of(code).and_then(|row| self.parent(row, unit));
            matches!(parent, Some(Stage::Open { gone: None, .. }))
        };
        let is_explained: BTreeSet<Key> = self.stages.keys().filter(is_explained).cloned().collect();
        let mut over = Vec::new();
        for (key, stage) in &mut self.stages {
            let Stage::Open { fault, explained, .. } = stage else { continue };
            if !is_explained.contains(key) {
                *explained = None;
                continue;
            }
            let since = *explained.get_or_insert(now);
            if now.monotonic.saturating_sub(since.monotonic) >= EXPLAINED {
                fault.until = Some(since.utc.max(fault.since));
                repair::explained(fault);
                over.push(key.clone());
            }
        }
        let ended = |stage: Stage| match stage {
            Stage::Open { fault, .. } => Some(Change::Cleared(*fault)),
            Stage::Suspected { .. } => None,
        };
        over.iter().filter_map(|key| self.stages.remove(key).and_then(ended)).collect()
    }

    /// The open fault that is behind this one.
    fn parent(&self, row: &Row, unit: &str) -> Option<&Stage> {
        let is_parent = |(of, its): &Key| row.parent == Some(*of) && (!row.is_of_its_own || its == unit);
        let mut open = self.stages.iter().filter(|(_, stage)| matches!(stage, Stage::Open { .. }));
        open.find_map(|(key, stage)| is_parent(key).then_some(stage))
    }

    fn holds(&mut self, row: &'static Row, finding: Finding, in_use: bool, now: Moment) -> Option<Change> {
        let key = (row.code, finding.unit.clone());
        if let Some(Stage::Open { fault, gone, .. }) = self.stages.get_mut(&key) {
            let is_back = gone.take().is_some();
            let is_other = fault.severity != finding.severity;
            fault.count = fault.count.saturating_add(u32::from(is_back));
            fault.severity = finding.severity;
            (fault.text, fault.hint) = (finding.text, finding.hint);
            return (is_back || is_other).then(|| Change::Changed(Fault::clone(fault)));
        }
        let may_begin = row.gate == Gate::Always || in_use;
        if !may_begin || self.parent(row, &key.1).is_some() {
            self.stages.remove(&key);
            return None;
        }
        let since = match self.stages.entry(key.clone()).or_insert(Stage::Suspected { since: now }) {
            Stage::Suspected { since } => *since,
            Stage::Open { .. } => return None,
        };
        if now.monotonic.saturating_sub(since.monotonic) < row.raise_after {
            return None;
        }
        self.last += 1;
        let fault = Fault {
            id: self.last,
            code: row.code.to_owned(),
            severity: finding.severity,
            unit: finding.unit,
            since: since.utc,
            text: finding.text,
            hint: finding.hint,
            count: 1,
            until: None,
            tried: Vec::new(),
            part: row.part,
        };
        self.stages.insert(key, Stage::Open { fault: Box::new(fault.clone()), gone: None, explained: None });
        Some(Change::Raised(fault))
    }

    fn is_gone(&mut self, key: Key, is_over: bool, now: Moment) -> Option<Change> {
        let clear_after = row_of(key.0).map_or(Duration::ZERO, |row| row.clear_after);
        match self.stages.get_mut(&key)? {
            // A suspicion is dropped at once: nobody was told.
            Stage::Suspected { .. } => {}
            Stage::Open { gone, .. } if !is_over => {
                *gone = None;
                return None;
            }
            Stage::Open { gone, .. } => {
                let since = *gone.get_or_insert(now);
                if now.monotonic.saturating_sub(since.monotonic) < clear_after {
                    return None;
                }
            }
        }
        match self.stages.remove(&key)? {
            Stage::Suspected { .. } => None,
            Stage::Open { mut fault, gone, .. } => {
                fault.until = Some(gone.unwrap_or(now).utc.max(fault.since));
                repair::over(&mut fault);
                Some(Change::Cleared(*fault))
            }
        }
    }
}

#[cfg(test)]
mod tests;
