//! Reading back, with every byte checked.

use std::io;
use std::path::PathBuf;

use data_encoding::HEXLOWER;
use lectern_api::{LessonId, Name};

use crate::SpoolError;
use crate::entry::Entry;
use crate::error::io_error;
use crate::fragment::StoredFragment;
use crate::frame::{Header, Kind};
use crate::keys::{self, LessonNo, RunFacts, from_json, unreadable};
use crate::scan::{self, Check};
use crate::segment::file_name;
use crate::spool::Spool;

/// What [`Spool::verify`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verified {
    /// Fragments that are as they were written.
    pub sound: u64,
    /// Fragments that are damaged, known before or found now.
    pub damaged: u64,
    /// Fragments that lie as they were stored, as far as their checksums tell,
    /// and that this device's key does not open.
    pub locked: u64,
}

impl Spool {
    fn path_of(&self, epoch: u64) -> PathBuf {
        self.folder.join(file_name(epoch))
    }

    /// The frame at a place, as stored; `None` when it or its file is not as
    /// written.
    fn load_stored(&self, epoch: u64, offset: u64) -> Result<Option<(Header, Vec<u8>)>, SpoolError> {
        let path = self.path_of(epoch);
        let loaded = self.disk.open(&path).and_then(|file| scan::payload(file.as_ref(), epoch, offset));
        match loaded {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            other => other.map_err(|e| io_error("reading", &path, e)),
        }
    }

    /// The same with its payload decrypted.
    fn load(&self, no: LessonNo, epoch: u64, offset: u64) -> Result<Option<(Header, Vec<u8>)>, SpoolError> {
        let Some((header, stored)) = self.load_stored(epoch, offset)? else { return Ok(None) };
        Ok(self.unlock(no, &header, stored)?.map(|plain| (header, plain)))
    }

    /// Up to `limit` fragments of a track, from a number on, whatever their
    /// state.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`] or an error of the index. A track that is
    /// not known has no fragments.
    pub fn fragments(
        &self,
        lesson: &LessonId,
        track: &Name,
        from_seq: u64,
        limit: usize,
    ) -> Result<Vec<StoredFragment>, SpoolError> {
        let (prefix, from, removed) = {
            let facts = self.facts();
            let (no, lesson) = facts.lesson(lesson)?;
            let Some((track, _)) = lesson.track_named(track) else { return Ok(Vec::new()) };
            let (prefix, from) = (keys::fragments_in(no, track), keys::fragment(no, track, from_seq));
            (prefix, from, lesson.facts.removed)
        };
        let entries = self.index.scan(keys::FRAGMENTS, &prefix, &from, limit)?;
        let stored = entries.iter().map(|(key, value)| {
            let place = keys::fragment_of(key);
            let (_, _, seq) = place.ok_or_else(|| unreadable(keys::FRAGMENTS, "a key of another form"))?;
            Ok(Entry::decode(value)?.stored(seq, removed))
        });
        stored.collect()
    }

    /// The bytes of a fragment, checked against their crc and the hash in the
    /// index.
    ///
    /// # Errors
    /// [`SpoolError::Damaged`]: a gap is recorded and durable from then on.
    /// [`SpoolError::Removed`], [`SpoolError::UnknownFragment`],
    /// [`SpoolError::KeyMissing`], which marks nothing, or [`SpoolError::Io`], which decides nothing: see
    /// [`declare_damaged`](Self::declare_damaged).
    pub fn read(&self, lesson: &LessonId, track: &Name, seq: u64) -> Result<Vec<u8>, SpoolError> {
        let unknown = || SpoolError::UnknownFragment { lesson: lesson.clone(), track: track.clone(), seq };
        let damaged = || SpoolError::Damaged {
            lesson: lesson.clone(),
            track: track.clone(),
            what: format!("fragment {seq}"),
        };
        let (no, key) = {
            let facts = self.facts();
            let (no, found) = facts.lesson(lesson)?;
            if found.facts.removed {
                return Err(SpoolError::Removed(lesson.clone()));
            }
            let (track, _) = found.track_named(track).ok_or_else(unknown)?;
            (no, keys::fragment(no, track, seq))
        };
        let entry = Entry::decode(&self.index.get(keys::FRAGMENTS, &key)?.ok_or_else(unknown)?)?;
        if entry.damaged {
            return Err(damaged());
        }
        match self.load(no, entry.segment, entry.offset)? {
            Some((header, payload)) if header.sha256 == entry.sha256 && header.seq == seq => Ok(payload),
            // Also when the lesson was removed since we looked: `declare_damaged` tells.
            _ => {
                self.declare_damaged(lesson, track, seq)?;
                Err(damaged())
            }
        }
    }

    /// The init segment of a run. Every segment of the run holds a copy, so one
    /// that is sound is enough.
    ///
    /// # Errors
    /// [`SpoolError::Invalid`] for a run that is not known,
    /// [`SpoolError::Removed`], [`SpoolError::Damaged`] when no copy is sound,
    /// [`SpoolError::KeyMissing`], [`SpoolError::Io`].
    pub fn read_init(&self, lesson: &LessonId, run: u32) -> Result<Vec<u8>, SpoolError> {
        let (no, track) = {
            let facts = self.facts();
            let (no, found) = facts.lesson(lesson)?;
            if found.facts.removed {
                return Err(SpoolError::Removed(lesson.clone()));
            }
            let track = found.runs.get(&run).and_then(|track| found.tracks.get(usize::from(*track)));
            let unknown = || SpoolError::Invalid(format!("lesson {lesson} has no run {run}"));
            (no, track.ok_or_else(unknown)?.name.clone())
        };
        match self.load_init(no, run) {
            Ok((_, init)) => Ok(init),
            Err(SpoolError::Invalid(_)) => {
                let what = format!("the init segment of run {run}");
                Err(SpoolError::Damaged { lesson: lesson.clone(), track, what })
            }
            Err(error) => Err(error),
        }
    }

    /// [`SpoolError::Invalid`] stands for "no sound copy".
    pub(crate) fn load_init(&self, no: LessonNo, run: u32) -> Result<(RunFacts, Vec<u8>), SpoolError> {
        let value = self.index.get(keys::RUNS, &keys::run(no, run))?;
        let facts: RunFacts = from_json(keys::RUNS, &value.unwrap_or_default())?;
        let is_it = |header: &Header| {
            header.kind == Kind::Init
                && header.run == run
                && HEXLOWER.encode(&header.sha256) == facts.init_sha256
        };
        // A copy under another key may still read.
        let mut locked = None;
        let mut copy_at = |epoch, offset| match self.load(no, epoch, offset) {
            Err(error @ SpoolError::KeyMissing(_)) => {
                locked = Some(error);
                Ok(None)
            }
            other => Ok::<_, SpoolError>(other?.filter(|(header, _)| is_it(header)).map(|(_, init)| init)),
        };
        if let Some(init) = copy_at(facts.segment, facts.offset)? {
            return Ok((facts, init));
        }
        for epoch in self.segments_of(no) {
            let Ok(file) = self.disk.open(&self.path_of(epoch)) else { continue };
            let Ok(found) = scan::segment(file.as_ref(), epoch, Check::Last) else { continue };
            for copy in found.frames.into_iter().filter(|f| f.sound && is_it(&f.header)) {
                if let Some(init) = copy_at(epoch, copy.offset)? {
                    return Ok((facts, init));
                }
            }
        }
        if let Some(error) = locked {
            return Err(error);
        }
        Err(SpoolError::Invalid(format!("no sound copy of the init segment of run {run}")))
    }

    /// Reads every fragment of a lesson; what is damaged becomes a gap.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`], [`SpoolError::Removed`], [`SpoolError::Io`]
    /// or an error of the index.
    pub fn verify(&self, lesson: &LessonId) -> Result<Verified, SpoolError> {
        let mut verified = Verified::default();
        for track in self.tracks(lesson)? {
            for seq in 1..=track.last_seq {
                match self.read(lesson, &track.name, seq) {
                    Ok(_) => verified.sound += 1,
                    Err(SpoolError::Damaged { .. }) => verified.damaged += 1,
                    Err(SpoolError::KeyMissing(_)) => verified.locked += 1,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(verified)
    }
}
