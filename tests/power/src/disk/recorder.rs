//! A FUSE file system with two files: `disk`, which a loop device stands on,
//! and `marks`, into which the process above writes lines. Both go into one
//! log, so that it is known which write or flush a line came after.
//!
//! The loop device turns each flush of its block device into an `fsync` of its
//! file. Writes reach us at once: this file system has no write-back cache.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fuser::{BackgroundSession, MountOption};

use super::files::Files;
use super::{Behaviour, Counts, Event, Log, NEEDS, Records};

/// Each disk has a number of its own, so that nothing of a former one is left
/// in the kernel's cache.
const FIRST_DISK: u64 = 16;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) disk: Vec<u8>,
    pub(crate) number: u64,
    pub(crate) behaviour: Behaviour,
    counts: Counts,
    log: Log,
    /// A line whose end has not come yet.
    line: Vec<u8>,
}

impl State {
    /// Takes bytes; false when they do not fit on the disk.
    pub(crate) fn write(&mut self, offset: u64, bytes: &[u8]) -> bool {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let place = offset.checked_add(bytes.len()).and_then(|to| self.disk.get_mut(offset..to));
        let Some(place) = place else { return false };
        place.copy_from_slice(bytes);
        self.counts.writes += 1;
        self.counts.written_bytes += bytes.len() as u64;
        if self.behaviour.records == Records::Everything {
            self.log.events.push(Event::Write { offset, bytes: bytes.into() });
        }
        true
    }

    pub(crate) fn flush(&mut self) {
        self.counts.flushes += 1;
        if self.behaviour.records == Records::Everything {
            self.log.events.push(Event::Flush);
        }
    }

    /// Takes a part of what the process above says.
    pub(crate) fn mark(&mut self, words: &[u8]) {
        self.line.extend_from_slice(words);
        while let Some(end) = self.line.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.line.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line[..end]).into_owned();
            self.log.events.push(Event::Mark(line));
        }
    }
}

pub(crate) type Shared = Arc<Mutex<State>>;

pub(crate) fn lock(state: &Shared) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The file system, mounted until dropped.
#[derive(Debug)]
pub struct Recorder {
    state: Shared,
    folder: PathBuf,
    session: Option<BackgroundSession>,
}

impl Recorder {
    /// Mounts it on an empty folder.
    ///
    /// # Errors
    /// What the kernel says, most often that we are not root or that there is
    /// no `/dev/fuse`.
    pub fn mount(folder: &Path, behaviour: Behaviour) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            disk: Vec::new(),
            number: FIRST_DISK,
            behaviour,
            counts: Counts::default(),
            log: Log::default(),
            line: Vec::new(),
        }));
        let mut config = fuser::Config::default();
        config.mount_options = vec![MountOption::FSName("lectern-power".into())];
        let session = fuser::spawn_mount(Files::of(&state), folder, &config).map_err(|e| {
            let what = format!("mounting FUSE on {} failed: {e}; {NEEDS}", folder.display());
            io::Error::new(e.kind(), what)
        })?;
        Ok(Self { state, folder: folder.to_owned(), session: Some(session) })
    }

    /// Puts another disk in, with an empty log and nothing counted.
    pub fn insert(&self, disk: Vec<u8>) {
        let mut state = lock(&self.state);
        state.number += 1;
        state.counts = Counts::default();
        let base = if state.behaviour.records == Records::Everything { disk.clone() } else { Vec::new() };
        state.log = Log { base, events: Vec::new() };
        state.line.clear();
        state.disk = disk;
    }

    /// The log since the disk was put in; a new one begins.
    #[must_use]
    pub fn take_log(&self) -> Log {
        std::mem::take(&mut lock(&self.state).log)
    }

    /// What the disk was asked to do since it was put in.
    #[must_use]
    pub fn counts(&self) -> Counts {
        lock(&self.state).counts
    }

    /// The disk's file, for the loop device.
    #[must_use]
    pub fn disk(&self) -> PathBuf {
        self.folder.join(format!("disk-{}", lock(&self.state).number))
    }

    /// The file that takes lines.
    #[must_use]
    pub fn marks(&self) -> PathBuf {
        self.folder.join("marks")
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        if let Err(error) = session.umount_and_join() {
            eprintln!("unmounting {} failed: {error}", self.folder.display());
        }
    }
}
