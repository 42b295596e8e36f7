//! The store without the spool above it: batches over two keyspaces.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde::{Deserialize, Serialize};

/// What the store holds. A key is the number of its keyspace times 1000 and its
/// own; a value is named by the seed of its bytes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Committed.
    pub durable: BTreeMap<u32, u64>,
    /// Batches since, in order. Each may be there when all before it are.
    pub applied: Vec<u64>,
}

/// The changes of a batch; no value removes the key.
#[must_use]
pub fn changes(batch: u64) -> Vec<(u32, Option<u64>)> {
    let mut rng = Rng::with_seed(batch);
    let change = |_| {
        let key = rng.u32(..2) * 1000 + rng.u32(..300);
        (key, (rng.u8(..4) > 0).then(|| rng.u64(..)))
    };
    (0..Rng::with_seed(batch + 1).usize(1..24)).map(change).collect()
}

impl Facts {
    /// What is there when so many of the applied batches are.
    #[must_use]
    pub fn after(&self, batches: usize) -> BTreeMap<u32, u64> {
        let mut state = self.durable.clone();
        for (key, value) in self.applied[..batches].iter().flat_map(|batch| changes(*batch)) {
            match value {
                Some(value) => state.insert(key, value),
                None => state.remove(&key),
            };
        }
        state
    }

    pub(crate) fn commit(&mut self) {
        self.durable = self.after(self.applied.len());
        self.applied.clear();
    }
}
