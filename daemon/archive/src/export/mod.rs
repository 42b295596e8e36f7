//! One lesson as one MP4 file, without re-encoding and in flat memory.
//!
//! The file is fragmented, as it was recorded: the init segment of the first
//! run, with the total duration added, then all fragments. A gap stays a gap:
//! the decode times jump over it, players show the last picture meanwhile, and
//! the duration includes it. A run whose codecs are set up differently begins
//! a new part whose time line begins at 0 again.
//!
//! Nothing is left out silently: what is missing or damaged is in the result.

mod boxes;
mod file_name;
mod flaw;
mod fragment;
mod init;
mod output;

use std::collections::HashMap;

use lectern_api::manifest::{FragmentEntry, Manifest, Run};
use lectern_api::{Bytes, Name, Ticks};

use self::init::Init;
use crate::limits::{MAX_INIT_BYTES, MAX_INITS_BYTES, MAX_RUNS};
use crate::store::{MAX_FILE_BYTES, Store, StoreError};
use crate::verify::{Progress, sha256_hex};

pub use self::file_name::{MAX_STEM_BYTES, sanitise, stem};
pub use self::flaw::Flaw;
pub use self::output::{FAT32_MAX_BYTES, Files, Output, Single};

/// Room that is kept for the init segment when parts have a largest size.
const MAX_HEAD_BYTES: u64 = 64 * 1024;

/// Why an export ended early. What was written so far is no file to keep.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The archive does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The lesson has no such track, or nothing of it can be read.
    #[error(
        "lesson {lesson} holds nothing of {track} that could be exported; verify it to see what is wrong"
    )]
    Nothing {
        /// The lesson.
        lesson: String,
        /// The track.
        track: Name,
    },
    /// It claims more than any lesson has; what lies there was not made by a box.
    #[error("lesson {lesson} has {what}, more than any lesson; verify it to see what is wrong")]
    Absurd {
        /// The lesson.
        lesson: String,
        /// What it has too much of.
        what: &'static str,
    },
    /// The other side does not take the bytes.
    #[error("the export could not be written: {0}; check the room and the rights there")]
    Write(#[from] std::io::Error),
}

/// One part of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Counted from 1.
    pub part: u32,
    /// Its size.
    pub bytes: Bytes,
    /// Where it begins on the lesson's time line.
    pub begin_90k: Ticks,
    /// How long it plays, gaps included.
    pub duration_90k: Ticks,
}

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The parts, in order; at least one.
    pub parts: Vec<Part>,
    /// What is not as it should be. Empty: everything listed is in the file.
    pub flaws: Vec<Flaw>,
}

/// Exports one track of the lesson whose folder `lesson` is.
///
/// Writing blocks the calling task: give it one of its own when others share
/// the thread.
///
/// # Errors
/// [`ExportError`].
pub async fn export(
    lesson: &Store,
    manifest: &Manifest,
    track: &Name,
    output: &mut (dyn Output + Send),
    mut progress: impl FnMut(Progress),
) -> Result<Exported, ExportError> {
    let nothing = || ExportError::Nothing { lesson: manifest.lesson.id.to_string(), track: track.clone() };
    let listed = manifest.tracks.iter().find(|known| known.name == *track).ok_or_else(nothing)?;
    let runs: Vec<&Run> = manifest.runs.iter().filter(|run| run.track == *track).collect();
    let mut flaws = Vec::new();
    let absurd = |what| ExportError::Absurd { lesson: manifest.lesson.id.to_string(), what };
    if runs.len() > MAX_RUNS {
        return Err(absurd("too many runs"));
    }
    let inits = Inits::read(lesson, &runs, &mut flaws).await?;
    let inits = inits.ok_or_else(|| absurd("init segments that are too large"))?;
    let mut writing = Writing { output, flaws, parts: Vec::new(), setup: None, sequence: 0, listed_bytes: 0 };

    let total = listed.fragments.len() as u64;
    for (done, (at, entry)) in (0..).zip(listed.fragments.iter().enumerate()) {
        progress(Progress { done, total });
        let lost = || Flaw::Missing { path: entry.path.clone(), duration_90k: entry.duration_90k };
        let Some(init) = inits.of(entry.run) else {
            writing.miss(entry, lost());
            continue;
        };
        match read(lesson, &entry.path, MAX_FILE_BYTES, entry.duration_90k).await? {
            Ok(bytes) => {
                let plan = |room| inits.end_of_part(init, &listed.fragments[at..], room);
                writing.add(bytes, entry, init, plan)?;
            }
            Err(flaw) => writing.miss(entry, flaw),
        }
    }
    progress(Progress { done: total, total });
    if writing.parts.is_empty() {
        return Err(nothing());
    }
    Ok(Exported { parts: writing.parts, flaws: writing.flaws })
}

/// A file's bytes, or why the file has to do without them.
async fn read(
    lesson: &Store,
    path: &str,
    limit: u64,
    duration_90k: Ticks,
) -> Result<Result<Vec<u8>, Flaw>, StoreError> {
    let path_of = || path.to_owned();
    match lesson.get_patiently(path, limit).await {
        Ok(Some(bytes)) => Ok(Ok(bytes)),
        Ok(None) => Ok(Err(Flaw::Missing { path: path_of(), duration_90k })),
        Err(error) if error.is_about_one_file() => {
            Ok(Err(Flaw::Unreadable { path: path_of(), duration_90k, why: error.to_string() }))
        }
        Err(error) => Err(error),
    }
}

/// The init segments of a track by run, a few hundred bytes each.
struct Inits(HashMap<u32, Init>);

impl Inits {
    /// Nothing when they have more bytes than an export keeps.
    async fn read(lesson: &Store, runs: &[&Run], flaws: &mut Vec<Flaw>) -> Result<Option<Self>, StoreError> {
        let (mut inits, mut total) = (HashMap::new(), 0);
        for run in runs {
            let (path, duration_90k) = (run.init.clone(), Ticks(0));
            match read(lesson, &run.init, MAX_INIT_BYTES, duration_90k).await? {
                Err(flaw) => flaws.push(flaw),
                Ok(bytes) => {
                    total += bytes.len() as u64;
                    if total > MAX_INITS_BYTES {
                        return Ok(None);
                    }
                    let intact = sha256_hex(&bytes) == run.init_sha256;
                    match Init::read(bytes) {
                        Ok(init) => {
                            inits.entry(run.run).or_insert(init);
                            flaws.extend((!intact).then_some(Flaw::Damaged { path }));
                        }
                        Err(_) => flaws.push(Flaw::Unusable { path, duration_90k }),
                    }
                }
            }
        }
        Ok(Some(Self(inits)))
    }

    fn of(&self, run: u32) -> Option<&Init> {
        self.0.get(&run)
    }

    /// Where the media that can follow `init` in one file ends, when the
    /// fragments may have `room` bytes together.
    fn end_of_part(&self, init: &Init, rest: &[FragmentEntry], room: u64) -> Ticks {
        let mut bytes = 0_u64;
        let fits = |entry: &&FragmentEntry| {
            let is_first = bytes == 0;
            bytes = bytes.saturating_add(entry.bytes);
            let has_room = is_first || bytes <= room;
            has_room && self.of(entry.run).is_none_or(|other| init.fits(other))
        };
        let known = rest.iter().take_while(fits).filter(|entry| self.of(entry.run).is_some());
        known.map(|entry| entry.pts_90k + entry.duration_90k).max().unwrap_or(Ticks(0))
    }
}

/// The part that is being written, and what came before it.
struct Writing<'a> {
    output: &'a mut (dyn Output + Send),
    flaws: Vec<Flaw>,
    parts: Vec<Part>,
    setup: Option<Init>,
    sequence: u32,
    /// Bytes listed for the fragments of this part, whatever became of them: a
    /// part's end is planned by them, before it is begun.
    listed_bytes: u64,
}

impl Writing<'_> {
    fn miss(&mut self, entry: &FragmentEntry, flaw: Flaw) {
        self.listed_bytes = self.listed_bytes.saturating_add(entry.bytes);
        self.flaws.push(flaw);
    }

    fn add(
        &mut self,
        bytes: Vec<u8>,
        entry: &FragmentEntry,
        init: &Init,
        end: impl FnOnce(u64) -> Ticks,
    ) -> Result<(), ExportError> {
        let intact = bytes.len() as u64 == entry.bytes && sha256_hex(&bytes) == entry.sha256;
        let room = self.output.max_part_bytes().saturating_sub(MAX_HEAD_BYTES);
        let is_full = self.listed_bytes > 0 && self.listed_bytes.saturating_add(entry.bytes) > room;
        let begins = is_full || self.setup.as_ref().is_none_or(|setup| !setup.fits(init));
        // The lesson's own time line is that of its first part.
        let base = match self.parts.last() {
            Some(_) if begins => entry.pts_90k,
            Some(part) if part.part > 1 => part.begin_90k,
            _ => Ticks(0),
        };
        let mut sequence = if begins { 0 } else { self.sequence };
        let unusable = || Flaw::Unusable { path: entry.path.clone(), duration_90k: entry.duration_90k };
        let Ok(fitted) = fragment::fit(bytes, init, base, &mut sequence) else {
            self.flaws.push(unusable());
            return Ok(());
        };
        if begins {
            let Ok(head) = init.with_duration(end(room) - base) else {
                self.flaws.push(unusable());
                return Ok(());
            };
            let part = u32::try_from(self.parts.len() + 1).unwrap_or(u32::MAX);
            self.output.begin(part)?;
            self.output.write(&head)?;
            let bytes = Bytes(head.len() as u64);
            self.parts.push(Part { part, bytes, begin_90k: base, duration_90k: Ticks(0) });
            self.setup = Some(init.clone());
            self.listed_bytes = 0;
        }
        self.listed_bytes = self.listed_bytes.saturating_add(entry.bytes);
        self.output.write(&fitted)?;
        self.sequence = sequence;
        if !intact {
            self.flaws.push(Flaw::Damaged { path: entry.path.clone() });
        }
        if let Some(part) = self.parts.last_mut() {
            part.bytes.0 += fitted.len() as u64;
            part.duration_90k = part.duration_90k.max(entry.pts_90k + entry.duration_90k - base);
        }
        Ok(())
    }
}
