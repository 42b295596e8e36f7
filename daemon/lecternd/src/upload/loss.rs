//! Lessons that made way on a full disk before a store had all of them: their
//! manifest closes with what the store has and a gap for the rest, so that
//! nobody takes them for lessons that still run.

use lectern_api::manifest::{Gap, GapReason, Manifest, Track};
use lectern_api::{DeviceId, LessonId, Name, Ticks};
use lectern_archive::layout;
use lectern_archive::playlist::{self, Listing};
use lectern_spool::{Spool, SpoolError};

use super::compose::{Extent, compose, listed};
use super::error::UploadError;
use super::lane::{Lane, Troubles};
use crate::off_thread::OffThread as _;

impl Lane<'_> {
    /// Closes what the store has of lessons that made way. What fails is tried
    /// again and holds up nothing else, unless nothing reaches the store. Gives
    /// what was to be told.
    pub(super) async fn losses(&self, troubles: &mut Troubles) -> Result<Vec<LessonId>, UploadError> {
        let name = self.up.name.clone();
        let untold = self.up.spool.off_thread(move |spool| Ok::<_, SpoolError>(spool.losses_untold(&name)));
        let untold = untold.await?;
        for id in &untold {
            let Some(_claim) = self.desk.claim(id).filter(|_| !troubles.waits(id, self.up.now())) else {
                continue;
            };
            match self.tell_loss(id).await {
                Ok(()) => troubles.forget(id),
                Err(error) if error.is_of_the_link() => return Err(error),
                Err(error) => {
                    tracing::error!(archive = %self.up.name, lesson = %id, %error, "this loss is not told yet");
                    troubles.note(id, &error, self.up.now());
                }
            }
        }
        Ok(untold)
    }

    async fn tell_loss(&self, id: &LessonId) -> Result<(), UploadError> {
        self.tell_busy();
        let (device, archive, lesson) = (self.up.device.clone(), self.up.name.clone(), id.clone());
        let left = self.up.spool.off_thread(move |spool| what_is_there(spool, &device, &archive, &lesson));
        if let Some(mut manifest) = left.await? {
            let folder = layout::lesson_folder(&self.up.device, manifest.lesson.date, id);
            let store = self.store.within(&folder)?;
            if let Some(listing) = Listing::of(&manifest) {
                store.put(layout::PLAYLIST, playlist::render(&listing).into_bytes()).await?;
            }
            self.up.signer.sign(&mut manifest).map_err(|error| UploadError::Json(id.clone(), error))?;
            self.put_manifest(&store, &manifest).await?;
        }
        let (archive, lesson) = (self.up.name.clone(), id.clone());
        self.up.spool.off_thread(move |spool| spool.loss_told(&archive, &lesson)).await?;
        tracing::info!(archive = %self.up.name, lesson = %id, "the store says what is lost of this lesson");
        Ok(())
    }
}

/// The manifest of what one store has of a lesson: each track up to what it
/// acknowledged, and from there a gap.
fn what_is_there(
    spool: &Spool,
    device: &DeviceId,
    archive: &Name,
    lesson: &LessonId,
) -> Result<Option<Manifest>, SpoolError> {
    let Some(all) = compose(spool, device, lesson, &Extent::All)? else { return Ok(None) };
    let mut manifest = Manifest { tracks: Vec::new(), gaps: Vec::new(), runs: Vec::new(), ..all };
    for track in spool.tracks(lesson)? {
        let reached = spool.acknowledged(archive, lesson, &track.name)?;
        let fragments = listed(spool, lesson, &track.name, 1, reached)?;
        let end = fragments.last().map_or(Ticks(0), |last| last.pts_90k + last.duration_90k);
        let known = all.gaps.iter().filter(|gap| gap.track == track.name && gap.reason != GapReason::MadeWay);
        manifest.gaps.extend(known.filter(|gap| gap.from_90k < end).map(|gap| {
            let to_90k = gap.to_90k.min(end);
            Gap { to_90k, ..gap.clone() }
        }));
        if end < track.end_90k {
            let (from_90k, to_90k) = (end, track.end_90k);
            let reason = GapReason::MadeWay;
            manifest.gaps.push(Gap { track: track.name.clone(), from_90k, to_90k, reason });
        }
        let is_needed = |number: u32| fragments.iter().any(|fragment| fragment.run == number);
        manifest.runs.extend(all.runs.iter().filter(|run| is_needed(run.run)).cloned());
        manifest.tracks.push(Track { name: track.name, fragments });
    }
    Ok(Some(manifest))
}
