//! What the box does about its faults by itself, and when: pure. Each row of the
//! catalogue has its steps; here stands how long a fault must be in sight before
//! a step, how long a step is given, how often in a day, and what never happens:
//!
//! - One step at a time; each step of a ladder once for each fault, forward only.
//! - Nothing that ends the daemon while a lesson records, or is about to.
//! - The machine is started again at most twice in 24 hours.
//!
//! What was tried stands in the faults themselves, noted before it is done, so
//! that a restart or a crash doubles nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_api::fault::Fault;
use lectern_api::repair::{Outcome, Repair, Tried};

use super::book::{Key, Moment};
use super::catalogue::row_of;

/// What bounds a kind of step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    /// The fault must have been in sight for so long, since it began or since
    /// the box began to look.
    pub(super) before: Duration,
    /// So long in sight it is still there afterwards: no help.
    pub(super) settle: Duration,
    /// So often in 24 hours.
    pub(super) a_day: usize,
    /// Of each unit, or of the whole box.
    pub(super) by_unit: bool,
    /// The box has been looking for so long; nothing where it need not.
    pub(super) awake: Duration,
}

/// The bounds of a step.
pub(super) fn bounds(what: Repair) -> Bounds {
    let s = Duration::from_secs;
    let soft = |before, settle, a_day| Bounds {
        before: s(before),
        settle: s(settle),
        a_day,
        by_unit: true,
        awake: Duration::ZERO,
    };
    match what {
        // A guard opens a source again by itself within 3 s.
        Repair::RestartSource => soft(5, 20, 12),
        // Two seconds without current, and a camera that starts.
        Repair::Replug => soft(10, 30, 4),
        Repair::NextEncoder => soft(5, 20, 4),
        // It asks around first, and changes nothing where the way out is not at fault.
        Repair::OtherUplink => soft(10, 30, 12),
        Repair::FreeRoom => soft(1, 30, 24),
        Repair::RestartDaemon => Bounds { awake: s(60), by_unit: false, ..soft(60, 120, 4) },
        // The daemon's own restart comes first, and gets its time.
        Repair::Reboot => Bounds { awake: s(300), by_unit: false, ..soft(120, 300, 2) },
    }
}

/// Whether it ends the daemon.
pub(super) fn ends_the_daemon(what: Repair) -> bool {
    matches!(what, Repair::RestartDaemon | Repair::Reboot)
}

/// What the room is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// For nothing.
    Idle,
    /// A lesson is about to begin.
    Preparing,
    /// A lesson runs and is recorded, or is not because the shutter is closed.
    Recording,
    /// A lesson runs, and nothing of it is recorded.
    Silent,
}

/// What one look at the box has shown, as far as repairs need it.
#[derive(Debug)]
pub(super) struct Sight<'a> {
    pub(super) now: Moment,
    pub(super) room: Use,
    /// What is wrong at this moment. A fault may be open without being in sight:
    /// a camera that nobody needs is not looked at.
    pub(super) wrong: &'a BTreeSet<Key>,
}

/// A step to be taken now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    /// The number of the fault.
    pub(crate) fault: u64,
    pub(crate) what: Repair,
    pub(crate) unit: String,
}

/// What follows from a look.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// What is known now of earlier steps, by the numbers of their faults.
    pub(super) outcomes: Vec<(u64, Outcome)>,
    pub(super) order: Option<Order>,
}

/// A step that was begun, whenever.
#[derive(Debug, Clone)]
struct Attempt {
    at: Timestamp,
    what: Repair,
    unit: String,
}

/// Decides.
#[derive(Debug, Default)]
pub(super) struct Planner {
    /// What was begun in the last 24 hours, by this start of the daemon or by
    /// earlier ones.
    attempts: Vec<Attempt>,
    /// How long each fault was in sight since its newest step.
    in_sight: BTreeMap<u64, Duration>,
    /// The fault about which something is being done, and since when.
    under_way: Option<(u64, Duration)>,
    first_look: Option<Duration>,
    last_look: Duration,
    idle_since: Option<Duration>,
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// A lesson's last fragments reach disk and archives meanwhile.
const IDLE_FIRST: Duration = Duration::from_secs(60);
/// Longer than anything that is done takes.
const CARRIED_OUT_WITHIN: Duration = Duration::from_secs(120);
/// Looks are a second apart; a machine that slept has not seen the fault all the
/// time.
const LONGEST_LOOK: Duration = Duration::from_secs(3);

impl Planner {
    /// One that knows what earlier starts have tried, of faults open and past.
    pub(super) fn new(remembered: &[Fault]) -> Self {
        let attempts = remembered.iter().flat_map(|fault| {
            let attempt =
                |tried: &Tried| Attempt { at: tried.at, what: tried.what, unit: fault.unit.clone() };
            fault.tried.iter().map(attempt)
        });
        Self { attempts: attempts.collect(), ..Self::default() }
    }

    /// What follows from a look. `open` are the open faults, the worst first;
    /// `can` says whether a step exists for a unit of this box.
    pub(super) fn step(
        &mut self,
        open: &[Fault],
        sight: &Sight<'_>,
        can: &dyn Fn(Repair, &str) -> bool,
    ) -> Plan {
        self.look(open, sight);
        let mut plan = Plan::default();
        for fault in open {
            let Some(last) = fault.tried.last() else { continue };
            let given = self.in_sight.get(&fault.id).copied().unwrap_or_default();
            let outcome = match last.outcome {
                Outcome::Running if !self.is_under_way(fault.id, sight.now) => Outcome::Failed,
                Outcome::Done if given >= bounds(last.what).settle => Outcome::NoHelp,
                _ => continue,
            };
            plan.outcomes.push((fault.id, outcome));
        }
        if self.under_way.is_some() {
            return plan;
        }
        let order = open.iter().find_map(|fault| {
            let what = next_step(fault, can)?;
            self.is_due(fault, what, sight).then(|| Order { fault: fault.id, what, unit: fault.unit.clone() })
        });
        if let Some(Order { fault, what, unit }) = order.clone() {
            self.attempts.push(Attempt { at: sight.now.utc, what, unit });
            self.in_sight.insert(fault, Duration::ZERO);
            self.under_way = Some((fault, sight.now.monotonic));
        }
        plan.order = order;
        plan
    }

    /// What was ordered has been carried out, or cannot be.
    pub(super) fn reported(&mut self, fault: u64) {
        self.under_way.take_if(|(of, _)| *of == fault);
        self.in_sight.entry(fault).and_modify(|given| *given = Duration::ZERO);
    }

    fn look(&mut self, open: &[Fault], sight: &Sight<'_>) {
        let now = sight.now.monotonic;
        let passed = match self.first_look {
            Some(_) => now.saturating_sub(self.last_look).min(LONGEST_LOOK),
            None => Duration::ZERO,
        };
        self.first_look.get_or_insert(now);
        self.last_look = now;
        self.idle_since = match sight.room {
            Use::Idle => self.idle_since.or(Some(now)),
            _ => None,
        };
        self.in_sight.retain(|id, _| open.iter().any(|fault| fault.id == *id));
        for fault in open {
            let given = self.in_sight.entry(fault.id).or_default();
            if is_in_sight(fault, sight) {
                *given += passed;
            }
        }
        self.attempts.retain(|attempt| is_of_this_day(attempt.at, sight.now.utc));
        // Nobody tells of a step whose doer was lost.
        self.under_way.take_if(|(_, since)| now.saturating_sub(*since) > CARRIED_OUT_WITHIN);
    }

    fn is_under_way(&self, fault: u64, now: Moment) -> bool {
        self.under_way.is_some_and(|(of, since)| {
            of == fault && now.monotonic.saturating_sub(since) <= CARRIED_OUT_WITHIN
        })
    }

    fn is_due(&self, fault: &Fault, what: Repair, sight: &Sight<'_>) -> bool {
        let Bounds { before, a_day, by_unit, awake, .. } = bounds(what);
        let now = sight.now.monotonic;
        let needed = match fault.tried.last() {
            Some(last) => match last.outcome {
                Outcome::Running => return false,
                Outcome::Failed | Outcome::Skipped => before,
                _ => bounds(last.what).settle,
            },
            None => before,
        };
        let given = self.in_sight.get(&fault.id).copied().unwrap_or_default();
        let is_awake = self.first_look.is_some_and(|first| now.saturating_sub(first) >= awake);
        let is_allowed = if ends_the_daemon(what) {
            match sight.room {
                Use::Idle => self.idle_since.is_some_and(|since| now.saturating_sub(since) >= IDLE_FIRST),
                Use::Silent => is_in_sight(fault, sight),
                Use::Preparing | Use::Recording => false,
            }
        } else {
            is_in_sight(fault, sight)
        };
        let counted = |attempt: &&Attempt| attempt.what == what && (!by_unit || attempt.unit == fault.unit);
        is_allowed && is_awake && given >= needed && self.attempts.iter().filter(counted).count() < a_day
    }
}

/// The first step of the fault's ladder that was not tried and exists here.
/// Steps that were tried before this ladder was changed do not count.
fn next_step(fault: &Fault, can: &dyn Fn(Repair, &str) -> bool) -> Option<Repair> {
    let steps = row_of(&fault.code)?.mends;
    let from = fault.tried.iter().fold(0, |from, tried| {
        steps[from..].iter().position(|step| *step == tried.what).map_or(from, |at| from + at + 1)
    });
    steps[from..].iter().copied().find(|step| can(*step, &fault.unit))
}

fn is_in_sight(fault: &Fault, sight: &Sight<'_>) -> bool {
    row_of(&fault.code).is_some_and(|row| sight.wrong.contains(&(row.code, fault.unit.clone())))
}

/// A clock that was set back leaves attempts in the future: they count.
fn is_of_this_day(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < DAY
}

/// The daemon begins anew and finds what it was doing when it ended.
pub(super) fn after_restart(fault: &mut Fault) {
    if let Some(last) = fault.tried.last_mut().filter(|last| last.outcome == Outcome::Running) {
        last.outcome = if ends_the_daemon(last.what) { Outcome::Done } else { Outcome::Interrupted };
    }
}

/// The fault is over. What was done last may be why; nobody knows better.
pub(super) fn over(fault: &mut Fault) {
    if let Some(last) = fault.tried.last_mut()
        && matches!(last.outcome, Outcome::Running | Outcome::Done)
    {
        last.outcome = Outcome::Helped;
    }
}

/// Another fault is behind it: what was tried did not end it.
pub(super) fn explained(fault: &mut Fault) {
    if let Some(last) = fault.tried.last_mut() {
        last.outcome = match last.outcome {
            Outcome::Running => Outcome::Interrupted,
            Outcome::Done => Outcome::NoHelp,
            known => known,
        };
    }
}

#[cfg(test)]
mod tests;
