//! Gaps, and the marking of what is damaged.

use lectern_api::manifest::{Gap, GapReason};
use lectern_api::{LessonId, Name, Ticks};

use crate::SpoolError;
use crate::entry::Entry;
use crate::facts::{Amount, Facts};
use crate::index::{Changes, Index};
use crate::keys::{self, GapFacts, LessonNo, TrackNo, to_json};
use crate::spool::Spool;

/// Counts and stages a gap, unless just this one is known.
pub(crate) fn add_gap(
    facts: &mut Facts,
    index: &Index,
    (no, track): (LessonNo, TrackNo),
    gap: &Gap,
    changes: &mut Changes,
) -> Result<bool, SpoolError> {
    let key = keys::gap(no, track, gap.from_90k, gap.to_90k);
    if index.get(keys::GAPS, &key)?.is_some() {
        return Ok(false);
    }
    changes.put(keys::GAPS, key, to_json(&GapFacts { reason: gap.reason }));
    if let Some(facts) = facts.track_mut(no, track) {
        facts.gap_90k = facts.gap_90k.saturating_add((gap.to_90k - gap.from_90k).0);
        facts.end_90k = facts.end_90k.max(gap.to_90k);
    }
    facts.save_track(no, track, changes);
    Ok(true)
}

/// Marks fragments that are in the index and not damaged yet; neighbours share
/// one gap. Returns the gaps.
pub(crate) fn mark_damaged(
    facts: &mut Facts,
    index: &Index,
    (no, track): (LessonNo, TrackNo),
    fragments: Vec<(u64, Entry)>,
    changes: &mut Changes,
) -> Result<Vec<Gap>, SpoolError> {
    let Some(name) = facts.track(no, track).map(|track| track.name.clone()) else { return Ok(Vec::new()) };
    let mut gaps: Vec<Gap> = Vec::new();
    for (seq, mut entry) in fragments {
        entry.damaged = true;
        let amount = Amount::of(&entry);
        if let Some(facts) = facts.track_mut(no, track) {
            facts.sound = facts.sound.minus(amount);
        }
        let covering: Vec<_> = facts
            .cursors
            .iter()
            .filter(|(key, cursor)| {
                let ahead = || facts.ahead.get(key).is_some_and(|seqs| seqs.contains(&seq));
                key.0 == no && key.1 == track && (cursor.seq >= seq || ahead())
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in covering {
            if let Some(cursor) = facts.cursors.get_mut(&key) {
                cursor.sound = cursor.sound.minus(amount);
            }
            facts.save_cursor(&key, changes);
        }
        changes.put(keys::FRAGMENTS, keys::fragment(no, track, seq), entry.encode());
        let (from_90k, to_90k) = (entry.pts_90k, entry.end_90k());
        match gaps.last_mut() {
            Some(last) if last.to_90k == from_90k => last.to_90k = to_90k,
            _ => gaps.push(Gap { track: name.clone(), from_90k, to_90k, reason: GapReason::Damaged }),
        }
    }
    gaps.retain(|gap| gap.from_90k < gap.to_90k);
    for gap in &gaps {
        add_gap(facts, index, (no, track), gap, changes)?;
    }
    facts.save_track(no, track, changes);
    Ok(gaps)
}

/// The gaps of one track, or of all, in order.
pub(crate) fn gaps(
    facts: &Facts,
    index: &Index,
    no: LessonNo,
    track: Option<TrackNo>,
) -> Result<Vec<Gap>, SpoolError> {
    let prefix = track.map_or_else(|| keys::lesson(no), |track| keys::track(no, track));
    let mut found = Vec::new();
    for (key, value) in index.scan(keys::GAPS, &prefix, b"", usize::MAX)? {
        let mut reader = keys::Reader(&key[4..]);
        let (Some(track), Some(from), Some(to)) = (reader.u16(), reader.u64(), reader.u64()) else {
            return Err(keys::unreadable(keys::GAPS, "a key of another length"));
        };
        let Some(track) = facts.track(no, track) else { continue };
        found.push(Gap {
            track: track.name.clone(),
            from_90k: Ticks(from),
            to_90k: Ticks(to),
            reason: keys::from_json::<GapFacts>(keys::GAPS, &value)?.reason,
        });
    }
    Ok(found)
}

impl Spool {
    /// Declares a fragment damaged, as [`read`](Self::read) does by itself when
    /// the bytes are wrong. For a disk that answers with errors: only the
    /// caller can tell how often to try. The gap is durable when this returns.
    ///
    /// # Errors
    /// [`SpoolError::UnknownFragment`], [`SpoolError::Removed`], or an error of
    /// the index.
    pub fn declare_damaged(&self, lesson: &LessonId, track: &Name, seq: u64) -> Result<(), SpoolError> {
        let mut facts = self.facts();
        let (no, found) = facts.lesson(lesson)?;
        if found.facts.removed {
            return Err(SpoolError::Removed(lesson.clone()));
        }
        let unknown = || SpoolError::UnknownFragment { lesson: lesson.clone(), track: track.clone(), seq };
        let (track_no, _) = found.track_named(track).ok_or_else(unknown)?;
        let value = self.index.get(keys::FRAGMENTS, &keys::fragment(no, track_no, seq))?;
        let entry = Entry::decode(&value.ok_or_else(unknown)?)?;
        if !entry.damaged {
            let mut changes = Changes::default();
            let at = (no, track_no);
            let gaps = mark_damaged(&mut facts, &self.index, at, vec![(seq, entry)], &mut changes)?;
            self.index.stage(changes, 0, self.clock.monotonic());
            tracing::error!("fragment {seq} of lesson {lesson}, track {track}, is damaged: {gaps:?}");
        }
        drop(facts);
        self.commit()
    }
}
