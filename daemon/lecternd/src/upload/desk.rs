//! What the two lanes of a store share.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lectern_api::{Kbps, LessonId};
use tokio::sync::watch;

use super::estimate::Throughput;
use super::journey::Journey;

/// Who carries what, and how fast it goes. No lock is held while another one is
/// taken, nor across an await.
#[derive(Debug)]
pub(super) struct Desk {
    claims: Mutex<HashSet<LessonId>>,
    journeys: Mutex<HashMap<LessonId, Journey>>,
    link: Mutex<Throughput>,
    fresh_idle: watch::Sender<bool>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A lesson that nobody else carries meanwhile.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    desk: &'a Desk,
    lesson: LessonId,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        lock(&self.desk.claims).remove(&self.lesson);
    }
}

impl Desk {
    pub(super) fn new() -> Self {
        let (fresh_idle, _) = watch::channel(true);
        Self { claims: Mutex::default(), journeys: Mutex::default(), link: Mutex::default(), fresh_idle }
    }

    /// Nothing when the other lane has it; it is not waited for.
    pub(super) fn claim(&self, lesson: &LessonId) -> Option<Claim<'_>> {
        let is_free = lock(&self.claims).insert(lesson.clone());
        is_free.then(|| Claim { desk: self, lesson: lesson.clone() })
    }

    /// Where the last lane that carried the lesson stopped.
    pub(super) fn take_journey(&self, lesson: &LessonId) -> Option<Journey> {
        lock(&self.journeys).remove(lesson)
    }

    pub(super) fn keep_journey(&self, lesson: LessonId, journey: Journey) {
        lock(&self.journeys).insert(lesson, journey);
    }

    /// Whether the fresh lane has nothing to send.
    pub(super) fn set_fresh_idle(&self, idle: bool) {
        self.fresh_idle.send_if_modified(|before| std::mem::replace(before, idle) != idle);
    }

    /// Waits until the fresh lane has nothing to send.
    pub(super) async fn fresh_is_idle(&self) {
        // The sender lives as long as the desk.
        let _ = self.fresh_idle.subscribe().wait_for(|idle| *idle).await;
    }

    pub(super) fn begin(&self, now: Duration) {
        lock(&self.link).begin(now);
    }

    pub(super) fn end(&self, now: Duration, bytes: u64) -> Kbps {
        let mut link = lock(&self.link);
        link.end(now, bytes);
        link.rate()
    }
}
