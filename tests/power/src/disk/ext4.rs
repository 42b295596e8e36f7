//! ext4 over a loop device over the recorder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{NEEDS, Recorder};

/// Runs a program of the system.
pub(crate) fn run(program: &str, args: &[&str]) -> io::Result<()> {
    let output = Command::new(program).args(args).output().map_err(|e| {
        io::Error::new(e.kind(), format!("{program} cannot be run: {e}; install its package"))
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{program} {}: {}", args.join(" "), said.trim())))
}

/// A file system that is mounted until dropped.
#[derive(Debug)]
pub struct Mounted {
    folder: PathBuf,
}

impl Mounted {
    /// An empty ext4, as the bytes of a disk of this size.
    ///
    /// # Errors
    /// `mke2fs` is missing or failed.
    pub fn empty_disk(disk_bytes: usize) -> io::Result<Vec<u8>> {
        let file = tempfile::NamedTempFile::new()?;
        file.as_file().set_len(disk_bytes as u64)?;
        let path = file.path().to_string_lossy().into_owned();
        // Nothing is left to be made while it is mounted.
        let options = "lazy_itable_init=0,lazy_journal_init=0,nodiscard";
        run("mke2fs", &["-q", "-t", "ext4", "-b", "4096", "-E", options, &path])?;
        fs::read(path)
    }

    /// Mounts the recorder's disk; ext4 replays its journal.
    ///
    /// # Errors
    /// There is no loop device, we are not root, or ext4 refuses the disk.
    pub fn mount(recorder: &Recorder, folder: &Path) -> io::Result<Self> {
        let (disk, at) = (recorder.disk(), folder.to_string_lossy().into_owned());
        // `-o loop` frees the loop device with the last unmount. ext4's commit
        // each second puts more unfinished work between two flushes.
        run("mount", &["-t", "ext4", "-o", "loop,commit=1,errors=remount-ro", &disk.to_string_lossy(), &at])
            .map_err(|e| io::Error::other(format!("{e}; {NEEDS}")))?;
        Ok(Self { folder: folder.to_owned() })
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if let Err(error) = run("umount", &[&self.folder.to_string_lossy()]) {
            eprintln!("{error}");
        }
    }
}
