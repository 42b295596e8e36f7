//! Writing: runs and fragments.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;

use data_encoding::HEXLOWER;
use lectern_api::manifest::Anchor;
use lectern_api::{Bytes, LessonId, Name, Ticks};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::SpoolError;
use crate::draft::Draft;
use crate::entry::Entry as FragmentEntry;
use crate::facts::SegmentFacts;
use crate::fragment::{NewFragment, StoredFragment};
use crate::frame::{ALIGN_BYTES, Kind};
use crate::index::Changes;
use crate::keys::{self, LessonNo, RunFacts, to_json};
use crate::segment::{Head, Segment, Writer, Writers, file_name};
use crate::spool::Spool;

/// The payload of a frame of kind `run`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RunFrame {
    pub(crate) codecs: String,
}

/// So many segments in a row may turn out to lie on a bad place.
const MAX_GIVEN_UP: u32 = 3;
const MAX_CODECS_BYTES: usize = 512;
/// An init segment stands at the head of every segment of its run.
const MAX_INIT_BYTES: usize = 4 << 20;

impl Spool {
    /// Makes a segment ready that takes more of a lesson's frames: their bytes,
    /// and those of their entries in the footer.
    fn segment_for<'w>(
        &self,
        writer: &'w mut Writer,
        no: LessonNo,
        takes: (u64, usize),
    ) -> Result<&'w mut Segment, SpoolError> {
        if let Some(full) = writer.segment.take_if(|segment| !segment.fits(takes)) {
            self.seal(full);
        }
        if writer.segment.is_none() {
            writer.segment = Some(self.new_segment(&writer.head, no, takes)?);
        }
        writer.segment.as_mut().ok_or(SpoolError::Closed)
    }

    fn new_segment(&self, head: &Head, no: LessonNo, takes: (u64, usize)) -> Result<Segment, SpoolError> {
        let needed = head.segment_bytes(takes);
        let full = |free| SpoolError::Full { needed: Bytes(needed), free: Bytes(free) };
        // An epoch is never used twice, not even after a failure.
        let epoch = {
            let mut facts = self.facts();
            facts.last_epoch += 1;
            facts.last_epoch
        };
        let disk = self.disk.as_ref();
        let whole = self.options.segment_bytes;
        let path = self.folder.join(file_name(epoch));
        let used_before = if needed <= whole { self.pool.hand_out(disk, &path) } else { None };
        let created = match used_before {
            Some(file) => Segment::over(disk, &self.folder, epoch, file, whole, head),
            None => {
                self.drain_pool(|spool| Ok(spool.room_bytes()? < needed))?;
                let free = self.room_bytes()?;
                if free < needed {
                    return Err(full(free));
                }
                let size = whole.max(needed).min(free) / ALIGN_BYTES * ALIGN_BYTES;
                Segment::create(disk, &self.folder, epoch, size, head)
            }
        };
        let size = created.as_ref().map_or(0, |segment| segment.size);
        let segment = match created {
            Err(SpoolError::Io { source, .. }) if source.kind() == io::ErrorKind::StorageFull => {
                return Err(full(self.disk.free_bytes(&self.folder).unwrap_or(0)));
            }
            other => other?,
        };
        let mut changes = Changes::default();
        let mut facts = self.facts();
        facts.allocated.insert(epoch, size);
        facts.segments.insert(epoch, SegmentFacts { lesson: no, sealed: false });
        facts.save_segment(epoch, &mut changes);
        self.stage(changes, 0);
        Ok(segment)
    }

    /// Ends a segment for good.
    pub(crate) fn seal(&self, segment: Segment) {
        let epoch = segment.epoch;
        let allocated = segment.seal();
        self.note_sealed(epoch, allocated);
    }

    fn note_sealed(&self, epoch: u64, allocated: u64) {
        let mut changes = Changes::default();
        let mut facts = self.facts();
        facts.allocated.insert(epoch, allocated);
        if let Some(known) = facts.segments.get_mut(&epoch) {
            known.sealed = true;
        }
        facts.save_segment(epoch, &mut changes);
        self.stage(changes, 0);
    }

    /// The writer of an open lesson, with what belongs at the head of its
    /// segments.
    pub(crate) fn writer<'w>(
        &self,
        writers: &'w mut Writers,
        id: &LessonId,
    ) -> Result<(LessonNo, &'w mut Writer), SpoolError> {
        let (no, info, newest) = {
            let facts = self.facts();
            let (no, lesson) = facts.open_lesson(id)?;
            let newest = lesson.runs.iter().filter_map(|(run, track)| {
                Some((lesson.tracks.get(usize::from(*track))?.name.clone(), *run))
            });
            (no, lesson.facts.info.clone(), newest.collect::<BTreeMap<Name, u32>>())
        };
        let vacant = match writers.open.entry(no) {
            Entry::Occupied(known) => return Ok((no, known.into_mut())),
            Entry::Vacant(vacant) => vacant,
        };
        let mut head = Head::of(&info, self.key_for_writing(no)?);
        // After a restart: the newest run of each track, as far as it can be read.
        for (track, run) in newest {
            if let Ok((run_facts, init)) = self.load_init(no, run) {
                let frame = to_json(&RunFrame { codecs: run_facts.codecs });
                head.runs.insert(track, (run, frame, init));
            }
        }
        Ok((no, vacant.insert(Writer { head, segment: None, given_up: 0 })))
    }

    /// After a frame failed: what is in the segment was acknowledged and stays,
    /// but a file that failed once gets no more of it. On a full disk the same
    /// place is tried again.
    fn spoil(&self, writer: &mut Writer, offset: u64, error: &SpoolError) {
        let Some(segment) = writer.segment.as_mut() else { return };
        segment.void(offset);
        if error.is_full() || !matches!(error, SpoolError::Io { .. }) {
            return;
        }
        // A disk that fails everywhere does not collect files.
        if !segment.holds_media && writer.given_up >= MAX_GIVEN_UP {
            return;
        }
        tracing::error!("{error}; leaving {} and going on in a new segment", segment.path.display());
        let Some(segment) = writer.segment.take() else { return };
        if segment.holds_media {
            self.seal(segment);
        } else {
            writer.given_up += 1;
            let epoch = segment.epoch;
            let allocated = segment.give_up();
            self.note_sealed(epoch, allocated);
        }
    }

    /// Begins a run: one start of the record pipeline, with an init segment of
    /// its own. Durable when it returns; gives the run's number, which counts
    /// from 1 within the lesson.
    ///
    /// # Errors
    /// [`SpoolError::Full`], [`SpoolError::Io`], an unknown or closed lesson, or
    /// an init segment that is empty or above 4 MiB. No number is used up then.
    pub fn begin_run(
        &self,
        lesson: &LessonId,
        track: &Name,
        init: &[u8],
        codecs: &str,
        anchor: Anchor,
    ) -> Result<u32, SpoolError> {
        if init.is_empty() || init.len() > MAX_INIT_BYTES || codecs.len() > MAX_CODECS_BYTES {
            let (init, codecs) = (init.len(), codecs.len());
            let text =
                format!("an init segment of {init} bytes (1 B to 4 MiB) or codecs of {codecs} (up to 512)");
            return Err(SpoolError::Invalid(text));
        }
        let mut writers = self.writers()?;
        let (no, writer) = self.writer(&mut writers, lesson)?;
        let run = self.facts().lesson(lesson)?.1.runs.last_key_value().map_or(1, |(last, _)| last + 1);
        let frame = to_json(&RunFrame { codecs: codecs.to_owned() });
        let former = writer.head.runs.insert(track.clone(), (run, frame.clone(), init.to_vec()));
        let placed = self.place_run(writer, no, track, run, &frame, init);
        let (segment, offset) = placed.inspect_err(|_| {
            match former {
                Some(former) => writer.head.runs.insert(track.clone(), former),
                None => writer.head.runs.remove(track),
            };
        })?;
        let mut changes = Changes::default();
        let mut facts = self.facts();
        let track = facts.track_no(no, track);
        facts.save_track(no, track, &mut changes);
        facts.lesson_mut(lesson)?.1.runs.insert(run, track);
        let run_facts = RunFacts {
            track,
            codecs: codecs.to_owned(),
            init_sha256: HEXLOWER.encode(&Sha256::digest(init)),
            init_bytes: u32::try_from(init.len()).unwrap_or(u32::MAX),
            segment,
            offset,
        };
        changes.put(keys::RUNS, keys::run(no, run), to_json(&run_facts));
        self.stage(changes, 0);
        drop(facts);
        self.note_anchor(writer, no, run, &anchor);
        self.sync_facts(writer);
        drop(writers);
        if let Err(error) = self.commit() {
            tracing::warn!("{error}; run {run} is safe in its segment");
        }
        Ok(run)
    }

    /// Writes a run's two frames, durably; where its init segment lies.
    fn place_run(
        &self,
        writer: &mut Writer,
        no: LessonNo,
        track: &Name,
        run: u32,
        frame: &[u8],
        init: &[u8],
    ) -> Result<(u64, u64), SpoolError> {
        let drafts = [
            Draft::fact(Kind::Run, Some(track), run, frame),
            Draft::fact(Kind::Init, Some(track), run, init),
        ];
        let [(first, entry), (second, other)] = [drafts[0].takes(), drafts[1].takes()];
        let takes = (first + second, entry + other);
        if !writer.segment.as_ref().is_some_and(|segment| segment.fits(takes)) {
            // The head of a new segment holds them.
            let segment = self.segment_for(writer, no, takes)?;
            segment.holds_media = true;
            let epoch = segment.epoch;
            return Ok((epoch, writer.head.init_offset(track)));
        }
        let segment = self.segment_for(writer, no, takes)?;
        let begin = segment.used;
        let written = segment.write(&drafts[0]).and_then(|_| segment.write(&drafts[1]));
        match written.and_then(|(_, offset)| segment.sync().map(|()| (segment.epoch, offset))) {
            Ok(place) => {
                segment.holds_media = true;
                Ok(place)
            }
            Err(error) => {
                self.spoil(writer, begin, &error);
                Err(error)
            }
        }
    }

    /// Adds a moment that is known on both the time line and the wall clock.
    /// Durable with the next commit.
    ///
    /// # Errors
    /// [`SpoolError::UnknownRun`], or an unknown or closed lesson.
    pub fn add_anchor(&self, lesson: &LessonId, run: u32, anchor: Anchor) -> Result<(), SpoolError> {
        let mut writers = self.writers()?;
        let (no, writer) = self.writer(&mut writers, lesson)?;
        let unknown = || SpoolError::Invalid(format!("lesson {lesson} has no run {run}; begin it first"));
        self.facts().lesson(lesson)?.1.runs.get(&run).ok_or_else(unknown)?;
        self.note_anchor(writer, no, run, &anchor);
        drop(writers);
        self.commit_quietly_if_due();
        Ok(())
    }

    fn note_anchor(&self, writer: &mut Writer, no: LessonNo, run: u32, anchor: &Anchor) {
        let payload = to_json(anchor);
        let mut changes = Changes::default();
        changes.put(keys::ANCHORS, keys::anchor(no, run, anchor.pts_90k), payload.clone());
        self.stage(changes, 0);
        Self::repeat_fact(writer, &Draft::fact(Kind::Anchor, None, run, &payload));
    }

    /// Repeats a fact in the segment, for the day the index is lost. It becomes
    /// durable with the next fragment; a failure costs nothing else.
    pub(crate) fn repeat_fact(writer: &mut Writer, draft: &Draft<'_>) {
        let Some(segment) = writer.segment.as_mut().filter(|segment| segment.fits(draft.takes())) else {
            return;
        };
        if let Err(error) = segment.write(draft) {
            tracing::warn!("{error}; a fact is in the index only");
        }
    }

    fn sync_facts(&self, writer: &Writer) {
        if let Some(Err(error)) = writer.segment.as_ref().map(Segment::sync) {
            tracing::warn!("{error}; a fact is in the index only");
        }
    }

    /// Appends a fragment. When it returns, the fragment is durable and has the
    /// next number of its track.
    ///
    /// # Errors
    /// [`SpoolError::Full`], [`SpoolError::Io`], an unknown or closed lesson, or
    /// [`SpoolError::UnknownRun`]. The fragment is then not stored, its number
    /// not used, and everything acknowledged before is untouched. An error of
    /// the index is not one of append: [`commit_if_due`](Self::commit_if_due)
    /// and [`usage`](Self::usage) tell it.
    pub fn append(&self, new: NewFragment<'_>) -> Result<StoredFragment, SpoolError> {
        if new.payload.is_empty() {
            return Err(SpoolError::Invalid(
                "a fragment without bytes cannot be stored; record a gap".into(),
            ));
        }
        let mut writers = self.writers()?;
        let (no, writer) = self.writer(&mut writers, new.lesson)?;
        let (track, seq) = {
            let facts = self.facts();
            let (_, lesson) = facts.lesson(new.lesson)?;
            let named = lesson.track_named(new.track);
            let run_track = lesson.runs.get(&new.run);
            let known = named.filter(|(track, _)| run_track == Some(track));
            let (track, facts) = known.ok_or_else(|| SpoolError::UnknownRun {
                lesson: new.lesson.clone(),
                track: new.track.clone(),
                run: new.run,
            })?;
            (track, facts.last_seq + 1)
        };
        let draft = Draft {
            kind: Kind::Media,
            track: Some(new.track),
            run: new.run,
            seq,
            pts_90k: new.pts_90k,
            duration_90k: new.duration_90k,
            payload: new.payload,
        };
        let segment = self.segment_for(writer, no, draft.takes())?;
        let begin = segment.used;
        let durable = segment.write(&draft).and_then(|written| segment.sync().map(|()| written));
        let (header, offset) = match durable {
            Ok(written) => written,
            Err(error) => {
                self.spoil(writer, begin, &error);
                return Err(error);
            }
        };
        segment.holds_media = true;
        writer.given_up = 0;
        let entry = FragmentEntry::of(&header, offset);
        let mut changes = Changes::default();
        let mut facts = self.facts();
        facts.add_fragment(no, track, seq, &entry, &mut changes);
        self.stage(changes, 1);
        drop(facts);
        self.commit_quietly_if_due();
        drop(writers);
        Ok(entry.stored(seq, false))
    }

    /// Where the newest fragment or gap of a track ends; 0 for a track without.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`].
    pub fn timeline_end(&self, lesson: &LessonId, track: &Name) -> Result<Ticks, SpoolError> {
        let facts = self.facts();
        let (_, lesson) = facts.lesson(lesson)?;
        Ok(lesson.track_named(track).map_or(Ticks(0), |(_, track)| track.end_90k))
    }
}
