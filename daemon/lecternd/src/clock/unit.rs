//! Looks at the clocks once a second, hears persons and servers, and writes
//! down what happened.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use lectern_api::{Clock, LessonId, TimeSource, Verdict};
use tokio::sync::{mpsc, oneshot, watch};

use super::keeper::{Happened, Refused};
use super::memory::{Kept, Machine};
use super::reading::{PERSON_BOUND, Reading};
use super::start::{Hardware, Woken, look_at};
use super::{BoxClock, ClockState};
use crate::journal::{Entry, Journal, Record};
use crate::lesson::machine::State;
use crate::off_thread::OffThread as _;

/// Somebody tells the time.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) source: TimeSource,
    pub(crate) utc: Timestamp,
    /// When it was told, on the monotonic clock.
    pub(crate) at: Duration,
    pub(crate) bound: Duration,
    pub(crate) answer: Option<oneshot::Sender<Result<(), Refused>>>,
}

impl Told {
    /// By a person, now.
    pub(crate) fn by_person(utc: Timestamp, at: Duration) -> (Self, oneshot::Receiver<Result<(), Refused>>) {
        let (answer, answered) = oneshot::channel();
        (Self { source: TimeSource::Person, utc, at, bound: PERSON_BOUND, answer: Some(answer) }, answered)
    }
}

/// What is to be written down.
#[derive(Debug)]
pub(crate) struct Moment {
    happened: Vec<Record>,
    kept: Kept,
}

/// Keeps the time.
#[derive(Debug)]
pub(crate) struct Timekeeper {
    clock: Arc<BoxClock>,
    journal: Arc<Journal>,
    hardware: Hardware,
    machine: Machine,
    told: mpsc::Receiver<Told>,
    lesson: watch::Receiver<State>,
    state: watch::Sender<ClockState>,
    /// The disk may hang, the look must not.
    moments: mpsc::Sender<Moment>,
    on_air: Option<LessonId>,
    kept_at: Duration,
    rtc_at: Option<Duration>,
}

const LOOK_EVERY: Duration = Duration::from_secs(1);
const RTC_EVERY: Duration = Duration::from_secs(10);
/// How exactly the box knows when the power went.
const KEEP_EVERY: Duration = Duration::from_secs(5 * 60);
/// What of it the journal takes.
pub(super) fn entry(happened: &Happened) -> Option<Entry> {
    Some(match *happened {
        Happened::Jumped { from, to } => Entry::ClockJumped { from, to },
        Happened::SystemJumped { from, to } => Entry::SystemClockJumped { from, to },
        Happened::Judged(Verdict::Believed) => Entry::ClockBelieved,
        Happened::Judged(verdict) => Entry::ClockDoubted { verdict },
        Happened::Measured => return None,
    })
}

impl Timekeeper {
    pub(crate) fn new(
        woken: &Woken,
        told: mpsc::Receiver<Told>,
        lesson: watch::Receiver<State>,
        state: watch::Sender<ClockState>,
        moments: mpsc::Sender<Moment>,
    ) -> Self {
        Self {
            clock: Arc::clone(&woken.clock),
            journal: Arc::clone(&woken.journal),
            hardware: woken.hardware.clone(),
            machine: woken.machine.clone(),
            told,
            lesson,
            state,
            moments,
            on_air: None,
            kept_at: woken.clock.monotonic(),
            rtc_at: None,
        }
    }

    /// Runs until the daemon ends.
    pub(crate) async fn run(&mut self) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let happened = tokio::select! {
                told = self.told.recv() => match told {
                    Some(told) => self.hear(told),
                    None => return,
                },
                _ = look.tick() => self.look().await,
            };
            self.write_down(&happened);
            self.state.send_replace(self.clock.state(self.machine.boots));
        }
    }

    async fn look(&mut self) -> Vec<Happened> {
        let mut rtc = None;
        let now = self.clock.monotonic();
        if self.rtc_at.is_none_or(|at| now.saturating_sub(at) >= RTC_EVERY) {
            // The chip may hang on its bus.
            let hardware = Arc::new(self.hardware.clone());
            let read = hardware.off_thread(|hardware| Ok::<_, std::convert::Infallible>(hardware.rtc()));
            if let Ok(Ok(time)) = tokio::time::timeout(LOOK_EVERY, read).await {
                rtc = time;
            }
            self.rtc_at = Some(now);
        }
        let on_air = self.lesson.borrow().on_air.is_some();
        let look = look_at(&*self.clock.system, rtc, on_air);
        self.clock.keeper().look(look)
    }

    fn hear(&self, told: Told) -> Vec<Happened> {
        let on_air = self.lesson.borrow().on_air.is_some();
        let Told { source, utc, at, bound, answer } = told;
        let heard = self.clock.keeper().hear(Reading { source, utc, at, bound: Some(bound) }, on_air);
        let (happened, answered) = match heard {
            Ok(happened) => {
                tracing::info!(?source, %utc, "the time was told");
                (happened, Ok(()))
            }
            Err(refused) => {
                tracing::info!(?source, %utc, %refused, "the time was told and is not taken");
                (Vec::new(), Err(refused))
            }
        };
        if let Some(answer) = answer {
            let _ = answer.send(answered);
        }
        happened
    }

    /// Hands to the disk what happened, and the time: every five minutes, when
    /// a lesson begins or ends, and when something happened.
    fn write_down(&mut self, happened: &[Happened]) {
        for what in happened {
            match what {
                Happened::Jumped { from, to } => tracing::warn!(%from, %to, "the clock was set"),
                Happened::SystemJumped { from, to } => {
                    tracing::warn!(%from, %to, "the system's clock jumped")
                }
                Happened::Judged(verdict) => tracing::info!(?verdict, "the clock is judged anew"),
                Happened::Measured => {}
            }
        }
        let now = self.clock.monotonic();
        let on_air = self.lesson.borrow().on_air.as_ref().map(|on_air| on_air.info.id.clone());
        let changed = std::mem::replace(&mut self.on_air, on_air.clone()) != on_air;
        if happened.is_empty() && !changed && now.saturating_sub(self.kept_at) < KEEP_EVERY {
            return;
        }
        self.kept_at = now;
        self.machine.uptime = self.hardware.uptime();
        let records = happened.iter().filter_map(entry).map(|entry| self.journal.record(entry));
        let moment = Moment { happened: records.collect(), kept: self.clock.kept(&self.machine) };
        if self.moments.try_send(moment).is_err() {
            tracing::error!("the disk is behind: what happened to the clock is not in the journal");
        }
    }
}

/// Writes down what the timekeeper hands over, until nobody does any more.
pub(crate) async fn write(moments: &mut mpsc::Receiver<Moment>, woken: Arc<Woken>) {
    while let Some(Moment { happened, kept }) = moments.recv().await {
        let journal = Arc::clone(&woken.journal);
        let written = woken.facts.off_thread(move |facts| {
            happened.into_iter().try_for_each(|record| journal.write(&record))?;
            kept.write(facts)
        });
        if let Err(error) = written.await {
            tracing::error!(%error, "what happened to the clock is not in the journal");
        }
    }
}
