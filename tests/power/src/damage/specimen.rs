//! A spool with everything in it, of which copies are damaged.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use lectern_spool::frame::{ALIGN_BYTES, HEADER_BYTES, Header, Kind};

use super::{Change, Target};
use crate::child::{Damaged, Task, Work};
use crate::model::Model;
use crate::process::{self, Ending};

/// A spool at two moments, and what it must hold at the second.
#[derive(Debug)]
pub struct Specimen {
    program: PathBuf,
    folder: tempfile::TempDir,
    expected: Model,
}

/// In memory where that can be: nothing here is about durability.
fn folder() -> io::Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    let mut builder = tempfile::Builder::new();
    builder.prefix("lectern-damage-");
    if memory.is_dir() { builder.tempdir_in(memory) } else { builder.tempdir() }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Files of a folder and its folders, in order of their names.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

impl Specimen {
    /// Writes a spool: some operations, a copy of the index, and some more.
    ///
    /// # Errors
    /// The surroundings', or a process that failed.
    pub fn new(program: &Path, seed: u64) -> io::Result<Self> {
        let folder = folder()?;
        let mut specimen = Self { program: program.to_owned(), folder, expected: Model::default() };
        let closes = seed.is_multiple_of(2);
        for (nth, name) in ["older", "spool"].into_iter().enumerate() {
            let (at, marks) = (specimen.path("spool"), specimen.path("marks"));
            fs::write(&marks, b"")?;
            let task = specimen.task(&at, seed + nth as u64, 40, closes, Damaged::default());
            let ending = process::start(program, specimen.folder.path(), &task)?.wait()?;
            if !ending.is_good() {
                return Err(io::Error::other(format!("an undamaged spool fails: {ending:?}")));
            }
            let lines = fs::read_to_string(&marks)?;
            specimen.expected = std::mem::take(&mut specimen.expected).fold(lines.lines());
            if name == "older" {
                copy_folder(&at.join("index"), &specimen.path("older"))?;
            }
        }
        Ok(specimen)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn task(&self, folder: &Path, seed: u64, operations: usize, closes: bool, damaged: Damaged) -> Task {
        Task {
            work: Work::Spool,
            folder: folder.to_owned(),
            marks: self.path("marks"),
            expected: self.expected.clone(),
            seed,
            operations,
            spoil: None,
            damaged,
            commits: true,
            closes,
        }
    }

    /// Damages a copy and opens it. Gives what was done, in words, and how it
    /// ended.
    ///
    /// # Errors
    /// The surroundings'.
    pub fn damage(&self, rng: &mut Rng, target: Target, change: Change) -> io::Result<(String, Ending)> {
        let copy = self.path("copy");
        if copy.exists() {
            fs::remove_dir_all(&copy)?;
        }
        copy_folder(&self.path("spool"), &copy)?;
        fs::write(self.path("marks"), b"")?;
        let among = match target {
            Target::Index => files(&copy.join("index"))?,
            Target::Segment => files(&copy.join("segments"))?,
        };
        let nth = rng.usize(..among.len());
        let path = &among[nth];
        // Another one, when there is another one.
        let other = &among[(nth + rng.usize(1..among.len().max(2))) % among.len()];
        let mut damaged = Damaged { index: target == Target::Index, ..Damaged::default() };
        let mut said = format!("{change:?} {}", path.display());
        if change == Change::AllOlder {
            damaged.unnoticed = true;
            fs::remove_dir_all(copy.join("index"))?;
            copy_folder(&self.path("older"), &copy.join("index"))?;
        } else {
            let below = path.strip_prefix(copy.join("index")).unwrap_or(Path::new("none"));
            let touched = change.apply(rng, path, other, &self.path("older").join(below))?;
            said += &format!(", {touched:?}");
            if target == Target::Segment {
                damaged.segments = true;
                for (path, range) in &touched {
                    let sound = self.path("spool/segments").join(path.file_name().unwrap_or_default());
                    let (sound, epoch) = (fs::read(sound)?, epoch_of(path));
                    let mut kinds = frames_in(&sound, epoch, range);
                    if kinds.contains(&Kind::Key) {
                        // It may have been the only copy of the key.
                        kinds = frames_in(&sound, epoch, &(0..u64::MAX));
                    }
                    for kind in kinds {
                        damaged.fragments += usize::from(kind == Kind::Media);
                        damaged.inits += usize::from(kind == Kind::Init);
                    }
                }
            }
        }
        let task = self.task(&copy, rng.u64(..), 6, false, damaged);
        Ok((said, process::start(&self.program, self.folder.path(), &task)?.wait()?))
    }
}

fn epoch_of(path: &Path) -> u64 {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    u64::from_str_radix(stem, 16).unwrap_or(0)
}

/// The frames of a segment that share a byte with a range.
fn frames_in(segment: &[u8], epoch: u64, range: &Range<u64>) -> Vec<Kind> {
    let mut kinds = Vec::new();
    let mut at = 0;
    while let Some(head) = segment.get(at as usize..).and_then(|rest| rest.first_chunk::<HEADER_BYTES>()) {
        let Some(header) = Header::decode(head, epoch) else {
            at += ALIGN_BYTES;
            continue;
        };
        if at < range.end && range.start < at + header.frame_bytes() {
            kinds.push(header.kind);
        }
        at += header.frame_bytes();
    }
    kinds
}
