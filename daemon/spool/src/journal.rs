//! A file of lines that only ever grows, each line durable when it was added.
//! It needs neither the index nor a segment to be read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::SpoolError;
use crate::disk::{Disk, DiskFile, read_all, write_all};
use crate::error::io_error;

/// Allocated with the file and given back at once: creating it proves room.
const FIRST_BYTES: u64 = 4096;

#[derive(Debug)]
pub(crate) struct Journal {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// `None` until the first line: a spool of which nobody ever deleted
    /// anything needs no file.
    file: Option<Arc<dyn DiskFile>>,
    /// Behind the last whole line.
    used: u64,
    /// Where the last line begins that was there at opening.
    last_at: u64,
    /// Something that was never added may stand behind the last line: the disk
    /// did not let it be taken away, and an opening would find it.
    is_doubtful: bool,
}

impl Journal {
    /// Opens it and gives its lines. What stands behind the last line break is
    /// a line that was never added; the next one takes its place.
    pub(crate) fn open(disk: &Arc<dyn Disk>, path: PathBuf) -> Result<(Self, Vec<String>), SpoolError> {
        let mut journal =
            Self { disk: Arc::clone(disk), path, file: None, used: 0, last_at: 0, is_doubtful: false };
        let file = match disk.open(&journal.path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok((journal, Vec::new())),
            Err(e) => return Err(io_error("opening", &journal.path, e)),
        };
        let failed = |e| io_error("reading", &journal.path, e);
        let size = file.size().map_err(failed)?.bytes;
        let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
        read_all(file.as_ref(), &mut bytes, 0).map_err(failed)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let lines = bytes[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let lines = lines.map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        journal.used = whole as u64;
        let before = &bytes[..whole.saturating_sub(1)];
        journal.last_at = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at as u64 + 1);
        journal.file = Some(file);
        if journal.used < size {
            journal.cut();
        }
        Ok((journal, lines))
    }

    /// Takes the last line back that was there at opening.
    pub(crate) fn take_back_last(&mut self) {
        self.used = self.last_at;
        self.cut();
    }

    /// What stands behind the last line could look like one, once a shorter
    /// line was written over its beginning.
    fn cut(&mut self) {
        self.is_doubtful = true;
        if let Err(error) = self.settle() {
            tracing::warn!("{error}; what was never added stays at the end of {}", self.path.display());
        }
    }

    /// Whoever says that something stands by an earlier line, and adds none,
    /// asks this first: a line that was never added could speak against it at
    /// the next opening.
    pub(crate) fn settle(&mut self) -> Result<(), SpoolError> {
        if self.is_doubtful
            && let Some(file) = &self.file
        {
            let cut = file.truncate(self.used).and_then(|()| file.sync_all());
            cut.map_err(|error| io_error("cutting", &self.path, error))?;
            self.is_doubtful = false;
        }
        Ok(())
    }

    /// Adds a line, durably. After an error the line is as good as never
    /// written: it is taken away before anything else is said.
    pub(crate) fn append(&mut self, line: &str) -> Result<(), SpoolError> {
        self.settle()?;
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => self.create()?,
        };
        let bytes = [line.as_bytes(), b"\n"].concat();
        let written = write_all(file.as_ref(), &bytes, self.used).and_then(|()| file.sync_all());
        if let Err(error) = written {
            self.cut();
            return Err(io_error("writing", &self.path, error));
        }
        self.used += bytes.len() as u64;
        Ok(())
    }

    fn create(&mut self) -> Result<Arc<dyn DiskFile>, SpoolError> {
        let file = match self.disk.create(&self.path, FIRST_BYTES) {
            // Left behind by a try that failed half-way.
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => self.disk.open(&self.path),
            created => created,
        };
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let ready = file.and_then(|file| {
            file.truncate(0)?;
            file.sync_all()?;
            self.disk.sync_folder(folder)?;
            Ok(file)
        });
        let file = ready.map_err(|e| io_error("creating", &self.path, e))?;
        self.file = Some(Arc::clone(&file));
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::SystemDisk;

    fn open(path: &Path) -> (Journal, Vec<String>) {
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        Journal::open(&disk, path.to_owned()).unwrap()
    }

    #[test]
    fn a_line_cut_short_gives_way_to_the_next_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let (mut journal, lines) = open(&path);
        assert!(lines.is_empty() && !path.exists());
        journal.append("one").unwrap();
        drop(journal);
        std::fs::write(&path, b"one\ntw\0\0\0\0\0\0").unwrap();
        let (mut journal, lines) = open(&path);
        assert_eq!(lines, ["one"]);
        journal.append("three").unwrap();
        journal.append("four").unwrap();
        drop(journal);
        assert_eq!(open(&path).1, ["one", "three", "four"]);
    }

    #[test]
    fn what_an_unfinished_creation_left_is_no_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        std::fs::write(&path, [0; 4096]).unwrap();
        let (mut journal, lines) = open(&path);
        assert!(lines.is_empty());
        journal.append("one").unwrap();
        drop(journal);
        assert_eq!(open(&path).1, ["one"]);
    }
}
