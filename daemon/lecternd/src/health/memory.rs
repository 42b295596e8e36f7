//! The book on the disk. A fault lies under its number, so that the newest are
//! found from behind and an open one is written over when it ends.

use std::sync::Arc;

use lectern_api::fault::Fault;
use serde_json::Value;

use super::book::Change;
use crate::facts::{FAULTS, Facts, FactsError};

/// So many faults that are over are remembered: a box with 10 a day tells of
/// 50 days, in about 400 kB.
pub(crate) const PAST_KEPT: usize = 500;

/// What the box remembers of its faults. Every call blocks on the disk.
#[derive(Debug, Clone)]
pub(crate) struct FaultMemory {
    facts: Arc<Facts>,
}

impl FaultMemory {
    pub(crate) fn new(facts: Arc<Facts>) -> Self {
        Self { facts }
    }

    /// Whether it has what earlier starts have written.
    pub(crate) fn is_whole(&self) -> bool {
        self.facts.is_whole()
    }

    /// Every fault that is remembered, the oldest first.
    pub(crate) fn all(&self) -> Result<Vec<Fault>, FactsError> {
        let found = self.facts.scan::<Value>(FAULTS, "", "", usize::MAX)?;
        let faults = found.into_iter().filter_map(|(key, fault)| {
            let read = serde_json::from_value(fault);
            read.inspect_err(|error| tracing::warn!(key, %error, "a fault cannot be read")).ok()
        });
        Ok(faults.collect())
    }

    /// Writes down what has changed. Of those that are over the oldest go.
    pub(super) fn write(&self, changes: &[Change]) -> Result<(), FactsError> {
        for change in changes {
            let fault = change.fault();
            self.facts.put(FAULTS, &Facts::numbered(fault.id), fault)?;
        }
        if changes.iter().any(|change| matches!(change, Change::Cleared(_))) {
            let over: Vec<Fault> = self.all()?.into_iter().filter(|fault| fault.until.is_some()).collect();
            for fault in over.iter().rev().skip(PAST_KEPT) {
                self.facts.delete(FAULTS, &Facts::numbered(fault.id))?;
            }
        }
        Ok(())
    }
}
