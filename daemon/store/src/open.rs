//! Opening, with a ladder of remedies: as it is → without sled's snapshots →
//! set aside and fresh.

use std::fs;
use std::path::{Path, PathBuf};

use tracing::{error, info, warn};

use crate::engine::{Engine, Refusal, io_error, snapshots, sync_folder};
use crate::generation::GenerationFile;
use crate::rewrite::remove_leftover;
use crate::{Keyspace, StoreError};

/// The format of keys and values that this crate writes.
pub(crate) const FORMAT: u32 = 1;
pub(crate) const FORMAT_KEY: &str = "format";
pub(crate) const GENERATION_KEY: &str = "generation";
const KEPT_QUARANTINES: usize = 3;

/// What was found when the store was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// There was no database; an empty one was made.
    Fresh,
    /// The database is as it was left, or newer than what was known of it.
    Existing {
        /// Commits over its life.
        generation: u64,
    },
    /// The database opened, but commits that were durable are gone from it.
    RolledBack {
        /// The generation found.
        generation: u64,
        /// The generation that was durable once.
        expected: u64,
    },
    /// The database was unusable or empty; it was set aside and an empty one
    /// was made.
    Quarantined {
        /// Where the former files are now.
        to: PathBuf,
        /// What was wrong.
        cause: String,
    },
    /// The database is gone, though its side file is there; an empty one was
    /// made.
    Missing {
        /// The generation that was durable once.
        expected: u64,
    },
}

impl Opened {
    /// Whether facts that were durable once are, or may be, missing.
    #[must_use]
    pub fn lost_something(&self) -> bool {
        matches!(self, Self::RolledBack { .. } | Self::Quarantined { .. } | Self::Missing { .. })
    }
}

/// A database that is ready, and what it took.
pub(crate) struct Ready {
    pub(crate) engine: Engine,
    pub(crate) side: GenerationFile,
    pub(crate) generation: u64,
    pub(crate) opened: Opened,
}

fn quarantine(dir: &Path, home: &Path) -> Result<PathBuf, StoreError> {
    let mut taken: Vec<PathBuf> = fs::read_dir(dir)
        .map_err(|e| io_error("listing", dir, e))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("quarantine-")))
        .collect();
    taken.sort();
    let newest =
        taken.last().and_then(|p| p.to_string_lossy().rsplit('-').next()?.parse().ok()).unwrap_or(0_u32);
    let to = dir.join(format!("quarantine-{:04}", newest + 1));
    fs::rename(home, &to).map_err(|e| io_error("setting aside", home, e))?;
    while taken.len() >= KEPT_QUARANTINES {
        let oldest = taken.remove(0);
        if let Err(e) = fs::remove_dir_all(&oldest) {
            warn!("removing the old quarantine {} failed: {e}", oldest.display());
        }
    }
    sync_folder(dir)?;
    Ok(to)
}

/// Opens and, when that fails for damage or comes back with less than it had,
/// tries once more without snapshots.
fn open_or_replay(home: &Path, keyspaces: &[Keyspace], expected: u64) -> Result<(Engine, u64), Refusal> {
    let look = || -> Result<(Engine, u64), Refusal> {
        let engine = Engine::open(home, keyspaces)?;
        match engine.number(home, GENERATION_KEY) {
            Ok(generation) => Ok((engine, generation.unwrap_or(0))),
            Err(e) => Err(Refusal::Damage(e.to_string())),
        }
    };
    let first = look();
    let satisfied = match &first {
        Ok((_, generation)) => *generation >= expected,
        Err(Refusal::Stop(_)) => true,
        Err(Refusal::Damage(_)) => false,
    };
    let snapshots = snapshots(home);
    if satisfied || snapshots.is_empty() {
        return first;
    }
    let first_cause = match first {
        Err(Refusal::Damage(cause)) => cause,
        Err(Refusal::Stop(error)) => return Err(Refusal::Stop(error)),
        Ok((engine, _)) => {
            // Its lock must be free for the next try.
            drop(engine);
            "it opened with less than it had".to_owned()
        }
    };
    warn!("opening {} again without sled's snapshots: {first_cause}", home.display());
    for snapshot in &snapshots {
        fs::remove_file(snapshot).map_err(|e| Refusal::Stop(io_error("removing", snapshot, e)))?;
    }
    look()
}

fn fresh(dir: &Path, home: &Path, keyspaces: &[Keyspace]) -> Result<(Engine, GenerationFile), StoreError> {
    let engine = match Engine::open(home, keyspaces) {
        Ok(engine) => engine,
        Err(Refusal::Stop(error)) => return Err(error),
        Err(Refusal::Damage(cause)) => {
            return Err(StoreError::Panicked { doing: "created", path: home.to_owned(), cause });
        }
    };
    engine.set_number(home, FORMAT_KEY, u64::from(FORMAT))?;
    engine.set_number(home, GENERATION_KEY, 1)?;
    engine.sync(home)?;
    for name in ["conf", "db"] {
        let path = home.join(name);
        let file = fs::File::open(&path).map_err(|e| io_error("opening", &path, e))?;
        file.sync_all().map_err(|e| io_error("syncing", &path, e))?;
    }
    sync_folder(home)?;
    let side = GenerationFile::create(dir, 1)?;
    Ok((engine, side))
}

pub(crate) fn open(dir: &Path, keyspaces: &[Keyspace]) -> Result<Ready, StoreError> {
    fs::create_dir_all(dir).map_err(|e| io_error("creating", dir, e))?;
    if let Some(parent) = dir.parent().filter(|p| !p.as_os_str().is_empty()) {
        sync_folder(parent)?;
    }
    remove_leftover(dir)?;
    let home = dir.join("sled");
    let side = GenerationFile::expected(dir)?;
    if let Some(side) = side {
        refuse_newer(&home, side.format)?;
    }
    let expected = side.map(|side| side.generation);
    let make_fresh = |opened: Opened| -> Result<Ready, StoreError> {
        let (engine, side) = fresh(dir, &home, keyspaces)?;
        Ok(Ready { engine, side, generation: 1, opened })
    };
    if !home.try_exists().map_err(|e| io_error("looking for", &home, e))? {
        return match expected {
            None => make_fresh(Opened::Fresh),
            Some(expected) => {
                error!("the database {} is gone; an empty one takes its place", home.display());
                make_fresh(Opened::Missing { expected })
            }
        };
    }
    let cause = match open_or_replay(&home, keyspaces, expected.unwrap_or(0)) {
        Ok((engine, 0)) if expected.is_some() => {
            drop(engine);
            "it opened empty".to_owned()
        }
        // Creation was cut short before anything was committed.
        Ok((engine, 0)) => {
            drop(engine);
            info!("the creation of {} was cut short; starting again", home.display());
            return make_fresh(Opened::Fresh);
        }
        Ok((engine, generation)) => return keep(dir, &home, engine, generation, expected),
        Err(Refusal::Stop(error)) => return Err(error),
        Err(Refusal::Damage(cause)) => cause,
    };
    let to = quarantine(dir, &home)?;
    error!("the database {} was set aside as {}: {cause}", home.display(), to.display());
    make_fresh(Opened::Quarantined { to, cause })
}

fn refuse_newer(home: &Path, found: u32) -> Result<(), StoreError> {
    if found > FORMAT {
        return Err(StoreError::NewerFormat { path: home.to_owned(), found, known: FORMAT });
    }
    Ok(())
}

fn keep(
    dir: &Path,
    home: &Path,
    engine: Engine,
    generation: u64,
    expected: Option<u64>,
) -> Result<Ready, StoreError> {
    let format = engine.number(home, FORMAT_KEY)?.unwrap_or(u64::from(FORMAT));
    refuse_newer(home, u32::try_from(format).unwrap_or(u32::MAX))?;
    // What was found may never have been synced: a read does not prove it.
    engine.sync(home)?;
    let side = GenerationFile::create(dir, generation)?;
    let opened = match expected {
        Some(expected) if generation < expected => {
            error!("the database {} fell back from generation {expected} to {generation}", home.display());
            Opened::RolledBack { generation, expected }
        }
        _ => Opened::Existing { generation },
    };
    Ok(Ready { engine, side, generation, opened })
}
