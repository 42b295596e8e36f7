//! Lessons that were deleted on purpose: everything goes from the store, and a
//! signed manifest says that it did, so that nobody calls it lost.

use std::collections::BTreeSet;

use lectern_api::manifest::{Manifest, ManifestState};
use lectern_api::{LessonId, Name};
use lectern_archive::verify::{self, VerifyError};
use lectern_archive::{Store, StoreError, layout, ledger};
use lectern_spool::{PendingDeletion, SpoolError};

use super::compose::tombstone;
use super::error::UploadError;
use super::lane::{Lane, Troubles};
use crate::off_thread::OffThread as _;

impl Lane<'_> {
    /// Cleans away what is to be deleted. What fails is tried again and holds
    /// up nothing else, unless nothing reaches the store. Gives what was to be
    /// deleted.
    pub(super) async fn deletions(&self, troubles: &mut Troubles) -> Result<Vec<LessonId>, UploadError> {
        let name = self.up.name.clone();
        let pending =
            self.up.spool.off_thread(move |spool| Ok::<_, SpoolError>(spool.deletions_pending(&name)));
        let mut waiting = Vec::new();
        for deletion in pending.await? {
            let id = deletion.lesson.id.clone();
            // The lane that carries it notices soon that it is gone.
            waiting.push(id.clone());
            let Some(_claim) = self.desk.claim(&id).filter(|_| !troubles.waits(&id, self.up.now())) else {
                continue;
            };
            match self.delete(deletion).await {
                Ok(()) => troubles.forget(&id),
                // A store that cannot be reached fails all; one that lets nobody
                // delete still takes lessons.
                Err(error) if error.is_of_the_link() => return Err(error),
                Err(error) => {
                    tracing::error!(archive = %self.up.name, lesson = %id, %error, "this deletion waits");
                    troubles.note(&id, &error, self.up.now());
                }
            }
        }
        Ok(waiting)
    }

    async fn delete(&self, pending: PendingDeletion) -> Result<(), UploadError> {
        let known = numbered(&pending);
        let PendingDeletion { lesson, deletion, .. } = pending;
        let id = lesson.id.clone();
        let folder = layout::lesson_folder(&self.up.device, lesson.date, &id);
        let store = self.store.within(&folder)?;
        let mut manifest = tombstone(&self.up.device, lesson, deletion);
        self.up.signer.sign(&mut manifest).map_err(|error| UploadError::Json(id.clone(), error))?;
        self.tell_busy();
        match store.list("").await {
            Ok(files) => {
                // First what explains it, so that nobody finds files missing meanwhile.
                self.put_manifest(&store, &manifest).await?;
                for file in files.iter().filter(|file| file.path != layout::MANIFEST) {
                    store.delete(&file.path).await?;
                }
                // What an upload that was cut short left behind is in no listing.
                let folders = files.iter().filter_map(|file| Some(file.path.split_once('/')?.0));
                for folder in folders.collect::<BTreeSet<_>>() {
                    match store.delete_folder(folder).await.map_err(UploadError::from) {
                        Err(error) if error.is_of_the_link() => return Err(error),
                        // A server that deletes no folders has had its files deleted.
                        _ => {}
                    }
                }
            }
            // Only the old manifest knows what there is: it goes last.
            Err(StoreError::Unsupported { .. }) => {
                for path in known_files(&store, known).await? {
                    store.delete(&path).await?;
                }
                self.put_manifest(&store, &manifest).await?;
            }
            Err(error) => return Err(error.into()),
        }
        let (archive, lesson) = (self.up.name.clone(), id.clone());
        self.up.spool.off_thread(move |spool| spool.deletion_done(&archive, &lesson)).await?;
        tracing::info!(archive = %self.up.name, lesson = %id, "deleted on request");
        Ok(())
    }
}

/// Fragments that may be missing in a row before one that is there: what was on
/// its way when the upload stopped arrives in any order.
const MOST_MISSING: u64 = 4;

/// More fragments than a day has are no lesson: the server says yes to all.
const MOST_BEYOND: usize = 100_000;

/// What a lesson's numbers say that a store may have of it; nothing when they
/// are not known.
fn numbered(pending: &PendingDeletion) -> Vec<String> {
    let mut files = Vec::new();
    if pending.runs == 0 {
        return files;
    }
    for (track, last) in &pending.tracks {
        files.extend((1..=*last).map(|seq| layout::fragment(track, seq)));
        files.extend((1..=pending.runs).map(|run| layout::init(track, run)));
    }
    files
}

/// The files of a lesson by the numbers that this box knows and by what the
/// lesson says of itself; when no numbers are known, also what came behind that.
/// In the order in which they can be deleted: when that is cut short, what is
/// left is found again.
async fn known_files(store: &Store, numbered: Vec<String>) -> Result<Vec<String>, StoreError> {
    let found = match verify::read_manifest(store).await {
        Ok(manifest) => Some(manifest).filter(|manifest| manifest.state != ManifestState::Deleted),
        Err(VerifyError::Store(error)) => return Err(error),
        Err(VerifyError::NoManifest { .. }) => None,
        // What it listed would stay behind, and nobody would know.
        Err(VerifyError::Manifest { place, why }) => {
            let path = layout::MANIFEST.to_owned();
            return Err(StoreError::Rejected { store: place, path, why });
        }
    };
    let mut files = Vec::new();
    if let Some(Manifest { runs, tracks, .. }) = found.filter(|_| numbered.is_empty()) {
        let mut names: Vec<&Name> = runs.iter().map(|run| &run.track).collect();
        names.dedup();
        for track in names {
            let listed = tracks.iter().find(|known| known.name == *track).and_then(|t| t.fragments.last());
            let (mut seq, mut missing) = (listed.map_or(0, |last| last.seq), 0);
            while missing < MOST_MISSING && files.len() < MOST_BEYOND {
                seq = seq.saturating_add(1);
                let path = layout::fragment(track, seq);
                match store.size(&path).await? {
                    Some(_) => {
                        files.push(path);
                        missing = 0;
                    }
                    None => missing += 1,
                }
            }
        }
        // The newest first.
        files.reverse();
        files.extend(tracks.into_iter().flat_map(|track| track.fragments).map(|fragment| fragment.path));
        files.extend(runs.into_iter().map(|run| run.init));
        files.retain(|path| layout::is_legal(path));
    }
    files.extend(numbered);
    let parts = ledger::newest(store).await?.map_or(0, |head| head.part);
    files.extend((1..=parts).rev().map(layout::ledger_part));
    files.extend([layout::PLAYLIST, layout::EVENTS].map(str::to_owned));
    Ok(files)
}
