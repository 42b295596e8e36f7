//! The end of a lesson: looked over once more, closed and signed.

use std::collections::HashMap;

use lectern_api::LessonId;
use lectern_api::manifest::Manifest;
use lectern_archive::playlist::{self, Listing};
use lectern_archive::{Store, StoreError, layout};

use super::compose::Extent;
use super::error::UploadError;
use super::lane::Lane;
use crate::off_thread::OffThread as _;

/// What a store has of a lesson.
enum There {
    /// Sizes by path.
    Listed(HashMap<String, u64>),
    /// The server does not list: it is asked for each file.
    Ask,
}

impl There {
    async fn look(store: &Store) -> Result<Self, StoreError> {
        match store.list("").await {
            Ok(files) => Ok(Self::Listed(files.into_iter().map(|file| (file.path, file.bytes)).collect())),
            Err(StoreError::Unsupported { .. } | StoreError::Refused { .. }) => Ok(Self::Ask),
            Err(error) => Err(error),
        }
    }

    async fn has(&self, store: &Store, path: &str, bytes: u64) -> Result<bool, StoreError> {
        let found = match self {
            Self::Listed(files) => files.get(path).copied(),
            Self::Ask => match store.size(path).await {
                // It lets nobody look: its own word at the upload has to do.
                Err(StoreError::Refused { .. } | StoreError::Rejected { .. }) => return Ok(true),
                size => size?,
            },
        };
        Ok(found == Some(bytes))
    }
}

impl Lane<'_> {
    /// Everything is there: the closed manifest and playlist say so. It is looked
    /// at once more before the box may let go of its own copy: sticks are
    /// swapped and servers reset in the middle of a lesson.
    pub(super) async fn close(&self, store: &Store, id: &LessonId) -> Result<(), UploadError> {
        self.tell_busy();
        let Some(manifest) = self.compose(id, Extent::All).await? else { return Ok(()) };
        let healed = self.heal(store, &manifest).await?;
        // What could not be healed because this disk has lost it is a gap by now.
        let again = if healed { None } else { self.compose(id, Extent::All).await? };
        let mut manifest = again.unwrap_or(manifest);
        if let Some(listing) = Listing::of(&manifest) {
            store.put(layout::PLAYLIST, playlist::render(&listing).into_bytes()).await?;
        }
        self.up.signer.sign(&mut manifest).map_err(|error| UploadError::Json(id.clone(), error))?;
        self.put_manifest(store, &manifest).await?;
        let (archive, lesson) = (self.up.name.clone(), id.clone());
        self.up.spool.off_thread(move |spool| spool.finish_archive(&archive, &lesson)).await?;
        tracing::info!(archive = %self.up.name, lesson = %id, "lesson archived");
        Ok(())
    }

    /// Puts once more what the store has lost. Says whether this disk had all
    /// of it.
    async fn heal(&self, store: &Store, manifest: &Manifest) -> Result<bool, UploadError> {
        let (id, mut healed) = (&manifest.lesson.id, true);
        let there = There::look(store).await?;
        for run in &manifest.runs {
            if !there.has(store, &run.init, run.init_bytes).await? {
                self.put_init(store, id, &run.track, run.run).await?;
            }
        }
        for track in &manifest.tracks {
            for fragment in &track.fragments {
                if there.has(store, &fragment.path, fragment.bytes).await? {
                    continue;
                }
                tracing::warn!(archive = %self.up.name, lesson = %id, seq = fragment.seq, "the store has lost it: once more");
                match self.payload(id, &track.name, fragment.seq).await? {
                    Some(payload) => {
                        self.up.pace.admit(fragment.bytes).await;
                        store.put(&fragment.path, payload).await?;
                    }
                    None => healed = false,
                }
            }
        }
        Ok(healed)
    }

    pub(super) async fn put_manifest(&self, store: &Store, manifest: &Manifest) -> Result<(), UploadError> {
        let json = serde_json::to_vec(manifest)
            .map_err(|error| UploadError::Json(manifest.lesson.id.clone(), error))?;
        Ok(store.put(layout::MANIFEST, json).await?)
    }
}
