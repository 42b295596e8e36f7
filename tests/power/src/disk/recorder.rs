//! A FUSE file system with two files: `disk`, which a loop device stands on,
//! and `marks`, into which the process above writes lines. Both go into one
//! log, so that it is known which write or flush a line came after.
//!
//! The loop device turns each flush of its block device into an `fsync` of its
//! file. Writes reach us at once: this file system has no write-back cache.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use fuser::{
    BackgroundSession, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo,
    KernelConfig, LockOwner, MountOption, OpenFlags, ReplyAttr, ReplyData, ReplyEmpty, ReplyEntry, ReplyOpen,
    ReplyWrite, Request, WriteFlags,
};

use super::{DISK_BYTES, Event, Log, NEEDS};

const TTL: Duration = Duration::from_secs(3600);
const MARKS: INodeNo = INodeNo(2);
/// Each disk has a number of its own, so that nothing of a former one is left
/// in the kernel's cache.
const FIRST_DISK: u64 = 16;

/// Whether flushes count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flushes {
    /// As a good disk does.
    Kept,
    /// The disk says yes and does nothing: the control, which must lose
    /// something.
    Ignored,
}

#[derive(Debug)]
struct State {
    disk: Vec<u8>,
    number: u64,
    log: Log,
    /// A line whose end has not come yet.
    line: Vec<u8>,
    flushes: Flushes,
}

type Shared = Arc<Mutex<State>>;

fn lock(state: &Shared) -> MutexGuard<'_, State> {
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
    pub fn mount(folder: &Path, flushes: Flushes) -> io::Result<Self> {
        let state =
            State { disk: Vec::new(), number: FIRST_DISK, log: Log::default(), line: Vec::new(), flushes };
        let state = Arc::new(Mutex::new(state));
        let mut config = fuser::Config::default();
        config.mount_options = vec![MountOption::FSName("lectern-power".into())];
        let session = fuser::spawn_mount(Files(Arc::clone(&state)), folder, &config).map_err(|e| {
            let what = format!("mounting FUSE on {} failed: {e}; {NEEDS}", folder.display());
            io::Error::new(e.kind(), what)
        })?;
        Ok(Self { state, folder: folder.to_owned(), session: Some(session) })
    }

    /// Puts another disk in, with an empty log.
    pub fn insert(&self, disk: Vec<u8>) {
        let mut state = lock(&self.state);
        state.number += 1;
        state.log = Log { base: disk.clone(), events: Vec::new() };
        state.line.clear();
        state.disk = disk;
    }

    /// The log since the disk was put in; a new one begins.
    #[must_use]
    pub fn take_log(&self) -> Log {
        std::mem::take(&mut lock(&self.state).log)
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

#[derive(Debug)]
struct Files(Shared);

fn attr(ino: INodeNo, kind: FileType, size: u64) -> FileAttr {
    FileAttr {
        ino,
        size,
        blocks: size / 512,
        atime: UNIX_EPOCH,
        mtime: UNIX_EPOCH,
        ctime: UNIX_EPOCH,
        crtime: UNIX_EPOCH,
        kind,
        perm: 0o755,
        nlink: 1,
        uid: 0,
        gid: 0,
        rdev: 0,
        flags: 0,
        blksize: 4096,
    }
}

impl Files {
    fn attr(ino: INodeNo) -> FileAttr {
        match ino {
            INodeNo::ROOT => attr(ino, FileType::Directory, 0),
            MARKS => attr(ino, FileType::RegularFile, 0),
            _ => attr(ino, FileType::RegularFile, DISK_BYTES as u64),
        }
    }
}

impl Filesystem for Files {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> io::Result<()> {
        // As many bytes at once as the kernel gives; a smaller limit serves too.
        if let Err(nearest) = config.set_max_write(1 << 20) {
            let _ = config.set_max_write(nearest);
        }
        Ok(())
    }

    fn lookup(&self, _: &Request, _: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let number = name.to_str().and_then(|name| name.strip_prefix("disk-")).and_then(|n| n.parse().ok());
        match number.map(INodeNo).or_else(|| (name == "marks").then_some(MARKS)) {
            Some(ino) => reply.entry(&TTL, &Self::attr(ino), Generation(0)),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        reply.attr(&TTL, &Self::attr(ino));
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u64>,
        _: Option<fuser::TimeOrNow>,
        _: Option<fuser::TimeOrNow>,
        _: Option<std::time::SystemTime>,
        _: Option<FileHandle>,
        _: Option<std::time::SystemTime>,
        _: Option<std::time::SystemTime>,
        _: Option<std::time::SystemTime>,
        _: Option<fuser::BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        reply.attr(&TTL, &Self::attr(ino));
    }

    fn open(&self, _: &Request, ino: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        let flags = if ino == MARKS { FopenFlags::FOPEN_DIRECT_IO } else { FopenFlags::empty() };
        reply.opened(FileHandle(0), flags);
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let state = lock(&self.0);
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        match state.disk.get(from..) {
            Some(rest) if ino.0 == state.number => reply.data(&rest[..rest.len().min(size as usize)]),
            _ => reply.data(&[]),
        }
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let mut state = lock(&self.0);
        let state = &mut *state;
        if ino == MARKS {
            state.line.extend_from_slice(data);
            while let Some(end) = state.line.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = state.line.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line[..end]).into_owned();
                state.log.events.push(Event::Mark(line));
            }
        } else {
            let from = usize::try_from(offset).unwrap_or(usize::MAX);
            let place = from.checked_add(data.len()).and_then(|to| state.disk.get_mut(from..to));
            let Some(place) = place.filter(|_| ino.0 == state.number) else {
                return reply.error(Errno::ENOSPC);
            };
            place.copy_from_slice(data);
            state.log.events.push(Event::Write { offset: from, bytes: data.into() });
        }
        reply.written(u32::try_from(data.len()).unwrap_or(u32::MAX));
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        let mut state = lock(&self.0);
        if ino.0 == state.number && state.flushes == Flushes::Kept {
            state.log.events.push(Event::Flush);
        }
        reply.ok();
    }
}
