//! Lessons that nobody has planned and nobody begins by hand: a picture comes up
//! on the board's input, or somebody speaks in the room. One unit per trigger
//! watches its source between lessons; nothing is recorded meanwhile, and
//! nothing leaves the box. What it wants goes to the lesson's actor, which may
//! refuse.

mod edge;

use std::sync::Arc;
use std::time::Duration;

use lectern_api::command::Command;
use lectern_api::manifest::Trigger;
use lectern_api::status::SourceState;
use lectern_api::{Clock, Name};
use tokio::sync::{mpsc, oneshot, watch};

use self::edge::{Edge, Notice, OnAir, Patience, Wish};
use crate::capture::gauge::Gauge;
use crate::capture::guard::GuardState;
use crate::facts::{self, Facts};
use crate::lesson::actor::Request;
use crate::lesson::agenda::Agenda;
use crate::lesson::machine::State;
use crate::notes::{self, Note};
use crate::off_thread::OffThread as _;

/// One trigger and the source that it watches.
#[derive(Debug, Clone)]
pub(crate) struct Watcher {
    /// [`Trigger::Signal`] or [`Trigger::Sound`].
    pub(crate) trigger: Trigger,
    pub(crate) source: Name,
    pub(crate) gauge: Arc<Gauge>,
    pub(crate) guard: watch::Receiver<GuardState>,
    pub(crate) lesson: watch::Receiver<State>,
    pub(crate) agenda: watch::Receiver<Option<Agenda>>,
    pub(crate) requests: mpsc::Sender<Request>,
    /// Whether the source is to be open between lessons too.
    pub(crate) open: watch::Sender<bool>,
    /// Read once, for what was remembered.
    pub(crate) facts: Arc<Facts>,
    pub(crate) notes: mpsc::Sender<Note>,
    /// Which start of the machine this is.
    pub(crate) boot_id: String,
    pub(crate) clock: Arc<dyn Clock>,
}

const LOOK: Duration = Duration::from_millis(500);
const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A board that is switched off for a moment and on again begins a new lesson;
/// one that blinks while the computer changes its resolution does neither.
const SIGNAL: Patience = Patience {
    hold: seconds(10),
    pause: seconds(1),
    away: seconds(10),
    over: seconds(3 * 60),
    doubtful_away: seconds(3 * 60),
    doubtful_over: seconds(10 * 60),
};
/// Speech has pauses; a class that reads has long ones. The noise of a break
/// follows every lesson: it must have been quiet before sound begins another.
const SOUND: Patience = Patience {
    hold: seconds(20),
    pause: seconds(3),
    away: seconds(3 * 60),
    over: seconds(10 * 60),
    doubtful_away: seconds(3 * 60),
    doubtful_over: seconds(10 * 60),
};
/// So much above the room is somebody: a teacher's voice lies 20 dB and more
/// above a classroom, what comes through the wall less than ten.
const ABOVE_THE_ROOM_DB: f64 = 15.0;
/// Beneath it no microphone hears anybody, however quiet the room is.
const FAINTEST_VOICE_DB: f64 = -55.0;

impl Watcher {
    /// Runs for the life of the daemon.
    pub(crate) async fn run(self) {
        let patience = if self.trigger == Trigger::Sound { SOUND } else { SIGNAL };
        let mut edge = Edge::new(patience, self.was_spent().await, self.clock.monotonic());
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            let now = self.clock.monotonic();
            let on_air = self.on_air();
            let is_known = self.agenda.borrow().is_some();
            let is_hidden = self.is_hidden();
            let opens = is_known && !is_hidden;
            self.open.send_if_modified(|open| std::mem::replace(open, opens) != opens);
            if !is_known && !matches!(on_air, OnAir::Own(_)) {
                // While nobody knows what is allowed, nobody looks.
                edge = Edge::new(patience, edge.is_spent(), now);
                continue;
            }
            let notice = if is_hidden { Notice::Hidden } else { self.look() };
            let was_spent = edge.is_spent();
            let wish = edge.notice(notice, &on_air, now);
            if edge.is_spent() != was_spent {
                self.remember(edge.is_spent());
            }
            match wish {
                Some(Wish::Begin) => self.begin().await,
                Some(Wish::End(lesson)) => {
                    tracing::info!(source = %self.source, %lesson, "what began the lesson has gone");
                    let _ = self.requests.send(Request::Gone { lesson }).await;
                }
                None => {}
            }
        }
    }

    fn on_air(&self) -> OnAir {
        match &self.lesson.borrow().on_air {
            None => OnAir::Nothing,
            Some(on_air) if on_air.info.trigger == self.trigger => OnAir::Own(on_air.info.id.clone()),
            Some(_) => OnAir::Other,
        }
    }

    /// Whether nobody may look: the shutter is closed, or all is forbidden.
    fn is_hidden(&self) -> bool {
        let is_forbidden = self.agenda.borrow().as_ref().is_some_and(|agenda| agenda.forbidden.is_some());
        is_forbidden || self.lesson.borrow().shutter.is_some()
    }

    fn look(&self) -> Notice {
        if self.guard.borrow().state != SourceState::Running {
            return Notice::Away;
        }
        if self.trigger == Trigger::Sound {
            let is_somebody = |db: f64, room: f64| db >= (room + ABOVE_THE_ROOM_DB).max(FAINTEST_VOICE_DB);
            let heard = self.gauge.heard().is_some_and(|heard| is_somebody(heard.now_db, heard.room_db));
            return if heard { Notice::There } else { Notice::Away };
        }
        match self.gauge.seen() {
            Some(seen) if seen.is_flat => Notice::Doubtful,
            Some(_) => Notice::There,
            None => Notice::Away,
        }
    }

    async fn begin(&self) {
        let (answer, answered) = oneshot::channel();
        let command = Command::Start { title: None, minutes: None };
        let request = Request::Command { command, trigger: self.trigger, answer };
        if self.requests.send(request).await.is_err() {
            return;
        }
        match answered.await {
            Ok(Ok(_)) => tracing::info!(source = %self.source, trigger = ?self.trigger, "begins a lesson"),
            Ok(Err(refusal)) => {
                tracing::info!(source = %self.source, code = refusal.code, "begins no lesson")
            }
            Err(_) => {}
        }
    }

    async fn was_spent(&self) -> bool {
        let key = notes::spent_key(self.trigger);
        match self.facts.off_thread(move |facts| facts.get::<String>(facts::BOX, key)).await {
            Ok(boot) => boot.is_some_and(|boot| boot == self.boot_id),
            Err(error) => {
                // Rather one lesson less than one that a person has ended.
                tracing::error!(%error, "what a signal has begun before is unknown: it must go away first");
                true
            }
        }
    }

    fn remember(&self, spent: bool) {
        let boot = spent.then(|| self.boot_id.clone());
        if let Err(error) = self.notes.try_send(Note::Spent { trigger: self.trigger, boot }) {
            tracing::error!(%error, "a restart will not know that this signal has had its chance");
        }
    }
}
