//! The open spool.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use lectern_api::Clock;
use lectern_store::Store;

use crate::SpoolError;
use crate::ballast::Ballast;
use crate::carried::CarriedLessons;
use crate::decisions::Decisions;
use crate::disk::{Disk, SystemDisk};
use crate::error::io_error;
use crate::facts::Facts;
use crate::index::{Changes, Index};
use crate::keyring::Keyring;
use crate::keys;
use crate::lock::FolderLock;
use crate::pool::Pool;
use crate::recovery;
use crate::report::OpenReport;
use crate::room::RoomMade;
use crate::segment::Writers;
use crate::unlock::Keys;

/// How large the spool may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Bytes on the disk that everything in the folder may take together.
    pub quota_bytes: u64,
    /// Size of a segment file; a larger fragment gets a segment of its own
    /// size, and near the end of the quota segments are smaller.
    pub segment_bytes: u64,
    /// Bytes that are left free on the disk, for the index and for others.
    pub reserve_bytes: u64,
}

impl Default for Options {
    /// 20 GiB in segments of 32 MiB, 64 MiB left free.
    fn default() -> Self {
        Self { quota_bytes: 20 << 30, segment_bytes: 32 << 20, reserve_bytes: 64 << 20 }
    }
}

/// Every lesson on this disk. All calls block and all are safe from any
/// thread; see the crate's documentation for the order of locks.
///
/// Dropping it commits nothing: what was acknowledged is found again when it is
/// opened. [`close`](Self::close) saves that work.
#[derive(Debug)]
pub struct Spool {
    writers: Mutex<Writers>,
    facts: Mutex<Facts>,
    pub(crate) decisions: Mutex<Decisions>,
    pub(crate) index: Index,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) options: Options,
    pub(crate) dir: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) pool: Pool,
    pub(crate) keys: Keys,
    pub(crate) ballast: Ballast,
    pub(crate) carried: CarriedLessons,
    closed: AtomicBool,
    _lock: FolderLock,
}

impl Spool {
    /// Opens the spool in a folder, which is made when missing, and mends what
    /// can be mended; the report tells what was found.
    ///
    /// # Errors
    /// [`SpoolError::InUse`], [`SpoolError::Newer`], which touched nothing, or an error of the disk or of the index that
    /// concerns the whole folder. Damage of single files is no error.
    pub fn open(
        dir: impl AsRef<Path>,
        options: Options,
        keyring: Keyring,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, OpenReport), SpoolError> {
        Self::open_on(Arc::new(SystemDisk), dir, options, keyring, clock)
    }

    /// The clock it was opened with.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// [`open`](Self::open) with segment files on another [`Disk`].
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_on(
        disk: Arc<dyn Disk>,
        dir: impl AsRef<Path>,
        options: Options,
        keyring: Keyring,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, OpenReport), SpoolError> {
        let dir = dir.as_ref().to_owned();
        let folder = dir.join("segments");
        fs::create_dir_all(&folder).map_err(|e| io_error("creating", &folder, e))?;
        let lock = FolderLock::take(&dir)?;
        disk.sync_folder(&dir).map_err(|e| io_error("syncing", &dir, e))?;
        recovery::refuse_newer(disk.as_ref(), &folder)?;
        let (store, opened) = Store::open(dir.join("index"), &keys::ALL)?;
        let index = Index::new(store);
        let decisions = Decisions::open(&disk, &dir)?;
        let (mut facts, mut report) = recovery::recover(disk.as_ref(), &folder, &index, opened, &decisions)?;
        let pool = Pool::open(disk.as_ref(), &dir, &options)?;
        let ballast = Ballast::open(&disk, &dir, &options);
        facts.last_epoch = facts.last_epoch.max(pool.last_epoch());
        let spool = Self {
            writers: Mutex::default(),
            facts: Mutex::new(facts),
            decisions: Mutex::new(decisions),
            index,
            clock,
            disk,
            options,
            dir,
            folder,
            pool,
            keys: Keys::new(keyring),
            ballast,
            carried: CarriedLessons::default(),
            closed: AtomicBool::new(false),
            _lock: lock,
        };
        report.locked_lessons = spool.locked_lessons();
        if let Err(error) = spool.repeat_deletions() {
            tracing::error!(
                "{error}; deletions whose decision cannot be read are written down at the next start"
            );
        }
        if let Err(error) = spool.unlink_doomed(&mut RoomMade::default()) {
            tracing::error!("{error}; the files of lessons that are gone go later");
        }
        Ok((spool, report))
    }

    /// Never held while anything is written or synced.
    pub(crate) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Taken before `facts`, held while a segment is written.
    pub(crate) fn writers(&self) -> Result<MutexGuard<'_, Writers>, SpoolError> {
        let writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner);
        if self.closed.load(Ordering::Acquire) { Err(SpoolError::Closed) } else { Ok(writers) }
    }

    pub(crate) fn stage(&self, changes: Changes, fragments: u32) {
        self.index.stage(changes, fragments, self.clock.monotonic());
    }

    /// Commits the index when 32 fragments or a second have passed since the
    /// last commit. Every append does this by itself; call it each second for
    /// the time after the last one. Says whether it committed.
    ///
    /// # Errors
    /// The index's error. Nothing is lost: the facts stay in memory for the
    /// next commit, and the segments hold what cannot be made again.
    pub fn commit_if_due(&self) -> Result<bool, SpoolError> {
        let due = self.index.is_due(self.clock.monotonic());
        if due {
            self.commit()?;
        }
        Ok(due)
    }

    /// Commits the index now.
    ///
    /// # Errors
    /// As [`commit_if_due`](Self::commit_if_due).
    pub fn commit(&self) -> Result<(), SpoolError> {
        if !self.index.has_changes() {
            return Ok(());
        }
        self.with_ballast(|| Ok(self.index.commit()?))
    }

    /// For operations whose own durability does not hang on the index.
    pub(crate) fn commit_quietly_if_due(&self) {
        if let Err(error) = self.commit_if_due() {
            tracing::warn!("{error}; the fragments are safe, the index is committed later");
        }
    }

    /// Seals the segments and commits, within `limit`. Every other operation
    /// that writes is refused from here on. On a dead disk the work goes on in
    /// a thread that the caller leaves behind by ending the process.
    ///
    /// # Errors
    /// The commit's error or [`SpoolError::CloseTimeout`]. What was
    /// acknowledged is durable either way.
    pub fn close(self: &Arc<Self>, limit: Duration) -> Result<(), SpoolError> {
        let spool = Arc::clone(self);
        let (done, wait) = sync_channel(1);
        let end = move || {
            let outcome = spool.seal_all().and_then(|()| spool.commit());
            drop(spool);
            // The receiver is gone when the limit has passed; then nobody asks.
            let _ = done.send(outcome);
        };
        let spawned = thread::Builder::new().name("spool-close".into()).spawn(end);
        spawned.map_err(|e| io_error("starting a thread to close", &self.dir, e))?;
        wait.recv_timeout(limit).unwrap_or(Err(SpoolError::CloseTimeout(limit)))
    }

    fn seal_all(&self) -> Result<(), SpoolError> {
        let mut writers = match self.writers() {
            Err(SpoolError::Closed) => return Ok(()),
            other => other?,
        };
        self.closed.store(true, Ordering::Release);
        for (_, writer) in std::mem::take(&mut writers.open) {
            if let Some(segment) = writer.segment {
                self.seal(segment);
            }
        }
        Ok(())
    }
}
