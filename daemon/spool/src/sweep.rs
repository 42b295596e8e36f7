//! Taking out of the index what nobody asks about any more.

use lectern_store::Keyspace;

use crate::SpoolError;
use crate::decisions::{Gone, Lost};
use crate::index::Changes;
use crate::keys::{self, LessonNo, TrackNo};
use crate::spool::Spool;

/// So many keys in one commit: a step that nobody notices.
const BATCH_KEYS: usize = 512;

/// Where to look for keys: all with the prefix, from a key on.
type Place = (Keyspace, Vec<u8>, Vec<u8>);

/// What of a lesson that is gone has no use. Of one that made way, what an
/// archive has of it stays: its manifest can still be written.
fn places(no: LessonNo, lost: &[Lost]) -> Vec<Place> {
    let all = |keyspace| (keyspace, keys::lesson(no), Vec::new());
    if lost.iter().all(|lost| lost.kept_seq == 0) {
        let fragments = (keys::FRAGMENTS, keys::fragments_of(no), Vec::new());
        let mut places = vec![fragments, all(keys::ANCHORS), all(keys::RUNS)];
        places.extend([all(keys::AHEAD), all(keys::CURSORS)]);
        if lost.is_empty() {
            places.push(all(keys::GAPS));
        }
        return places;
    }
    let mut places = vec![all(keys::AHEAD)];
    for (track, lost) in (0..).zip(lost) {
        let track: TrackNo = track;
        let from = keys::fragment(no, track, lost.kept_seq + 1);
        places.push((keys::FRAGMENTS, keys::fragments_in(no, track), from));
    }
    places
}

impl Spool {
    /// Does a little of what can wait: takes facts of lessons that are gone out
    /// of the index, in steps, and writes the index anew when it has grown far
    /// beyond what is in it and nothing is recorded. Says whether there is more
    /// to do; an idle spool has nothing, and writes nothing.
    ///
    /// # Errors
    /// The index's error. What was not done is done by a later call.
    pub fn tidy(&self) -> Result<bool, SpoolError> {
        self.decisions().write_audit();
        if self.sweep()? {
            return Ok(true);
        }
        let is_idle = self.facts().lessons.values().all(|lesson| lesson.facts.closed);
        let before = self.index.allocated_bytes();
        if is_idle && self.index.rewrite_if_bloated(self.clock.monotonic())? {
            let after = self.index.allocated_bytes();
            tracing::info!("the index was written anew: {before} bytes before, {after} after");
        }
        Ok(false)
    }

    fn sweep(&self) -> Result<bool, SpoolError> {
        let found = {
            let facts = self.facts();
            let unswept = facts.lessons.iter().find(|(_, l)| l.facts.removed && !l.facts.swept);
            unswept.map(|(no, lesson)| (*no, lesson.facts.info.id.clone()))
        };
        let Some((no, id)) = found else { return Ok(false) };
        let lost = {
            let decisions = self.decisions();
            let tombstone = decisions.gone.get(&id).map(|(_, tombstone)| tombstone);
            tombstone.filter(|t| t.why == Gone::MadeWay).map_or_else(Vec::new, |t| t.lost.clone())
        };
        let (mut changes, mut left) = (Changes::default(), BATCH_KEYS);
        for (keyspace, prefix, from) in places(no, &lost) {
            let entries = self.index.scan(keyspace, &prefix, &from, left)?;
            left -= entries.len();
            for (key, _) in entries {
                changes.delete(keyspace, key);
            }
        }
        let mut facts = self.facts();
        if left > 0
            && let Some(lesson) = facts.lessons.get_mut(&no)
        {
            lesson.facts.swept = true;
            if lost.iter().all(|lost| lost.kept_seq == 0) {
                lesson.runs.clear();
            }
            facts.save_lesson(no, &mut changes);
        }
        self.stage(changes, 0);
        drop(facts);
        self.commit()?;
        Ok(true)
    }
}
