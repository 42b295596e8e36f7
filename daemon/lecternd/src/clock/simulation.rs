//! A machine whose clocks do anything, and what must hold all the same.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_api::{TimeSource, Verdict};
use lectern_hal::clock::Sync;
use proptest::prelude::*;

use super::keeper::{Happened, Keeper, Look};
use super::memory::{Kept, Machine};
use super::reading::{PERSON_BOUND, Reading, TOLERANCE, apart, shifted};

/// What happens to the machine.
#[derive(Debug, Clone)]
enum Act {
    /// Time passes, with a look every second of it.
    Pass { seconds: u16 },
    /// A whole night or holiday passes while the daemon looks on.
    Long { hours: u16 },
    /// Somebody, or a daemon, sets the system's clock.
    SetSystem { off_s: i64 },
    /// NTP is heard from now on, or not any more.
    Ntp { heard: bool },
    /// The chip is off by so much, or dead.
    Chip { off_s: Option<i64> },
    /// Somebody tells the time, right within the bound.
    Person { off_s: i8 },
    /// Somebody tells a wrong time.
    Liar { off_s: i64 },
    /// A server tells the time.
    Server { off_ms: i16 },
    /// A lesson begins or ends.
    Lesson { on_air: bool },
    /// The power goes for some time; the system wakes up in 1970, where it was,
    /// or by its chip.
    PowerCut { seconds: u32, wakes: Wakes },
    /// The daemon ends, and starts again after some time.
    Restart { seconds: u32 },
}

#[derive(Debug, Clone, Copy)]
enum Wakes {
    In1970,
    WhereItWas,
    ByChip,
}

/// The machine and the truth.
struct World {
    truth: Timestamp,
    monotonic: Duration,
    /// The monotonic clock's error, within what crystals have.
    drift_ppm: i64,
    system: Timestamp,
    ntp: bool,
    /// The kernel's bound of its error; nothing when it is not disciplined.
    kernel: Option<Duration>,
    chip: Option<SignedDuration>,
    on_air: bool,
    boot: u32,
    booted_at: Duration,
    keeper: Keeper,
    /// The time rests on a lie.
    lied: bool,
    /// Whether what a person said last is a lie, while it waits to be taken.
    told: Option<bool>,
    /// The newest time that was told.
    shown: Timestamp,
}

const NTP_ERROR: Duration = Duration::from_millis(50);
/// The kernel's own limits: 500 ppm, and unsynchronised beyond 16 s.
const KERNEL_PPM: u32 = 500;
const KERNEL_LIMIT: Duration = Duration::from_secs(16);
const SERVER_BOUND: Duration = Duration::from_millis(2500);
const FLOOR: &str = "2026-01-01T00:00:00Z";

impl World {
    fn new(truth: Timestamp, drift_ppm: i64, in_1970: bool) -> Self {
        let system = if in_1970 { Timestamp::UNIX_EPOCH } else { truth };
        let kernel = Sync { synced: false, error: Duration::MAX };
        let look = Look { at: Duration::ZERO, system, kernel, rtc: None, on_air: false };
        let floor = FLOOR.parse().unwrap();
        let (keeper, _) = Keeper::wake(None, Some("0"), Duration::ZERO, look, floor);
        let shown = keeper.utc(Duration::ZERO);
        Self {
            truth,
            monotonic: Duration::ZERO,
            drift_ppm,
            system,
            ntp: false,
            kernel: None,
            chip: None,
            on_air: false,
            boot: 0,
            booted_at: Duration::ZERO,
            keeper,
            lied: false,
            told: None,
            shown,
        }
    }

    fn look_now(&self) -> Look {
        let error = self.kernel.unwrap_or(Duration::MAX);
        let kernel = Sync { synced: self.kernel.is_some(), error };
        let rtc = self.chip.map(|off| shifted(self.truth, off));
        Look { at: self.monotonic, system: self.system, kernel, rtc, on_air: self.on_air }
    }

    /// So much true time passes.
    fn tick(&mut self, passed: Duration) {
        self.truth += passed;
        let drift =
            SignedDuration::from_nanos(i64::try_from(passed.as_micros()).unwrap() * self.drift_ppm / 1000);
        let ticked = Duration::try_from(SignedDuration::try_from(passed).unwrap() + drift).unwrap();
        self.monotonic += ticked;
        self.system += ticked;
        if self.ntp {
            // Whatever it was, it is set now.
            self.system = self.truth + Duration::from_millis(20);
            self.kernel = Some(NTP_ERROR);
        } else if let Some(error) = self.kernel {
            let grown = error + passed / 1_000_000 * KERNEL_PPM;
            self.kernel = Some(grown).filter(|error| *error < KERNEL_LIMIT);
        }
    }

    /// So much true time passes, and the daemon looks.
    fn pass(&mut self, passed: Duration) -> Result<(), TestCaseError> {
        self.tick(passed);
        self.look(false)
    }

    fn look(&mut self, leapt: bool) -> Result<(), TestCaseError> {
        let happened = self.keeper.look(self.look_now());
        let noticed = happened.iter().any(|what| matches!(what, Happened::SystemJumped { .. }));
        prop_assert!(!leapt || noticed, "a leap is noticed within one look");
        self.holds(&happened)
    }

    /// What always holds.
    fn holds(&mut self, happened: &[Happened]) -> Result<(), TestCaseError> {
        let (now, trust) = (self.keeper.utc(self.monotonic), self.keeper.trust(self.monotonic));
        let held = self.keeper.contradiction(self.monotonic).is_some();
        if let Some(lie) = self.told.take_if(|_| !held) {
            self.lied = lie;
        }
        if matches!(trust.source, TimeSource::Ntp | TimeSource::Server) {
            self.lied = false;
        }
        let off = apart(now, self.truth);
        if trust.verdict == Verdict::Believed && !self.lied {
            let bound = trust.uncertainty.unwrap();
            prop_assert!(off <= bound, "believed by {:?} and off by {off:?}, not {bound:?}", trust.source);
        }
        if trust.verdict == Verdict::Believed {
            prop_assert!(trust.uncertainty.is_some_and(|off| off <= Duration::from_secs(60)));
        }
        if trust.verdict.rings() {
            prop_assert!(now >= FLOOR.parse().unwrap(), "no bell in 1970: {now}");
        }
        let jumped = happened.iter().any(|what| matches!(what, Happened::Jumped { .. }));
        if !jumped {
            prop_assert!(
                now >= self.shown - Duration::from_millis(5),
                "set back from {} to {now}",
                self.shown
            );
        }
        for what in happened {
            if let Happened::Jumped { from, to } = what {
                prop_assert!(apart(*from, *to) > TOLERANCE || trust.source == TimeSource::None, "{what:?}");
                prop_assert!(to >= from || !self.on_air, "set back in a lesson: {what:?}");
            }
        }
        self.shown = now;
        Ok(())
    }

    fn hear(
        &mut self,
        source: TimeSource,
        off: SignedDuration,
        bound: Duration,
    ) -> Result<(), TestCaseError> {
        let utc = shifted(self.truth, off);
        let reading = Reading { source, utc, at: self.monotonic, bound: Some(bound) };
        if let Ok(happened) = self.keeper.hear(reading, self.on_air) {
            if source == TimeSource::Person {
                self.told = Some(off.unsigned_abs() > bound);
            }
            return self.holds(&happened);
        }
        Ok(())
    }

    /// What the daemon leaves at its end.
    fn kept(&self) -> Kept {
        let uptime = self.monotonic - self.booted_at;
        let (utc, trust) = (self.keeper.utc(self.monotonic), self.keeper.trust(self.monotonic));
        let machine = Machine { boot_id: Some(self.boot.to_string()), uptime, boots: 1 };
        Kept::new(utc, trust, self.keeper.rtc_offset(), &machine)
    }

    fn restart(&mut self, seconds: u32) -> Result<(), TestCaseError> {
        let kept = self.kept();
        self.tick(Duration::from_secs(seconds.into()));
        self.wake(&kept)
    }

    fn wake(&mut self, kept: &Kept) -> Result<(), TestCaseError> {
        let boot = self.boot.to_string();
        let uptime = self.monotonic - self.booted_at;
        let look = Look { on_air: false, ..self.look_now() };
        let (keeper, happened) = Keeper::wake(Some(kept), Some(&boot), uptime, look, FLOOR.parse().unwrap());
        self.keeper = keeper;
        self.on_air = false;
        // A new start may show an earlier time.
        self.shown = self.keeper.utc(self.monotonic);
        self.holds(&happened)
    }

    fn power_cut(&mut self, seconds: u32, wakes: Wakes) -> Result<(), TestCaseError> {
        let kept = self.kept();
        self.truth += Duration::from_secs(seconds.into());
        self.kernel = None;
        self.system = match (wakes, self.chip) {
            (Wakes::WhereItWas, _) => self.system,
            (Wakes::ByChip, Some(off)) => shifted(self.truth, off),
            (Wakes::In1970 | Wakes::ByChip, _) => Timestamp::UNIX_EPOCH,
        };
        self.boot += 1;
        self.booted_at = self.monotonic;
        self.wake(&kept)
    }

    fn act(&mut self, act: &Act) -> Result<(), TestCaseError> {
        match *act {
            Act::Pass { seconds } => {
                for _ in 0..seconds {
                    self.pass(Duration::from_secs(1))?;
                }
                Ok(())
            }
            Act::Long { hours } => self.pass(Duration::from_secs(u64::from(hours) * 3600)),
            Act::SetSystem { off_s } => {
                let before = self.system;
                self.system = shifted(self.truth, SignedDuration::from_secs(off_s));
                self.kernel = None; // as the kernel does
                let leapt = apart(before, self.system) > Duration::from_millis(500);
                self.look(leapt)
            }
            Act::Ntp { heard } => {
                self.ntp = heard;
                self.pass(Duration::from_secs(1))
            }
            Act::Chip { off_s } => {
                self.chip = off_s.map(SignedDuration::from_secs);
                Ok(())
            }
            Act::Person { off_s } => {
                let off = SignedDuration::from_secs(i64::from(off_s) % 30);
                self.hear(TimeSource::Person, off, PERSON_BOUND)
            }
            Act::Liar { off_s } => {
                self.hear(TimeSource::Person, SignedDuration::from_secs(off_s), PERSON_BOUND)
            }
            Act::Server { off_ms } => {
                let off = SignedDuration::from_millis(i64::from(off_ms) % 2500);
                self.hear(TimeSource::Server, off, SERVER_BOUND)
            }
            Act::Lesson { on_air } => {
                self.on_air = on_air;
                self.look(false)
            }
            Act::PowerCut { seconds, wakes } => self.power_cut(seconds, wakes),
            Act::Restart { seconds } => self.restart(seconds),
        }
    }
}

const DAYS: i64 = 86_400;

fn act() -> impl Strategy<Value = Act> {
    let wakes = prop_oneof![Just(Wakes::In1970), Just(Wakes::WhereItWas), Just(Wakes::ByChip)];
    let off = || prop_oneof![-10_i64..10, -4000_i64..4000, -900 * DAYS..900 * DAYS];
    prop_oneof![
        4 => (1_u16..90).prop_map(|seconds| Act::Pass { seconds }),
        1 => (1_u16..400).prop_map(|hours| Act::Long { hours }),
        2 => off().prop_map(|off_s| Act::SetSystem { off_s }),
        2 => any::<bool>().prop_map(|heard| Act::Ntp { heard }),
        1 => proptest::option::of(off()).prop_map(|off_s| Act::Chip { off_s }),
        2 => any::<i8>().prop_map(|off_s| Act::Person { off_s }),
        1 => off().prop_map(|off_s| Act::Liar { off_s }),
        1 => any::<i16>().prop_map(|off_ms| Act::Server { off_ms }),
        2 => any::<bool>().prop_map(|on_air| Act::Lesson { on_air }),
        1 => (1_u32..3_000_000, wakes).prop_map(|(seconds, wakes)| Act::PowerCut { seconds, wakes }),
        1 => prop_oneof![Just(0), 1_u32..600_000].prop_map(|seconds| Act::Restart { seconds }),
    ]
}

/// An ordinary morning, the eve of a leap day, the last seconds of a year.
fn beginning() -> impl Strategy<Value = Timestamp> {
    let eves =
        ["2026-03-02T00:00:00Z", "2028-02-28T15:59:50Z", "2026-12-31T15:59:50Z", "2027-12-31T23:59:50Z"];
    proptest::sample::select(eves.map(|text| text.parse::<Timestamp>().unwrap()).to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_clocks_do_what_is_believed_is_right_within_its_bound(
        truth in beginning(),
        drift_ppm in -80_i64..80,
        in_1970 in any::<bool>(),
        acts in proptest::collection::vec(act(), 1..40),
    ) {
        let mut world = World::new(truth, drift_ppm, in_1970);
        for act in &acts {
            world.act(act)?;
        }
        // In the end NTP comes, however late, and no lesson keeps it from being heard.
        world.act(&Act::Lesson { on_air: false })?;
        world.act(&Act::Ntp { heard: true })?;
        world.act(&Act::Pass { seconds: 1 })?;
        let trust = world.keeper.trust(world.monotonic);
        prop_assert_eq!((trust.source, trust.verdict), (TimeSource::Ntp, Verdict::Believed));
        prop_assert!(apart(world.keeper.utc(world.monotonic), world.truth) <= TOLERANCE + NTP_ERROR);
    }
}
