//! What the spool keeps in memory: lessons, tracks, segments and the archives'
//! cursors, with counters in place of lists. Fragments, runs and gaps stay in
//! the index.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lectern_api::lessons::{DeletionRequest, Hold};
use lectern_api::manifest::{Deletion, LessonInfo, ManifestState};
use lectern_api::{Bytes, LessonId, Name, Ticks};
use serde::{Deserialize, Serialize};

use crate::SpoolError;
use crate::entry::Entry;
use crate::index::{Changes, Index};
use crate::keys::{self, LessonNo, Reader, RunFacts, TrackNo, from_json, to_json, unreadable};
use crate::lesson::{LessonRecord, TrackRecord};

/// So many fragments, their bytes, and their length on the time line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Amount {
    pub(crate) fragments: u64,
    pub(crate) bytes: u64,
    pub(crate) ticks: u64,
}

impl Amount {
    pub(crate) fn of(entry: &Entry) -> Self {
        Self { fragments: 1, bytes: u64::from(entry.bytes), ticks: entry.duration_90k.0 }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            fragments: self.fragments.saturating_add(other.fragments),
            bytes: self.bytes.saturating_add(other.bytes),
            ticks: self.ticks.saturating_add(other.ticks),
        }
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self {
            fragments: self.fragments.saturating_sub(other.fragments),
            bytes: self.bytes.saturating_sub(other.bytes),
            ticks: self.ticks.saturating_sub(other.ticks),
        }
    }
}

/// A lesson, as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LessonFacts {
    pub(crate) info: LessonInfo,
    pub(crate) closed: bool,
    /// Its media were let go.
    pub(crate) removed: bool,
    /// The archives that have everything, the closed manifest too.
    pub(crate) archived: BTreeSet<Name>,
    /// Why it is gone, unless it was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deletion: Option<Deletion>,
    /// What of its facts is not needed any more is out of the index.
    #[serde(default)]
    pub(crate) swept: bool,
}

/// A track, as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TrackFacts {
    pub(crate) name: Name,
    pub(crate) last_seq: u64,
    pub(crate) end_90k: Ticks,
    /// Appended and not damaged.
    pub(crate) sound: Amount,
    pub(crate) gap_90k: u64,
}

/// A segment, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SegmentFacts {
    pub(crate) lesson: LessonNo,
    /// Nothing will be written to it any more.
    pub(crate) sealed: bool,
}

/// How far an archive has come with a track, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// Everything up to here is acknowledged, damaged or missing.
    pub(crate) seq: u64,
    /// What was acknowledged, here and ahead of `seq`, and is not damaged.
    pub(crate) sound: Amount,
}

#[derive(Debug)]
pub(crate) struct Lesson {
    pub(crate) facts: LessonFacts,
    pub(crate) tracks: Vec<TrackFacts>,
    /// The track of each run, from run 1.
    pub(crate) runs: BTreeMap<u32, TrackNo>,
    /// Kept in the decisions' file, repeated here for readers.
    pub(crate) request: Option<DeletionRequest>,
    /// As `request`.
    pub(crate) hold: Option<Hold>,
}

pub(crate) type CursorKey = (LessonNo, TrackNo, Name);

#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) lessons: BTreeMap<LessonNo, Lesson>,
    pub(crate) by_id: BTreeMap<LessonId, LessonNo>,
    pub(crate) segments: BTreeMap<u64, SegmentFacts>,
    /// Allocated bytes of every segment file, known to the index or not.
    pub(crate) allocated: BTreeMap<u64, u64>,
    pub(crate) last_epoch: u64,
    pub(crate) cursors: BTreeMap<CursorKey, Cursor>,
    pub(crate) ahead: BTreeMap<CursorKey, BTreeSet<u64>>,
    /// By archive: the lesson of which it took something last, and when.
    pub(crate) receiving: BTreeMap<Name, (LessonNo, Duration)>,
    /// Segments whose lesson is gone from the facts; unlinked after a commit.
    pub(crate) doomed: BTreeSet<u64>,
}

impl Facts {
    pub(crate) fn load(index: &Index) -> Result<Self, SpoolError> {
        let mut facts = Self::default();
        let all = |keyspace| index.scan(keyspace, b"", b"", usize::MAX);
        let misplaced = |keyspace| move || unreadable(keyspace, "a key that fits no lesson");
        for (key, value) in all(keys::LESSONS)? {
            let no = Reader(&key).u32().ok_or_else(misplaced(keys::LESSONS))?;
            facts.insert_lesson(no, from_json(keys::LESSONS, &value)?);
        }
        for (key, value) in all(keys::TRACKS)? {
            let lesson = Reader(&key).u32().and_then(|no| facts.lessons.get_mut(&no));
            let lesson = lesson.ok_or_else(misplaced(keys::TRACKS))?;
            lesson.tracks.push(from_json(keys::TRACKS, &value)?);
        }
        for (key, value) in all(keys::RUNS)? {
            let mut reader = Reader(&key);
            let lesson = reader.u32().and_then(|no| facts.lessons.get_mut(&no));
            let (Some(lesson), Some(run)) = (lesson, reader.u32()) else {
                return Err(misplaced(keys::RUNS)());
            };
            lesson.runs.insert(run, from_json::<RunFacts>(keys::RUNS, &value)?.track);
        }
        for (key, value) in all(keys::SEGMENTS)? {
            let epoch = Reader(&key).u64().ok_or_else(misplaced(keys::SEGMENTS))?;
            facts.segments.insert(epoch, from_json(keys::SEGMENTS, &value)?);
            facts.last_epoch = facts.last_epoch.max(epoch);
        }
        for (key, value) in all(keys::CURSORS)? {
            let mut reader = Reader(&key);
            let (Some(no), Some(track), Some(archive)) = (reader.u32(), reader.u16(), reader.name()) else {
                return Err(misplaced(keys::CURSORS)());
            };
            facts.cursors.insert((no, track, archive), from_json(keys::CURSORS, &value)?);
        }
        for (key, _) in all(keys::AHEAD)? {
            let mut reader = Reader(&key);
            let (Some(no), Some(track), Some(seq)) = (reader.u32(), reader.u16(), reader.u64()) else {
                return Err(misplaced(keys::AHEAD)());
            };
            let archive = reader.name().ok_or_else(misplaced(keys::AHEAD))?;
            facts.ahead.entry((no, track, archive)).or_default().insert(seq);
        }
        Ok(facts)
    }

    fn insert_lesson(&mut self, no: LessonNo, facts: LessonFacts) {
        self.by_id.insert(facts.info.id.clone(), no);
        let (tracks, runs) = (Vec::new(), BTreeMap::new());
        self.lessons.insert(no, Lesson { facts, tracks, runs, request: None, hold: None });
    }

    /// A lesson that was not known before.
    pub(crate) fn new_lesson(&mut self, info: LessonInfo, changes: &mut Changes) -> LessonNo {
        let no = self.lessons.last_key_value().map_or(1, |(last, _)| last + 1);
        let facts = LessonFacts {
            info,
            closed: false,
            removed: false,
            archived: BTreeSet::new(),
            deletion: None,
            swept: false,
        };
        self.insert_lesson(no, facts);
        self.save_lesson(no, changes);
        no
    }

    pub(crate) fn lesson(&self, id: &LessonId) -> Result<(LessonNo, &Lesson), SpoolError> {
        let found = self.by_id.get(id).and_then(|no| Some((*no, self.lessons.get(no)?)));
        found.ok_or_else(|| SpoolError::UnknownLesson(id.clone()))
    }

    pub(crate) fn lesson_mut(&mut self, id: &LessonId) -> Result<(LessonNo, &mut Lesson), SpoolError> {
        let unknown = || SpoolError::UnknownLesson(id.clone());
        let no = *self.by_id.get(id).ok_or_else(unknown)?;
        Ok((no, self.lessons.get_mut(&no).ok_or_else(unknown)?))
    }

    pub(crate) fn open_lesson(&self, id: &LessonId) -> Result<(LessonNo, &Lesson), SpoolError> {
        let found = self.lesson(id)?;
        if found.1.facts.closed { Err(SpoolError::LessonClosed(id.clone())) } else { Ok(found) }
    }

    /// The track, made when it is new.
    pub(crate) fn track_no(&mut self, no: LessonNo, name: &Name) -> TrackNo {
        let Some(lesson) = self.lessons.get_mut(&no) else { return 0 };
        let at = lesson.tracks.iter().position(|track| track.name == *name).unwrap_or_else(|| {
            let name = name.clone();
            lesson.tracks.push(TrackFacts {
                name,
                last_seq: 0,
                end_90k: Ticks(0),
                sound: Amount::default(),
                gap_90k: 0,
            });
            lesson.tracks.len() - 1
        });
        TrackNo::try_from(at).unwrap_or(TrackNo::MAX)
    }

    pub(crate) fn track(&self, no: LessonNo, track: TrackNo) -> Option<&TrackFacts> {
        self.lessons.get(&no)?.tracks.get(usize::from(track))
    }

    pub(crate) fn track_mut(&mut self, no: LessonNo, track: TrackNo) -> Option<&mut TrackFacts> {
        self.lessons.get_mut(&no)?.tracks.get_mut(usize::from(track))
    }

    pub(crate) fn save_lesson(&self, no: LessonNo, changes: &mut Changes) {
        if let Some(lesson) = self.lessons.get(&no) {
            changes.put(keys::LESSONS, keys::lesson(no), to_json(&lesson.facts));
        }
    }

    pub(crate) fn save_track(&self, no: LessonNo, track: TrackNo, changes: &mut Changes) {
        if let Some(facts) = self.track(no, track) {
            changes.put(keys::TRACKS, keys::track(no, track), to_json(facts));
        }
    }

    pub(crate) fn save_segment(&self, epoch: u64, changes: &mut Changes) {
        if let Some(facts) = self.segments.get(&epoch) {
            changes.put(keys::SEGMENTS, epoch.to_be_bytes().to_vec(), to_json(facts));
        }
    }

    pub(crate) fn save_cursor(&self, key: &CursorKey, changes: &mut Changes) {
        if let Some(cursor) = self.cursors.get(key) {
            changes.put(keys::CURSORS, keys::cursor(key.0, key.1, &key.2), to_json(cursor));
        }
    }

    /// Counts a fragment that became durable and stages its entry.
    pub(crate) fn add_fragment(
        &mut self,
        no: LessonNo,
        track: TrackNo,
        seq: u64,
        entry: &Entry,
        changes: &mut Changes,
    ) {
        if let Some(facts) = self.track_mut(no, track) {
            facts.last_seq = facts.last_seq.max(seq);
            facts.end_90k = facts.end_90k.max(entry.end_90k());
            if !entry.damaged {
                facts.sound = facts.sound.plus(Amount::of(entry));
            }
        }
        changes.put(keys::FRAGMENTS, keys::fragment(no, track, seq), entry.encode());
        self.save_track(no, track, changes);
    }
}

impl Lesson {
    pub(crate) fn track_named(&self, name: &Name) -> Option<(TrackNo, &TrackFacts)> {
        let at = self.tracks.iter().position(|track| track.name == *name)?;
        Some((TrackNo::try_from(at).ok()?, &self.tracks[at]))
    }

    pub(crate) fn record(&self) -> LessonRecord {
        let most = |of: fn(&TrackFacts) -> u64| Ticks(self.tracks.iter().map(of).max().unwrap_or(0));
        LessonRecord {
            info: self.facts.info.clone(),
            state: match (&self.facts.deletion, self.facts.closed) {
                (Some(_), _) => ManifestState::Deleted,
                (None, true) => ManifestState::Closed,
                (None, false) => ManifestState::Open,
            },
            removed: self.facts.removed,
            deletion_request: self.request.clone(),
            hold: self.hold.clone(),
            deletion: self.facts.deletion.clone(),
            fragments: self.tracks.iter().map(|track| track.last_seq).sum(),
            recorded_90k: most(|track| track.sound.ticks),
            gap_90k: most(|track| track.gap_90k),
            bytes: Bytes(self.tracks.iter().map(|track| track.sound.bytes).sum()),
        }
    }
}

impl TrackFacts {
    pub(crate) fn record(&self) -> TrackRecord {
        TrackRecord {
            name: self.name.clone(),
            last_seq: self.last_seq,
            recorded_90k: Ticks(self.sound.ticks),
            gap_90k: Ticks(self.gap_90k),
            bytes: Bytes(self.sound.bytes),
            end_90k: self.end_90k,
        }
    }
}
