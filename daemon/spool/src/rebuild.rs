//! Facts and fragments taken from the frames of segments.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use lectern_api::manifest::{Anchor, Gap, GapReason, LessonInfo};
use lectern_api::{Name, Ticks};
use tracing::{error, warn};

use crate::SpoolError;
use crate::append::RunFrame;
use crate::entry::Entry;
use crate::frame::Kind;
use crate::index::Changes;
use crate::keys::{self, LessonNo, RunFacts, TrackNo, to_json};
use crate::marking::{add_gap, gaps};
use crate::recovery::Recovery;
use crate::scan::{Found, Scan};

/// Begin and end of neighbours may differ by rounding; more is a hole.
pub(crate) const TOLERANCE: Ticks = Ticks(Ticks::PER_SECOND / 20);

/// Nothing is shorter: a picture at 60 per second takes 1500 ticks.
const SHORTEST_FRAGMENT: Ticks = Ticks(Ticks::PER_SECOND / 100);
/// So many missing numbers are believed whatever the time says.
const FEW_MISSING: u64 = 100;
/// A lesson of 24 hours has 43 200 fragments of 2 s.
const MOST_MISSING: u64 = 100_000;

/// Whether so many fragments can be missing from a stretch of the time line.
/// When they cannot, the number behind the hole is none that a spool gave.
pub(crate) fn can_miss(fragments: u64, hole: Ticks) -> bool {
    fragments <= (hole.0 / SHORTEST_FRAGMENT.0).clamp(FEW_MISSING, MOST_MISSING)
}

/// Media frames that were found, by their place in the lesson. Of two with one
/// number the one in the higher epoch stays: the other was never acknowledged.
#[derive(Default)]
pub(crate) struct Rebuild {
    media: BTreeMap<(LessonNo, TrackNo, u64), Entry>,
    /// Runs that the index did not know; the same rule holds for them.
    runs: BTreeSet<(LessonNo, u32)>,
}

/// A payload that was written by another version is passed over.
fn parse<T: serde::de::DeserializeOwned>(found: &Found) -> Option<T> {
    let parsed = serde_json::from_slice(&found.fact);
    parsed.inspect_err(|e| warn!("a {:?} frame cannot be read: {e}", found.header.kind)).ok()
}

impl Rebuild {
    /// Takes in what a segment says about its lesson, and notes its media.
    /// Gives the lesson, or nothing when neither the index nor the segment
    /// tells which one it is.
    pub(crate) fn take_in(
        &mut self,
        recovery: &mut Recovery<'_>,
        epoch: u64,
        scan: &Scan,
        known: Option<LessonNo>,
    ) -> Result<Option<LessonNo>, SpoolError> {
        let of_kind = |kind| scan.frames.iter().filter(move |f| f.sound && f.header.kind == kind);
        let infos: Vec<LessonInfo> = of_kind(Kind::Lesson).filter_map(parse).collect();
        let named = infos.first().and_then(|info| recovery.facts.by_id.get(&info.id).copied());
        let mut changes = Changes::default();
        let no = match (known.or(named), infos.first()) {
            (Some(no), _) => no,
            (None, Some(info)) => {
                recovery.report.recovered_lessons.push(info.id.clone());
                recovery.facts.new_lesson(LessonInfo { until: None, ..info.clone() }, &mut changes)
            }
            (None, None) => return Ok(None),
        };
        let Some(lesson) = recovery.facts.lessons.get_mut(&no) else { return Ok(None) };
        if lesson.facts.removed {
            return Ok(Some(no));
        }
        if let Some(until) = infos.iter().find_map(|info| info.until).filter(|_| !lesson.facts.closed) {
            lesson.facts.closed = true;
            lesson.facts.info.until = Some(until);
            recovery.facts.save_lesson(no, &mut changes);
        }
        let mut codecs: BTreeMap<u32, String> = BTreeMap::new();
        for found in of_kind(Kind::Run) {
            codecs.extend(parse::<RunFrame>(found).map(|frame| (found.header.run, frame.codecs)));
        }
        for found in of_kind(Kind::Init) {
            let codecs = codecs.get(&found.header.run).cloned().unwrap_or_default();
            self.take_in_run(recovery, no, (epoch, found), codecs, &mut changes);
        }
        for found in of_kind(Kind::Anchor) {
            if let Some(anchor) = parse::<Anchor>(found) {
                let key = keys::anchor(no, found.header.run, anchor.pts_90k);
                changes.put(keys::ANCHORS, key, found.fact.clone());
            }
        }
        recovery.stage(changes);
        for gap in of_kind(Kind::Gap).filter_map(parse::<Gap>) {
            let track = recovery.facts.track_no(no, &gap.track);
            note_gap(recovery, (no, track), &gap)?;
        }
        for found in scan.frames.iter().filter(|f| f.header.kind == Kind::Media) {
            let Some(name) = &found.header.track else { continue };
            let track = recovery.facts.track_no(no, name);
            let entry = Entry { damaged: !found.sound, ..Entry::of(&found.header, found.offset) };
            self.media.insert((no, track, found.header.seq), entry);
        }
        Ok(Some(no))
    }

    fn take_in_run(
        &mut self,
        recovery: &mut Recovery<'_>,
        no: LessonNo,
        (epoch, found): (u64, &Found),
        codecs: String,
        changes: &mut Changes,
    ) {
        let (Some(name), run) = (&found.header.track, found.header.run) else { return };
        let track = recovery.facts.track_no(no, name);
        recovery.facts.save_track(no, track, changes);
        let Some(lesson) = recovery.facts.lessons.get_mut(&no) else { return };
        if lesson.runs.contains_key(&run) && !self.runs.contains(&(no, run)) {
            return;
        }
        lesson.runs.insert(run, track);
        self.runs.insert((no, run));
        let facts = RunFacts {
            track,
            codecs,
            init_sha256: HEXLOWER.encode(&found.header.sha256),
            init_bytes: found.header.payload_bytes,
            segment: epoch,
            offset: found.offset,
        };
        changes.put(keys::RUNS, keys::run(no, run), to_json(&facts));
    }

    /// Puts into the index what it lacks of a lesson that no later segment can
    /// add to, so that memory does not grow with lessons.
    pub(crate) fn index_lesson(
        &mut self,
        recovery: &mut Recovery<'_>,
        no: LessonNo,
    ) -> Result<(), SpoolError> {
        let mut of_lesson = self.media.split_off(&(no, 0, 0));
        self.media.append(&mut of_lesson.split_off(&(no.saturating_add(1), 0, 0)));
        Self { media: of_lesson, ..Self::default() }.index_fragments(recovery)
    }

    /// Puts into the index what it lacks, in order, with every hole as a gap.
    pub(crate) fn index_fragments(self, recovery: &mut Recovery<'_>) -> Result<(), SpoolError> {
        for ((no, track, seq), entry) in self.media {
            let at = (no, track);
            if recovery.index.get(keys::FRAGMENTS, &keys::fragment(no, track, seq))?.is_some() {
                continue;
            }
            let Some(facts) = recovery.facts.track(no, track) else { continue };
            let (last, name) = (facts.last_seq, facts.name.clone());
            let end = recovery.media_end(at, last)?;
            let missing = seq.saturating_sub(last).saturating_sub(1);
            if seq == 0 || !can_miss(missing, entry.pts_90k - end) {
                note_foreign(recovery, no, &name, seq);
                continue;
            }
            if missing > 0 {
                fill_hole(recovery, at, last, seq, (end, entry.pts_90k));
            }
            // The first fragment may begin anywhere; later ones join their neighbour.
            let is_apart = end + TOLERANCE < entry.pts_90k;
            if is_apart && (missing > 0 || (last > 0 && recovery.report.rebuilt)) {
                note_hole(recovery, at, &name, end, entry.pts_90k)?;
            }
            let mut changes = Changes::default();
            recovery.facts.add_fragment(no, track, seq, &entry, &mut changes);
            recovery.stage(changes);
            if entry.damaged {
                let (from_90k, to_90k) = (entry.pts_90k, entry.end_90k());
                let gap = Gap { track: name, from_90k, to_90k, reason: GapReason::Damaged };
                note_damage(recovery, at, gap)?;
            } else {
                recovery.report.recovered_fragments += 1;
            }
        }
        Ok(())
    }
}

fn note_gap(recovery: &mut Recovery<'_>, at: (LessonNo, TrackNo), gap: &Gap) -> Result<bool, SpoolError> {
    let mut changes = Changes::default();
    let is_new = add_gap(&mut recovery.facts, recovery.index, at, gap, &mut changes)?;
    recovery.stage(changes);
    Ok(is_new)
}

fn note_damage(recovery: &mut Recovery<'_>, at: (LessonNo, TrackNo), gap: Gap) -> Result<(), SpoolError> {
    if gap.from_90k < gap.to_90k
        && note_gap(recovery, at, &gap)?
        && let Some(lesson) = recovery.facts.lessons.get(&at.0)
    {
        recovery.report.damaged.push((lesson.facts.info.id.clone(), gap));
    }
    Ok(())
}

/// A frame that is whole and whose number no lesson can have reached: filling
/// the hole before it could take all memory there is.
fn note_foreign(recovery: &mut Recovery<'_>, no: LessonNo, track: &Name, seq: u64) {
    let Some(lesson) = recovery.facts.lessons.get(&no) else { return };
    let id = lesson.facts.info.id.clone();
    error!("lesson {id}, track {track}: a frame has the impossible number {seq}; it is passed over");
    recovery.report.foreign_frames.push((id, track.clone(), seq));
}

/// Numbers that are on no segment any more get entries of their own, so that
/// numbers stay without holes.
fn fill_hole(
    recovery: &mut Recovery<'_>,
    (no, track): (LessonNo, TrackNo),
    last: u64,
    seq: u64,
    (from, to): (Ticks, Ticks),
) {
    let missing = seq - last - 1;
    // Their begin and length are a guess; the gap over all of them is not.
    let each = (to - from).0 / missing;
    for (nth, lost) in (0..).zip(last + 1..seq) {
        let entry = Entry {
            damaged: true,
            run: 0,
            pts_90k: from + Ticks(each * nth),
            duration_90k: Ticks(each),
            bytes: 0,
            segment: 0,
            offset: 0,
            sha256: [0; 32],
        };
        let mut changes = Changes::default();
        recovery.facts.add_fragment(no, track, lost, &entry, &mut changes);
        recovery.stage(changes);
    }
}

/// A stretch without fragments that no gap explains was damage: what knew the
/// reason is gone.
fn note_hole(
    recovery: &mut Recovery<'_>,
    at: (LessonNo, TrackNo),
    name: &Name,
    from: Ticks,
    to: Ticks,
) -> Result<(), SpoolError> {
    let mut reached = from;
    let gaps = gaps(&recovery.facts, recovery.index, at.0, Some(at.1))?;
    for gap in gaps.into_iter().filter(|gap| !gap.is_partial()) {
        if gap.from_90k <= reached + TOLERANCE {
            reached = reached.max(gap.to_90k);
        }
    }
    if reached + TOLERANCE < to {
        let gap = Gap { track: name.clone(), from_90k: reached, to_90k: to, reason: GapReason::Damaged };
        note_damage(recovery, at, gap)?;
    }
    Ok(())
}
