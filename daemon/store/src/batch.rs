//! Changes that become visible and durable together.

use crate::Keyspace;

/// One change.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) keyspace: Keyspace,
    pub(crate) key: Vec<u8>,
    /// `None` removes the key.
    pub(crate) value: Option<Vec<u8>>,
}

/// A list of changes over any keyspaces, applied all or none. When a key is
/// named twice, the later change counts.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub(crate) changes: Vec<Change>,
}

impl Batch {
    /// No change yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a key.
    pub fn put(
        &mut self,
        keyspace: Keyspace,
        key: impl Into<Vec<u8>>,
        value: impl Into<Vec<u8>>,
    ) -> &mut Self {
        self.changes.push(Change { keyspace, key: key.into(), value: Some(value.into()) });
        self
    }

    /// Removes a key; one that is not there is no error.
    pub fn delete(&mut self, keyspace: Keyspace, key: impl Into<Vec<u8>>) -> &mut Self {
        self.changes.push(Change { keyspace, key: key.into(), value: None });
        self
    }

    /// The number of changes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether there is nothing to apply.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}
