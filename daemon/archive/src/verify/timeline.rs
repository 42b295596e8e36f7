//! The manifest by itself: numbers, runs and time. Pure.

use std::collections::{HashMap, HashSet};

use lectern_api::manifest::{FragmentEntry, Gap, Manifest, Track};
use lectern_api::{Name, Ticks};

use super::{Findings, Problem};

/// One frame at 12 fps, the slowest picture rate that is recorded. Sound and
/// picture end at different points inside a fragment, and rates such as
/// 29.97 fps do not meet a tick, so seams are off by up to a frame.
pub const ONE_FRAME_90K: Ticks = Ticks(7_500);

/// What seams may lose altogether before it counts as lost time: a second.
pub const MAX_LOST_90K: Ticks = Ticks(Ticks::PER_SECOND);

/// Everything that can be said without reading a file. A lesson's time line
/// begins at 0; a late first fragment needs a gap in front of it.
pub(super) fn check(manifest: &Manifest, findings: &mut Findings) {
    let mut runs = HashSet::new();
    for run in &manifest.runs {
        if !runs.insert((&run.track, run.run)) {
            findings.add(Problem::RunTwice { track: run.track.clone(), run: run.run });
        }
    }
    let mut gaps: HashMap<&Name, Vec<&Gap>> = HashMap::new();
    for gap in manifest.gaps.iter().filter(|gap| !gap.is_partial()) {
        gaps.entry(&gap.track).or_default().push(gap);
    }
    let mut names = HashSet::new();
    for track in &manifest.tracks {
        if !names.insert(&track.name) {
            findings.add(Problem::TrackTwice { track: track.name.clone() });
        }
        sequence(track, &runs, findings);
        let gaps = gaps.get(&track.name).cloned().unwrap_or_default();
        time(&track.name, &track.fragments, gaps, findings);
    }
    for gap in manifest.gaps.iter().filter(|gap| !names.contains(&gap.track)) {
        findings.add(Problem::GapWithoutTrack { track: gap.track.clone() });
    }
    if manifest.gaps.is_empty() && manifest.tracks.iter().all(|track| track.fragments.is_empty()) {
        findings.add(Problem::Nothing);
    }
}

/// Numbers from 1 without holes or doubles; runs known and never backwards.
fn sequence(track: &Track, runs: &HashSet<(&Name, u32)>, findings: &mut Findings) {
    let (mut expected, mut latest_run) = (1_u64, 0);
    for &FragmentEntry { seq, run, duration_90k, .. } in &track.fragments {
        let name = || track.name.clone();
        if seq < expected {
            findings.add(Problem::SequenceDouble { track: name(), seq });
        } else if seq > expected {
            let count = seq - expected;
            findings.add(Problem::SequenceHole { track: name(), first: expected, count });
        }
        expected = expected.max(seq.saturating_add(1));
        if !runs.contains(&(&track.name, run)) {
            findings.add(Problem::RunUnknown { track: name(), seq, run });
        }
        if run < latest_run {
            findings.add(Problem::RunBackwards { track: name(), seq, run });
        }
        latest_run = latest_run.max(run);
        if duration_90k == Ticks(0) {
            findings.add(Problem::NoDuration { track: name(), seq });
        }
    }
}

/// Media and gaps cover the time line, and neither covers the other.
fn time(track: &Name, fragments: &[FragmentEntry], mut gaps: Vec<&Gap>, findings: &mut Findings) {
    let track = || track.clone();
    gaps.retain(|&&Gap { from_90k, to_90k, .. }| {
        if from_90k >= to_90k {
            findings.add(Problem::GapBackwards { track: track(), from_90k, to_90k });
        }
        from_90k < to_90k
    });
    gaps.sort_by_key(|gap| (gap.from_90k, gap.to_90k));
    for pair in gaps.windows(2) {
        if pair[1].from_90k < pair[0].to_90k {
            findings.add(Problem::GapsOverlap { track: track(), from_90k: pair[1].from_90k });
        }
    }

    let stretches = joined(&gaps);
    let (mut end, mut lost) = (Ticks(0), Ticks(0));
    let mut missing = |from: Ticks, to: Ticks, findings: &mut Findings| {
        for (from_90k, to_90k) in uncovered(from, to, &stretches) {
            if to_90k - from_90k > ONE_FRAME_90K {
                findings.add(Problem::TimeHole { track: track(), from_90k, to_90k });
            } else {
                lost = lost + (to_90k - from_90k);
            }
        }
    };
    for fragment in fragments {
        if fragment.pts_90k + ONE_FRAME_90K < end {
            let by_90k = end - fragment.pts_90k;
            findings.add(Problem::TimeOverlap { track: track(), seq: fragment.seq, by_90k });
        }
        missing(end, fragment.pts_90k, findings);
        end = end.max(fragment.pts_90k + fragment.duration_90k);
    }
    if let Some(last) = gaps.iter().map(|gap| gap.to_90k).max() {
        missing(end, last, findings);
    }
    if lost > MAX_LOST_90K {
        findings.add(Problem::TimeLost { track: track(), lost_90k: lost });
    }
    gaps_over_media(&track(), fragments, &gaps, findings);
}

/// What gaps cover together; they are sorted by begin.
fn joined(gaps: &[&Gap]) -> Vec<(Ticks, Ticks)> {
    let mut stretches: Vec<(Ticks, Ticks)> = Vec::with_capacity(gaps.len());
    for gap in gaps {
        match stretches.last_mut() {
            Some((_, end)) if gap.from_90k <= *end => *end = gap.to_90k.max(*end),
            _ => stretches.push((gap.from_90k, gap.to_90k)),
        }
    }
    stretches
}

/// The parts of `from..to` that no stretch covers. Stretches are in order and
/// apart, so what is asked for one fragment is not looked at for the next.
fn uncovered(from: Ticks, to: Ticks, stretches: &[(Ticks, Ticks)]) -> Vec<(Ticks, Ticks)> {
    let (mut holes, mut at) = (Vec::new(), from);
    let first = stretches.partition_point(|(_, end)| *end <= from);
    for (begin, end) in stretches[first..].iter().take_while(|(begin, _)| *begin < to) {
        if *begin > at {
            holes.push((at, *begin));
        }
        at = at.max(*end);
    }
    if at < to {
        holes.push((at, to));
    }
    holes
}

fn gaps_over_media(track: &Name, fragments: &[FragmentEntry], gaps: &[&Gap], findings: &mut Findings) {
    let mut media: Vec<(Ticks, Ticks, u64)> =
        fragments.iter().map(|f| (f.pts_90k, f.pts_90k + f.duration_90k, f.seq)).collect();
    media.sort_unstable();
    let mut media = media.into_iter().peekable();
    for gap in gaps {
        // What ends before this gap ends before every later one.
        while media.next_if(|(_, end, _)| *end <= gap.from_90k + ONE_FRAME_90K).is_some() {}
        if let Some((_, _, seq)) = media.peek().filter(|(begin, ..)| *begin + ONE_FRAME_90K < gap.to_90k) {
            findings.add(Problem::GapOverMedia { track: track.clone(), from_90k: gap.from_90k, seq: *seq });
        }
    }
}
