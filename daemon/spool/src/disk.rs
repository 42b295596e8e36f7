//! The file operations of the spool, as a trait, so that a test can have a
//! disk that is full, broken or slow at any moment.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::io::Errno;

/// How large a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSize {
    /// Its length in bytes.
    pub bytes: u64,
    /// What it takes on the disk, in bytes.
    pub allocated_bytes: u64,
}

/// Where segment files live. Every error is the operating system's.
#[expect(clippy::missing_errors_doc, reason = "said once for all of them")]
pub trait Disk: Send + Sync + Debug {
    /// Makes a file that must not exist yet, with its blocks allocated.
    fn create(&self, path: &Path, bytes: u64) -> io::Result<Arc<dyn DiskFile>>;
    /// Opens a file to read and write.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;
    /// Makes the names in a folder durable.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// Gives a file another name on the same filesystem.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Bytes that the filesystem still gives to an unprivileged process.
    fn free_bytes(&self, path: &Path) -> io::Result<u64>;
}

/// An open segment file. Every error is the operating system's.
#[expect(clippy::missing_errors_doc, reason = "said once for all of them")]
pub trait DiskFile: Send + Sync + Debug {
    /// Writes some of the bytes; says how many.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;
    /// Lets the disk begin with bytes that were written, without waiting for it.
    /// Nothing becomes durable by it, and nothing depends on it.
    fn write_back(&self, _offset: u64, _bytes: u64) {}
    /// Reads some bytes; 0 at the end of the file.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// `fdatasync`: what was written is durable when it returns.
    fn sync_data(&self) -> io::Result<()>;
    /// `fsync`: the same, with the file's length and blocks.
    fn sync_all(&self) -> io::Result<()>;
    /// Cuts the file to a length.
    fn truncate(&self, bytes: u64) -> io::Result<()>;
    /// Its size.
    fn size(&self) -> io::Result<FileSize>;
}

/// The disk of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn create(&self, path: &Path, bytes: u64) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        let allocated = match fallocate(&file, FallocateFlags::empty(), 0, bytes) {
            // A filesystem that cannot allocate ahead still takes the bytes later.
            Err(Errno::OPNOTSUPP) => file.set_len(bytes),
            other => other.map_err(io::Error::from),
        };
        if let Err(error) = allocated {
            // Its blocks, if it got some, are wanted by others now.
            fs::remove_file(path)?;
            return Err(error);
        }
        Ok(Arc::new(file))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let opened = match OpenOptions::new().read(true).write(true).open(path) {
            // A filesystem that the kernel made read-only still gives what is there.
            Err(e) if e.kind() == io::ErrorKind::ReadOnlyFilesystem => File::open(path),
            opened => opened,
        };
        Ok(Arc::new(opened?))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn free_bytes(&self, path: &Path) -> io::Result<u64> {
        let stat = statvfs(path)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}

impl DiskFile for File {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        FileExt::write_at(self, bytes, offset)
    }

    fn write_back(&self, offset: u64, bytes: u64) {
        let (Ok(offset), Ok(bytes)) = (offset.try_into(), bytes.try_into()) else { return };
        #[expect(unsafe_code, reason = "sync_file_range is offered only by C")]
        // SAFETY: the descriptor is open as long as `self` is; no memory is touched.
        let _ =
            unsafe { libc::sync_file_range(self.as_raw_fd(), offset, bytes, libc::SYNC_FILE_RANGE_WRITE) };
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn sync_all(&self) -> io::Result<()> {
        File::sync_all(self)
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)
    }

    fn size(&self) -> io::Result<FileSize> {
        let meta = self.metadata()?;
        Ok(FileSize { bytes: meta.len(), allocated_bytes: meta.blocks() * 512 })
    }
}

/// Writes all of it, however short the single writes are.
pub(crate) fn write_all(file: &dyn DiskFile, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write_at(bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Fills the buffer or fails with `UnexpectedEof`.
pub(crate) fn read_all(file: &dyn DiskFile, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match file.read_at(buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buffer = &mut buffer[read..];
                offset += read as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}
