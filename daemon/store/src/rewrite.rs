//! Writing the database anew. sled 0.34 hardly ever gives room back: what was
//! deleted stays in its log. A fresh database with what is alive takes its
//! place, in one step: the two folders swap names.
//!
//! `sled.new/` is never of any use to whoever finds it: before the swap it is
//! unfinished, after it it is the former database. Opening removes it.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::PoisonError;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::engine::{Engine, Refusal, guarded, io_error, sync_folder};
use crate::open::{FORMAT, FORMAT_KEY, GENERATION_KEY};
use crate::store::{DROP_LIMIT, Store, bounded};
use crate::{Keyspace, StoreError};

/// The size when it was written anew last.
const SETTLED_KEY: &str = "settled_bytes";
/// Below this nothing is worth the work.
const WORTH_BYTES: u64 = 16 << 20;
/// So many times its settled size a database may take.
const GROWTH: u64 = 3;
/// Room that must be left beside a second database.
const SPARE_BYTES: u64 = 8 << 20;
/// Entries that are copied at a time.
const COPY_ENTRIES: usize = 1024;

/// Removes what a rewriting that was cut short left behind.
pub(crate) fn remove_leftover(dir: &Path) -> Result<(), StoreError> {
    let draft = dir.join("sled.new");
    match fs::remove_dir_all(&draft) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(|e| io_error("removing", &draft, e)),
    }
}

/// Makes every file below a folder durable.
fn sync_all(folder: &Path) -> Result<(), StoreError> {
    let entries = fs::read_dir(folder).map_err(|e| io_error("listing", folder, e))?;
    for entry in entries {
        let path = entry.map_err(|e| io_error("listing", folder, e))?.path();
        if path.is_dir() {
            sync_all(&path)?;
        } else {
            let file = File::open(&path).map_err(|e| io_error("opening", &path, e))?;
            file.sync_all().map_err(|e| io_error("syncing", &path, e))?;
        }
    }
    sync_folder(folder)
}

/// Says whether it came to the end.
fn copy(
    (from, to): (&Engine, &Engine),
    keyspace: Keyspace,
    path: &Path,
    goes_on: &dyn Fn() -> bool,
) -> Result<bool, StoreError> {
    let (source, target) = (from.tree(keyspace)?, to.tree(keyspace)?);
    let mut batch = sled::Batch::default();
    let mut count = 0;
    for entry in source {
        let (key, value) = guarded("read", path, || entry)?;
        batch.insert(key, value);
        count += 1;
        if count % COPY_ENTRIES == 0 {
            let full = std::mem::take(&mut batch);
            guarded("written", path, || target.apply_batch(full))?;
            if !goes_on() {
                return Ok(false);
            }
        }
    }
    guarded("written", path, || target.apply_batch(batch))?;
    Ok(true)
}

impl Store {
    /// Whether [`rewrite`](Self::rewrite) is worth it and possible: the database
    /// takes 16 MiB and three times what it took after the last time, and the
    /// disk has room for a second one.
    #[must_use]
    pub fn is_bloated(&self) -> bool {
        let taken = Self::bytes_below(&self.dir.join("sled"));
        if taken < WORTH_BYTES {
            return false;
        }
        let settled = {
            let engine = self.engine();
            engine.as_ref().and_then(|engine| engine.number(&self.dir, SETTLED_KEY).ok().flatten())
        };
        let has_room = rustix::fs::statvfs(&self.dir)
            .is_ok_and(|stat| stat.f_bavail.saturating_mul(stat.f_frsize) > taken + SPARE_BYTES);
        has_room && taken > settled.unwrap_or(0).saturating_mul(GROWTH)
    }

    /// Writes the database anew, with what is alive in it and nothing else,
    /// unless `goes_on` says no meanwhile; says whether it did. Changes and
    /// commits wait as long as that takes, readers only for the swap. What was
    /// applied and not committed is durable afterwards.
    ///
    /// # Errors
    /// The disk's or the engine's error: the database is as before then. Only
    /// [`StoreError::Unavailable`] means that it must be opened again
    /// ([`reopen`](Self::reopen)); nothing is lost.
    pub fn rewrite(&self, goes_on: impl Fn() -> bool) -> Result<bool, StoreError> {
        let progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        remove_leftover(&self.dir)?;
        let is_drafted = self.draft(progress.generation, &goes_on);
        if !matches!(is_drafted, Ok(true)) {
            if let Err(e) = remove_leftover(&self.dir) {
                tracing::warn!("{e}; the next opening removes it");
            }
            return is_drafted;
        }
        let swapped = self.swap();
        drop(progress);
        let removed = remove_leftover(&self.dir);
        swapped.and(removed).map(|()| true)
    }

    fn opened(&self, path: &Path) -> Result<Engine, StoreError> {
        match Engine::open(path, &self.keyspaces) {
            Ok(engine) => Ok(engine),
            Err(Refusal::Stop(error)) => Err(error),
            Err(Refusal::Damage(cause)) => {
                Err(StoreError::Panicked { doing: "created", path: path.to_owned(), cause })
            }
        }
    }

    /// A durable copy beside the database.
    fn draft(&self, generation: u64, goes_on: &dyn Fn() -> bool) -> Result<bool, StoreError> {
        let path = self.dir.join("sled.new");
        let slot = self.engine();
        let former = slot.as_ref().ok_or_else(|| self.unavailable())?;
        let fresh = self.opened(&path)?;
        for keyspace in &self.keyspaces {
            if !copy((former, &fresh), *keyspace, &path, goes_on)? {
                return Ok(false);
            }
        }
        fresh.set_number(&path, FORMAT_KEY, u64::from(FORMAT))?;
        fresh.set_number(&path, GENERATION_KEY, generation)?;
        fresh.sync(&path)?;
        fresh.set_number(&path, SETTLED_KEY, Self::bytes_below(&path))?;
        fresh.sync(&path)?;
        // It writes below the name that it was opened under.
        bounded(DROP_LIMIT, move || drop(fresh)).ok_or_else(|| self.unavailable())?;
        sync_all(&path)?;
        Ok(true)
    }

    fn swap(&self) -> Result<(), StoreError> {
        let (home, draft) = (self.dir.join("sled"), self.dir.join("sled.new"));
        let mut slot = self.engine.write().unwrap_or_else(PoisonError::into_inner);
        let former = slot.take();
        bounded(DROP_LIMIT, move || drop(former)).ok_or_else(|| self.unavailable())?;
        let swapped = renameat_with(CWD, &draft, CWD, &home, RenameFlags::EXCHANGE)
            .map_err(|e| io_error("swapping", &draft, e.into()))
            .and_then(|()| sync_folder(&self.dir));
        // Whichever of the two has the name now is whole.
        let opened = self.opened(&home).map_err(|error| {
            tracing::error!("{error}; the database is opened again with the next commit");
            self.unavailable()
        })?;
        *slot = Some(opened);
        swapped
    }
}
