//! A box that runs the machine by the clock: what it did is what its recorder
//! was told.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use lectern_timetable::own;
use lectern_timetable::plan::{Margins, Plan, RoomPlan};

use super::*;
use crate::lesson::agenda::{Outlook, end_of_day};
use crate::lesson::resume::CutShort;
use crate::lesson::shutter::Kept;
use crate::timetable::InForce;

/// What the recorder made of one lesson.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recording {
    pub(super) info: LessonInfo,
    /// In true time, one for each stretch on the air.
    pub(super) stretches: Vec<(Timestamp, Option<Timestamp>)>,
    pub(super) closed: u32,
}

/// How often the box looks; and, to be through sooner, how often it does in
/// these tests while no bell is near.
const OFTEN: SignedDuration = SignedDuration::from_millis(500);
const SELDOM: SignedDuration = SignedDuration::from_mins(20);
const NEAR: SignedDuration = SignedDuration::from_secs(10);

/// The box, and the world around it.
pub(super) struct World {
    /// True time.
    pub(super) now: Timestamp,
    /// How far the box's clock is ahead of it.
    pub(super) off_by: SignedDuration,
    /// Whether the box knows the hour.
    pub(super) knows_the_hour: bool,
    pub(super) state: State,
    booted: Timestamp,
    outlook: Outlook,
    in_force: Arc<InForce>,
    /// By id; survives a power cut.
    pub(super) disk: BTreeMap<LessonId, Recording>,
    pub(super) answers: Vec<Result<Done, Refusal>>,
    /// Moves of the shutter.
    pub(super) shutter: Vec<(Timestamp, bool)>,
    pub(super) journal: Vec<(Timestamp, Entry)>,
    kept: Option<Kept>,
}

pub(super) fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()
}

/// A local time of the tests' term.
pub(super) fn local(moment: &str) -> Timestamp {
    let local: jiff::civil::DateTime = moment.parse().unwrap();
    zone().to_timestamp(local).unwrap()
}

/// The timetable of the tests' term with lessons on Mondays, by hours and
/// subject.
pub(super) fn mondays(lessons: &[(&str, &str)]) -> String {
    let term = "room = \"301\"\n[term]\nmonday = 2026-08-31\nend = 2027-01-22\n".to_owned();
    lessons.iter().fold(term, |text, (hours, subject)| {
        text + &format!("[[lesson]]\nweekday = 1\ntime = \"{hours}\"\nsubject = \"{subject}\"\n")
    })
}

pub(super) fn plan_of(toml: &str) -> RoomPlan {
    Plan::new(own::read(toml.as_bytes()).unwrap().timetable).for_room("301")
}

impl World {
    /// A box that has just been switched on and knows the hour.
    pub(super) fn new(plan: RoomPlan, now: Timestamp) -> Self {
        let in_force = Arc::new(InForce::of(plan, Margins::default()));
        let mut world = Self {
            now,
            off_by: SignedDuration::ZERO,
            knows_the_hour: true,
            state: State::default(),
            booted: now,
            outlook: Outlook::new(Arc::clone(&in_force)),
            in_force,
            disk: BTreeMap::new(),
            answers: Vec::new(),
            shutter: Vec::new(),
            journal: Vec::new(),
            kept: None,
        };
        world.switch_on();
        world
    }

    /// The plan becomes another one by itself.
    pub(super) fn set_plan(&mut self, plan: RoomPlan) {
        self.announce(InForce::of(plan, Margins::default()));
    }

    /// A person puts another plan in force.
    pub(super) fn confirm(&mut self, plan: RoomPlan) {
        self.announce(InForce::put_in_force_at(plan, &self.in_force, self.now));
    }

    fn announce(&mut self, in_force: InForce) {
        self.in_force = Arc::new(in_force);
        self.outlook = Outlook::new(Arc::clone(&self.in_force));
    }

    fn moment_of(&self, monotonic: Duration) -> Timestamp {
        self.booted.checked_add(monotonic).unwrap()
    }

    /// The power is cut: only the disk stays. A lesson on the air has what was
    /// recorded until now.
    pub(super) fn switch_off(&mut self) {
        let now = self.now;
        self.disk.retain(|_, recording| {
            for (from, until) in &mut recording.stretches {
                *until = Some(until.map_or(now, |until| until.min(now)).max(*from));
            }
            // One that was only made ready for leaves nothing.
            recording.stretches.retain(|(from, _)| *from < now);
            !recording.stretches.is_empty()
        });
        self.state = State::default();
    }

    /// And comes back.
    pub(super) fn switch_on(&mut self) {
        self.booted = self.now;
        let recordings = self.disk.values();
        let (over, open): (Vec<_>, Vec<_>) = recordings.partition(|recording| recording.closed > 0);
        let cut_short = open.into_iter().map(|recording| {
            let last = recording.stretches.last().and_then(|(_, until)| *until);
            CutShort { info: recording.info.clone(), last_media: last.unwrap_or(recording.info.since) }
        });
        let cut_short = cut_short.collect();
        let over = over.into_iter().filter(|recording| recording.info.planned.is_some());
        let over = over.map(|recording| (recording.info.id.clone(), recording.info.date)).collect();
        self.happens(Event::Found { cut_short, over, shutter: self.kept });
    }

    pub(super) fn happens(&mut self, event: Event) {
        let utc = self.now + self.off_by;
        let now = Now {
            utc,
            monotonic: Duration::try_from(self.now.duration_since(self.booted)).unwrap(),
            agenda: self.knows_the_hour.then(|| self.outlook.at(utc)),
            is_sure: self.knows_the_hour,
            midnight: end_of_day(utc, &zone()),
        };
        let (after, effects) = step(std::mem::take(&mut self.state), event, &now);
        self.state = after;
        for effect in effects {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Persist(info) => {
                let begun = Recording { info: info.clone(), stretches: Vec::new(), closed: 0 };
                self.disk.entry(info.id.clone()).or_insert(begun).info.planned_until = info.planned_until;
            }
            Effect::PutOnAir { info, entrance } => {
                let from = match entrance {
                    Entrance::Bell(at) => self.moment_of(at),
                    Entrance::Fresh | Entrance::Late | Entrance::Resumed => self.now,
                };
                let begun = Recording { info: info.clone(), stretches: Vec::new(), closed: 0 };
                let recording = self.disk.entry(info.id.clone()).or_insert(begun);
                assert!(recording.closed == 0, "{} goes on the air after its end", info.id);
                recording.stretches.push((from, None));
            }
            Effect::TakeOffAir { lesson, at } => {
                let end = self.moment_of(at);
                let recording = self.disk.get_mut(&lesson).unwrap();
                let (from, until) = recording.stretches.last_mut().unwrap();
                assert!(until.is_none_or(|until| until > self.now), "{lesson} has left the air already");
                if end <= *from {
                    recording.stretches.pop();
                    if recording.stretches.is_empty() {
                        self.disk.remove(&lesson);
                    }
                } else {
                    *until = Some(end);
                }
            }
            Effect::Close { lesson, .. } => {
                self.disk.get_mut(&lesson).unwrap().closed += 1;
                self.happens(Event::Closed { lesson });
            }
            Effect::Shutter { closed } => self.shutter.push((self.now, closed)),
            Effect::Journal(entry) => self.journal.push((self.now, entry)),
            Effect::Remember(kept) => self.kept = kept,
            Effect::Answer(answer) => self.answers.push(answer),
            Effect::Finished => {}
        }
    }

    /// Runs until a moment.
    pub(super) fn run_until(&mut self, until: Timestamp) {
        while self.now < until {
            let believed = self.now + self.off_by;
            let agenda = self.outlook.at(believed);
            let bells = agenda.running.iter().map(|due| due.until).chain(agenda.next.map(|due| due.begin));
            let ends = self.state.on_air.as_ref().and_then(|on_air| on_air.info.planned_until);
            let left = bells.chain(ends).map(|bell| bell.duration_since(believed)).min().unwrap_or(SELDOM);
            let drains = self.state.draining.iter().any(|draining| draining.then == Then::Close);
            let fresh = self.now.duration_since(self.booted) < OFTEN * 4;
            let step = if drains || fresh { OFTEN } else { (left - NEAR).clamp(OFTEN, SELDOM) };
            self.now = (self.now + step).min(until);
            self.happens(Event::Tick);
            let drained: Vec<_> =
                self.state.draining.iter().map(|draining| draining.lesson.clone()).collect();
            for lesson in drained {
                let ended = self.disk.get(&lesson).and_then(|recording| recording.stretches.last()?.1);
                if ended.is_none_or(|ended| ended <= self.now) {
                    self.happens(Event::Drained { lesson });
                }
            }
        }
    }

    pub(super) fn is_on_air(&self) -> Option<&LessonId> {
        self.state.on_air.as_ref().map(|on_air| &on_air.info.id)
    }

    /// Every stretch on the air, by its begin, each with the title.
    pub(super) fn stretches(&self) -> Vec<(String, Timestamp, Option<Timestamp>)> {
        let mut all: Vec<_> = self
            .disk
            .values()
            .flat_map(|r| r.stretches.iter().map(|(from, until)| (r.info.title.clone(), *from, *until)))
            .collect();
        all.sort_by_key(|(_, from, _)| *from);
        all
    }
}
