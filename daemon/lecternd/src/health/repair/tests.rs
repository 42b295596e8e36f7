//! Ladders on a virtual clock: every row's steps in their order, bounded, never
//! where they would harm, and never doubled.

use lectern_api::Text;
use lectern_api::fault::Severity;
use proptest::prelude::*;

use super::super::catalogue::{CATALOGUE, Row};
use super::*;

/// A box whose daemon ends and begins: what is in `faults` is on its disk.
struct Bench {
    planner: Planner,
    faults: Vec<Fault>,
    wrong: BTreeSet<Key>,
    room: Use,
    seconds: u64,
    /// Every step that was begun: when, of which fault, during what.
    begun: Vec<(u64, u64, Repair, Use)>,
    missing: BTreeSet<Repair>,
}

/// 2026-03-02, 08:00 in Shanghai.
const MORNING: i64 = 1_772_409_600;

fn utc(seconds: u64) -> Timestamp {
    Timestamp::constant(MORNING, 0) + SignedDuration::from_secs(i64::try_from(seconds).unwrap())
}

impl Bench {
    fn new(room: Use) -> Self {
        Self {
            planner: Planner::default(),
            faults: Vec::new(),
            wrong: BTreeSet::new(),
            room,
            seconds: 0,
            begun: Vec::new(),
            missing: BTreeSet::new(),
        }
    }

    fn raise(&mut self, code: &'static str, unit: &str) -> u64 {
        let id = self.faults.last().map_or(1, |fault| fault.id + 1);
        let text = Text { en: String::new(), zh: String::new() };
        self.faults.push(Fault {
            id,
            code: code.to_owned(),
            severity: Severity::Major,
            unit: unit.to_owned(),
            since: utc(self.seconds),
            text: text.clone(),
            hint: text,
            count: 1,
            until: None,
            tried: Vec::new(),
            part: None,
        });
        self.wrong.insert((code, unit.to_owned()));
        id
    }

    fn clear(&mut self, id: u64) {
        let (now, fault) = (utc(self.seconds), self.fault(id));
        fault.until = Some(now);
        over(fault);
        let key = fault.clone();
        self.wrong.retain(|(code, unit)| *code != key.code || *unit != key.unit);
    }

    fn fault(&mut self, id: u64) -> &mut Fault {
        self.faults.iter_mut().find(|fault| fault.id == id).unwrap()
    }

    /// One look; gives the order, which is under way then.
    fn look(&mut self) -> Option<Order> {
        self.seconds += 1;
        let now = Moment { utc: utc(self.seconds), monotonic: Duration::from_secs(self.seconds) };
        let sight = Sight { now, room: self.room, wrong: &self.wrong };
        let open: Vec<Fault> = self.faults.iter().filter(|fault| fault.until.is_none()).cloned().collect();
        let missing = &self.missing;
        let Plan { outcomes, order } = self.planner.step(&open, &sight, &|what, _| !missing.contains(&what));
        for (id, outcome) in outcomes {
            self.fault(id).tried.last_mut().unwrap().outcome = outcome;
        }
        if let Some(Order { fault, what, .. }) = &order {
            let tried = Tried { what: *what, at: now.utc, outcome: Outcome::Running };
            self.fault(*fault).tried.push(tried);
            self.begun.push((self.seconds, *fault, *what, self.room));
        }
        order
    }

    fn report(&mut self, fault: u64, outcome: Outcome) {
        self.planner.reported(fault);
        let fault = self.fault(fault);
        if fault.until.is_none()
            && let Some(last) = fault.tried.last_mut()
        {
            last.outcome = outcome;
        }
    }

    /// So many looks, in which every order is carried out at once.
    fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds {
            if let Some(order) = self.look() {
                self.report(order.fault, Outcome::Done);
            }
        }
    }

    /// The daemon ends, however, and begins anew.
    fn restart(&mut self) {
        self.faults.iter_mut().filter(|fault| fault.until.is_none()).for_each(after_restart);
        self.planner = Planner::new(&self.faults);
        self.seconds += 5;
    }

    fn steps(&self) -> Vec<Repair> {
        self.begun.iter().map(|(_, _, what, _)| *what).collect()
    }
}

fn with_steps() -> impl Iterator<Item = &'static Row> {
    CATALOGUE.iter().filter(|row| !row.mends.is_empty())
}

#[test]
fn a_ladder_goes_from_gentle_to_rough_and_each_step_has_its_bounds() {
    for row in with_steps() {
        assert!(row.mends.is_sorted(), "{}: {:?}", row.code, row.mends);
    }
    for what in Repair::ALL {
        let Bounds { before, settle, a_day, .. } = bounds(what);
        assert!(before < settle && settle <= Duration::from_secs(300) && a_day > 0, "{what:?}");
    }
    assert_eq!(bounds(Repair::Reboot).a_day, 2);
}

#[test]
fn every_row_climbs_its_ladder_once_with_waits_between_and_then_stops() {
    for row in with_steps() {
        // A lesson of which nothing is recorded: everything is allowed.
        let mut bench = Bench::new(Use::Silent);
        bench.raise(row.code, "unit");
        bench.pass(4 * 3600);
        assert_eq!(bench.steps(), row.mends, "{}", row.code);
        let first = bench.begun[0];
        assert!(first.0 >= bounds(first.2).before.as_secs(), "{}: {:?}", row.code, bench.begun);
        for pair in bench.begun.windows(2) {
            let (earlier, later) = (pair[0], pair[1]);
            assert!(later.0 - earlier.0 >= bounds(earlier.2).settle.as_secs(), "{}: {pair:?}", row.code);
        }
        let outcomes: BTreeSet<_> =
            bench.faults[0].tried.iter().map(|t| format!("{:?}", t.outcome)).collect();
        assert_eq!(outcomes, ["NoHelp".to_owned()].into(), "{}", row.code);
    }
}

#[test]
fn it_stops_when_the_fault_ends_and_says_what_helped() {
    for row in with_steps() {
        let mut bench = Bench::new(Use::Silent);
        let id = bench.raise(row.code, "unit");
        while bench.begun.is_empty() {
            bench.pass(1);
        }
        bench.clear(id);
        bench.pass(3600);
        assert_eq!(bench.steps(), row.mends[..1], "{}", row.code);
        assert_eq!(bench.faults[0].tried[0].outcome, Outcome::Helped, "{}", row.code);
    }
}

#[test]
fn nothing_that_ends_the_daemon_happens_while_a_lesson_records_or_is_about_to() {
    for row in with_steps() {
        for room in [Use::Recording, Use::Preparing] {
            let mut bench = Bench::new(room);
            bench.raise(row.code, "unit");
            bench.pass(2 * 3600);
            let gentle: Vec<_> = row.mends.iter().copied().filter(|what| !ends_the_daemon(*what)).collect();
            assert_eq!(bench.steps(), gentle, "{} while {room:?}", row.code);
        }
    }
}

#[test]
fn what_could_not_be_done_in_a_lesson_is_done_a_minute_after_it() {
    let mut bench = Bench::new(Use::Recording);
    bench.raise("camera.lost", "camera");
    bench.pass(2700);
    assert_eq!(bench.steps(), [Repair::RestartSource, Repair::Replug]);
    // The room is left: nobody looks at the camera any more.
    (bench.room, bench.wrong) = (Use::Idle, BTreeSet::new());
    bench.pass(59);
    assert_eq!(bench.steps().len(), 2);
    bench.pass(10);
    assert_eq!(bench.steps().last(), Some(&Repair::RestartDaemon));
    // Whether that helped nobody knows before the next lesson.
    bench.restart();
    bench.pass(8 * 3600);
    assert_eq!(bench.steps().len(), 3);
    bench.room = Use::Recording;
    bench.wrong.insert(("camera.lost", "camera".to_owned()));
    bench.pass(2700);
    assert_eq!(bench.steps().len(), 3);
    assert_eq!(bench.faults[0].tried[2].outcome, Outcome::NoHelp);
    bench.room = Use::Idle;
    bench.pass(100);
    assert_eq!(bench.steps().last(), Some(&Repair::Reboot));
}

#[test]
fn the_box_is_started_again_twice_in_24_hours_whatever_is_wrong() {
    let mut bench = Bench::new(Use::Silent);
    for _ in 0..40 {
        let id = bench.raise("pipeline.restarting", "record");
        bench.pass(1800);
        bench.restart();
        bench.clear(id);
    }
    let reboots: Vec<u64> =
        bench.begun.iter().filter(|(_, _, what, _)| *what == Repair::Reboot).map(|(at, ..)| *at).collect();
    assert_eq!(reboots.iter().filter(|at| **at < 86_400 - 3600).count(), 2, "{reboots:?}");
}

#[test]
fn a_crash_in_the_middle_of_a_step_counts_as_a_try() {
    for row in with_steps() {
        let mut bench = Bench::new(Use::Silent);
        bench.raise(row.code, "unit");
        for done in 1..=row.mends.len() {
            while bench.look().is_none() {
                assert!(bench.seconds < 86_400, "{}", row.code);
            }
            assert_eq!(bench.steps(), row.mends[..done], "{}", row.code);
            bench.restart();
        }
        bench.pass(3600);
        assert_eq!(bench.steps(), row.mends, "{}", row.code);
        for tried in &bench.faults[0].tried {
            assert_eq!(
                tried.outcome == Outcome::Interrupted,
                !ends_the_daemon(tried.what),
                "{}: {tried:?}",
                row.code
            );
        }
    }
}

#[test]
fn a_step_that_does_not_exist_here_is_passed_over_and_one_that_is_skipped_is_not_waited_for() {
    let mut bench = Bench::new(Use::Silent);
    bench.missing = [Repair::Replug].into();
    let id = bench.raise("camera.lost", "camera");
    let first = loop {
        if let Some(order) = bench.look() {
            break order;
        }
    };
    bench.report(first.fault, Outcome::Skipped);
    let skipped = bench.seconds;
    bench.pass(600);
    assert_eq!(bench.steps(), [Repair::RestartSource, Repair::RestartDaemon, Repair::Reboot]);
    assert!(bench.begun[1].0 - skipped <= 61, "{:?}", bench.begun);
    assert_eq!(bench.fault(id).tried[0].outcome, Outcome::Skipped);
}

#[test]
fn one_step_at_a_time_the_worst_fault_first_and_a_lost_doer_is_given_up() {
    let mut bench = Bench::new(Use::Recording);
    let (first, second) = (bench.raise("mic.lost", "mic"), bench.raise("camera.lost", "camera"));
    let order = loop {
        if let Some(order) = bench.look() {
            break order;
        }
    };
    assert_eq!(order.fault, first);
    for _ in 0..CARRIED_OUT_WITHIN.as_secs() {
        assert_eq!(bench.look(), None, "one is under way");
    }
    let next = loop {
        if let Some(order) = bench.look() {
            break order;
        }
    };
    assert_eq!(bench.fault(first).tried[0].outcome, Outcome::Failed);
    assert!(next.fault == first || next.fault == second);
}

#[test]
fn a_fault_that_is_not_looked_at_gets_no_gentle_step() {
    let mut bench = Bench::new(Use::Idle);
    bench.raise("camera.lost", "camera");
    bench.wrong.clear();
    bench.pass(3600);
    assert_eq!(bench.steps(), []);
}

/// What happens to a box.
#[derive(Debug, Clone)]
enum Happens {
    Raise(usize, u8),
    Clear(usize),
    Room(Use),
    /// Somebody looks away, or looks again.
    Sight(bool),
    /// So many looks; what is ordered ends so.
    Pass(u64, Outcome),
    /// So many looks, and nobody tells how it ended.
    Unheard(u64),
    Crash,
    Sleep(u64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let outcome = prop_oneof![Just(Outcome::Done), Just(Outcome::Failed), Just(Outcome::Skipped)];
    let room = prop_oneof![Just(Use::Idle), Just(Use::Preparing), Just(Use::Recording), Just(Use::Silent)];
    prop_oneof![
        (0..CATALOGUE.len(), 0..3_u8).prop_map(|(row, unit)| Happens::Raise(row, unit)),
        (0..8_usize).prop_map(Happens::Clear),
        room.prop_map(Happens::Room),
        any::<bool>().prop_map(Happens::Sight),
        (1..900_u64, outcome).prop_map(|(looks, outcome)| Happens::Pass(looks, outcome)),
        (1..200_u64).prop_map(Happens::Unheard),
        Just(Happens::Crash),
        (1..40_000_u64).prop_map(Happens::Sleep),
    ]
}

fn run(story: Vec<Happens>) -> Bench {
    let mut bench = Bench::new(Use::Idle);
    for happens in story {
        match happens {
            Happens::Raise(row, unit) => {
                let (code, unit) = (CATALOGUE[row].code, format!("unit{unit}"));
                let is_open = |f: &Fault| f.until.is_none() && f.code == code && f.unit == unit;
                if !bench.faults.iter().any(is_open) {
                    bench.raise(code, &unit);
                }
            }
            Happens::Clear(n) => {
                let open: Vec<u64> =
                    bench.faults.iter().filter(|f| f.until.is_none()).map(|f| f.id).collect();
                if let Some(id) = open.get(n) {
                    bench.clear(*id);
                }
            }
            Happens::Room(room) => bench.room = room,
            Happens::Sight(false) => bench.wrong.clear(),
            Happens::Sight(true) => {
                let open = bench.faults.iter().filter(|f| f.until.is_none());
                let keys = open.filter_map(|f| Some((row_of(&f.code)?.code, f.unit.clone())));
                bench.wrong = keys.collect();
            }
            Happens::Pass(looks, outcome) => {
                for _ in 0..looks {
                    if let Some(order) = bench.look() {
                        bench.report(order.fault, outcome);
                    }
                }
            }
            Happens::Unheard(looks) => (0..looks).for_each(|_| drop(bench.look())),
            Happens::Crash => bench.restart(),
            Happens::Sleep(seconds) => bench.seconds += seconds,
        }
    }
    bench
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_happens_the_bounds_hold(story in prop::collection::vec(happens(), 1..60)) {
        let bench = run(story);
        for (at, _, what, room) in &bench.begun {
            if ends_the_daemon(*what) {
                prop_assert!(matches!(room, Use::Idle | Use::Silent), "{what:?} while {room:?}");
            }
            let within = |other: &&(u64, u64, Repair, Use)| other.2 == *what && other.0 <= *at && at - other.0 < 86_400;
            let Bounds { a_day, by_unit, .. } = bounds(*what);
            let units = if by_unit { 3 } else { 1 };
            prop_assert!(bench.begun.iter().filter(within).count() <= a_day * units, "{what:?} at {at}");
        }
        for fault in &bench.faults {
            let mut steps = row_of(&fault.code).unwrap().mends.iter();
            for tried in &fault.tried {
                prop_assert!(steps.any(|step| *step == tried.what), "{fault:?}");
            }
            let until = fault.until.unwrap_or(Timestamp::MAX);
            prop_assert!(fault.tried.iter().all(|tried| tried.at >= fault.since && tried.at <= until));
        }
    }
}
