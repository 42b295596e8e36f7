//! Taking a lesson out of the facts, the same way when it is decided and when
//! an index that does not know of it is opened.

use lectern_api::manifest::{Gap, GapReason};
use lectern_api::{LessonId, Ticks};

use crate::SpoolError;
use crate::decisions::{Decision, Decisions, Gone, Lost, Tombstone};
use crate::entry::Entry;
use crate::facts::{Amount, Facts, Lesson, TrackFacts};
use crate::index::{Changes, Index};
use crate::keys::{self, LessonNo, TrackNo};
use crate::marking::{add_gap, gaps};

impl Tombstone {
    /// Of a lesson as it is now.
    pub(crate) fn of(facts: &Facts, index: &Index, no: LessonNo, why: Gone) -> Result<Self, SpoolError> {
        let lesson = &facts.lessons[&no];
        let cursors = facts.cursors.keys().filter(|key| key.0 == no).map(|key| key.2.clone());
        let archived = lesson.facts.archived.clone();
        let info = &lesson.facts.info;
        let mut lost = Vec::new();
        if why == Gone::MadeWay {
            for track in 0..lesson.tracks.len() {
                lost.push(lost_from(facts, index, (no, TrackNo::try_from(track).unwrap_or(TrackNo::MAX)))?);
            }
        }
        let last = |track: &TrackFacts| (track.name.clone(), track.last_seq);
        let numbers =
            if why == Gone::OnRequest { lesson.tracks.iter().map(last).collect() } else { Vec::new() };
        let runs = lesson.runs.keys().last().copied().filter(|_| !numbers.is_empty()).unwrap_or(0);
        Ok(Self {
            why,
            numbers,
            runs,
            date: info.date,
            since: info.since,
            until: info.until,
            trigger: info.trigger,
            stores: cursors.chain(archived.iter().cloned()).collect(),
            archived,
            tracks: if why == Gone::OnRequest { Vec::new() } else { lesson.tracks.clone() },
            lost,
            segments: facts
                .segments
                .iter()
                .filter(|(_, s)| s.lesson == no)
                .map(|(epoch, _)| *epoch)
                .collect(),
        })
    }
}

/// What the archive that has most of a track does not have of it.
fn lost_from(facts: &Facts, index: &Index, (no, track): (LessonNo, TrackNo)) -> Result<Lost, SpoolError> {
    let reached = facts.cursors.iter().filter(|(key, _)| key.0 == no && key.1 == track);
    let kept_seq = reached.map(|(_, cursor)| cursor.seq).max().unwrap_or(0);
    let value = index.get(keys::FRAGMENTS, &keys::fragment(no, track, kept_seq))?;
    let entry = value.map(|value| Entry::decode(&value)).transpose()?;
    Ok(Lost { kept_seq, from_90k: entry.map_or(Ticks(0), |entry| entry.end_90k()) })
}

/// Takes a lesson out of the facts; makes it known first when it is not. Its
/// segments are doomed: they go after the next commit.
pub(crate) fn bury(
    facts: &mut Facts,
    index: &Index,
    decision: &Decision,
    tombstone: &Tombstone,
    changes: &mut Changes,
) -> Result<(), SpoolError> {
    let no = match facts.by_id.get(&decision.lesson) {
        Some(no) => *no,
        None => unknown(facts, &decision.lesson, tombstone, changes),
    };
    let Some(lesson) = facts.lessons.get_mut(&no) else { return Ok(()) };
    lesson.facts.closed = true;
    lesson.facts.removed = true;
    lesson.facts.swept = false;
    lesson.facts.archived.extend(tombstone.archived.iter().cloned());
    lesson.facts.deletion = decision.deletion(tombstone);
    lesson.facts.info.until = lesson.facts.info.until.or(tombstone.until);
    match tombstone.why {
        Gone::OnRequest => strip(lesson, no, changes),
        Gone::ByAge | Gone::ForRoom => {}
        Gone::MadeWay => {
            for (track, lost) in (0..).zip(&tombstone.lost) {
                lose(facts, index, (no, track), lost, changes)?;
            }
        }
    }
    if tombstone.why != Gone::MadeWay {
        // The index's own copies are swept later.
        facts.cursors.retain(|key, _| key.0 != no);
        facts.ahead.retain(|key, _| key.0 != no);
    }
    facts.save_lesson(no, changes);
    let epochs: Vec<u64> =
        facts.segments.iter().filter(|(_, s)| s.lesson == no).map(|(epoch, _)| *epoch).collect();
    for epoch in epochs {
        facts.segments.remove(&epoch);
        changes.delete(keys::SEGMENTS, epoch.to_be_bytes().to_vec());
        facts.doomed.insert(epoch);
    }
    Ok(())
}

/// A lesson that only its tombstone knows any more.
fn unknown(facts: &mut Facts, id: &LessonId, tombstone: &Tombstone, changes: &mut Changes) -> LessonNo {
    let no = facts.new_lesson(tombstone.info(id), changes);
    let is_lost = tombstone.why == Gone::MadeWay;
    if let Some(lesson) = facts.lessons.get_mut(&no) {
        let kept = tombstone.tracks.iter().cloned().map(|track| TrackFacts {
            sound: if is_lost { Amount::default() } else { track.sound },
            gap_90k: if is_lost { 0 } else { track.gap_90k },
            ..track
        });
        lesson.tracks = kept.collect();
    }
    for track in 0..tombstone.tracks.len() {
        facts.save_track(no, TrackNo::try_from(track).unwrap_or(TrackNo::MAX), changes);
    }
    no
}

/// Of a lesson that somebody wanted deleted only dates stay.
fn strip(lesson: &mut Lesson, no: LessonNo, changes: &mut Changes) {
    let info = &mut lesson.facts.info;
    info.title = String::new();
    info.planned_until = None;
    for track in 0..lesson.tracks.len() {
        changes.delete(keys::TRACKS, keys::track(no, TrackNo::try_from(track).unwrap_or(TrackNo::MAX)));
    }
    lesson.tracks.clear();
    lesson.runs.clear();
}

/// From where no archive has it, a track is one gap.
fn lose(
    facts: &mut Facts,
    index: &Index,
    at: (LessonNo, TrackNo),
    lost: &Lost,
    changes: &mut Changes,
) -> Result<(), SpoolError> {
    let Some(track) = facts.track(at.0, at.1).cloned() else { return Ok(()) };
    let mut kept = Amount::default();
    let count = usize::try_from(lost.kept_seq).unwrap_or(usize::MAX);
    for (_, value) in index.scan(keys::FRAGMENTS, &keys::fragments_in(at.0, at.1), b"", count)? {
        let entry = Entry::decode(&value)?;
        if !entry.damaged {
            kept = kept.plus(Amount::of(&entry));
        }
    }
    let mut before = Vec::new();
    for gap in gaps(facts, index, at.0, Some(at.1))? {
        changes.delete(keys::GAPS, keys::gap(at.0, at.1, gap.from_90k, gap.to_90k));
        let to_90k = gap.to_90k.min(lost.from_90k);
        if gap.from_90k < to_90k {
            before.push(Gap { to_90k, ..gap });
        }
    }
    if lost.from_90k < track.end_90k {
        let (from_90k, to_90k) = (lost.from_90k, track.end_90k);
        before.push(Gap { track: track.name, from_90k, to_90k, reason: GapReason::MadeWay });
    }
    if let Some(track) = facts.track_mut(at.0, at.1) {
        track.sound = kept;
        track.gap_90k = 0;
    }
    for gap in &before {
        let key = keys::gap(at.0, at.1, gap.from_90k, gap.to_90k);
        let known = index.get(keys::GAPS, &key)?.is_some();
        if known {
            // Taken out above, put back as it was.
            changes.put(keys::GAPS, key, keys::to_json(&keys::GapFacts { reason: gap.reason }));
            if let Some(track) = facts.track_mut(at.0, at.1) {
                track.gap_90k += (gap.to_90k - gap.from_90k).0;
            }
        } else {
            add_gap(facts, index, at, gap, changes)?;
        }
    }
    facts.save_track(at.0, at.1, changes);
    Ok(())
}

/// After the index was loaded: it may never have heard of what is gone, or may
/// have forgotten it.
pub(crate) fn bury_what_is_gone(
    facts: &mut Facts,
    index: &Index,
    decisions: &Decisions,
) -> Result<Changes, SpoolError> {
    let mut changes = Changes::default();
    for (decision, tombstone) in decisions.gone.values() {
        // An epoch that went away in a file comes back in none.
        let newest = tombstone.segments.last().copied().unwrap_or(0);
        facts.last_epoch = facts.last_epoch.max(newest);
        let is_known = facts.lesson(&decision.lesson).is_ok_and(|(_, lesson)| {
            lesson.facts.removed && lesson.facts.deletion == decision.deletion(tombstone)
        });
        if !is_known {
            bury(facts, index, decision, tombstone, &mut changes)?;
        }
    }
    Ok(changes)
}

/// Wishes and holds, as readers of a lesson see them.
pub(crate) fn repeat_wishes(facts: &mut Facts, decisions: &Decisions) {
    for (id, request) in &decisions.requests {
        if let Ok((_, lesson)) = facts.lesson_mut(id) {
            lesson.request = Some(request.clone());
        }
    }
    for (id, hold) in &decisions.holds {
        if let Ok((_, lesson)) = facts.lesson_mut(id) {
            lesson.hold = Some(hold.clone());
        }
    }
}
