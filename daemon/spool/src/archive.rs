//! What the archives have.

use lectern_api::{Bytes, LessonId, Name, Ticks};

use crate::SpoolError;
use crate::entry::Entry;
use crate::facts::{Amount, Cursor, CursorKey, Facts};
use crate::index::Changes;
use crate::keys;
use crate::spool::Spool;

/// What an archive still lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pending {
    /// Fragments over all lessons and tracks.
    pub fragments: u64,
    /// Their payload.
    pub bytes: Bytes,
    /// Their length, of each lesson's longest track.
    pub duration: Ticks,
}

impl Spool {
    fn cursor_key(
        facts: &Facts,
        archive: &Name,
        lesson: &LessonId,
        track: &Name,
    ) -> Result<CursorKey, SpoolError> {
        let (no, found) = facts.lesson(lesson)?;
        let unknown = || SpoolError::UnknownFragment { lesson: lesson.clone(), track: track.clone(), seq: 1 };
        let (track, _) = found.track_named(track).ok_or_else(unknown)?;
        Ok((no, track, archive.clone()))
    }

    fn entry(&self, key: &CursorKey, seq: u64) -> Result<Option<Entry>, SpoolError> {
        let value = self.index.get(keys::FRAGMENTS, &keys::fragment(key.0, key.1, seq))?;
        value.map(|value| Entry::decode(&value)).transpose()
    }

    /// Moves a cursor over what is acknowledged ahead of it, and over what
    /// nobody can send any more because it is damaged.
    fn advance(
        &self,
        facts: &mut Facts,
        key: &CursorKey,
        changes: &mut Changes,
    ) -> Result<Cursor, SpoolError> {
        let mut cursor = facts.cursors.get(key).copied().unwrap_or_default();
        let before = cursor.seq;
        let last = facts.track(key.0, key.1).map_or(0, |track| track.last_seq);
        while cursor.seq < last {
            let next = cursor.seq + 1;
            let was_ahead = facts.ahead.get_mut(key).is_some_and(|seqs| seqs.remove(&next));
            if was_ahead {
                changes.delete(keys::AHEAD, keys::ahead(key.0, key.1, next, &key.2));
            } else if !self.entry(key, next)?.is_none_or(|entry| entry.damaged) {
                break;
            }
            cursor.seq = next;
        }
        if cursor.seq != before {
            facts.cursors.insert(key.clone(), cursor);
            facts.save_cursor(key, changes);
        }
        Ok(cursor)
    }

    /// Notes that an archive has a fragment. Durable with the next commit; a
    /// crash before may offer the fragment again. Repeating it changes nothing,
    /// and neither does one that comes after the lesson went.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`], [`SpoolError::UnknownFragment`], or an
    /// error of the index.
    pub fn acknowledge(
        &self,
        archive: &Name,
        lesson: &LessonId,
        track: &Name,
        seq: u64,
    ) -> Result<(), SpoolError> {
        let mut facts = self.facts();
        if facts.lesson(lesson)?.1.facts.removed {
            return Ok(());
        }
        let key = Self::cursor_key(&facts, archive, lesson, track)?;
        let unknown = || SpoolError::UnknownFragment { lesson: lesson.clone(), track: track.clone(), seq };
        let entry = self.entry(&key, seq)?.ok_or_else(unknown)?;
        facts.receiving.insert(archive.clone(), (key.0, self.clock.monotonic()));
        let known = facts.cursors.get(&key).is_some_and(|cursor| cursor.seq >= seq)
            || facts.ahead.get(&key).is_some_and(|seqs| seqs.contains(&seq));
        if !known {
            let mut changes = Changes::default();
            let cursor = facts.cursors.entry(key.clone()).or_default();
            if !entry.damaged {
                cursor.sound = cursor.sound.plus(Amount::of(&entry));
            }
            facts.ahead.entry(key.clone()).or_default().insert(seq);
            changes.put(keys::AHEAD, keys::ahead(key.0, key.1, seq, archive), Vec::new());
            facts.save_cursor(&key, &mut changes);
            self.advance(&mut facts, &key, &mut changes)?;
            self.stage(changes, 0);
        }
        drop(facts);
        self.commit_quietly_if_due();
        Ok(())
    }

    /// The highest number up to which an archive has every fragment that can be
    /// read; 0 when it has none. The next one to send is the first held
    /// fragment above it.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`] or an error of the index.
    pub fn acknowledged(&self, archive: &Name, lesson: &LessonId, track: &Name) -> Result<u64, SpoolError> {
        let mut facts = self.facts();
        let key = match Self::cursor_key(&facts, archive, lesson, track) {
            Err(SpoolError::UnknownFragment { .. }) => return Ok(0),
            other => other?,
        };
        let mut changes = Changes::default();
        let cursor = self.advance(&mut facts, &key, &mut changes)?;
        self.stage(changes, 0);
        Ok(cursor.seq)
    }

    /// Notes that an archive has the whole lesson, its closed manifest too.
    /// Durable when it returns; from then on the lesson's media may go.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`], [`SpoolError::LessonOpen`],
    /// [`SpoolError::Invalid`] when a fragment was not acknowledged, or an error
    /// of the index.
    pub fn finish_archive(&self, archive: &Name, lesson: &LessonId) -> Result<(), SpoolError> {
        let names: Vec<Name> = self.tracks(lesson)?.into_iter().map(|track| track.name).collect();
        for track in &names {
            let reached = self.acknowledged(archive, lesson, track)?;
            let facts = self.facts();
            let last = facts.lesson(lesson)?.1.track_named(track).map_or(0, |(_, track)| track.last_seq);
            if reached < last {
                return Err(SpoolError::Invalid(format!(
                    "{archive} has {reached} of {last} fragments of lesson {lesson}, track {track}; acknowledge the others first"
                )));
            }
        }
        let mut facts = self.facts();
        let (no, found) = facts.lesson_mut(lesson)?;
        if !found.facts.closed {
            return Err(SpoolError::LessonOpen(lesson.clone()));
        }
        if found.facts.archived.insert(archive.clone()) {
            let mut changes = Changes::default();
            facts.save_lesson(no, &mut changes);
            self.stage(changes, 0);
        }
        drop(facts);
        self.commit()
    }

    /// Whether [`finish_archive`](Self::finish_archive) was called for it.
    #[must_use]
    pub fn is_archived(&self, archive: &Name, lesson: &LessonId) -> bool {
        self.facts().lesson(lesson).is_ok_and(|(_, lesson)| lesson.facts.archived.contains(archive))
    }

    /// What an archive still lacks and could get from here. From counters: its
    /// cost grows with the lessons that are not archived, not with fragments.
    #[must_use]
    pub fn pending(&self, archive: &Name) -> Pending {
        let facts = self.facts();
        let mut pending = Pending::default();
        for (no, lesson) in &facts.lessons {
            if lesson.facts.removed || lesson.facts.archived.contains(archive) {
                continue;
            }
            let mut longest = 0;
            for (track, held) in (0..).zip(&lesson.tracks) {
                let cursor = facts.cursors.get(&(*no, track, archive.clone())).copied().unwrap_or_default();
                let lacks = held.sound.minus(cursor.sound);
                pending.fragments += lacks.fragments;
                pending.bytes.0 += lacks.bytes;
                longest = longest.max(lacks.ticks);
            }
            pending.duration = pending.duration + Ticks(longest);
        }
        pending
    }
}
