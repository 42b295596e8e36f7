//! Lessons: begun, ended, looked up; and the gaps that the recorder reports.

use lectern_api::manifest::{Gap, LessonInfo};
use lectern_api::{LessonId, Name};

use crate::SpoolError;
use crate::draft::Draft;
use crate::frame::Kind;
use crate::index::Changes;
use crate::keys::{self, RunFacts, from_json, to_json};
use crate::lesson::{LessonRecord, RunRecord, TrackRecord};
use crate::marking::{add_gap, gaps};
use crate::spool::Spool;

/// A lesson's facts as JSON, so that they fit one value and one block.
const MAX_LESSON_BYTES: usize = 3000;

impl Spool {
    /// Begins a lesson, durably. Beginning one that is open already is how it
    /// goes on after a restart, and how its planned end is moved; its other
    /// facts stay as they are.
    ///
    /// # Errors
    /// [`SpoolError::LessonClosed`] when it has ended, [`SpoolError::Invalid`]
    /// when its title is too long, or the index's error. After the latter the
    /// lesson takes fragments all the same; begin it again to make it durable.
    pub fn begin_lesson(&self, info: &LessonInfo) -> Result<(), SpoolError> {
        let bytes = to_json(info).len();
        if bytes > MAX_LESSON_BYTES {
            let text = format!(
                "lesson {}: its facts take {bytes} bytes, {MAX_LESSON_BYTES} fit; shorten the title",
                info.id
            );
            return Err(SpoolError::Invalid(text));
        }
        let decisions = self.decisions();
        let writers = self.writers()?;
        let mut facts = self.facts();
        match facts.open_lesson(&info.id) {
            Ok(_) => {
                let (no, found) = facts.lesson_mut(&info.id)?;
                if found.facts.info.planned_until != info.planned_until {
                    found.facts.info.planned_until = info.planned_until;
                    let mut changes = Changes::default();
                    facts.save_lesson(no, &mut changes);
                    self.stage(changes, 0);
                }
            }
            Err(SpoolError::UnknownLesson(_)) => {
                let mut changes = Changes::default();
                facts.new_lesson(LessonInfo { until: None, ..info.clone() }, &mut changes);
                self.stage(changes, 0);
            }
            Err(error) => return Err(error),
        }
        drop(facts);
        drop(writers);
        // An index that was lost may have forgotten a lesson that is held.
        self.repeat_wishes_of(&decisions, &info.id);
        drop(decisions);
        self.commit()
    }

    /// Ends a lesson at a moment, durably. Ending it again changes nothing.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`] or the index's error; after the latter end
    /// it again to make it durable.
    pub fn end_lesson(&self, lesson: &LessonId, until: jiff::Timestamp) -> Result<(), SpoolError> {
        let mut writers = self.writers()?;
        let mut facts = self.facts();
        let (no, found) = facts.lesson_mut(lesson)?;
        if !found.facts.closed {
            found.facts.closed = true;
            found.facts.info.until = Some(until);
            let closing = to_json(&found.facts.info);
            let mut changes = Changes::default();
            facts.save_lesson(no, &mut changes);
            self.stage(changes, 0);
            drop(facts);
            if let Some(mut segment) = writers.open.remove(&no).and_then(|writer| writer.segment) {
                // Its room was kept free from the beginning.
                let written = segment.write(&Draft::fact(Kind::Lesson, None, 0, &closing));
                if let Err(error) = written.and_then(|_| segment.sync()) {
                    tracing::warn!("{error}; that the lesson ended is in the index only");
                }
                self.seal(segment);
            }
        } else {
            drop(facts);
        }
        drop(writers);
        self.commit()
    }

    /// Records where a track has no media, and why. Durable with the next
    /// commit. The same gap recorded again counts once.
    ///
    /// # Errors
    /// An unknown or closed lesson, a gap that does not end after it begins, or
    /// an error of the index.
    pub fn record_gap(&self, lesson: &LessonId, gap: &Gap) -> Result<(), SpoolError> {
        if gap.from_90k >= gap.to_90k {
            let text =
                format!("a gap from {} to {} has no length; leave it out", gap.from_90k.0, gap.to_90k.0);
            return Err(SpoolError::Invalid(text));
        }
        let mut writers = self.writers()?;
        let (no, writer) = self.writer(&mut writers, lesson)?;
        let mut changes = Changes::default();
        let mut facts = self.facts();
        let track = facts.track_no(no, &gap.track);
        let is_new = add_gap(&mut facts, &self.index, (no, track), gap, &mut changes)?;
        self.stage(changes, 0);
        drop(facts);
        if is_new {
            let payload = to_json(gap);
            Self::repeat_fact(writer, &Draft::fact(Kind::Gap, Some(&gap.track), 0, &payload));
        }
        drop(writers);
        self.commit_quietly_if_due();
        Ok(())
    }

    /// A lesson, when it is known.
    #[must_use]
    pub fn lesson(&self, lesson: &LessonId) -> Option<LessonRecord> {
        self.facts().lesson(lesson).ok().map(|(_, lesson)| lesson.record())
    }

    /// Every lesson, the oldest first.
    #[must_use]
    pub fn lessons(&self) -> Vec<LessonRecord> {
        let mut records: Vec<_> = self.facts().lessons.values().map(|lesson| lesson.record()).collect();
        records.sort_by_key(|record| record.info.since);
        records
    }

    /// The newest lesson that is open.
    #[must_use]
    pub fn unfinished(&self) -> Option<LessonRecord> {
        let facts = self.facts();
        let open = facts.lessons.values().filter(|lesson| !lesson.facts.closed);
        open.max_by_key(|lesson| lesson.facts.info.since).map(|lesson| lesson.record())
    }

    /// The tracks of a lesson, in the order in which they came.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`].
    pub fn tracks(&self, lesson: &LessonId) -> Result<Vec<TrackRecord>, SpoolError> {
        let facts = self.facts();
        Ok(facts.lesson(lesson)?.1.tracks.iter().map(|track| track.record()).collect())
    }

    /// The gaps of a lesson, by track and begin.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`] or an error of the index.
    pub fn gaps(&self, lesson: &LessonId) -> Result<Vec<Gap>, SpoolError> {
        let facts = self.facts();
        let (no, _) = facts.lesson(lesson)?;
        gaps(&facts, &self.index, no, None)
    }

    /// The runs of a lesson, in order.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`] or an error of the index.
    pub fn runs(&self, lesson: &LessonId) -> Result<Vec<RunRecord>, SpoolError> {
        let (no, names, runs) = {
            let facts = self.facts();
            let (no, lesson) = facts.lesson(lesson)?;
            let names: Vec<Name> = lesson.tracks.iter().map(|track| track.name.clone()).collect();
            (no, names, lesson.runs.keys().copied().collect::<Vec<_>>())
        };
        let mut records = Vec::new();
        for run in runs {
            let value = self.index.get(keys::RUNS, &keys::run(no, run))?;
            let facts: RunFacts = from_json(keys::RUNS, &value.unwrap_or_default())?;
            let anchors = self.index.scan(keys::ANCHORS, &keys::run(no, run), b"", usize::MAX)?;
            let anchors = anchors.iter().map(|(_, anchor)| from_json(keys::ANCHORS, anchor));
            records.push(RunRecord {
                run,
                track: names[usize::from(facts.track).min(names.len().saturating_sub(1))].clone(),
                codecs: facts.codecs,
                init_sha256: facts.init_sha256,
                init_bytes: u64::from(facts.init_bytes),
                anchors: anchors.collect::<Result<_, _>>()?,
            });
        }
        Ok(records)
    }
}
