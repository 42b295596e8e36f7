//! Carries out what [`super::machine`] decides.

use std::sync::Arc;
use std::time::Duration;

use lectern_api::command::{Command, Done, Refusal};
use lectern_api::manifest::{GapReason, LessonInfo, Trigger};
use lectern_api::{Clock, LessonId, Name, Ticks, messages};
use lectern_spool::{Spool, SpoolError};
use tokio::sync::{mpsc, oneshot, watch};

use super::machine::{self, Effect, Event, Now, State, resumes, step};
use crate::capture::air::{AirDesk, Origin};
use crate::capture::time::ClockPoint;
use crate::capture::writer::Recorded;
use crate::spooler::OffThread as _;

/// What the actor is asked.
#[derive(Debug)]
pub(crate) enum Request {
    /// By a person or a program.
    Command { command: Command, trigger: Trigger, answer: oneshot::Sender<Result<Done, Refusal>> },
    /// By the spool: the last fragment of a lesson has come.
    Drained { lesson: LessonId },
    /// By the spool: a lesson's end is written.
    Closed { lesson: LessonId },
    /// By the daemon's end.
    Shutdown { end_lesson: bool, finished: oneshot::Sender<()> },
}

/// What the actor is given.
#[derive(Debug)]
pub(crate) struct Actor {
    pub(crate) requests: mpsc::Receiver<Request>,
    pub(crate) air: AirDesk,
    /// Whether sources and mixer are needed.
    pub(crate) room: watch::Sender<bool>,
    /// Whether they are needed between lessons too.
    pub(crate) standby: bool,
    pub(crate) state: watch::Sender<State>,
    /// Beats while the actor lives.
    pub(crate) beat: watch::Sender<Duration>,
    /// Read once, for lessons that were cut short. Facts of a running lesson go
    /// through the queue: the disk may hang, the actor must not.
    pub(crate) spool: Arc<Spool>,
    pub(crate) recorded: mpsc::Sender<Recorded>,
    /// Where the time lines of ended lessons end.
    pub(crate) ends: Vec<(LessonId, Ticks)>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) time_zone: jiff::tz::TimeZone,
    pub(crate) track: Name,
}

const TICK: Duration = Duration::from_millis(500);

impl Actor {
    /// Runs until the daemon ends.
    pub(crate) async fn run(&mut self) {
        self.resume().await;
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut finished = None;
        loop {
            let (event, mut answer) = tokio::select! {
                request = self.requests.recv() => match request {
                    None => return,
                    Some(Request::Command { command, trigger, answer }) => match self.event(command, trigger) {
                        Some(event) => (event, Some(answer)),
                        None => continue,
                    },
                    Some(Request::Drained { lesson }) => (Event::Drained { lesson }, None),
                    Some(Request::Closed { lesson }) => (Event::Closed { lesson }, None),
                    Some(Request::Shutdown { end_lesson, finished: sender }) => {
                        finished = Some(sender);
                        (Event::Shutdown { end_lesson }, None)
                    }
                },
                _ = tick.tick() => (Event::Tick, None),
            };
            self.beat.send_replace(self.clock.monotonic());
            let before = self.state.borrow().clone();
            let (after, effects) = step(before, event, self.now());
            for effect in effects {
                match effect {
                    Effect::Answer(result) => {
                        if let Some(answer) = answer.take() {
                            let _ = answer.send(result);
                        }
                    }
                    Effect::Finished => {
                        if let Some(finished) = finished.take() {
                            let _ = finished.send(());
                        }
                    }
                    effect => self.carry_out(effect).await,
                }
            }
            self.state.send_if_modified(|state| std::mem::replace(state, after.clone()) != after);
            self.open_or_close_room();
        }
    }

    /// Nothing for a command that is not about the running lesson.
    fn event(&self, command: Command, trigger: Trigger) -> Option<Event> {
        let now = self.clock.utc();
        let event = match command {
            Command::Start { title, minutes } => {
                let id = LessonId::by_hand(now);
                let title = title.map(|title| title.trim().to_owned());
                Event::Start { info: machine::info(id, title, minutes, trigger, now, &self.time_zone) }
            }
            Command::Stop => Event::Stop,
            Command::Delete { .. }
            | Command::Keep { .. }
            | Command::Hold { .. }
            | Command::Release { .. }
            | Command::Prolong { .. }
            | Command::Shutter { .. } => {
                return None;
            }
        };
        Some(event)
    }

    fn now(&self) -> Now {
        Now { utc: self.clock.utc(), monotonic: self.clock.monotonic() }
    }

    async fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Persist(info) => self.hand_over(Recorded::Begin(info)),
            Effect::GoOnAir { info, resumed } => {
                let origin = if resumed {
                    Some(Origin { at: ClockPoint::now(), position: self.position_of(&info).await })
                } else {
                    None
                };
                tracing::info!(lesson = %info.id, title = info.title, resumed, "on air");
                self.room.send_if_modified(|room| !std::mem::replace(room, true));
                let gap = if resumed { GapReason::NotRunning } else { GapReason::PipelineRestarted };
                self.air.put_on(info.id, ClockPoint::now(), origin, gap);
            }
            Effect::LeaveAir(lesson) => {
                if let Some(end) = self.air.take_off(&lesson, ClockPoint::now()) {
                    self.ends.push((lesson, end));
                }
            }
            Effect::Close { lesson, until } => {
                let end = self.ends.iter().position(|(of, _)| *of == lesson);
                let at = end.map_or(Ticks(0), |index| self.ends.swap_remove(index).1);
                tracing::info!(%lesson, "lesson complete");
                self.hand_over(Recorded::Close { lesson, at, until });
            }
            Effect::Answer(_) | Effect::Finished => {}
        }
    }

    /// Puts a fact into the queue of the spool, behind all that came before.
    /// While the queue is full the disk hangs; the fact waits beside it.
    fn hand_over(&self, fact: Recorded) {
        if let Err(mpsc::error::TrySendError::Full(fact)) = self.recorded.try_send(fact) {
            tracing::error!("the spool is far behind: a fact of a lesson waits");
            let queue = self.recorded.clone();
            // A thread, because the actor must go on; it ends with the wait.
            std::thread::spawn(move || queue.blocking_send(fact));
        }
    }

    /// The mixer runs on until the last frames of a lesson have been drained.
    fn open_or_close_room(&self) {
        let needed = self.standby || self.state.borrow().needs_room();
        self.room.send_if_modified(|room| std::mem::replace(room, needed) != needed);
    }

    /// Where on its time line a lesson that was cut short goes on: by the wall
    /// clock of its last anchor, but never over what is recorded. A clock that
    /// is not to be believed (it was set back, or leapt) makes the new run
    /// follow directly.
    async fn position_of(&self, info: &LessonInfo) -> Ticks {
        let (id, track) = (info.id.clone(), self.track.clone());
        let known = self.spool.off_thread(move |spool| {
            Ok::<_, SpoolError>((spool.timeline_end(&id, &track)?, spool.runs(&id)?))
        });
        let (recorded, runs) = match known.await {
            Ok(known) => known,
            Err(error) => {
                // The spool takes what comes, or says why not.
                tracing::error!(lesson = %info.id, %error, "what is recorded of the lesson is unknown");
                return Ticks(0);
            }
        };
        let now = self.clock.utc();
        let elapsed = runs.last().and_then(|run| run.anchors.last()).and_then(|anchor| {
            let since = Duration::try_from(now.duration_since(anchor.utc)).ok()?;
            Some(anchor.pts_90k + Ticks::from_duration(since))
        });
        let believable =
            |at: &Ticks| *at >= recorded && *at - recorded < Ticks::from_duration(MOST_BELIEVABLE_GAP);
        elapsed.filter(believable).unwrap_or(recorded)
    }

    /// Goes on with a lesson that was cut short, and closes all others.
    async fn resume(&mut self) {
        if !self.state.borrow().is_new() {
            return; // The actor itself was restarted, not the daemon.
        }
        let track = self.track.clone();
        let open = self
            .spool
            .off_thread(move |spool| {
                let newest = spool.unfinished();
                let others = spool.lessons().into_iter().filter(|l| {
                    l.info.until.is_none() && newest.as_ref().is_none_or(|n| n.info.id != l.info.id)
                });
                let others: Vec<_> = others.map(|l| last_media(spool, l.info, &track)).collect();
                Ok::<_, SpoolError>((newest.map(|n| last_media(spool, n.info, &track)), others))
            })
            .await;
        let (newest, others) = match open {
            Ok(open) => open,
            Err(error) => return tracing::error!(%error, "open lessons could not be read"),
        };
        let now = self.clock.utc();
        let (resumed, stale): (Vec<_>, Vec<_>) = match newest {
            Some((info, last)) if resumes(&info, last, now) => (vec![info], others),
            Some(newest) => (Vec::new(), others.into_iter().chain([newest]).collect()),
            None => (Vec::new(), others),
        };
        for (info, last) in stale {
            tracing::warn!(lesson = %info.id, "a lesson was cut short and is over by now: closed");
            // What its plan still had is missing, whether anybody was there or not.
            let until = info.planned_until.map_or(last, |planned| planned.min(now).max(last));
            let since = Duration::try_from(until.duration_since(info.since)).unwrap_or_default();
            let at = if info.planned_until.is_some() { Ticks::from_duration(since) } else { Ticks(0) };
            self.hand_over(Recorded::Close { lesson: info.id, at, until });
        }
        for info in resumed {
            let (state, effects) = step(self.state.borrow().clone(), Event::Resume { info }, self.now());
            for effect in effects {
                self.carry_out(effect).await;
            }
            self.state.send_replace(state);
        }
    }
}

/// A longer pause within a lesson is a clock that leapt.
const MOST_BELIEVABLE_GAP: Duration = Duration::from_secs(6 * 3600);

/// When the last media of a lesson was captured, as far as its anchors tell.
fn last_media(spool: &Spool, info: LessonInfo, track: &Name) -> (LessonInfo, jiff::Timestamp) {
    let anchor = spool.runs(&info.id).ok().and_then(|runs| runs.last()?.anchors.last().cloned());
    let end = spool.timeline_end(&info.id, track).unwrap_or_default();
    let last = anchor.and_then(|anchor| {
        let since = jiff::SignedDuration::try_from((end - anchor.pts_90k).as_duration()).ok()?;
        anchor.utc.checked_add(since).ok()
    });
    let last = last.unwrap_or(info.since);
    (info, last)
}

/// The refusal when nobody answers any more.
pub(crate) fn gone() -> Refusal {
    Refusal { code: "stopping".to_owned(), text: messages::stopping() }
}
