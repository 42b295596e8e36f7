//! The facts on their way into the store.
//!
//! A change is first *staged* in memory, where readers see it at once. A commit
//! applies everything staged as one transaction and makes it durable; when that
//! fails, it all stays staged and goes with the next commit. So the store only
//! ever holds whole operations, and a sick store costs memory, not fragments.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lectern_store::{Batch, Keyspace, Store, StoreError};

/// Commit at the latest after so many fragments…
const COMMIT_FRAGMENTS: u32 = 32;
/// …or so long after the first change.
const COMMIT_AGE: Duration = Duration::from_secs(1);

/// Between two tries to write the database anew.
const REWRITE_PAUSE: Duration = Duration::from_secs(900);

type Slot = (Keyspace, Vec<u8>);
/// A key and its value.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// Changes that belong together. `None` removes the key.
#[derive(Debug, Default)]
pub(crate) struct Changes(BTreeMap<Slot, Option<Vec<u8>>>);

impl Changes {
    pub(crate) fn put(&mut self, keyspace: Keyspace, key: Vec<u8>, value: Vec<u8>) {
        self.0.insert((keyspace, key), Some(value));
    }

    pub(crate) fn delete(&mut self, keyspace: Keyspace, key: Vec<u8>) {
        self.0.insert((keyspace, key), None);
    }

    pub(crate) fn extend(&mut self, later: Self) {
        self.0.extend(later.0);
    }
}

#[derive(Debug, Default)]
struct Staged {
    /// Since the last commit began.
    waiting: Changes,
    /// Being committed, or left over from a commit that failed.
    flying: Changes,
    fragments: u32,
    /// Monotonic time of the first change in `waiting`.
    since: Option<Duration>,
    error: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Index {
    store: Store,
    /// Held for the length of a commit: there is one at a time.
    turn: Mutex<()>,
    staged: Mutex<Staged>,
    /// Not before then; only held by whoever does it.
    rewrite_from: Mutex<Duration>,
}

impl Index {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, turn: Mutex::default(), staged: Mutex::default(), rewrite_from: Mutex::default() }
    }

    fn staged(&self) -> MutexGuard<'_, Staged> {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes changes visible to readers; durable after the next commit.
    pub(crate) fn stage(&self, changes: Changes, fragments: u32, now: Duration) {
        let mut staged = self.staged();
        staged.waiting.extend(changes);
        staged.fragments += fragments;
        staged.since.get_or_insert(now);
    }

    pub(crate) fn is_due(&self, now: Duration) -> bool {
        let staged = self.staged();
        staged.fragments >= COMMIT_FRAGMENTS
            || staged.since.is_some_and(|since| now.saturating_sub(since) >= COMMIT_AGE)
    }

    pub(crate) fn has_changes(&self) -> bool {
        let staged = self.staged();
        !staged.waiting.0.is_empty() || !staged.flying.0.is_empty()
    }

    /// Makes everything staged durable.
    pub(crate) fn commit(&self) -> Result<(), StoreError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut batch = Batch::new();
        let (fragments, since) = {
            let mut staged = self.staged();
            let waiting = std::mem::take(&mut staged.waiting);
            staged.flying.extend(waiting);
            for ((keyspace, key), value) in &staged.flying.0 {
                match value {
                    Some(value) => batch.put(*keyspace, key.as_slice(), value.as_slice()),
                    None => batch.delete(*keyspace, key.as_slice()),
                };
            }
            (std::mem::take(&mut staged.fragments), staged.since.take())
        };
        // sled stays sick after an error of its disk until it is opened again.
        // Nothing is lost by it: all that is not committed is in the batch.
        let was_sick = self.staged().error.is_some();
        let ready = if was_sick { self.store.reopen() } else { Ok(()) };
        let outcome = ready.and_then(|()| self.store.apply(&batch)).and_then(|()| self.store.commit());
        let mut staged = self.staged();
        match outcome {
            Ok(_) => {
                staged.flying = Changes::default();
                staged.error = None;
                Ok(())
            }
            Err(error) => {
                staged.fragments += fragments;
                staged.since = since.or(staged.since);
                staged.error = Some(error.to_string());
                Err(error)
            }
        }
    }

    pub(crate) fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let slot = (keyspace, key.to_vec());
        let staged = self.staged();
        if let Some(value) = staged.waiting.0.get(&slot).or_else(|| staged.flying.0.get(&slot)) {
            return Ok(value.clone());
        }
        drop(staged);
        self.store.get(keyspace, key)
    }

    /// The entries with a prefix, from a key on, in order.
    pub(crate) fn scan(
        &self,
        keyspace: Keyspace,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        let start = (keyspace, if from > prefix { from.to_vec() } else { prefix.to_vec() });
        let mut overlay: BTreeMap<Vec<u8>, Option<Vec<u8>>> = BTreeMap::new();
        {
            let staged = self.staged();
            for changes in [&staged.flying, &staged.waiting] {
                let within = changes
                    .0
                    .range(start.clone()..)
                    .take_while(|((space, key), _)| *space == keyspace && key.starts_with(prefix));
                overlay.extend(within.map(|((_, key), value)| (key.clone(), value.clone())));
            }
        }
        let hidden = overlay.values().filter(|value| value.is_none()).count();
        let stored = self.store.scan(keyspace, prefix, from, limit.saturating_add(hidden))?;
        let mut merged: BTreeMap<Vec<u8>, Option<Vec<u8>>> =
            stored.into_iter().map(|(key, value)| (key, Some(value))).collect();
        merged.extend(overlay);
        Ok(merged.into_iter().filter_map(|(key, value)| Some((key, value?))).take(limit).collect())
    }

    /// Changes that are not durable yet, and the last commit's error.
    pub(crate) fn backlog(&self) -> (usize, Option<String>) {
        let staged = self.staged();
        (staged.waiting.0.len() + staged.flying.0.len(), staged.error.clone())
    }

    /// Writes the database anew when it takes far more than what is in it, with
    /// that and nothing else. Gives way as soon as something is staged, and then
    /// leaves it for a while. Says whether it did.
    pub(crate) fn rewrite_if_bloated(&self, now: Duration) -> Result<bool, StoreError> {
        let mut rewrite_from = self.rewrite_from.lock().unwrap_or_else(PoisonError::into_inner);
        if now < *rewrite_from || !self.store.is_bloated() {
            return Ok(false);
        }
        *rewrite_from = now + REWRITE_PAUSE;
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.store.rewrite(|| !self.has_changes())
    }

    pub(crate) fn allocated_bytes(&self) -> u64 {
        self.store.allocated_bytes()
    }

    #[cfg(test)]
    pub(crate) fn generation(&self) -> u64 {
        self.store.generation()
    }
}
