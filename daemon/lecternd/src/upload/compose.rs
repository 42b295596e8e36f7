//! A lesson's manifest, from the spool's facts.

use lectern_api::manifest::{FragmentEntry, MANIFEST_VERSION, Manifest, ManifestState, Run, Track};
use lectern_api::{DeviceId, LessonId};
use lectern_archive::layout;
use lectern_spool::{Spool, SpoolError};

/// How much of a lesson a manifest lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything that is on this disk.
    All,
    /// Each track up to this sequence number: what a store has.
    UpTo(u64),
}

/// The manifest of a lesson as far as `extent` goes; nothing when the spool
/// does not know the lesson. Reads the disk.
pub(crate) fn compose(
    spool: &Spool,
    device: &DeviceId,
    lesson: &LessonId,
    extent: Extent,
) -> Result<Option<Manifest>, SpoolError> {
    let Some(record) = spool.lesson(lesson) else { return Ok(None) };
    let runs = spool.runs(lesson)?.into_iter().map(|run| Run {
        init: layout::init(&run.track, run.run),
        run: run.run,
        track: run.track,
        init_sha256: run.init_sha256,
        init_bytes: run.init_bytes,
        codecs: run.codecs,
        anchors: run.anchors,
    });
    let runs: Vec<Run> = runs.collect();
    let mut tracks = Vec::new();
    for track in spool.tracks(lesson)? {
        let last = match extent {
            Extent::All => track.last_seq,
            Extent::UpTo(seq) => seq.min(track.last_seq),
        };
        let count = usize::try_from(last).unwrap_or(usize::MAX);
        let stored = spool.fragments(lesson, &track.name, 1, count)?;
        let readable = stored.into_iter().filter(|f| f.state != lectern_spool::FragmentState::Damaged);
        let fragments = readable.map(|f| FragmentEntry {
            path: layout::fragment(&track.name, f.seq),
            seq: f.seq,
            run: f.run,
            pts_90k: f.pts_90k,
            duration_90k: f.duration_90k,
            bytes: f.bytes,
            sha256: f.sha256,
        });
        tracks.push(Track { fragments: fragments.collect(), name: track.name });
    }
    let state = match extent {
        Extent::All => record.state,
        Extent::UpTo(_) => ManifestState::Open,
    };
    let gaps = spool.gaps(lesson)?;
    Ok(Some(Manifest {
        version: MANIFEST_VERSION,
        device: device.clone(),
        lesson: record.info,
        state,
        runs,
        tracks,
        gaps,
        deletion: None,
        signature: None,
    }))
}
