//! A lane: rounds, and what is done about failures.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use lectern_api::{LessonId, Name, Text};
use lectern_archive::Store;
use lectern_archive::playlist::Budget;
use lectern_spool::SpoolError;

use super::desk::Desk;
use super::error::UploadError;
use super::journey::Journey;
use super::queue::Waiting;
use super::state::LaneState;
use super::unit::Uploader;
use crate::backoff::Backoff;
use crate::off_thread::OffThread as _;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Fresh,
    Backlog,
}

/// One lane of one store.
#[derive(Debug)]
pub(super) struct Lane<'a> {
    pub(super) kind: Kind,
    pub(super) up: &'a Uploader,
    pub(super) store: &'a Store,
    pub(super) desk: &'a Desk,
    /// How often each fragment could not be read.
    pub(super) unreadable: Mutex<HashMap<(LessonId, Name, u64), u32>>,
}

/// Lessons that fail although the store works.
#[derive(Debug, Default)]
pub(super) struct Troubles(HashMap<LessonId, Trouble>);

#[derive(Debug)]
struct Trouble {
    failures: u32,
    again_at: Duration,
    text: Text,
}

impl Troubles {
    pub(super) fn waits(&self, lesson: &LessonId, now: Duration) -> bool {
        self.0.get(lesson).is_some_and(|trouble| trouble.again_at > now)
    }

    pub(super) fn note(&mut self, lesson: &LessonId, error: &UploadError, now: Duration) {
        let failures = self.0.get(lesson).map_or(0, |trouble| trouble.failures);
        let again_at = now + BACKOFF.pause_about(failures, chance());
        self.0.insert(lesson.clone(), Trouble { failures: failures + 1, again_at, text: error.text() });
    }

    /// What is not this lane's affair any more is forgotten.
    pub(super) fn keep_only(&mut self, is_mine: impl Fn(&LessonId) -> bool) {
        self.0.retain(|lesson, _| is_mine(lesson));
    }

    pub(super) fn forget(&mut self, lesson: &LessonId) {
        self.0.remove(lesson);
    }

    /// How long until one of them is tried again.
    fn next(&self, now: Duration) -> Option<Duration> {
        self.0.values().map(|trouble| trouble.again_at.saturating_sub(now)).min()
    }
}

/// Boxes that lost the same server at the same moment do not come back at the
/// same moment.
fn chance() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX / 2)
}

pub(super) const BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
/// Work that nobody announced (a lesson closed by a restart, an hour that has
/// come) is found so late.
const LOOK_AROUND: Duration = Duration::from_secs(30);

impl<'a> Lane<'a> {
    pub(super) fn new(kind: Kind, up: &'a Uploader, store: &'a Store, desk: &'a Desk) -> Self {
        Self { kind, up, store, desk, unreadable: Mutex::default() }
    }

    /// Works until nothing is recorded any more for good.
    pub(super) async fn run(&self) {
        let mut progress = self.up.progress.clone();
        let (mut failures, mut troubles) = (0, Troubles::default());
        loop {
            progress.borrow_and_update();
            let outcome = match self.kind {
                Kind::Fresh => self.fresh_round(&mut troubles).await,
                Kind::Backlog => self.backlog_round(&mut troubles).await,
            };
            if self.kind == Kind::Fresh {
                self.desk.set_fresh_idle(true);
            }
            match outcome {
                Ok(waits_for_hours) => {
                    failures = 0;
                    let last_error = troubles.0.values().next().map(|trouble| trouble.text.clone());
                    self.tell(LaneState { busy: false, waits_for_hours, last_error });
                    let pause =
                        troubles.next(self.up.now()).map_or(LOOK_AROUND, |next| next.min(LOOK_AROUND));
                    if let Ok(Err(_)) = tokio::time::timeout(pause, progress.changed()).await {
                        return;
                    }
                }
                Err(error) => {
                    let pause = BACKOFF.pause_about(failures, chance());
                    failures += 1;
                    tracing::warn!(archive = %self.up.name, lane = ?self.kind, %error, retry_in = ?pause, "upload failed");
                    let last_error = Some(error.text());
                    self.tell(LaneState { busy: false, waits_for_hours: false, last_error });
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    /// Brings one lesson as far as it goes. A lesson that fails holds up no
    /// other, unless it is the store that fails.
    pub(super) async fn one(&self, id: &LessonId, troubles: &mut Troubles) -> Result<(), UploadError> {
        let Some(_claim) = self.desk.claim(id).filter(|_| !troubles.waits(id, self.up.now())) else {
            return Ok(());
        };
        let _carried = self.up.spool.carry(id);
        let begin = || Journey::new(Budget::new(self.up.playlist_per_mille));
        let mut journey = self.desk.take_journey(id).unwrap_or_else(begin);
        let outcome = self.carry(id, &mut journey).await;
        match outcome {
            Ok(Went::Whole) => {
                troubles.0.remove(id);
                return Ok(());
            }
            Ok(Went::Aside) => {
                troubles.0.remove(id);
            }
            // Deleted, or let go: whatever failed, failed because of that.
            Err(_) if self.up.spool.lesson(id).is_none_or(|record| record.removed) => {
                tracing::info!(archive = %self.up.name, lesson = %id, "the lesson went away meanwhile");
                troubles.0.remove(id);
                return Ok(());
            }
            Err(error) => {
                // What was on its way may have arrived or not.
                journey = Journey::new(journey.playlist);
                if error.is_of_the_store() {
                    self.desk.keep_journey(id.clone(), journey);
                    return Err(error);
                }
                tracing::error!(archive = %self.up.name, lesson = %id, %error, "this lesson waits");
                troubles.note(id, &error, self.up.now());
            }
        }
        self.desk.keep_journey(id.clone(), journey);
        Ok(())
    }

    /// The lessons on this disk.
    pub(super) async fn waiting(&self) -> Result<Vec<Waiting>, SpoolError> {
        let name = self.up.name.clone();
        let lessons = self.up.spool.off_thread(move |spool| {
            let held = spool.lessons().into_iter().filter(|lesson| !lesson.removed);
            let waiting = held.map(|lesson| Waiting {
                archived: spool.is_archived(&name, &lesson.info.id),
                since: lesson.info.since,
                id: lesson.info.id,
            });
            Ok::<_, SpoolError>(waiting.collect())
        });
        lessons.await
    }

    pub(super) fn tell(&self, state: LaneState) {
        self.up.state.send_modify(|both| *self.mine(both) = state);
    }

    /// Something is being sent; what is known of earlier trouble stays until
    /// something arrives.
    pub(super) fn tell_busy(&self) {
        self.up.state.send_if_modified(|both| {
            let lane = self.mine(both);
            lane.waits_for_hours = false;
            !std::mem::replace(&mut lane.busy, true)
        });
    }

    /// Only what arrived shows that the store works again.
    pub(super) fn tell_arrived(&self, rate: lectern_api::Kbps) {
        self.up.state.send_if_modified(|both| {
            let is_new_rate = std::mem::replace(&mut both.rate, rate) != rate;
            self.mine(both).last_error.take().is_some() || is_new_rate
        });
    }

    fn mine<'s>(&self, both: &'s mut super::UploadState) -> &'s mut LaneState {
        match self.kind {
            Kind::Fresh => &mut both.fresh,
            Kind::Backlog => &mut both.backlog,
        }
    }
}

/// How far a lesson was brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    /// The store has all of it, or nothing of it is here.
    Whole,
    /// There is more to come, or it made way.
    Aside,
}
