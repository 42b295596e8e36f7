//! The open store.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::thread;
use std::time::Duration;

use sled::Transactional;
use sled::transaction::{ConflictableTransactionError, TransactionError};

use crate::engine::{Engine, Refusal, guarded, io_error};
use crate::generation::GenerationFile;
use crate::open::{self, GENERATION_KEY, Opened};
use crate::{Batch, StoreError};

/// The largest value. sled keeps up to 20 entries in one page and moves a page
/// of 128 KiB or more into a file that it never syncs: 20 × (4096 + 512) bytes
/// stay below that.
pub const MAX_VALUE_BYTES: usize = 4096;
/// The largest key.
pub const MAX_KEY_BYTES: usize = 512;
/// How long dropping a store may hold up its owner.
pub(crate) const DROP_LIMIT: Duration = Duration::from_secs(10);
/// Room that must be there before a database is opened again.
const REOPEN_BYTES: u64 = 8 << 20;

/// A key and its value.
pub(crate) type Entry = (Vec<u8>, Vec<u8>);

/// A named set of keys, in their own order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Keyspace(&'static str);

impl Keyspace {
    /// Names a keyspace. Names are part of the format of the database.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }
}

#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) generation: u64,
    side: GenerationFile,
    /// Whether anything was applied since the last commit.
    dirty: bool,
}

/// An open database. All calls block; all are safe from any thread.
///
/// What [`apply`](Self::apply) wrote is visible at once and durable after the
/// next [`commit`](Self::commit). Dropping the store waits at most 10 s for
/// sled, which may hang on a full disk; [`close`](Self::close) lets the caller
/// choose.
#[derive(Debug)]
pub struct Store {
    /// `None` while the store is dropped, and after a reopening that failed.
    pub(crate) engine: RwLock<Option<Engine>>,
    pub(crate) keyspaces: Vec<Keyspace>,
    /// Taken before `engine`, where both are.
    pub(crate) progress: Mutex<Progress>,
    pub(crate) dir: PathBuf,
}

impl Store {
    /// Opens the database in a folder, which is made when missing. `keyspaces`
    /// are all that will be used.
    ///
    /// Damage is not an error: the former files are set aside and [`Opened`]
    /// says so.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::NewerFormat`], or an input/output
    /// error of the surroundings; the files are then untouched.
    pub fn open(dir: impl AsRef<Path>, keyspaces: &[Keyspace]) -> Result<(Self, Opened), StoreError> {
        let dir = dir.as_ref();
        let ready = open::open(dir, keyspaces)?;
        let progress = Progress { generation: ready.generation, side: ready.side, dirty: false };
        let store = Self {
            engine: RwLock::new(Some(ready.engine)),
            keyspaces: keyspaces.to_vec(),
            progress: Mutex::new(progress),
            dir: dir.to_owned(),
        };
        Ok((store, ready.opened))
    }

    pub(crate) fn engine(&self) -> RwLockReadGuard<'_, Option<Engine>> {
        self.engine.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn unavailable(&self) -> StoreError {
        StoreError::Unavailable { path: self.dir.clone() }
    }

    fn read<T>(
        &self,
        keyspace: Keyspace,
        look: impl FnOnce(&sled::Tree) -> sled::Result<T>,
    ) -> Result<T, StoreError> {
        let engine = self.engine();
        let engine = engine.as_ref().ok_or_else(|| self.unavailable())?;
        let tree = engine.tree(keyspace)?;
        guarded("read", &self.dir, || look(tree))
    }

    /// The value of a key.
    ///
    /// # Errors
    /// An unknown keyspace, or damage found while reading.
    pub fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.read(keyspace, |tree| tree.get(key))?;
        Ok(value.map(|v| v.to_vec()))
    }

    /// The entries whose key begins with `prefix` and is not below `from`, in
    /// order, at most `limit`.
    ///
    /// # Errors
    /// An unknown keyspace, or damage found while reading.
    pub fn scan(
        &self,
        keyspace: Keyspace,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let start = if from > prefix { from } else { prefix };
        self.read(keyspace, |tree| {
            let mut found = Vec::new();
            for entry in tree.range(start..).take(limit) {
                let (key, value) = entry?;
                if !key.starts_with(prefix) {
                    break;
                }
                found.push((key.to_vec(), value.to_vec()));
            }
            Ok(found)
        })
    }

    /// Makes every change of the batch visible, all or none, also across a
    /// crash. Not durable before [`commit`](Self::commit).
    ///
    /// # Errors
    /// An unknown keyspace, a key or value above its limit (nothing is applied
    /// then), or an error of the engine.
    pub fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        for change in &batch.changes {
            let keyspace = change.keyspace.0;
            if change.key.len() > MAX_KEY_BYTES {
                return Err(StoreError::KeyTooLarge {
                    keyspace,
                    bytes: change.key.len(),
                    limit: MAX_KEY_BYTES,
                });
            }
            let bytes = change.value.as_ref().map_or(0, Vec::len);
            if bytes > MAX_VALUE_BYTES {
                return Err(StoreError::ValueTooLarge { keyspace, bytes, limit: MAX_VALUE_BYTES });
            }
        }
        // Held throughout: nothing changes while the database is written anew.
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.dirty = true;
        self.transact(batch)
    }

    fn transact(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut names: Vec<Keyspace> = batch.changes.iter().map(|change| change.keyspace).collect();
        names.sort();
        names.dedup();
        let engine = self.engine();
        let engine = engine.as_ref().ok_or_else(|| self.unavailable())?;
        let trees = names.iter().map(|name| engine.tree(*name)).collect::<Result<Vec<_>, _>>()?;
        guarded("written", &self.dir, || {
            let outcome = trees.as_slice().transaction(|views| {
                for change in &batch.changes {
                    let Ok(at) = names.binary_search(&change.keyspace) else { continue };
                    match &change.value {
                        Some(value) => views[at].insert(change.key.as_slice(), value.as_slice())?,
                        None => views[at].remove(change.key.as_slice())?,
                    };
                }
                Ok::<(), ConflictableTransactionError<()>>(())
            });
            match outcome {
                Ok(()) | Err(TransactionError::Abort(())) => Ok(()),
                Err(TransactionError::Storage(error)) => Err(error),
            }
        })
    }

    /// Makes everything applied so far durable: sled's flush, then `fdatasync`
    /// of its file, then the generation's side file. Does nothing when nothing
    /// was applied. Returns the generation.
    ///
    /// # Errors
    /// The disk's error; what was applied since the last successful commit may
    /// then be lost by a power cut.
    pub fn commit(&self) -> Result<u64, StoreError> {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        if !progress.dirty {
            return Ok(progress.generation);
        }
        let engine = self.engine();
        let engine = engine.as_ref().ok_or_else(|| self.unavailable())?;
        let next = progress.generation + 1;
        let synced = engine
            .set_number(&self.dir, GENERATION_KEY, next)
            .and_then(|()| engine.sync(&self.dir.join("sled")))
            .and_then(|()| progress.side.record(next));
        synced?;
        progress.generation = next;
        progress.dirty = false;
        Ok(next)
    }

    /// Opens the database again after an error: sled refuses everything once a
    /// write of its own has failed, also when there is room again. What was
    /// applied since the last successful commit may be gone: apply it again.
    ///
    /// # Errors
    /// [`StoreError::Io`] while the disk has less than 8 MiB left; the database
    /// is then as before. [`StoreError::Unavailable`] when it does not open, or opens with less
    /// than was committed; every call fails like this then, until a further
    /// `reopen` succeeds. [`Store::open`] has stronger remedies.
    pub fn reopen(&self) -> Result<(), StoreError> {
        // sled writes while it opens. The sick one still reads: it is not given
        // up for one that cannot open.
        let stat = rustix::fs::statvfs(&self.dir)
            .map_err(|e| io_error("asking for room on", &self.dir, e.into()))?;
        if stat.f_bavail.saturating_mul(stat.f_frsize) < REOPEN_BYTES {
            return Err(io_error("opening again", &self.dir, io::ErrorKind::StorageFull.into()));
        }
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let mut engine = self.engine.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(former) = engine.take() {
            bounded(DROP_LIMIT, move || drop(former)).ok_or_else(|| self.unavailable())?;
        }
        let home = self.dir.join("sled");
        let opened = match Engine::open(&home, &self.keyspaces) {
            Ok(opened) => opened,
            Err(Refusal::Stop(error)) => return Err(error),
            Err(Refusal::Damage(cause)) => {
                tracing::error!("the database {} does not open again: {cause}", home.display());
                return Err(self.unavailable());
            }
        };
        let found = opened.number(&home, GENERATION_KEY)?.unwrap_or(0);
        if found < progress.generation {
            return Err(self.unavailable());
        }
        // A commit that failed half-way may have come further than we knew.
        progress.generation = found;
        progress.dirty = true;
        *engine = Some(opened);
        Ok(())
    }

    /// Commits over the life of the database.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).generation
    }

    /// Bytes allocated on disk by everything in the store's folder, databases
    /// that were set aside included. Files that vanish meanwhile are not
    /// counted.
    #[must_use]
    pub fn allocated_bytes(&self) -> u64 {
        Self::bytes_below(&self.dir)
    }

    pub(crate) fn bytes_below(folder: &Path) -> u64 {
        let Ok(entries) = fs::read_dir(folder) else { return 0 };
        let sizes = entries.flatten().filter_map(|entry| {
            let meta = entry.metadata().ok()?;
            Some(if meta.is_dir() { Self::bytes_below(&entry.path()) } else { meta.blocks() * 512 })
        });
        sizes.sum()
    }

    /// Commits and closes within `limit`. The commit and sled's own end may
    /// hang on a full or dead disk; they then go on in a thread of their own,
    /// which the caller leaves behind by ending the process.
    ///
    /// # Errors
    /// The commit's error, or [`StoreError::CloseTimeout`].
    pub fn close(self, limit: Duration) -> Result<(), StoreError> {
        let path = self.dir.clone();
        let ending = move || {
            let committed = self.commit();
            drop(self);
            committed.map(drop)
        };
        bounded(limit, ending).unwrap_or(Err(StoreError::CloseTimeout { path, limit }))
    }
}

/// Runs `work` on a thread of its own; `None` when it is not through in time.
/// Work that panics counts as through: what it held is dropped.
pub(crate) fn bounded<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (done, wait) = sync_channel(1);
    let run = move || {
        // The receiver is gone when the limit has passed; then nobody asks.
        let _ = done.send(work());
    };
    thread::Builder::new().name("store-close".into()).spawn(run).ok()?;
    wait.recv_timeout(limit).ok()
}

impl Drop for Store {
    fn drop(&mut self) {
        let slot = self.engine.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(engine) = slot.take() else { return };
        if bounded(DROP_LIMIT, move || drop(engine)).is_none() {
            tracing::error!("the database {} did not end cleanly; commits are safe", self.dir.display());
        }
    }
}
