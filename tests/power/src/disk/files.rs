//! The two files of the recorder, as the kernel asks for them.

use std::ffi::OsStr;
use std::io;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use fuser::{
    Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, KernelConfig,
    LockOwner, OpenFlags, ReplyAttr, ReplyData, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyWrite, Request,
    WriteFlags,
};

use super::Flushes;
use super::recorder::{Shared, lock};

const TTL: Duration = Duration::from_secs(3600);
const MARKS: INodeNo = INodeNo(2);

/// What the kernel sees.
#[derive(Debug)]
pub(crate) struct Files(Shared);

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
    pub(crate) fn of(state: &Shared) -> Self {
        Self(Arc::clone(state))
    }

    fn attr(&self, ino: INodeNo) -> FileAttr {
        match ino {
            INodeNo::ROOT => attr(ino, FileType::Directory, 0),
            MARKS => attr(ino, FileType::RegularFile, 0),
            _ => attr(ino, FileType::RegularFile, lock(&self.0).disk.len() as u64),
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
            Some(ino) => reply.entry(&TTL, &self.attr(ino), Generation(0)),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        reply.attr(&TTL, &self.attr(ino));
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
        reply.attr(&TTL, &self.attr(ino));
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
        if ino == MARKS {
            state.mark(data);
        } else if ino.0 != state.number || !state.write(offset, data) {
            return reply.error(Errno::ENOSPC);
        }
        reply.written(u32::try_from(data.len()).unwrap_or(u32::MAX));
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        let behaviour = lock(&self.0).behaviour;
        let shared = Arc::clone(&self.0);
        let finish = move || {
            let mut state = lock(&shared);
            if ino.0 == state.number && behaviour.flushes == Flushes::Kept {
                state.flush();
            }
            drop(state);
            reply.ok();
        };
        if behaviour.flush_takes.is_zero() {
            return finish();
        }
        // Reads and writes go on meanwhile, as on a disk.
        std::thread::spawn(move || {
            std::thread::sleep(behaviour.flush_takes);
            finish();
        });
    }
}
