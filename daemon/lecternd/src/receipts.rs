//! Repair receipts on the disk, beside the faults, by the fault's number.

use std::sync::Arc;

use lectern_api::receipt::Receipt;

use crate::facts::{Facts, FactsError, REPAIRS};
use crate::health::PAST_KEPT;

/// What the box remembers of repairs. Every call blocks on the disk.
#[derive(Debug, Clone)]
pub(crate) struct Receipts {
    facts: Arc<Facts>,
}

impl Receipts {
    pub(crate) fn new(facts: Arc<Facts>) -> Self {
        Self { facts }
    }

    /// All of them, the oldest fault first.
    pub(crate) fn all(&self) -> Result<Vec<Receipt>, FactsError> {
        let found = self.facts.scan(REPAIRS, "", "", usize::MAX)?;
        Ok(found.into_iter().map(|(_, receipt)| receipt).collect())
    }

    /// Keeps one, durably; a later one of the same fault takes its place. As many
    /// are kept as faults that are over.
    pub(crate) fn keep(&self, receipt: &Receipt) -> Result<(), FactsError> {
        self.facts.put(REPAIRS, &Facts::numbered(receipt.fault), receipt)?;
        for old in self.all()?.iter().rev().skip(PAST_KEPT) {
            self.facts.delete(REPAIRS, &Facts::numbered(old.fault))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lectern_api::receipt::Repaired;

    fn receipt(fault: u64, by: &str) -> Receipt {
        Receipt {
            fault,
            code: "camera.lost".to_owned(),
            unit: "camera".to_owned(),
            since: jiff::Timestamp::UNIX_EPOCH,
            until: jiff::Timestamp::UNIX_EPOCH,
            took_s: 0,
            noted: jiff::Timestamp::UNIX_EPOCH,
            repaired: Repaired { by: by.to_owned(), part: None, note: None },
        }
    }

    #[test]
    fn a_receipt_is_there_after_a_restart_and_the_last_word_counts() {
        let folder = tempfile::tempdir().unwrap();
        {
            let receipts = Receipts::new(Arc::new(Facts::open(folder.path()).unwrap().0));
            for (fault, by) in [(10, "Li"), (9, "Wang"), (10, "Zhao")] {
                receipts.keep(&receipt(fault, by)).unwrap();
            }
        }
        let receipts = Receipts::new(Arc::new(Facts::open(folder.path()).unwrap().0));
        assert_eq!(receipts.all().unwrap(), [receipt(9, "Wang"), receipt(10, "Zhao")]);
    }
}
