//! The media of one lesson, in order, and what grows beside them.

use std::sync::PoisonError;

use futures_util::stream::{self, StreamExt as _};
use lectern_api::manifest::ManifestState;
use lectern_api::{LessonId, Name};
use lectern_archive::playlist::{self, Listing, MAIN_TRACK};
use lectern_archive::{Store, StoreError, layout};
use lectern_spool::{FragmentState, Spool, SpoolError, StoredFragment, TrackRecord};

use super::compose::{Extent, compose};
use super::error::UploadError;
use super::journey::Journey;
use super::lane::{Kind, Lane, Went};
use crate::off_thread::OffThread as _;

/// Fragments that are asked of the index at a time. Between pages nothing is on
/// its way; a lane looks up from its lesson so often.
const PAGE: usize = 32;
/// The next file is on its way while the server still syncs the last one.
pub(super) const IN_FLIGHT: usize = 2;
/// While files are on their way, the next ones are read and decrypted.
const READ_AHEAD: usize = 3;
/// Tries after which a fragment that the disk does not give counts as damaged.
const UNREADABLE_AFTER: u32 = 3;

impl Lane<'_> {
    /// Brings a lesson as far as it goes now.
    pub(super) async fn carry(&self, id: &LessonId, journey: &mut Journey) -> Result<Went, UploadError> {
        let lesson = id.clone();
        let facts = self.up.spool.off_thread(move |spool| {
            let record = spool.lesson(&lesson).filter(|record| !record.removed);
            Ok::<_, SpoolError>((record, spool.tracks(&lesson)?))
        });
        let (Some(record), tracks) = facts.await? else { return Ok(Went::Whole) };
        let store = self.store.within(&layout::lesson_folder(&self.up.device, record.info.date, id))?;
        self.open(&store, id, &tracks, journey).await?;
        loop {
            let mut moved = false;
            for track in &tracks {
                let page = self.page(id, &track.name).await?;
                if page.is_empty() {
                    continue;
                }
                moved = true;
                self.bring_page(&store, id, &track.name, is_main(&tracks, track), page, journey).await?;
                self.write_ledger(&store, id, journey).await?;
                if !self.goes_on(id).await? {
                    return Ok(Went::Aside);
                }
            }
            if !moved {
                break;
            }
        }
        if record.state != ManifestState::Closed {
            return Ok(Went::Aside);
        }
        self.close(&store, id).await?;
        Ok(Went::Whole)
    }

    /// The manifest at opening: who finds the folder knows what it is.
    async fn open(
        &self,
        store: &Store,
        id: &LessonId,
        tracks: &[TrackRecord],
        journey: &mut Journey,
    ) -> Result<(), UploadError> {
        if journey.opened || tracks.is_empty() {
            return Ok(());
        }
        let (archive, lesson) = (self.up.name.clone(), id.clone());
        let names: Vec<Name> = tracks.iter().map(|track| track.name.clone()).collect();
        let begun = self.up.spool.off_thread(move |spool| {
            let reached = names.iter().map(|track| spool.acknowledged(&archive, &lesson, track));
            reached.sum::<Result<u64, SpoolError>>()
        });
        if begun.await? == 0 {
            if let Some(opening) = self.compose(id, Extent::Opening).await? {
                self.put_manifest(store, &opening).await?;
            }
            journey.ledger = Some((1, Vec::new()));
        }
        journey.opened = true;
        Ok(())
    }

    /// The next fragments that the store lacks.
    async fn page(&self, id: &LessonId, track: &Name) -> Result<Vec<StoredFragment>, SpoolError> {
        let (archive, lesson, track) = (self.up.name.clone(), id.clone(), track.clone());
        let page = self.up.spool.off_thread(move |spool| {
            let done = spool.acknowledged(&archive, &lesson, &track)?;
            spool.fragments(&lesson, &track, done + 1, PAGE)
        });
        Ok(page.await?.into_iter().filter(|fragment| fragment.state == FragmentState::Held).collect())
    }

    async fn bring_page(
        &self,
        store: &Store,
        id: &LessonId,
        track: &Name,
        is_main: bool,
        page: Vec<StoredFragment>,
        journey: &mut Journey,
    ) -> Result<(), UploadError> {
        if self.kind == Kind::Fresh {
            self.desk.set_fresh_idle(false);
        }
        let page = self.lacking(store, id, track, page, journey).await?;
        let Journey { inits, playlist: budget, .. } = journey;
        let fetch = |fragment: StoredFragment| {
            let read = self.read(id, track, fragment.seq);
            async move {
                let payload = self.judged(id, track, fragment.seq, read.await).await?;
                Ok::<_, UploadError>(payload.map(|payload| (fragment, payload)))
            }
        };
        let fetched = stream::iter(page).map(fetch).buffered(READ_AHEAD);
        let bring = |fetched: Result<Option<(StoredFragment, Vec<u8>)>, UploadError>| {
            let (fetched, is_new_run) = match fetched {
                Ok(Some((fragment, payload))) => {
                    let is_new_run = inits.insert(fragment.run);
                    (Ok(Some((fragment, payload))), is_new_run)
                }
                other => (other, false),
            };
            async move {
                let Some((fragment, payload)) = fetched? else { return Ok(None) };
                self.bring(store, id, track, (fragment, payload), is_new_run).await.map(Some)
            }
        };
        // While a lesson is recorded the backlog takes one place of its link.
        let in_flight =
            if self.kind == Kind::Backlog && self.up.spool.unfinished().is_some() { 1 } else { IN_FLIGHT };
        let mut arrivals = fetched.map(bring).buffered(in_flight);
        while let Some(arrived) = arrivals.next().await {
            let Some(fragment) = arrived? else { continue };
            let (archive, lesson, of, seq) = (self.up.name.clone(), id.clone(), track.clone(), fragment.seq);
            self.up.spool.off_thread(move |spool| spool.acknowledge(&archive, &lesson, &of, seq)).await?;
            budget.earn(fragment.bytes);
            if is_main && budget.allows(seq, self.up.now()) {
                let bytes = self.put_playlist(store, id, Extent::UpTo(track.clone(), seq)).await?;
                budget.spend(bytes, self.up.now());
            }
        }
        Ok(())
    }

    /// Acknowledges what arrived although nobody knew, and gives what did not.
    /// A fragment never changes, so its length tells. As many are asked for as
    /// may have been on their way.
    async fn lacking(
        &self,
        store: &Store,
        id: &LessonId,
        track: &Name,
        page: Vec<StoredFragment>,
        journey: &mut Journey,
    ) -> Result<Vec<StoredFragment>, UploadError> {
        let mut lacking = Vec::with_capacity(page.len());
        for fragment in page {
            if *journey.unsure_of(track) > 0 {
                if self.is_there(store, &layout::fragment(track, fragment.seq), fragment.bytes).await? {
                    let (archive, lesson, of) = (self.up.name.clone(), id.clone(), track.clone());
                    let acknowledge =
                        move |spool: &Spool| spool.acknowledge(&archive, &lesson, &of, fragment.seq);
                    self.up.spool.off_thread(acknowledge).await?;
                    continue;
                }
                *journey.unsure_of(track) -= 1;
            }
            lacking.push(fragment);
        }
        Ok(lacking)
    }

    /// Whether the store says that it has a file. One that lets nobody look
    /// takes it once more: what is asked here spares work and decides nothing.
    async fn is_there(&self, store: &Store, path: &str, bytes: u64) -> Result<bool, UploadError> {
        match store.size(path).await {
            Ok(found) => Ok(found == Some(bytes)),
            Err(
                StoreError::Refused { .. } | StoreError::Rejected { .. } | StoreError::Unsupported { .. },
            ) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Brings one fragment that was read.
    async fn bring(
        &self,
        store: &Store,
        id: &LessonId,
        track: &Name,
        (fragment, payload): (StoredFragment, Vec<u8>),
        is_new_run: bool,
    ) -> Result<StoredFragment, UploadError> {
        if self.kind == Kind::Backlog {
            self.desk.fresh_is_idle().await;
        }
        if is_new_run {
            self.put_init(store, id, track, fragment.run).await?;
        }
        self.up.pace.admit(fragment.bytes).await;
        self.tell_busy();
        self.desk.begin(self.up.now());
        let put = store.put(&layout::fragment(track, fragment.seq), payload).await;
        let arrived = if put.is_ok() { fragment.bytes } else { 0 };
        let rate = self.desk.end(self.up.now(), arrived);
        put?;
        self.tell_arrived(rate);
        Ok(fragment)
    }

    pub(super) async fn put_init(
        &self,
        store: &Store,
        id: &LessonId,
        track: &Name,
        run: u32,
    ) -> Result<(), UploadError> {
        let (lesson, path) = (id.clone(), layout::init(track, run));
        let init = match self.up.spool.off_thread(move |spool| spool.read_init(&lesson, run)).await {
            // Its media are worth keeping all the same, and so are later runs.
            Err(error @ SpoolError::Damaged { .. }) => {
                tracing::error!(lesson = %id, run, %error, "this run goes without its init segment");
                return Ok(());
            }
            init => init?,
        };
        // Another round, or another process, may have brought it.
        if self.is_there(store, &path, init.len() as u64).await? {
            return Ok(());
        }
        Ok(store.put(&path, init).await?)
    }

    /// A fragment's bytes; nothing when the disk has lost them, which the spool
    /// has written down as a gap then.
    pub(super) async fn payload(
        &self,
        id: &LessonId,
        track: &Name,
        seq: u64,
    ) -> Result<Option<Vec<u8>>, UploadError> {
        let read = self.read(id, track, seq).await;
        self.judged(id, track, seq, read).await
    }

    /// Begins to read a fragment at once.
    fn read(
        &self,
        id: &LessonId,
        track: &Name,
        seq: u64,
    ) -> impl Future<Output = Result<Vec<u8>, SpoolError>> {
        let (lesson, of) = (id.clone(), track.clone());
        self.up.spool.off_thread(move |spool| spool.read(&lesson, &of, seq))
    }

    async fn judged(
        &self,
        id: &LessonId,
        track: &Name,
        seq: u64,
        read: Result<Vec<u8>, SpoolError>,
    ) -> Result<Option<Vec<u8>>, UploadError> {
        match read {
            Ok(payload) => {
                let mut unreadable = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
                unreadable.remove(&(id.clone(), track.clone(), seq));
                Ok(Some(payload))
            }
            Err(SpoolError::Damaged { .. }) => Ok(None),
            // Anything else (too many files, a disk that became read-only) is not
            // the fragment's own trouble.
            Err(error @ SpoolError::Io { .. }) if error.is_of_the_medium() => {
                let tries = {
                    let mut unreadable = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
                    let tries = unreadable.entry((id.clone(), track.clone(), seq)).or_insert(0);
                    *tries += 1;
                    *tries
                };
                if tries < UNREADABLE_AFTER {
                    return Err(error.into());
                }
                tracing::error!(lesson = %id, seq, %error, "a fragment can not be read from the disk any more");
                let (lesson, of) = (id.clone(), track.clone());
                self.up.spool.off_thread(move |spool| spool.declare_damaged(&lesson, &of, seq)).await?;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Gives the playlist's bytes.
    async fn put_playlist(&self, store: &Store, id: &LessonId, extent: Extent) -> Result<u64, UploadError> {
        let Some(manifest) = self.compose(id, extent).await? else { return Ok(0) };
        let Some(listing) = Listing::of(&manifest) else { return Ok(0) };
        let text = playlist::render(&listing).into_bytes();
        let bytes = text.len() as u64;
        store.put(layout::PLAYLIST, text).await?;
        Ok(bytes)
    }

    /// Nothing of a lesson that was deleted meanwhile: the deletion puts its
    /// manifest, when it has used the one that is there.
    pub(super) async fn compose(
        &self,
        id: &LessonId,
        extent: Extent,
    ) -> Result<Option<lectern_api::manifest::Manifest>, SpoolError> {
        let (device, id) = (self.up.device.clone(), id.clone());
        let manifest = self.up.spool.off_thread(move |spool| compose(spool, &device, &id, &extent)).await?;
        Ok(manifest.filter(|manifest| manifest.state != ManifestState::Deleted))
    }
}

/// The track that the playlist shows.
fn is_main(tracks: &[TrackRecord], track: &TrackRecord) -> bool {
    let main = tracks.iter().find(|known| known.name.as_str() == MAIN_TRACK).or_else(|| tracks.first());
    main.is_some_and(|main| main.name == track.name)
}
