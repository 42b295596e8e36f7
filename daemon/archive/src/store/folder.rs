//! A folder of this machine, and what `object_store` leaves open for it.
//!
//! It writes to a temporary name, syncs the file, renames it and syncs the
//! folder, and syncs the parents that it created itself. A parent that an
//! earlier process created and was killed before syncing is not among those,
//! nor one that a second upload is just creating: so every folder up to the
//! root is synced once more, the first time that a file is put into it.
//!
//! **A hung medium** (a server that went away behind NFS, a failing stick)
//! holds a thread for as long as it likes, and nothing can call it back. So
//! calls go one at a time, and while one is overdue every other is told
//! [`StoreError::TimedOut`] at once: one thread waits, never a crowd.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use object_store::local::LocalFileSystem;
use tokio::runtime::Handle;

use super::answer::of_disk;
use super::transport::{Entry, Found, Place, Transport};
use super::{StoreError, Timeouts, objects};

/// Folders remembered; beyond it all are forgotten and synced once more.
const REMEMBERED: usize = 256;

/// The root of a folder store.
pub(super) struct Folder {
    medium: Arc<Medium>,
    /// One call at a time; the guard goes with the call into its thread.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Whether the call that was last given up has come back since.
    overdue: Mutex<Option<Arc<AtomicBool>>>,
}

struct Medium {
    disk: LocalFileSystem,
    root: PathBuf,
    mount_point: Option<PathBuf>,
    durable: Mutex<HashSet<PathBuf>>,
}

impl Folder {
    pub(super) fn new(root: PathBuf, mount_point: Option<PathBuf>) -> Self {
        let disk = LocalFileSystem::new().with_fsync(true);
        let medium = Medium { disk, root, mount_point, durable: Mutex::new(HashSet::new()) };
        Self { medium: Arc::new(medium), turn: Arc::default(), overdue: Mutex::new(None) }
    }

    /// Runs one call in a thread of its own, after the root was found there.
    async fn call<T: Send + 'static>(
        &self,
        at: &Place<'_>,
        limit: Duration,
        call: impl FnOnce(&Medium, &Item) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        if self.is_overdue() {
            return Err(at.timed_out(limit));
        }
        let turn = tokio::time::timeout(limit, Arc::clone(&self.turn).lock_owned());
        let turn = turn.await.map_err(|_| at.timed_out(limit))?;
        let (medium, item) = (Arc::clone(&self.medium), Item::new(at));
        let back = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&back);
        let running = tokio::task::spawn_blocking(move || {
            // Where a stick should be mounted, the files would fill the system's
            // own disk: the root is looked for and never created.
            let outcome = if medium.is_there() {
                call(&medium, &item)
            } else {
                Err(StoreError::NotMounted { store: medium.root.display().to_string() })
            };
            ended.store(true, Ordering::Release);
            drop(turn);
            outcome
        });
        match tokio::time::timeout(limit, running).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(stopped)) => Err(at.interrupted(stopped)),
            Err(_) => {
                *self.overdue.lock().unwrap_or_else(PoisonError::into_inner) = Some(back);
                Err(at.timed_out(limit))
            }
        }
    }

    fn is_overdue(&self) -> bool {
        let overdue = self.overdue.lock().unwrap_or_else(PoisonError::into_inner);
        overdue.as_ref().is_some_and(|back| !back.load(Ordering::Acquire))
    }
}

#[async_trait]
impl Transport for Folder {
    async fn put(&self, at: &Place<'_>, bytes: Bytes) -> Result<(), StoreError> {
        let limit = at.timeouts.total(bytes.len() as u64);
        let runtime = Handle::current();
        let put = move |medium: &Medium, item: &Item| {
            runtime.block_on(objects::put(&medium.disk, &item.place(), bytes))?;
            medium.settle(&item.file).map_err(|error| item.io(&error))
        };
        self.call(at, limit, put).await
    }

    async fn get(&self, at: &Place<'_>) -> Result<Option<Vec<u8>>, StoreError> {
        let get = |_: &Medium, item: &Item| {
            let Some(mut file) = item.absent(File::open(&item.file))? else { return Ok(None) };
            let meta = file.metadata().map_err(|error| item.io(&error))?;
            if !meta.is_file() {
                return Ok(None);
            }
            item.place().refuse_absurd(meta.len())?;
            let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
            let read = file.by_ref().take(item.limit_bytes + 1).read_to_end(&mut bytes);
            read.map_err(|error| item.io(&error))?;
            item.place().refuse_absurd(bytes.len() as u64)?;
            Ok(Some(bytes))
        };
        self.call(at, at.limit(), get).await
    }

    async fn find(&self, at: &Place<'_>) -> Result<Option<Found>, StoreError> {
        let find = |_: &Medium, item: &Item| {
            let meta = item.absent(fs::metadata(&item.file))?.filter(fs::Metadata::is_file);
            Ok(meta.map(|meta| Found { bytes: meta.len(), md5: None }))
        };
        self.call(at, at.limit(), find).await
    }

    async fn list(&self, at: &Place<'_>) -> Result<Vec<Entry>, StoreError> {
        let list = |_: &Medium, item: &Item| {
            let mut entries = Vec::new();
            walk(&item.file, &item.location, &mut entries).map_err(|error| item.io(&error))?;
            Ok(entries)
        };
        self.call(at, at.limit(), list).await
    }

    async fn delete(&self, at: &Place<'_>) -> Result<(), StoreError> {
        let delete = |_: &Medium, item: &Item| {
            item.absent(fs::remove_file(&item.file).and_then(|()| sync_parent(&item.file)))?;
            Ok(())
        };
        self.call(at, at.limit(), delete).await
    }

    async fn delete_folder(&self, at: &Place<'_>) -> Result<(), StoreError> {
        let delete = |medium: &Medium, item: &Item| {
            medium.durable.lock().unwrap_or_else(PoisonError::into_inner).clear();
            item.absent(fs::remove_dir_all(&item.file).and_then(|()| sync_parent(&item.file)))?;
            Ok(())
        };
        self.call(at, at.limit(), delete).await
    }
}

impl Medium {
    fn is_there(&self) -> bool {
        self.root.is_dir() && self.mount_point.as_deref().is_none_or(is_mounted)
    }

    /// Makes every folder between the root and the file's durable, the root's
    /// own entries included.
    fn settle(&self, file: &Path) -> io::Result<()> {
        let Some(parent) = file.parent() else { return Ok(()) };
        let known = |durable: &HashSet<PathBuf>| durable.contains(parent);
        if known(&self.durable.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(());
        }
        sweep(parent)?;
        for folder in parent.ancestors().take_while(|folder| folder.starts_with(&self.root)) {
            File::open(folder)?.sync_all()?;
        }
        let mut durable = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        if durable.len() >= REMEMBERED {
            durable.clear();
        }
        durable.insert(parent.to_owned());
        Ok(())
    }
}

/// Removes what an earlier process was killed over: `object_store` writes a
/// file as `NAME#1` and renames it. Calls go one at a time, so none of this
/// process's own is among them.
fn sweep(folder: &Path) -> io::Result<()> {
    for item in fs::read_dir(folder)? {
        let item = item?;
        let name = item.file_name();
        let staged = name.to_str().and_then(|name| name.rsplit_once('#'));
        let is_staged = staged.is_some_and(|(_, number)| number.parse::<u32>().is_ok());
        if is_staged && item.file_type()?.is_file() {
            fs::remove_file(item.path())?;
        }
    }
    Ok(())
}

/// Whether a file system is mounted at a folder. The kernel tells it since 5.8;
/// before, another device than the parent's does, which misses bind mounts.
fn is_mounted(folder: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, stat, statx};
    let told = statx(CWD, folder, AtFlags::empty(), StatxFlags::TYPE);
    match told {
        Ok(told) if told.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT) => {
            told.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)
        }
        _ => match (stat(folder), stat(folder.join(".."))) {
            (Ok(here), Ok(above)) => here.st_dev != above.st_dev || here.st_ino == above.st_ino,
            _ => false,
        },
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

/// Every file below a folder, without what an interrupted upload left behind.
fn walk(folder: &Path, location: &str, entries: &mut Vec<Entry>) -> io::Result<()> {
    let inside = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        inside => inside?,
    };
    for item in inside {
        let item = item?;
        let name = item.file_name();
        let Some(name) = name.to_str().filter(|name| crate::layout::is_legal(name)) else { continue };
        let path = format!("{location}/{name}");
        match item.metadata() {
            // Deleted while it was listed.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Ok(meta) if meta.is_dir() => walk(&item.path(), &path, entries)?,
            Ok(meta) if meta.is_file() => entries.push(Entry { path, bytes: meta.len() }),
            Ok(_) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A [`Place`] that a thread can own.
struct Item {
    store: String,
    path: String,
    location: String,
    file: PathBuf,
    limit_bytes: u64,
    timeouts: Timeouts,
}

impl Item {
    fn new(at: &Place<'_>) -> Self {
        Self {
            store: at.store.to_owned(),
            path: at.path.to_owned(),
            location: at.location.to_owned(),
            file: PathBuf::from(format!("/{}", at.location)),
            limit_bytes: at.limit_bytes,
            timeouts: at.timeouts,
        }
    }

    fn place(&self) -> Place<'_> {
        Place {
            store: &self.store,
            path: &self.path,
            location: &self.location,
            limit_bytes: self.limit_bytes,
            timeouts: self.timeouts,
        }
    }

    fn io(&self, error: &io::Error) -> StoreError {
        of_disk(self.store.clone(), self.path.clone(), error)
    }

    fn absent<T>(&self, outcome: io::Result<T>) -> Result<Option<T>, StoreError> {
        match outcome {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.io(&error)),
        }
    }
}
