//! One change of one file.

use std::fs::{self, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use fastrand::Rng;

use crate::model::payload;

/// Which part of the spool is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A file of the index.
    Index,
    /// A segment.
    Segment,
}

/// What is done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// One bit is turned.
    Flipped,
    /// A stretch becomes zeros.
    Zeroed,
    /// A stretch becomes something else.
    Garbled,
    /// The end is missing.
    Truncated,
    /// Nothing is left in it.
    Emptied,
    /// It is gone.
    Removed,
    /// Something follows its end.
    Extended,
    /// It and another file of its kind have changed places.
    Swapped,
    /// It is as another file of its kind.
    Replaced,
    /// A file that does not belong there lies beside it.
    Stray,
    /// It is as it was some time before. Only of the index.
    Older,
    /// The whole index is as it was some time before.
    AllOlder,
}

impl Change {
    /// Everything that can be done to a target.
    #[must_use]
    pub fn all(target: Target) -> &'static [Self] {
        use Change::*;
        let all = &[
            Flipped, Zeroed, Garbled, Truncated, Emptied, Removed, Extended, Swapped, Replaced, Stray, Older,
            AllOlder,
        ];
        match target {
            Target::Index => all,
            Target::Segment => &all[..10],
        }
    }

    /// Does it. Gives the files and the bytes of each that are not what they
    /// were; bytes behind the end are never named.
    ///
    /// # Errors
    /// The file system's.
    pub fn apply(
        self,
        rng: &mut Rng,
        path: &Path,
        other: &Path,
        older: &Path,
    ) -> io::Result<Vec<(PathBuf, Range<u64>)>> {
        let size = fs::metadata(path)?.len();
        let whole = |path: &Path| (path.to_owned(), 0..u64::MAX);
        let at = rng.u64(..size.max(1));
        let stretch = at..(at + rng.u64(1..=64 << 10)).min(size);
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let over = |range: &Range<u64>, bytes: &[u8]| file.write_all_at(bytes, range.start);
        Ok(match self {
            Self::Flipped => {
                let range = at..(at + 1).min(size);
                let mut byte = vec![0; (range.end - range.start) as usize];
                file.read_exact_at(&mut byte, at)?;
                byte.iter_mut().for_each(|byte| *byte ^= 1 << rng.u8(..8));
                over(&range, &byte)?;
                vec![(path.to_owned(), range)]
            }
            Self::Zeroed => {
                over(&stretch, &vec![0; (stretch.end - stretch.start) as usize])?;
                vec![(path.to_owned(), stretch)]
            }
            Self::Garbled => {
                over(&stretch, &payload(rng.u64(..), (stretch.end - stretch.start) as usize))?;
                vec![(path.to_owned(), stretch)]
            }
            Self::Truncated => {
                file.set_len(at)?;
                vec![(path.to_owned(), at..u64::MAX)]
            }
            Self::Emptied => {
                file.set_len(0)?;
                vec![whole(path)]
            }
            Self::Removed => {
                fs::remove_file(path)?;
                vec![whole(path)]
            }
            Self::Extended => {
                over(&(size..size), &payload(rng.u64(..), rng.usize(1..20_000)))?;
                Vec::new()
            }
            Self::Swapped if path == other => Vec::new(),
            Self::Swapped => {
                let aside = path.with_extension("aside");
                fs::rename(path, &aside)?;
                fs::rename(other, path)?;
                fs::rename(aside, other)?;
                vec![whole(path), whole(other)]
            }
            Self::Replaced => {
                if path != other {
                    fs::copy(other, path)?;
                }
                vec![whole(path)]
            }
            Self::Stray => {
                Self::add_stray(rng, path)?;
                Vec::new()
            }
            Self::Older | Self::AllOlder => {
                if older.exists() {
                    fs::copy(older, path)?;
                }
                vec![whole(path)]
            }
        })
    }

    /// A snapshot or a segment that nobody wrote, or that is a copy.
    fn add_stray(rng: &mut Rng, path: &Path) -> io::Result<()> {
        let name = if path.extension().is_some_and(|extension| extension == "seg") {
            format!("{:016x}.seg", rng.u64(100_000..200_000))
        } else {
            format!("snap.{:016x}", rng.u64(..1 << 24))
        };
        let stray = path.with_file_name(name);
        match rng.u8(..3) {
            0 => fs::write(stray, b""),
            1 => fs::write(stray, payload(rng.u64(..), rng.usize(1..10_000))),
            _ => fs::copy(path, stray).map(drop),
        }
    }
}
