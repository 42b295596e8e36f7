//! The disk below the outbox, as far as it needs one.

use std::collections::BTreeMap;
use std::path::Path;

use lectern_store::{Batch, Keyspace, Opened, Store, StoreError};

const ENTRIES: Keyspace = Keyspace::new("entries");
const FACTS: Keyspace = Keyspace::new("facts");

/// Which of the two keyspaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Room {
    /// Messages that wait.
    Entries,
    /// The counter, and what is known of alarms and commands.
    Facts,
}

/// Changes that belong together: a value, or nothing to delete the key.
pub(super) type Changes = BTreeMap<(Room, Vec<u8>), Option<Vec<u8>>>;

/// A key and its value.
pub(super) type Pair = (Vec<u8>, Vec<u8>);

/// Durable keys and values. What is read is what was committed.
pub(super) trait Shelf: Send {
    /// Makes all changes durable, or none.
    fn commit(&mut self, changes: &Changes) -> Result<(), StoreError>;
    fn get(&self, room: Room, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// Everything of a room, in order.
    fn all(&self, room: Room) -> Result<Vec<Pair>, StoreError>;
    /// Gives back what deleted entries still take, now and then.
    fn tidy(&mut self) -> Result<(), StoreError>;
}

/// The database of the outbox, in a folder of its own.
pub(super) struct Database {
    store: Store,
    /// A commit failed: the store is opened anew before the next one.
    is_sick: bool,
}

impl Database {
    pub(super) fn open(folder: &Path) -> Result<(Self, Opened), StoreError> {
        let (store, opened) = Store::open(folder, &[ENTRIES, FACTS])?;
        Ok((Self { store, is_sick: false }, opened))
    }
}

fn keyspace(room: Room) -> Keyspace {
    match room {
        Room::Entries => ENTRIES,
        Room::Facts => FACTS,
    }
}

impl Shelf for Database {
    fn commit(&mut self, changes: &Changes) -> Result<(), StoreError> {
        if self.is_sick {
            self.store.reopen()?;
            self.is_sick = false;
        }
        let mut batch = Batch::new();
        for ((room, key), value) in changes {
            match value {
                Some(value) => batch.put(keyspace(*room), key.as_slice(), value.as_slice()),
                None => batch.delete(keyspace(*room), key.as_slice()),
            };
        }
        let done = self.store.apply(&batch).and_then(|()| self.store.commit());
        self.is_sick = done.is_err();
        done.map(drop)
    }

    fn get(&self, room: Room, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(keyspace(room), key)
    }

    fn all(&self, room: Room) -> Result<Vec<Pair>, StoreError> {
        self.store.scan(keyspace(room), b"", b"", usize::MAX)
    }

    fn tidy(&mut self) -> Result<(), StoreError> {
        if !self.is_sick && self.store.is_bloated() {
            self.store.rewrite(|| true)?;
        }
        Ok(())
    }
}
