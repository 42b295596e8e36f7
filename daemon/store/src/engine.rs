//! sled itself: opened with our settings, each call guarded against panics.

use std::any::Any;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::{Keyspace, StoreError};

const CACHE_BYTES: u64 = 8 << 20;
const SEGMENT_BYTES: usize = 512 << 10;
/// A handle dropped a moment ago may still hold sled's file lock from one of
/// sled's own threads.
const LOCK_TRIES: u32 = 300;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// sled's handles. `file` is a second descriptor of sled's `db` file: a sync
/// through it covers every write to that file, whoever made it.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) db: sled::Db,
    pub(crate) trees: BTreeMap<&'static str, sled::Tree>,
    pub(crate) file: File,
}

/// Why sled did not open.
pub(crate) enum Refusal {
    /// The files are damaged; another rung may help.
    Damage(String),
    /// The surroundings are at fault; the files must not be touched.
    Stop(StoreError),
}

pub(crate) fn io_error(doing: &'static str, path: &Path, source: io::Error) -> StoreError {
    StoreError::Io { doing, path: path.to_owned(), source }
}

/// Makes created, renamed and removed names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let folder = File::open(path).map_err(|e| io_error("opening", path, e))?;
    folder.sync_all().map_err(|e| io_error("syncing", path, e))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}

/// Calls into sled and turns a panic into an error.
pub(crate) fn guarded<T>(
    doing: &'static str,
    path: &Path,
    call: impl FnOnce() -> sled::Result<T>,
) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(source)) => Err(StoreError::Engine { doing, path: path.to_owned(), source: Box::new(source) }),
        Err(panic) => {
            Err(StoreError::Panicked { doing, path: path.to_owned(), cause: message(panic.as_ref()) })
        }
    }
}

fn is_lock_refusal(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(e) if e.to_string().contains("could not acquire lock"))
}

/// EIO is damage: what cannot be read any more is set aside, not waited for.
fn is_damage(error: &sled::Error) -> bool {
    match error {
        sled::Error::Io(e) => {
            matches!(
                e.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput
            ) || e.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
        }
        _ => true,
    }
}

fn attempt(path: &Path, keyspaces: &[Keyspace]) -> sled::Result<Engine> {
    let config = sled::Config::default()
        .path(path)
        .cache_capacity(CACHE_BYTES)
        .segment_size(SEGMENT_BYTES)
        .mode(sled::Mode::LowSpace)
        .flush_every_ms(None);
    let db = config.open()?;
    let mut trees = BTreeMap::new();
    for keyspace in keyspaces {
        let tree = db.open_tree(keyspace.name())?;
        // Touches both ends, so that damage there shows now.
        tree.first()?;
        tree.last()?;
        trees.insert(keyspace.name(), tree);
    }
    let file = File::options().read(true).write(true).open(path.join("db")).map_err(sled::Error::Io)?;
    Ok(Engine { db, trees, file })
}

impl Engine {
    pub(crate) fn open(path: &Path, keyspaces: &[Keyspace]) -> Result<Self, Refusal> {
        let mut tries = 0;
        loop {
            match guarded("opened", path, || attempt(path, keyspaces)) {
                Ok(engine) => return Ok(engine),
                Err(StoreError::Engine { source, .. }) if is_lock_refusal(&source) => {
                    tries += 1;
                    if tries == LOCK_TRIES {
                        return Err(Refusal::Stop(StoreError::InUse { path: path.to_owned() }));
                    }
                    thread::sleep(LOCK_PAUSE);
                }
                Err(StoreError::Engine { doing, path, source }) if !is_damage(&source) => {
                    return Err(Refusal::Stop(StoreError::Engine { doing, path, source }));
                }
                Err(error) => return Err(Refusal::Damage(error.to_string())),
            }
        }
    }

    pub(crate) fn tree(&self, keyspace: Keyspace) -> Result<&sled::Tree, StoreError> {
        self.trees.get(keyspace.name()).ok_or(StoreError::UnknownKeyspace(keyspace.name()))
    }

    /// A number kept in the database's own default tree.
    pub(crate) fn number(&self, path: &Path, key: &str) -> Result<Option<u64>, StoreError> {
        let value = guarded("read", path, || self.db.get(key))?;
        Ok(value.and_then(|bytes| bytes.as_ref().try_into().ok()).map(u64::from_be_bytes))
    }

    pub(crate) fn set_number(&self, path: &Path, key: &str, number: u64) -> Result<(), StoreError> {
        guarded("written", path, || self.db.insert(key, &number.to_be_bytes())).map(drop)
    }

    /// Everything written so far becomes durable.
    pub(crate) fn sync(&self, path: &Path) -> Result<(), StoreError> {
        guarded("flushed", path, || self.db.flush())?;
        self.file.sync_data().map_err(|e| io_error("syncing", &path.join("db"), e))
    }
}

/// sled's snapshot files: a cache of the log, made anew when missing.
pub(crate) fn snapshots(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(path) else { return Vec::new() };
    let named = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with("snap.");
    entries.flatten().filter(named).map(|entry| entry.path()).collect()
}
