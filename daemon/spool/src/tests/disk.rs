//! A disk that fails when it is told to, and that forgets what was not synced.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::disk::{Disk, DiskFile, FileSize, SystemDisk};

/// What the disk does from a given operation on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    /// The operation that fails first; writes, syncs and changes of names count.
    pub(super) at: u64,
    /// How many fail.
    pub(super) length: u64,
    /// With what; a write puts half of its bytes on the disk before.
    pub(super) errno: i32,
}

#[derive(Debug, Default)]
struct State {
    operations: u64,
    fault: Option<Fault>,
    /// Writes to this file, or to any, at and behind this offset fail for good.
    bad_place: Option<(Option<PathBuf>, u64)>,
    /// What was under each write that is not synced, in order.
    unsynced: Vec<(PathBuf, u64, Vec<u8>)>,
    /// Names that are not synced, in order: the new one, and the old one when
    /// the file had another.
    new_names: Vec<(PathBuf, Option<PathBuf>)>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct TestDisk(Arc<Mutex<State>>);

#[derive(Debug)]
struct TestFile {
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    disk: TestDisk,
}

impl TestDisk {
    pub(super) fn fail(&self, fault: Option<Fault>) {
        let mut state = self.0.lock().unwrap();
        state.operations = 0;
        state.fault = fault;
    }

    pub(super) fn fail_at(&self, path: Option<&Path>, offset: u64) {
        self.0.lock().unwrap().bad_place = Some((path.map(Path::to_owned), offset));
    }

    pub(super) fn operations(&self) -> u64 {
        self.0.lock().unwrap().operations
    }

    fn step(&self) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        let now = state.operations;
        state.operations += 1;
        match state.fault {
            Some(fault) if (fault.at..fault.at + fault.length).contains(&now) => {
                Err(io::Error::from_raw_os_error(fault.errno))
            }
            _ => Ok(()),
        }
    }

    /// The power goes: of what was not synced, the writes chosen by `keeps`
    /// stay, the others never happened.
    pub(super) fn cut_power(&self, mut keeps: impl FnMut() -> bool) {
        let mut state = self.0.lock().unwrap();
        let lost: Vec<_> = std::mem::take(&mut state.new_names).into_iter().filter(|_| !keeps()).collect();
        for (path, offset, before) in std::mem::take(&mut state.unsynced).into_iter().rev() {
            if !keeps() && path.exists() {
                let file = SystemDisk.open(&path).unwrap();
                crate::disk::write_all(file.as_ref(), &before, offset).unwrap();
            }
        }
        for (path, before) in lost.into_iter().rev().filter(|(path, _)| path.exists()) {
            match before {
                Some(before) => std::fs::rename(path, before).unwrap(),
                None => std::fs::remove_file(path).unwrap(),
            }
        }
    }
}

impl Disk for TestDisk {
    fn create(&self, path: &Path, bytes: u64) -> io::Result<Arc<dyn DiskFile>> {
        self.step()?;
        let file = SystemDisk.create(path, bytes)?;
        self.0.lock().unwrap().new_names.push((path.to_owned(), None));
        Ok(Arc::new(TestFile { file, path: path.to_owned(), disk: self.clone() }))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = SystemDisk.open(path)?;
        Ok(Arc::new(TestFile { file, path: path.to_owned(), disk: self.clone() }))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        self.0.lock().unwrap().new_names.clear();
        SystemDisk.sync_folder(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        SystemDisk.rename(from, to)?;
        let mut state = self.0.lock().unwrap();
        for (path, _, _) in state.unsynced.iter_mut().filter(|(path, _, _)| path == from) {
            *path = to.to_owned();
        }
        state.new_names.push((to.to_owned(), Some(from.to_owned())));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        SystemDisk.remove(path)
    }

    fn free_bytes(&self, path: &Path) -> io::Result<u64> {
        SystemDisk.free_bytes(path)
    }
}

impl TestFile {
    fn synced(&self) {
        self.disk.0.lock().unwrap().unsynced.retain(|(path, _, _)| *path != self.path);
    }
}

impl DiskFile for TestFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let bad = self.disk.0.lock().unwrap().bad_place.clone();
        if bad.is_some_and(|(path, from)| path.is_none_or(|path| path == self.path) && offset >= from) {
            return Err(io::Error::from_raw_os_error(5));
        }
        let allowed = self.disk.step();
        // Short writes are the rule here: at most 20 000 bytes, half when failing.
        let bytes = &bytes[..bytes.len().min(20_000)];
        let bytes = if allowed.is_err() { &bytes[..bytes.len() / 2] } else { bytes };
        let mut before = vec![0; bytes.len()];
        let mut read = 0;
        while read < before.len() {
            match self.file.read_at(&mut before[read..], offset + read as u64)? {
                0 => break,
                n => read += n,
            }
        }
        self.disk.0.lock().unwrap().unsynced.push((self.path.clone(), offset, before));
        crate::disk::write_all(self.file.as_ref(), bytes, offset)?;
        allowed.map(|()| bytes.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let length = buffer.len().min(50_000);
        self.file.read_at(&mut buffer[..length], offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.step()?;
        self.synced();
        self.file.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.disk.step()?;
        self.synced();
        self.file.sync_all()
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        self.disk.step()?;
        self.file.truncate(bytes)
    }

    fn size(&self) -> io::Result<FileSize> {
        self.file.size()
    }
}
