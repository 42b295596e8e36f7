//! The running daemon: what its launch asks of it, and its end.

use std::sync::Arc;
use std::time::Duration;

use lectern_api::manifest::Trigger;
use lectern_api::{Kbps, Name};
use lectern_spool::{LessonRecord, Spool};
use tokio::sync::{mpsc, oneshot, watch};

use crate::clock::start::Woken;
use crate::lesson::actor::Request;
use crate::panel::Lamps;
use crate::supervisor::Supervisor;
use crate::upload::UploadState;

/// The running daemon.
#[derive(Debug)]
pub(crate) struct Daemon {
    pub(crate) lesson: mpsc::Sender<Request>,
    /// Wants the timetable's sources read again.
    pub(crate) timetable: watch::Sender<()>,
    /// Somebody wants the daemon to begin anew.
    pub(crate) restart: mpsc::Receiver<()>,
    pub(crate) uploads: Vec<(Name, watch::Receiver<UploadState>)>,
    pub(crate) spool: Arc<Spool>,
    pub(crate) woken: Arc<Woken>,
    /// The panel's lights.
    pub(crate) lamps: Arc<Lamps>,
    /// As much as there is, until the broadcast drives it.
    pub(crate) _uplink: watch::Sender<Option<Kbps>>,
    /// Last: it ends every unit when it is dropped.
    pub(crate) _supervisor: Supervisor,
}

/// The whole shutdown, archives included.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(10);
/// What of it closing the spool gets.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);
/// What of it the journal gets.
const STOP_LIMIT: Duration = Duration::from_secs(1);
/// What of it the lights get.
const DARK_LIMIT: Duration = Duration::from_millis(500);
/// What of it the last fragments get at most.
const DRAIN_LIMIT: Duration = Duration::from_secs(8);

impl Daemon {
    /// Asks for a lesson, as the daemon's own launch does.
    pub(crate) async fn start_lesson(&self, minutes: Option<u32>) -> Result<(), lectern_api::Text> {
        let (answer, answered) = oneshot::channel();
        let command = lectern_api::command::Command::Start { title: None, minutes };
        let gone = || lectern_api::messages::stopping();
        let request = Request::Command { command, trigger: Trigger::Launch, answer };
        self.lesson.send(request).await.map_err(|_| gone())?;
        match answered.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(refusal)) if refusal.code == "lesson_running" => Ok(()),
            Ok(Err(refusal)) => Err(refusal.text),
            Err(_) => Err(gone()),
        }
    }

    /// Has the timetable's sources read again at once, changed or not.
    pub(crate) fn read_timetable_again(&self) {
        self.timetable.send_replace(());
    }

    /// Waits until somebody wants the daemon to begin anew.
    pub(crate) async fn restart_wanted(&mut self) {
        if self.restart.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Drains: the last fragment is written whole, the archives get what they
    /// can be given in time, the facts are committed. Bounded.
    pub(crate) async fn shut_down(self, end_lesson: bool) {
        let begun = tokio::time::Instant::now();
        let (finished, is_finished) = oneshot::channel();
        let drained = async {
            let asked = self.lesson.send(Request::Shutdown { end_lesson, finished }).await.is_ok();
            !asked || is_finished.await.is_ok()
        };
        if tokio::time::timeout(DRAIN_LIMIT, drained).await.is_err() {
            tracing::error!("the last fragments did not reach the disk within {DRAIN_LIMIT:?}");
        }
        let rest = SHUTDOWN_LIMIT
            .saturating_sub(begun.elapsed())
            .saturating_sub(CLOSE_LIMIT + STOP_LIMIT + DARK_LIMIT);
        if tokio::time::timeout(rest, self.archives_complete()).await.is_err() {
            tracing::info!("some archives lack something still; they get it after the next start");
        }
        let spool = Arc::clone(&self.spool);
        let (woken, lamps) = (Arc::clone(&self.woken), Arc::clone(&self.lamps));
        drop(self);
        let dark = tokio::task::spawn_blocking(move || lamps.end());
        if tokio::time::timeout(DARK_LIMIT, dark).await.is_err() {
            tracing::error!("the panel's lights could not be put out");
        }
        let stopped = tokio::task::spawn_blocking(move || woken.stop());
        match tokio::time::timeout(STOP_LIMIT, stopped).await {
            Ok(Ok(Ok(()))) => {}
            failed => tracing::error!(?failed, "the daemon's end is not in the journal"),
        }
        let closed = tokio::task::spawn_blocking(move || spool.close(CLOSE_LIMIT));
        match closed.await {
            Ok(Ok(())) => {}
            failed => tracing::error!(?failed, "the spool could not be closed cleanly"),
        }
    }

    /// Waits until every archive that works has everything.
    async fn archives_complete(&self) {
        for (name, mut state) in self.uploads.clone() {
            let lacks = |spool: &Spool| {
                let open =
                    |lesson: &LessonRecord| !lesson.removed && !spool.is_archived(&name, &lesson.info.id);
                spool.pending(&name).fragments > 0
                    || spool.lessons().iter().any(|lesson| lesson.info.until.is_some() && open(lesson))
            };
            let works = |state: &UploadState| state.last_error().is_none() && !state.waits_for_hours();
            while works(&state.borrow_and_update()) && lacks(&self.spool) {
                if state.changed().await.is_err() {
                    return;
                }
            }
        }
    }
}
