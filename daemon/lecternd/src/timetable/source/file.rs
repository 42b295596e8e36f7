//! A timetable in a file of this machine, looked at every two seconds: cheaper
//! than it sounds, and it works on network folders, which tell nobody.

use std::fs::{File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lectern_api::Text;
use lectern_api::messages::book as words;
use lectern_api::timetable::{Origin, OriginKind};
use lectern_timetable::MAX_BYTES;
use rustix::fs::{Mode, OFlags};

use super::{Delivery, Ends, Found, Look, look_every};

const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Looks at the file until nobody wants to know any more.
pub(crate) async fn run(path: PathBuf, ends: Ends) {
    let origin = Origin { kind: OriginKind::File, place: path.display().to_string() };
    let mut watch = FileWatch::new(path);
    let look = move |why| {
        if why == Look::Again {
            watch.forget();
        }
        let found = watch.look().into_iter();
        found.map(|found| Delivery { origin: origin.clone(), found }).collect()
    };
    look_every(LOOK_EVERY, ends, look).await;
}

/// One file, and what was seen of it.
#[derive(Debug)]
pub(crate) struct FileWatch {
    path: PathBuf,
    /// As it was a look ago.
    before: Option<Stamp>,
    /// As it was when it was read.
    read: Option<Stamp>,
    told: Option<Text>,
}

/// What changes when a file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(found: &Metadata) -> Self {
        Self {
            device: found.dev(),
            inode: found.ino(),
            bytes: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        }
    }
}

impl FileWatch {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, before: None, read: None, told: None }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whatever is there now is new, and is not waited for to settle.
    pub(crate) fn forget(&mut self) {
        self.before = std::fs::metadata(&self.path).ok().map(|found| Stamp::of(&found));
        (self.read, self.told) = (None, None);
    }

    /// What is new since the last look. A file is read when two looks saw the
    /// same of it: half of a timetable may be one. Blocks on the disk.
    pub(crate) fn look(&mut self) -> Option<Found> {
        match self.read_if_settled() {
            Ok(None) => None,
            Ok(Some(bytes)) => {
                self.told = None;
                Some(Found::Bytes(bytes))
            }
            Err(why) => {
                self.read = None;
                (self.told.as_ref() != Some(&why)).then(|| {
                    self.told = Some(why.clone());
                    Found::Failed(why)
                })
            }
        }
    }

    fn read_if_settled(&mut self) -> Result<Option<Vec<u8>>, Text> {
        let shown = self.path.display().to_string();
        let unreadable = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => words::source_absent(&shown),
            _ => words::source_unreadable(&shown, error),
        };
        let stamp = Stamp::of(&std::fs::metadata(&self.path).map_err(unreadable)?);
        if self.read == Some(stamp) {
            return Ok(None);
        }
        if self.before.replace(stamp) != Some(stamp) {
            return Ok(None);
        }
        let (bytes, read) = read_bounded(&self.path)?;
        if read != stamp {
            return Ok(None);
        }
        self.read = Some(stamp);
        Ok(Some(bytes))
    }
}

/// A whole file of at most a timetable's size. A pipe or a device is none, and
/// opening it does not hang.
fn read_bounded(path: &Path) -> Result<(Vec<u8>, Stamp), Text> {
    let shown = path.display().to_string();
    let unreadable = |error: &dyn std::fmt::Display| words::source_unreadable(&shown, error);
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let opened = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| unreadable(&error))?;
    let file = File::from(opened);
    let found = file.metadata().map_err(|error| unreadable(&error))?;
    if !found.is_file() {
        return Err(words::source_no_file(shown));
    }
    let mut bytes = Vec::new();
    let most = MAX_BYTES as u64 + 1;
    let read = (&file).take(most).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if read > MAX_BYTES {
        return Err(words::source_large(shown, MAX_BYTES));
    }
    let found = file.metadata().map_err(|error| unreadable(&error))?;
    Ok((bytes, Stamp::of(&found)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_when_it_has_settled_and_again_when_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("timetable.toml");
        let mut watch = FileWatch::new(path.clone());
        let absent = words::source_absent(path.display());
        assert_eq!(watch.look(), Some(Found::Failed(absent)));
        assert_eq!(watch.look(), None, "the same trouble is told once");
        std::fs::write(&path, "half").unwrap();
        assert_eq!(watch.look(), None);
        std::fs::write(&path, "half and more").unwrap();
        assert_eq!(watch.look(), None, "it is being written");
        assert_eq!(watch.look(), Some(Found::Bytes(b"half and more".to_vec())));
        assert_eq!(watch.look(), None);
        std::fs::write(folder.path().join("new"), "another one").unwrap();
        std::fs::rename(folder.path().join("new"), &path).unwrap();
        assert_eq!((watch.look(), watch.look()), (None, Some(Found::Bytes(b"another one".to_vec()))));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(watch.look(), Some(Found::Failed(_))));
        std::fs::write(&path, "another one").unwrap();
        assert_eq!((watch.look(), watch.look()), (None, Some(Found::Bytes(b"another one".to_vec()))));
    }

    #[test]
    fn what_is_no_file_or_too_large_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let large = folder.path().join("large");
        std::fs::File::create(&large).unwrap().set_len(MAX_BYTES as u64 + 1).unwrap();
        for (path, why) in [
            (folder.path().to_owned(), words::source_no_file(folder.path().display())),
            (pipe.clone(), words::source_no_file(pipe.display())),
            (large.clone(), words::source_large(large.display(), MAX_BYTES)),
        ] {
            let mut watch = FileWatch::new(path);
            assert_eq!((watch.look(), watch.look()), (None, Some(Found::Failed(why))));
        }
    }
}
