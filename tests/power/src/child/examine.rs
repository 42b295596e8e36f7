//! An opened spool against what must be there.

use std::collections::BTreeSet;

use lectern_api::manifest::{Gap, GapReason};
use lectern_api::{Name, Ticks};
use lectern_spool::{FragmentState, OpenReport, Spool, SpoolError};
use lectern_store::Opened;

use super::Damaged;
use super::media;
use crate::model::{Lesson, Model, Op, archive, id, info};

/// What is wrong, one sentence each.
pub(crate) type Findings = Vec<String>;

/// Looks at everything. Gives what is there from now on.
///
/// # Errors
/// What an index that cannot be read answers; that is a finding too.
pub(crate) fn examine(
    spool: &Spool,
    report: &OpenReport,
    expected: &Model,
    damaged: Damaged,
    findings: &mut Findings,
) -> Result<Model, SpoolError> {
    let mut expected = expected.clone();
    let pending = expected.pending.take();
    if let Some(op) = pending.clone() {
        expected.attempted(op);
        if let Some(Op::BeginLesson(number)) = pending {
            expected.lessons.entry(number).or_default();
        }
    }
    look_at_report(report, &expected, damaged, findings);
    let mut left = damaged;
    let mut found = Model { born: true, index_lost: false, seeds: expected.seeds, ..Model::default() };
    let mut known: BTreeSet<_> = spool.lessons().into_iter().map(|record| record.info.id).collect();
    for (number, lesson) in &expected.lessons {
        known.remove(&id(*number));
        let may = May {
            be_unknown: pending == Some(Op::BeginLesson(*number))
                || expected.index_lost
                    && (!lesson.removed && lesson.tracks.values().all(|t| t.fragments.is_empty())),
            be_closed: pending == Some(Op::End(*number)) || expected.index_lost,
            be_finished: pending == Some(Op::Finish(*number)),
            be_removed: pending == Some(Op::MakeRoom) && lesson.closed && lesson.finished
                || pending == Some(Op::Delete(*number)),
            lack_facts: expected.index_lost,
        };
        if let Some(lesson) = look_at_lesson(spool, *number, lesson, may, &mut left, findings)? {
            found.lessons.insert(*number, lesson);
        }
    }
    findings.extend(known.iter().map(|id| format!("{id} was never begun")));
    let lacking: usize = found.lessons.values().filter(|l| !l.finished && !l.removed).map(lacks).sum();
    let told = spool.pending(&archive()).fragments;
    // What is damaged is pending for nobody.
    if findings.is_empty() && left.fragments == damaged.fragments && told != lacking as u64 {
        findings.push(format!("{told} fragments are pending, {lacking} lack in the archive"));
    }
    Ok(found)
}

fn lacks(lesson: &Lesson) -> usize {
    lesson.tracks.values().map(|t| t.fragments.len() - t.archived.0 as usize).sum()
}

/// What a lesson may be although it was not acknowledged.
#[derive(Debug, Clone, Copy)]
struct May {
    be_unknown: bool,
    be_closed: bool,
    be_finished: bool,
    be_removed: bool,
    /// The index was destroyed: what only it knew is gone.
    lack_facts: bool,
}

fn look_at_report(report: &OpenReport, expected: &Model, damaged: Damaged, findings: &mut Findings) {
    let misses = !report.unreadable_segments.is_empty() || !report.missing_segments.is_empty();
    if misses && !damaged.segments {
        findings.push(format!("segments are reported as lost: {report:?}"));
    }
    if expected.index_lost {
        return;
    }
    if !report.damaged.is_empty() && damaged.fragments == 0
        || report.rebuilt
        || !report.closed_by_rebuild.is_empty()
    {
        findings.push(format!("damage is reported: {report:?}"));
    }
    let is_true = match report.index {
        Opened::Existing { .. } => true,
        Opened::Fresh => !expected.born,
        _ => false,
    };
    if !is_true {
        findings.push(format!("the index is reported as {:?}", report.index));
    }
}

fn look_at_lesson(
    spool: &Spool,
    number: usize,
    expected: &Lesson,
    may: May,
    left: &mut Damaged,
    findings: &mut Findings,
) -> Result<Option<Lesson>, SpoolError> {
    let lesson = id(number);
    let mut tell = |what: String| findings.push(format!("{lesson}: {what}"));
    let Some(record) = spool.lesson(&lesson) else {
        if !may.be_unknown {
            tell("it is gone".into());
        }
        return Ok(None);
    };
    // What was let go on purpose stays so, also when the index is lost.
    if record.removed != expected.removed && !may.be_removed {
        tell(format!("removed is {}", record.removed));
    }
    if record.removed {
        return Ok(Some(Lesson { closed: true, finished: true, removed: true, ..Lesson::default() }));
    }
    if record.info.title != info(number).title || record.info.since != info(number).since {
        tell(format!("its facts changed: {:?}", record.info));
    }
    let closed = record.info.until.is_some();
    if closed != expected.closed && !may.be_closed {
        tell(format!("closed is {closed}"));
    }
    let finished = spool.is_archived(&archive(), &lesson);
    if finished != expected.finished && !may.be_finished && (finished || !may.lack_facts) {
        tell(format!("archived is {finished}"));
    }
    let mut found = Lesson { closed, finished, removed: false, ..Lesson::default() };
    media::look_at_runs(spool, number, expected, &mut found, left, &mut tell)?;
    for (name, track) in &expected.tracks {
        let track = media::look_at_track(spool, number, name, track, record.removed, left, &mut tell)?;
        let reached = spool.acknowledged(&archive(), &lesson, name)?;
        let (sure, most) = expected.tracks[name].archived;
        // A cursor moves over what nobody can send any more.
        if reached > most && !left.segments || reached < sure && !may.lack_facts {
            tell(format!("the archive has {reached} of {name}, it had {sure} to {most}"));
        }
        let track = crate::model::Track { archived: (reached, reached), ..track };
        found.tracks.insert(name.clone(), track);
    }
    let named: Vec<Name> = spool.tracks(&lesson)?.into_iter().map(|track| track.name).collect();
    if let Some(stray) = named.iter().find(|name| {
        let tried = expected.maybe_runs.iter().any(|run| run.track == **name)
            || expected.maybe_gaps.iter().any(|gap| gap.track == **name);
        !expected.tracks.contains_key(*name) && !tried
    }) {
        tell(format!("the track {stray} was never begun"));
    }
    // A run may stand that was not answered; its track has nothing yet.
    for name in named {
        found.tracks.entry(name).or_default();
    }
    found.gaps = look_at_gaps(spool.gaps(&lesson)?, expected, may.lack_facts, left, &mut tell);
    Ok(Some(found))
}

fn look_at_gaps(
    gaps: Vec<Gap>,
    expected: &Lesson,
    lack: bool,
    left: &Damaged,
    tell: &mut impl FnMut(String),
) -> Vec<Gap> {
    for gap in expected.gaps.iter().filter(|gap| !gaps.contains(gap)) {
        if !lack {
            tell(format!("a gap is gone: {gap:?}"));
        }
    }
    for gap in &gaps {
        let recorded = expected.gaps.contains(gap) || expected.maybe_gaps.contains(gap);
        let overlaps = |from: Ticks, length: Ticks| from < gap.to_90k && gap.from_90k < from + length;
        let covers_media = expected
            .tracks
            .get(&gap.track)
            .is_some_and(|track| track.fragments.iter().any(|f| overlaps(f.pts_90k, f.duration_90k)));
        // Damage over media is right where media are damaged; how much is counted.
        if left.segments && gap.reason == GapReason::Damaged {
            continue;
        }
        if !recorded && (!lack || covers_media || gap.reason != GapReason::Damaged) {
            tell(format!("a gap was never recorded: {gap:?}"));
        }
    }
    gaps
}

/// Whether a fragment can be read, as a word.
pub(crate) fn state(state: FragmentState) -> &'static str {
    match state {
        FragmentState::Held => "held",
        FragmentState::Removed => "removed",
        FragmentState::Damaged => "damaged",
    }
}
