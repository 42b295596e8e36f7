//! Runs and fragments against what must be there, byte for byte.

use lectern_api::Name;
use lectern_api::manifest::{Gap, GapReason};
use lectern_spool::{FragmentState, Spool, SpoolError};

use super::Damaged;
use super::examine::state;
use crate::model::{Fragment, Lesson, Track, id, payload};

pub(crate) fn look_at_runs(
    spool: &Spool,
    number: usize,
    expected: &Lesson,
    found: &mut Lesson,
    left: &mut Damaged,
    tell: &mut impl FnMut(String),
) -> Result<(), SpoolError> {
    let records = spool.runs(&id(number))?;
    // Media that were let go need no run any more, but their facts stay.
    if records.len() < expected.runs.len() || records.len() > expected.runs.len() + 1 {
        tell(format!("{} runs instead of {}", records.len(), expected.runs.len()));
    }
    for (nth, record) in (1..).zip(&records) {
        if record.run != nth {
            tell(format!("run {} stands where {nth} belongs", record.run));
        }
        let candidates = match expected.runs.get(nth as usize - 1) {
            Some(run) => std::slice::from_ref(run),
            None => &expected.maybe_runs,
        };
        let init = match spool.read_init(&id(number), nth) {
            Ok(init) => Some(init),
            Err(SpoolError::Removed(_)) if found.removed => None,
            Err(SpoolError::Damaged { .. }) if left.inits > 0 => {
                left.inits -= 1;
                None
            }
            Err(error) => {
                tell(format!("run {nth}: {error}"));
                None
            }
        };
        let is_it = |init: &Vec<u8>, run: &crate::model::Run| {
            run.track == record.track && *init == payload(run.seed, run.bytes)
        };
        let run = candidates.iter().find(|run| init.as_ref().is_none_or(|init| is_it(init, run)));
        match run {
            Some(run) => found.runs.push(run.clone()),
            None => tell(format!("the init segment of run {nth} is not what was written")),
        }
    }
    Ok(())
}

/// Compares a track's fragments; gives what is there.
pub(crate) fn look_at_track(
    spool: &Spool,
    number: usize,
    name: &Name,
    expected: &Track,
    removed: bool,
    left: &mut Damaged,
    tell: &mut impl FnMut(String),
) -> Result<Track, SpoolError> {
    let stored = spool.fragments(&id(number), name, 1, usize::MAX)?;
    let (least, most) = (expected.fragments.len(), expected.fragments.len() + expected.maybe.len().min(1));
    if stored.len() < least || stored.len() > most {
        tell(format!("{name} has {} fragments instead of {least} to {most}", stored.len()));
    }
    let mut fragments = Vec::new();
    for (seq, found) in (1..).zip(&stored) {
        if found.seq != seq {
            tell(format!("{name}: number {} stands where {seq} belongs", found.seq));
        }
        let candidates = match expected.fragments.get(fragments.len()) {
            Some(fragment) => std::slice::from_ref(fragment),
            None => &expected.maybe,
        };
        if left.fragments > 0 && !removed && is_damaged(spool, number, name, seq) {
            left.fragments -= 1;
            let gaps = spool.gaps(&id(number))?;
            match candidates.first() {
                Some(lost) if is_covered(&gaps, name, lost) => fragments.push(lost.clone()),
                _ => tell(format!("{name}: fragment {seq} is damaged and no gap says so: {gaps:?}")),
            }
            continue;
        }
        let awaited = if removed { FragmentState::Removed } else { FragmentState::Held };
        if found.state != awaited {
            tell(format!("{name}: fragment {seq} is {}", state(found.state)));
        }
        let read = match spool.read(&id(number), name, seq) {
            Ok(read) => Some(read),
            Err(SpoolError::Removed(_)) if removed => None,
            Err(error) => {
                tell(format!("{name}: {error}"));
                None
            }
        };
        let is_it = |fragment: &&Fragment| {
            fragment.run == found.run
                && fragment.pts_90k == found.pts_90k
                && fragment.duration_90k == found.duration_90k
                && fragment.bytes as u64 == found.bytes
                && read.as_ref().is_none_or(|read| *read == payload(fragment.seed, fragment.bytes))
        };
        match candidates.iter().find(is_it) {
            Some(fragment) => fragments.push(fragment.clone()),
            None => tell(format!("{name}: fragment {seq} is not what was written")),
        }
    }
    Ok(Track { fragments, ..Track::default() })
}

fn is_damaged(spool: &Spool, number: usize, name: &Name, seq: u64) -> bool {
    matches!(spool.read(&id(number), name, seq), Err(SpoolError::Damaged { .. }))
}

fn is_covered(gaps: &[Gap], track: &Name, lost: &Fragment) -> bool {
    let covers = |gap: &&Gap| gap.reason == GapReason::Damaged && gap.track == *track;
    let mut reached = lost.pts_90k;
    for gap in gaps.iter().filter(covers) {
        if gap.from_90k <= reached {
            reached = reached.max(gap.to_90k);
        }
    }
    reached >= lost.pts_90k + lost.duration_90k
}
