//! Carries out what [`super::machine`] decides.

use std::sync::Arc;
use std::time::Duration;

use lectern_api::command::{Command, Done, Refusal};
use lectern_api::manifest::{GapReason, LessonInfo, Trigger};
use lectern_api::{Clock, LessonId, Name, Ticks, Verdict, messages};
use lectern_spool::{Spool, SpoolError};
use tokio::sync::{mpsc, oneshot, watch};

use super::agenda::{self, Agenda, Outlook};
use super::machine::{self, Effect, Entrance, Event, Now, State, step};
use super::resume::CutShort;
use crate::capture::air::{AirDesk, Origin};
use crate::capture::time::ClockPoint;
use crate::capture::writer::Recorded;
use crate::facts::{self, Facts};
use crate::journal::Journal;
use crate::notes::{self, Note};
use crate::off_thread::OffThread as _;
use crate::timetable::InForce;

/// What the actor is asked.
#[derive(Debug)]
pub(crate) enum Request {
    /// By a person or a program.
    Command { command: Command, trigger: Trigger, answer: oneshot::Sender<Result<Done, Refusal>> },
    /// By what began a lesson by itself: it has gone away.
    Gone { lesson: LessonId },
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
    pub(crate) timetable: watch::Receiver<Arc<InForce>>,
    /// The timetable in force, asked for agendas.
    pub(crate) outlook: Outlook,
    /// What it wants; nothing while the hour is not known.
    pub(crate) agenda: watch::Sender<Option<Agenda>>,
    /// Beats while the actor lives.
    pub(crate) beat: watch::Sender<Duration>,
    /// Read once, for lessons that were cut short. Facts of a running lesson go
    /// through the queue: the disk may hang, the actor must not.
    pub(crate) spool: Arc<Spool>,
    pub(crate) recorded: mpsc::Sender<Recorded>,
    /// Read once, for what was remembered.
    pub(crate) facts: Arc<Facts>,
    pub(crate) notes: mpsc::Sender<Note>,
    /// Dates what happens; writing it waits for the disk.
    pub(crate) journal: Arc<Journal>,
    /// Whether the spool was asked what the last end left.
    pub(crate) looked_back: bool,
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
        self.look_back().await;
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
                    Some(Request::Gone { lesson }) => (Event::Gone { lesson }, None),
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
            for effect in self.step(event) {
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
            self.open_or_close_room();
        }
    }

    /// One step of the machine, which everybody who looks sees from then on.
    fn step(&mut self, event: Event) -> Vec<Effect> {
        let now = self.now();
        let (after, effects) = step(self.state.borrow().clone(), event, &now);
        self.state.send_if_modified(|state| std::mem::replace(state, after.clone()) != after);
        self.agenda.send_if_modified(|agenda| std::mem::replace(agenda, now.agenda.clone()) != now.agenda);
        effects
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
            Command::Prolong { minutes } => Event::Prolong { minutes },
            Command::Shutter { closed, today } => Event::Shutter { closed, today },
            Command::Delete { .. }
            | Command::Keep { .. }
            | Command::Hold { .. }
            | Command::Release { .. } => {
                return None;
            }
        };
        Some(event)
    }

    fn now(&mut self) -> Now {
        let (utc, verdict) = (self.clock.utc(), self.clock.trust().verdict);
        if self.timetable.has_changed().unwrap_or(false) {
            self.outlook = Outlook::new(Arc::clone(&self.timetable.borrow_and_update()));
        }
        Now {
            utc,
            monotonic: self.clock.monotonic(),
            agenda: verdict.rings().then(|| self.outlook.at(utc)),
            is_sure: verdict == Verdict::Believed,
            midnight: agenda::end_of_day(utc, &self.time_zone),
        }
    }

    /// The shared clock's point of a monotonic time.
    fn point_of(&self, monotonic: Duration) -> ClockPoint {
        let (now, here) = (ClockPoint::now(), self.clock.monotonic());
        if monotonic >= here { now.later_by(monotonic - here) } else { now.earlier_by(here - monotonic) }
    }

    async fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Persist(info) => self.hand_over(Recorded::Begin(info)),
            Effect::PutOnAir { info, entrance } => {
                let now = ClockPoint::now();
                let (begin, origin, gap) = match entrance {
                    Entrance::Fresh => (now, None, GapReason::PipelineRestarted),
                    Entrance::Bell(at) => (self.point_of(at), None, GapReason::PipelineRestarted),
                    Entrance::Late => {
                        let late = self.clock.utc().duration_since(info.since);
                        let position = Ticks::from_duration(Duration::try_from(late).unwrap_or_default());
                        (now, Some(Origin { at: now, position }), GapReason::JoinedLate)
                    }
                    Entrance::Resumed => {
                        let position = self.position_of(&info).await;
                        let at = ClockPoint::now();
                        (at, Some(Origin { at, position }), GapReason::NotRunning)
                    }
                };
                tracing::info!(lesson = %info.id, title = info.title, ?entrance, "on air");
                self.room.send_if_modified(|room| !std::mem::replace(room, true));
                self.air.put_on(info, begin, origin, gap);
            }
            Effect::TakeOffAir { lesson, at } => {
                self.ends.retain(|(of, _)| *of != lesson);
                if let Some(end) = self.air.take_off(&lesson, self.point_of(at)) {
                    self.ends.push((lesson, end));
                }
            }
            Effect::Shutter { closed } => {
                tracing::info!(closed, "privacy shutter");
                self.air.shutter(closed);
            }
            Effect::Journal(entry) => self.note(Note::Journal(self.journal.record(entry))),
            Effect::Remember(shutter) => self.note(Note::Shutter(shutter)),
            Effect::Close { lesson, until, at, gap } => {
                let end = self.ends.iter().position(|(of, _)| *of == lesson);
                let left = end.map_or(Ticks(0), |index| self.ends.swap_remove(index).1);
                tracing::info!(%lesson, "lesson complete");
                self.hand_over(Recorded::Close { lesson, at: at.unwrap_or(left), until, gap });
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
            std::thread::spawn(move || drop(queue.blocking_send(fact)));
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

    /// Has something remembered. A queue that is full is a disk that hangs.
    fn note(&self, note: Note) {
        if let Err(error) = self.notes.try_send(note) {
            tracing::error!(%error, "a restart will not know of this");
        }
    }

    /// What the last end of the daemon left: lessons that had not ended, planned
    /// ones that had, a closed shutter.
    async fn look_back(&mut self) {
        if self.looked_back {
            return; // The actor itself was restarted, not the daemon.
        }
        self.looked_back = true;
        let track = self.track.clone();
        let lessons = self.spool.off_thread(move |spool| {
            let (ended, open): (Vec<_>, Vec<_>) =
                spool.lessons().into_iter().map(|lesson| lesson.info).partition(|info| info.until.is_some());
            let cut_short: Vec<_> = open.into_iter().map(|info| last_media(spool, info, &track)).collect();
            let planned = ended.into_iter().filter(|info| info.planned.is_some());
            Ok::<_, SpoolError>((cut_short, planned.map(|info| (info.id, info.date)).collect()))
        });
        let (cut_short, over) = lessons.await.unwrap_or_else(|error| {
            tracing::error!(%error, "open lessons could not be read");
            Default::default()
        });
        for lesson in &cut_short {
            tracing::warn!(lesson = %lesson.info.id, "a lesson was cut short");
        }
        let kept = self.facts.off_thread(|facts| facts.get(facts::BOX, notes::SHUTTER)).await;
        let shutter = kept.unwrap_or_else(|error| {
            tracing::error!(%error, "how the shutter was is unknown: it is open");
            None
        });
        for effect in self.step(Event::Found { cut_short, over, shutter }) {
            self.carry_out(effect).await;
        }
    }
}

/// A longer pause within a lesson is a clock that leapt.
const MOST_BELIEVABLE_GAP: Duration = Duration::from_secs(6 * 3600);

/// When the last media of a lesson was captured, as far as its anchors tell.
fn last_media(spool: &Spool, info: LessonInfo, track: &Name) -> CutShort {
    let anchor = spool.runs(&info.id).ok().and_then(|runs| runs.last()?.anchors.last().cloned());
    let end = spool.timeline_end(&info.id, track).unwrap_or_default();
    let last = anchor.and_then(|anchor| {
        let since = jiff::SignedDuration::try_from((end - anchor.pts_90k).as_duration()).ok()?;
        anchor.utc.checked_add(since).ok()
    });
    let last_media = last.unwrap_or(info.since);
    CutShort { info, last_media }
}

/// The refusal when nobody answers any more.
pub(crate) fn gone() -> Refusal {
    Refusal::new("stopping", messages::stopping())
}
