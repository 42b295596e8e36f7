//! From a stored frame to its plain bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lectern_api::LessonId;

use crate::SpoolError;
use crate::cipher::Secret;
use crate::disk::Disk;
use crate::draft;
use crate::error::io_error;
use crate::frame::{Header, KEY_AT, Kind};
use crate::keyring::Keyring;
use crate::keys::LessonNo;
use crate::scan;
use crate::segment::{epoch_of, file_name};
use crate::spool::Spool;
use crate::wrapped::{KeyId, LessonKey, WrappedKey};

/// Keys of so many lessons are kept unwrapped.
const CACHED: usize = 16;

/// The device's keys, and the lessons' keys that are in use.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) ring: Keyring,
    /// A leaf among the locks.
    unwrapped: Mutex<BTreeMap<KeyId, Arc<Secret>>>,
}

impl Keys {
    pub(crate) fn new(ring: Keyring) -> Self {
        Self { ring, unwrapped: Mutex::default() }
    }

    fn unwrapped(&self) -> MutexGuard<'_, BTreeMap<KeyId, Arc<Secret>>> {
        self.unwrapped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, id: KeyId, secret: Arc<Secret>) {
        let mut unwrapped = self.unwrapped();
        while unwrapped.len() >= CACHED {
            unwrapped.pop_first();
        }
        unwrapped.insert(id, secret);
    }

    /// After segments went: their keys may not live on in memory.
    pub(crate) fn forget(&self) {
        self.unwrapped().clear();
    }
}

/// The wrapped key in a segment's head; `None` when there is none that is whole.
pub(crate) fn wrapped_key(disk: &dyn Disk, path: &Path) -> io::Result<Option<WrappedKey>> {
    let Some(epoch) = epoch_of(path) else { return Ok(None) };
    let file = match disk.open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let found = scan::payload(file.as_ref(), epoch, KEY_AT)?;
    Ok(found.filter(|(header, _)| header.kind == Kind::Key).and_then(|(_, key)| WrappedKey::decode(&key)))
}

impl Spool {
    /// The plain payload of a frame; `None` when it does not open although the
    /// key is right, or when its key is on no segment any more.
    pub(crate) fn unlock(
        &self,
        no: LessonNo,
        header: &Header,
        stored: Vec<u8>,
    ) -> Result<Option<Vec<u8>>, SpoolError> {
        let Some(sealed) = &header.sealed else { return Ok(Some(stored)) };
        let Some(secret) = self.lesson_secret(no, header.epoch, sealed.key)? else { return Ok(None) };
        Ok(draft::open(&secret, header, stored))
    }

    /// The key that a segment's frames name: from its own head, or from that
    /// of another segment of the lesson.
    fn lesson_secret(&self, no: LessonNo, epoch: u64, id: KeyId) -> Result<Option<Arc<Secret>>, SpoolError> {
        if let Some(known) = self.keys.unwrapped().get(&id) {
            return Ok(Some(Arc::clone(known)));
        }
        let mut failed = None;
        for epoch in std::iter::once(epoch).chain(self.segments_of(no)) {
            let path = self.folder.join(file_name(epoch));
            let wrapped = match wrapped_key(self.disk.as_ref(), &path) {
                Ok(Some(wrapped)) if wrapped.id == id => wrapped,
                Ok(_) => continue,
                Err(error) => {
                    failed.get_or_insert_with(|| io_error("reading", &path, error));
                    continue;
                }
            };
            if !wrapped.is_by(&self.keys.ring.device) {
                return Err(self.key_missing(no));
            }
            if let Some(secret) = wrapped.open(&self.keys.ring.device).map(Arc::new) {
                self.keys.remember(id, Arc::clone(&secret));
                return Ok(Some(secret));
            }
        }
        failed.map_or(Ok(None), Err)
    }

    fn key_missing(&self, no: LessonNo) -> SpoolError {
        match self.facts().lessons.get(&no) {
            Some(lesson) => SpoolError::KeyMissing(lesson.facts.info.id.clone()),
            None => SpoolError::Invalid(format!("the spool knows no lesson of number {no}")),
        }
    }

    pub(crate) fn segments_of(&self, no: LessonNo) -> BTreeSet<u64> {
        let facts = self.facts();
        facts.segments.iter().filter(|(_, segment)| segment.lesson == no).map(|(epoch, _)| *epoch).collect()
    }

    /// Lessons that were encrypted with another device key, told by their first
    /// and their last segment.
    pub(crate) fn locked_lessons(&self) -> Vec<LessonId> {
        let lessons: Vec<(LessonNo, LessonId)> = {
            let facts = self.facts();
            let held = facts.lessons.iter().filter(|(_, lesson)| !lesson.facts.removed);
            held.map(|(no, lesson)| (*no, lesson.facts.info.id.clone())).collect()
        };
        let is_foreign = |epoch: &u64| {
            let wrapped = wrapped_key(self.disk.as_ref(), &self.folder.join(file_name(*epoch)));
            // What cannot be read shows when it is needed.
            wrapped.ok().flatten().is_some_and(|wrapped| !wrapped.is_by(&self.keys.ring.device))
        };
        let is_locked = |no: &LessonNo| {
            let segments = self.segments_of(*no);
            segments.first().is_some_and(is_foreign) || segments.last().is_some_and(is_foreign)
        };
        lessons.into_iter().filter(|(no, _)| is_locked(no)).map(|(_, id)| id).collect()
    }

    /// The key for a lesson's new segments: one that it has already, as long as
    /// it can be read, otherwise a fresh one.
    pub(crate) fn key_for_writing(&self, no: LessonNo) -> Result<LessonKey, SpoolError> {
        let ring = &self.keys.ring;
        for epoch in self.segments_of(no).into_iter().rev() {
            let Ok(Some(wrapped)) = wrapped_key(self.disk.as_ref(), &self.folder.join(file_name(epoch)))
            else {
                continue;
            };
            if let Some(secret) = wrapped.open(&ring.device) {
                return LessonKey::wrap(wrapped.id, Arc::new(secret), ring);
            }
        }
        LessonKey::generate(ring)
    }
}
