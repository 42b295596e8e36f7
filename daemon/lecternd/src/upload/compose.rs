//! A lesson's manifest, from the spool's facts.

use lectern_api::manifest::{
    Deletion, FragmentEntry, LessonInfo, MANIFEST_VERSION, Manifest, ManifestState, Run, Track,
};
use lectern_api::{DeviceId, LessonId, Name};
use lectern_archive::layout;
use lectern_spool::{FragmentState, RunRecord, Spool, SpoolError, StoredFragment};

/// How much of a lesson a manifest lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything that is known of it.
    All,
    /// One track up to this number, as of an open lesson: what a store has.
    UpTo(Name, u64),
    /// No media: what is known when the first fragment is there.
    Opening,
}

/// Fragments that are asked of the index at a time.
const PAGE: usize = 1_000;

/// The manifest of a lesson as far as `extent` goes; nothing when the spool
/// does not know the lesson. Reads the disk.
pub(crate) fn compose(
    spool: &Spool,
    device: &DeviceId,
    lesson: &LessonId,
    extent: &Extent,
) -> Result<Option<Manifest>, SpoolError> {
    let Some(record) = spool.lesson(lesson) else { return Ok(None) };
    if record.state == ManifestState::Deleted
        && let Some(deletion) = record.deletion
    {
        return Ok(Some(tombstone(device, record.info, deletion)));
    }
    let mut tracks = Vec::new();
    for track in spool.tracks(lesson)? {
        let last = match extent {
            Extent::All => track.last_seq,
            Extent::UpTo(name, seq) if *name == track.name => (*seq).min(track.last_seq),
            Extent::UpTo(..) | Extent::Opening => continue,
        };
        let fragments = listed(spool, lesson, &track.name, 1, last)?;
        tracks.push(Track { name: track.name, fragments });
    }
    Ok(Some(Manifest {
        version: MANIFEST_VERSION,
        device: device.clone(),
        lesson: record.info,
        state: if *extent == Extent::All { record.state } else { ManifestState::Open },
        runs: spool.runs(lesson)?.into_iter().map(run).collect(),
        tracks,
        gaps: if *extent == Extent::Opening { Vec::new() } else { spool.gaps(lesson)? },
        deletion: None,
        signature: None,
    }))
}

/// What is left of a lesson that was deleted: that it was, by whom and why, and
/// not what it was called.
pub(super) fn tombstone(device: &DeviceId, info: LessonInfo, deletion: Deletion) -> Manifest {
    Manifest {
        version: MANIFEST_VERSION,
        device: device.clone(),
        lesson: LessonInfo { title: String::new(), ..info },
        state: ManifestState::Deleted,
        runs: Vec::new(),
        tracks: Vec::new(),
        gaps: Vec::new(),
        deletion: Some(deletion),
        signature: None,
    }
}

/// The fragments `first..=last` of a track that are not damaged.
pub(super) fn listed(
    spool: &Spool,
    lesson: &LessonId,
    track: &Name,
    first: u64,
    last: u64,
) -> Result<Vec<FragmentEntry>, SpoolError> {
    let (mut fragments, mut next) = (Vec::new(), first);
    while next <= last {
        let limit = usize::try_from(last - next + 1).unwrap_or(PAGE).min(PAGE);
        let page = spool.fragments(lesson, track, next, limit)?;
        let Some(newest) = page.last() else { break };
        next = newest.seq + 1;
        let known = page.into_iter().filter(|f| f.state != FragmentState::Damaged && f.seq <= last);
        fragments.extend(known.map(|stored| entry(track, stored)));
    }
    Ok(fragments)
}

fn entry(track: &Name, stored: StoredFragment) -> FragmentEntry {
    FragmentEntry {
        path: layout::fragment(track, stored.seq),
        seq: stored.seq,
        run: stored.run,
        pts_90k: stored.pts_90k,
        duration_90k: stored.duration_90k,
        bytes: stored.bytes,
        sha256: stored.sha256,
    }
}

/// A run as an archive lists it.
pub(super) fn run(run: RunRecord) -> Run {
    let init = layout::init(&run.track, run.run);
    run.listed(init)
}
