//! What each kind of store does in its own way, below the rules that all share.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::{StoreError, Timeouts};

/// One kind of store. Each call bounds its own waiting by the time-outs of the
/// [`Place`], except `put`, whose whole time the caller bounds.
#[async_trait]
pub(super) trait Transport: Send + Sync + 'static {
    /// Puts a whole file, never a part, and creates its parents.
    async fn put(&self, at: &Place<'_>, bytes: Bytes) -> Result<(), StoreError>;

    /// Reads a whole file.
    async fn get(&self, at: &Place<'_>) -> Result<Option<Vec<u8>>, StoreError>;

    /// What the store knows of a file without reading it.
    async fn find(&self, at: &Place<'_>) -> Result<Option<Found>, StoreError>;

    /// Every file below a folder, with locations; none when it is not there.
    async fn list(&self, at: &Place<'_>) -> Result<Vec<Entry>, StoreError>;

    /// Deletes a file; an absent one is fine.
    async fn delete(&self, at: &Place<'_>) -> Result<(), StoreError>;

    /// Deletes a folder and everything below it; an absent one is fine.
    async fn delete_folder(&self, at: &Place<'_>) -> Result<(), StoreError>;
}

/// The file or folder that a call is about.
pub(super) struct Place<'a> {
    /// The store, for people.
    pub(super) store: &'a str,
    /// The path as the caller gave it, for people.
    pub(super) path: &'a str,
    /// The path with the store's prefix, decoded, without a slash at its ends.
    pub(super) location: &'a str,
    /// The largest file that is read.
    pub(super) limit_bytes: u64,
    pub(super) timeouts: Timeouts,
}

/// What a store knows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Its length.
    pub(super) bytes: u64,
    /// Its MD5, where the store tells one.
    pub(super) md5: Option<[u8; 16]>,
}

impl Found {
    /// Whether this can only be the file of these bytes. A file that is written
    /// more than once may have kept its length.
    pub(super) fn is_surely(&self, bytes: &[u8], is_rewritten: bool) -> bool {
        let is_whole = self.bytes == bytes.len() as u64;
        match (self.md5, super::objects::md5(bytes)) {
            (Some(there), Ok(here)) => is_whole && there == here,
            _ => is_whole && !is_rewritten,
        }
    }
}

/// A file of a listing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Where it is, relative to the store.
    pub path: String,
    /// Its length.
    pub bytes: u64,
}

impl Place<'_> {
    /// How long a question without bytes may take.
    pub(super) fn limit(&self) -> Duration {
        self.timeouts.connect + self.timeouts.answer
    }

    /// Waits for one answer as long as it may take.
    pub(super) async fn bounded<T>(
        &self,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(self.limit(), answer).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.timed_out(self.limit())),
        }
    }

    pub(super) fn timed_out(&self, limit: Duration) -> StoreError {
        let limit_s = limit.as_secs();
        StoreError::TimedOut { store: self.store.to_owned(), path: self.path.to_owned(), limit_s }
    }

    pub(super) fn interrupted(&self, why: impl ToString) -> StoreError {
        let why = why.to_string();
        StoreError::Interrupted { store: self.store.to_owned(), path: self.path.to_owned(), why }
    }

    /// Refuses a file larger than it can be.
    pub(super) fn refuse_absurd(&self, bytes: u64) -> Result<(), StoreError> {
        if bytes <= self.limit_bytes {
            return Ok(());
        }
        let (store, path) = (self.store.to_owned(), self.path.to_owned());
        Err(StoreError::TooLarge { store, path, bytes, limit: self.limit_bytes })
    }
}
