//! Where an export goes.

use std::fs;
use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// The largest file of FAT32, in bytes.
pub const FAT32_MAX_BYTES: u64 = u32::MAX as u64;

/// Takes the parts of an export, one after the other. Usually there is one.
pub trait Output {
    /// Begins part `part`, counted from 1.
    ///
    /// # Errors
    /// What the system said; the export ends.
    fn begin(&mut self, part: u32) -> io::Result<()>;

    /// Takes the next bytes of the part that was begun last.
    ///
    /// # Errors
    /// What the system said; the export ends.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Bytes after which a new part is begun.
    fn max_part_bytes(&self) -> u64 {
        u64::MAX
    }
}

/// Any writer. It can take one part only, so a lesson whose codecs change
/// ends with an error of kind [`io::ErrorKind::Unsupported`].
#[derive(Debug)]
pub struct Single<W: Write>(pub W);

impl<W: Write> Output for Single<W> {
    fn begin(&mut self, part: u32) -> io::Result<()> {
        if part == 1 {
            return Ok(());
        }
        let why =
            "the recording's format changes within the lesson; export it into a folder, as several files";
        Err(io::Error::new(io::ErrorKind::Unsupported, why))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }
}

/// Files in a folder: `<stem>.mp4`, `<stem>.part2.mp4` and so on. They have
/// temporary names until [`Files::finish`], and vanish when it is not called.
/// Only their owner may read them, where the disk knows owners.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    stem: String,
    max_part_bytes: u64,
    parts: Vec<NamedTempFile>,
}

impl Files {
    /// Files of at most `max_part_bytes` in an existing folder, named by a
    /// [`stem`](super::stem).
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, stem: &str, max_part_bytes: u64) -> Self {
        let stem = super::sanitise(stem);
        Self { folder: folder.into(), stem, max_part_bytes, parts: Vec::new() }
    }

    /// Makes everything durable and gives the parts their names. A file that
    /// is already there stays: the new one gets ` (2)`, ` (3)` and so on.
    ///
    /// # Errors
    /// What the system said; parts without their name are removed.
    pub fn finish(self) -> io::Result<Vec<PathBuf>> {
        let names = self.free_names();
        for part in &self.parts {
            part.as_file().sync_all()?;
        }
        for (part, name) in self.parts.into_iter().zip(&names) {
            part.persist(name)?;
        }
        fs::File::open(&self.folder)?.sync_all()?;
        Ok(names)
    }

    /// The first set of names of which none is taken.
    fn free_names(&self) -> Vec<PathBuf> {
        let names = |copy: u32| {
            let name = |part: usize| {
                let again = if copy == 1 { String::new() } else { format!(" ({copy})") };
                let part = if part == 0 { String::new() } else { format!(".part{}", part + 1) };
                self.folder.join(format!("{}{again}{part}.mp4", self.stem))
            };
            (0..self.parts.len()).map(name).collect::<Vec<PathBuf>>()
        };
        let free = |names: &Vec<PathBuf>| !names.iter().any(|name| Path::exists(name));
        (1..).map(names).find(free).unwrap_or_default()
    }
}

impl Output for Files {
    fn begin(&mut self, _: u32) -> io::Result<()> {
        // For people to take away, who need not be this user.
        let readable = Permissions::from_mode(0o644);
        let part = tempfile::Builder::new()
            .permissions(readable)
            .prefix(".export-")
            .suffix(".tmp")
            .tempfile_in(&self.folder)?;
        self.parts.push(part);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.parts.last_mut() {
            Some(part) => part.write_all(bytes),
            None => Err(io::Error::other("no part was begun")),
        }
    }

    fn max_part_bytes(&self) -> u64 {
        self.max_part_bytes
    }
}
