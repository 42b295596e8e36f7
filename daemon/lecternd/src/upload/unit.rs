//! One archive store: brings it every lesson, each fragment once, in order.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use lectern_api::manifest::{Manifest, ManifestState};
use lectern_api::status::ArchiveState;
use lectern_api::{DeviceId, LessonId, Name};
use lectern_archive::playlist::{self, Listing};
use lectern_archive::{Store, StoreError, layout};
use lectern_spool::{LessonRecord, Spool, SpoolError};
use tokio::sync::watch;

use super::compose::{Extent, compose};
use crate::backoff::Backoff;
use crate::spooler::{OffThread as _, Progress};

/// What a store's unit tells about itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UploadState {
    pub(crate) state: ArchiveState,
    /// Why the last try failed.
    pub(crate) last_error: Option<String>,
}

impl Default for UploadState {
    fn default() -> Self {
        Self { state: ArchiveState::Idle, last_error: None }
    }
}

/// What a store's unit is given.
#[derive(Debug, Clone)]
pub(crate) struct Uploader {
    pub(crate) name: Name,
    pub(crate) store: Store,
    pub(crate) device: DeviceId,
    pub(crate) spool: Arc<Spool>,
    pub(crate) progress: watch::Receiver<Progress>,
    pub(crate) state: watch::Sender<UploadState>,
}

/// How often each fragment could not be read.
type Damage = HashMap<(LessonId, u64), u32>;

/// Tries after which a fragment that the disk does not give counts as damaged.
const UNREADABLE_AFTER: u32 = 3;

/// How far a lesson was brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Went {
    /// Everything there is of it.
    Through,
    /// It made way for a newer one.
    Aside,
}

/// When the playlist of a lesson was written last.
type Listed = Option<(LessonId, tokio::time::Instant)>;

#[derive(Debug, thiserror::Error)]
enum UploadError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error("the manifest of {0} cannot be written as JSON: {1}")]
    Json(LessonId, serde_json::Error),
}

impl UploadError {
    /// Whether the next lesson would fail in the same way.
    fn is_of_the_store(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_temporary() || matches!(error, StoreError::Refused { .. }))
    }
}

const BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
/// A playlist that is rewritten more often costs a metered link more than it
/// gives its viewers.
const PLAYLIST_EVERY: Duration = Duration::from_secs(10);
/// Work that nobody announced (a lesson closed by a restart) is found so late.
const LOOK_AROUND: Duration = Duration::from_secs(30);

impl Uploader {
    /// Uploads for the life of the daemon.
    pub(crate) async fn run(mut self) -> Result<(), std::convert::Infallible> {
        let mut failures = 0;
        let mut listed = None;
        let mut damage = Damage::new();
        loop {
            self.progress.borrow_and_update();
            let pause = match self.round(&mut listed, &mut damage).await {
                Ok(()) => {
                    failures = 0;
                    self.state.send_replace(UploadState::default());
                    LOOK_AROUND
                }
                Err(error) => {
                    let pause = BACKOFF.pause(failures);
                    failures += 1;
                    tracing::warn!(archive = %self.name, %error, retry_in = ?pause, "upload failed");
                    let last_error = Some(error.to_string());
                    self.state.send_replace(UploadState { state: ArchiveState::Retrying, last_error });
                    tokio::time::sleep(pause).await;
                    continue;
                }
            };
            if let Ok(Err(_)) = tokio::time::timeout(pause, self.progress.changed()).await {
                return Ok(());
            }
        }
    }

    /// Brings the store everything it lacks: the newest lesson first, because
    /// somebody may be watching it. A lesson that fails holds up no other,
    /// unless it is the store that fails.
    async fn round(&self, listed: &mut Listed, damage: &mut Damage) -> Result<(), UploadError> {
        let name = self.name.clone();
        let lacking = self.spool.off_thread(move |spool| {
            let lacks = |lesson: &LessonRecord| !lesson.removed && !spool.is_archived(&name, &lesson.info.id);
            Ok::<_, SpoolError>(spool.lessons().into_iter().filter(lacks).collect::<Vec<_>>())
        });
        let mut lessons = lacking.await?;
        lessons.sort_by_key(|lesson| std::cmp::Reverse(lesson.info.since));
        let mut first_error = None;
        for (age, lesson) in lessons.iter().enumerate() {
            match self.lesson(&lesson.info.id, age > 0, listed, damage).await {
                Ok(Went::Through) => {}
                // Something new of the running lesson: it goes first.
                Ok(Went::Aside) => break,
                Err(error) if error.is_of_the_store() => return Err(error),
                Err(error) => {
                    tracing::error!(archive = %self.name, lesson = %lesson.info.id, %error, "this lesson waits");
                    first_error = first_error.or(Some(error));
                }
            }
        }
        first_error.map_or(Ok(()), Err)
    }

    /// `yields`: to go aside when something new is recorded.
    async fn lesson(
        &self,
        id: &LessonId,
        yields: bool,
        listed: &mut Listed,
        damage: &mut Damage,
    ) -> Result<Went, UploadError> {
        let Some(manifest) = self.compose(id, Extent::All).await? else { return Ok(Went::Through) };
        let folder = layout::lesson_folder(&self.device, manifest.lesson.date, id);
        let store = self.store.within(&folder)?;
        for track in &manifest.tracks {
            let (archive, lesson, of) = (self.name.clone(), id.clone(), track.name.clone());
            let done = self.spool.off_thread(move |spool| spool.acknowledged(&archive, &lesson, &of)).await?;
            let mut run = 0;
            if done == 0 {
                // The manifest at opening: who finds the folder knows what it is.
                self.put_json(&store, &opening(&manifest)).await?;
            }
            for fragment in track.fragments.iter().filter(|f| f.seq > done) {
                if yields && self.progress.has_changed().unwrap_or(false) {
                    return Ok(Went::Aside);
                }
                if fragment.run != run {
                    run = fragment.run;
                    let lesson = id.clone();
                    let init = self.spool.off_thread(move |spool| spool.read_init(&lesson, run)).await?;
                    store.put(&layout::init(&track.name, run), init).await?;
                }
                let Some(payload) = self.payload(id, &track.name, fragment.seq, damage).await? else {
                    continue;
                };
                store.put(&fragment.path, payload).await?;
                // Only what arrived shows that the store works again.
                self.state.send_if_modified(|s| {
                    let before = std::mem::replace(
                        s,
                        UploadState { state: ArchiveState::Uploading, last_error: None },
                    );
                    before.state != ArchiveState::Uploading
                });
                let (archive, lesson, of, seq) =
                    (self.name.clone(), id.clone(), track.name.clone(), fragment.seq);
                self.spool.off_thread(move |spool| spool.acknowledge(&archive, &lesson, &of, seq)).await?;
                let recent =
                    |(of, at): &(LessonId, tokio::time::Instant)| of == id && at.elapsed() < PLAYLIST_EVERY;
                if !listed.as_ref().is_some_and(recent) {
                    self.put_playlist(&store, id, Extent::UpTo(seq)).await?;
                    *listed = Some((id.clone(), tokio::time::Instant::now()));
                }
            }
        }
        if manifest.state == ManifestState::Closed {
            self.finish(&store, &manifest, damage).await?;
        }
        Ok(Went::Through)
    }

    /// A fragment's bytes; nothing when the disk has lost them, which the spool
    /// has written down as a gap then.
    async fn payload(
        &self,
        id: &LessonId,
        track: &Name,
        seq: u64,
        damage: &mut Damage,
    ) -> Result<Option<Vec<u8>>, UploadError> {
        let (lesson, of) = (id.clone(), track.clone());
        match self.spool.off_thread(move |spool| spool.read(&lesson, &of, seq)).await {
            Ok(payload) => Ok(Some(payload)),
            Err(SpoolError::Damaged { .. }) => Ok(None),
            Err(error @ SpoolError::Io { .. }) => {
                let tries = damage.entry((id.clone(), seq)).or_insert(0);
                *tries += 1;
                if *tries < UNREADABLE_AFTER {
                    return Err(error.into());
                }
                tracing::error!(lesson = %id, seq, %error, "a fragment can not be read from the disk any more");
                let (lesson, of) = (id.clone(), track.clone());
                self.spool.off_thread(move |spool| spool.declare_damaged(&lesson, &of, seq)).await?;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Everything is there: the closed manifest and playlist say so. It is looked
    /// at once more before the box may let go of its own copy: sticks are
    /// swapped and servers reset in the middle of a lesson.
    async fn finish(
        &self,
        store: &Store,
        manifest: &Manifest,
        damage: &mut Damage,
    ) -> Result<(), UploadError> {
        let lesson = &manifest.lesson.id;
        for run in &manifest.runs {
            if store.size(&run.init).await? != Some(run.init_bytes) {
                let (id, number) = (lesson.clone(), run.run);
                let init = self.spool.off_thread(move |spool| spool.read_init(&id, number)).await?;
                store.put(&run.init, init).await?;
            }
        }
        for track in &manifest.tracks {
            for fragment in &track.fragments {
                if store.size(&fragment.path).await? == Some(fragment.bytes) {
                    continue;
                }
                tracing::warn!(archive = %self.name, %lesson, seq = fragment.seq, "the store has lost it: once more");
                if let Some(payload) = self.payload(lesson, &track.name, fragment.seq, damage).await? {
                    store.put(&fragment.path, payload).await?;
                }
            }
        }
        if let Some(listing) = Listing::of(manifest) {
            store.put(layout::PLAYLIST, playlist::render(&listing).into_bytes()).await?;
        }
        self.put_json(store, manifest).await?;
        let (archive, lesson) = (self.name.clone(), manifest.lesson.id.clone());
        self.spool.off_thread(move |spool| spool.finish_archive(&archive, &lesson)).await?;
        tracing::info!(archive = %self.name, lesson = %manifest.lesson.id, "lesson archived");
        Ok(())
    }

    async fn put_json(&self, store: &Store, manifest: &Manifest) -> Result<(), UploadError> {
        let json = serde_json::to_vec_pretty(manifest)
            .map_err(|error| UploadError::Json(manifest.lesson.id.clone(), error))?;
        Ok(store.put(layout::MANIFEST, json).await?)
    }

    async fn put_playlist(&self, store: &Store, id: &LessonId, extent: Extent) -> Result<(), UploadError> {
        let Some(manifest) = self.compose(id, extent).await? else { return Ok(()) };
        if let Some(listing) = Listing::of(&manifest) {
            store.put(layout::PLAYLIST, playlist::render(&listing).into_bytes()).await?;
        }
        Ok(())
    }

    async fn compose(&self, id: &LessonId, extent: Extent) -> Result<Option<Manifest>, SpoolError> {
        let (device, id) = (self.device.clone(), id.clone());
        self.spool.off_thread(move |spool| compose(spool, &device, &id, extent)).await
    }
}

/// A manifest without media: what is known when the first fragment is there.
fn opening(manifest: &Manifest) -> Manifest {
    let mut opening = manifest.clone();
    opening.state = ManifestState::Open;
    opening.tracks.clear();
    opening.gaps.clear();
    opening
}
