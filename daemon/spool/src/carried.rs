//! Which lessons are being brought to an archive just now.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lectern_api::LessonId;

use crate::spool::Spool;

/// How many bring each lesson. Its lock is taken last and held for moments.
#[derive(Debug, Default)]
pub(crate) struct CarriedLessons(Mutex<HashMap<LessonId, usize>>);

/// A lesson that somebody is bringing to an archive: it does not make way.
#[derive(Debug)]
pub struct Carried {
    spool: Arc<Spool>,
    lesson: LessonId,
}

impl CarriedLessons {
    fn lock(&self) -> MutexGuard<'_, HashMap<LessonId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn holds(&self, lesson: &LessonId) -> bool {
        self.lock().contains_key(lesson)
    }
}

impl Spool {
    /// Keeps a lesson from making way while it is being brought to an archive,
    /// however long a single fragment takes. Let go of it between tries.
    #[must_use]
    pub fn carry(self: &Arc<Self>, lesson: &LessonId) -> Carried {
        *self.carried.lock().entry(lesson.clone()).or_default() += 1;
        Carried { spool: Arc::clone(self), lesson: lesson.clone() }
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        let mut carried = self.spool.carried.lock();
        if let Some(count) = carried.get_mut(&self.lesson) {
            *count -= 1;
            if *count == 0 {
                carried.remove(&self.lesson);
            }
        }
    }
}
