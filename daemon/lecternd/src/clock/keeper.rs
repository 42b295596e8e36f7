//! The box's own time, decided: a pure function of what was and what the
//! sources say.
//!
//! The time is a point on the monotonic clock and goes on from there. A system
//! clock that leaps does not move it: it is one more source, heard once a
//! second. So nobody ever reads a time that was not decided on.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_api::{TimeSource, Trust, Verdict};
use lectern_hal::clock::Sync;

use super::ClockState;
use super::memory::Kept;
use super::reading::{Reading, TOLERANCE, apart, drift, later, rank, shifted, verdict};

/// What is seen once a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// The monotonic clock.
    pub(crate) at: Duration,
    /// The system's clock.
    pub(crate) system: Timestamp,
    /// What the kernel says of it.
    pub(crate) kernel: Sync,
    /// The clock chip, where there is one that answered.
    pub(crate) rtc: Option<Timestamp>,
    /// Whether a lesson runs.
    pub(crate) on_air: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happened {
    /// The box's time stepped.
    Jumped { from: Timestamp, to: Timestamp },
    /// The system's clock did.
    SystemJumped { from: Timestamp, to: Timestamp },
    /// The verdict is another one.
    Judged(Verdict),
    /// The clock chip is off by another amount than was known.
    Measured,
}

/// Why the word of a person or a server is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// It lies before this software was made, or does not fit what is known.
    #[error("{0} cannot be the time: this software is newer")]
    Impossible(Timestamp),
    /// A better source tells the time.
    #[error("the time comes from {by:?} and is off by {off:?} at most")]
    KnownBetter { by: TimeSource, off: Duration },
}

/// The box's time and what is known about it.
#[derive(Debug, Clone)]
pub(crate) struct Keeper {
    /// No time before it is possible.
    floor: Timestamp,
    /// The time and the point on the monotonic clock at which it was so.
    utc: Timestamp,
    at: Duration,
    source: TimeSource,
    /// How far the time was off at most when the source was last heard.
    bound: Option<Duration>,
    heard_at: Duration,
    /// The newest time that anything vouched for.
    last_known: Option<Timestamp>,
    /// What the clock chip lacks.
    rtc_offset: SignedDuration,
    /// A step back that waits for the lesson's end.
    held: Option<Reading>,
    /// The system's clock at the last look.
    system: Timestamp,
    looked_at: Duration,
    /// The system's clock goes on from where it stood when the power went.
    stood_still: bool,
    verdict: Verdict,
    jumps: u64,
    jumped_at: Option<Timestamp>,
}

/// So far ahead of the last known time nothing is believed by itself: longer
/// than any holiday.
const TOO_FAR_AHEAD: SignedDuration = SignedDuration::from_hours(400 * 24);
/// A system clock that woke up so close to the last known time was not running
/// in between, but set from a file.
const WOKE_WITHIN: Duration = Duration::from_secs(10 * 60);
/// Two looks at the system's clock that differ by more than the time between
/// them: more than any daemon slews (chrony: 8 %).
const STEP: Duration = Duration::from_millis(500);
const FASTEST_SLEW_DIVISOR: u32 = 10;
/// What the time is moved by in one look to follow NTP within the tolerance.
const SLEW: SignedDuration = SignedDuration::from_millis(5);

impl Keeper {
    /// The time at the daemon's start. `kept` is what the last run left,
    /// `boot_id` and `uptime` tell whether the machine has run on since.
    pub(crate) fn wake(
        kept: Option<&Kept>,
        boot_id: Option<&str>,
        uptime: Duration,
        look: Look,
        floor: Timestamp,
    ) -> (Self, Vec<Happened>) {
        let mut keeper = Self {
            floor,
            utc: look.system,
            at: look.at,
            source: TimeSource::None,
            bound: None,
            heard_at: look.at,
            last_known: kept.filter(|kept| kept.source != TimeSource::None).map(|kept| kept.at),
            rtc_offset: kept.map_or(SignedDuration::ZERO, Kept::rtc_offset),
            held: None,
            system: look.system,
            looked_at: look.at,
            stood_still: false,
            verdict: Verdict::Unknown,
            jumps: 0,
            jumped_at: None,
        };
        let same_boot = kept.and_then(|kept| Some((kept, kept.passed(boot_id?, uptime)?)));
        if let Some(last) = keeper.last_known {
            let woke = shifted(look.system, -SignedDuration::try_from(uptime).unwrap_or_default());
            keeper.stood_still = woke < later(last, WOKE_WITHIN);
            // At least so late it is: the machine was seen to run since.
            keeper.utc = later(last, uptime);
            if keeper.stood_still && keeper.plausible(look.system) {
                keeper.utc = keeper.utc.max(look.system);
            }
            keeper.source = TimeSource::LastKnown;
        }
        if let Some((kept, passed)) = same_boot {
            keeper.utc = later(kept.at, passed);
            keeper.source = kept.source;
            keeper.bound = kept.uncertainty().map(|bound| bound + drift(passed));
        }
        let mut happened = keeper.look(look);
        // The start itself tells the verdict. Where the machine did not run on,
        // there was no time that could have jumped.
        happened.retain(|what| match what {
            Happened::Jumped { .. } => same_boot.is_some(),
            Happened::Measured => true,
            Happened::SystemJumped { .. } | Happened::Judged(_) => false,
        });
        if same_boot.is_none() {
            (keeper.jumps, keeper.jumped_at) = (0, None);
        }
        (keeper, happened)
    }

    /// The time at a point of the monotonic clock.
    pub(crate) fn utc(&self, at: Duration) -> Timestamp {
        later(self.utc, at.saturating_sub(self.at))
    }

    /// How far it may be off.
    fn uncertainty(&self, at: Duration) -> Option<Duration> {
        let grown = self.bound? + drift(at.saturating_sub(self.heard_at));
        Some(grown.max(self.contradiction(at).unwrap_or_default()))
    }

    /// By how much a better source says that the time is ahead.
    pub(crate) fn contradiction(&self, at: Duration) -> Option<Duration> {
        let held = self.held?;
        Some(
            apart(self.utc(at), later(held.utc, at.saturating_sub(held.at))) + held.bound.unwrap_or_default(),
        )
    }

    /// How far it is to be trusted.
    pub(crate) fn trust(&self, at: Duration) -> Trust {
        let uncertainty = self.uncertainty(at);
        let verdict = verdict(self.source, uncertainty, self.contradiction(at));
        Trust { source: self.source, verdict, uncertainty }
    }

    /// Looks at every clock of the machine. Once a second.
    pub(crate) fn look(&mut self, look: Look) -> Vec<Happened> {
        let mut happened = Vec::new();
        let passed = look.at.saturating_sub(self.looked_at);
        let expected = later(self.system, passed);
        if apart(look.system, expected) > STEP + passed / FASTEST_SLEW_DIVISOR {
            happened.push(Happened::SystemJumped { from: expected, to: look.system });
            // Whoever set it knew something.
            self.stood_still = false;
        }
        (self.system, self.looked_at) = (look.system, look.at);
        if let Some(reading) = self.best(&look) {
            self.take(reading, look.on_air, &mut happened);
        }
        self.set_back_after_the_lesson(&look, &mut happened);
        self.compare_with_rtc(&look, &mut happened);
        if self.source != TimeSource::None && self.held.is_none() {
            self.last_known = Some(self.utc(look.at));
        }
        self.judge(look.at, &mut happened);
        happened
    }

    /// What the machine itself has to say, when it is better than what is known.
    fn best(&self, look: &Look) -> Option<Reading> {
        let reading = |source, utc, bound| Some(Reading { source, utc, at: look.at, bound });
        if look.kernel.synced && look.system >= self.floor {
            return reading(TimeSource::Ntp, look.system, Some(look.kernel.error));
        }
        let better = |source| rank(source) > rank(self.source);
        if let Some(rtc) = look.rtc.map(|rtc| shifted(rtc, self.rtc_offset))
            && better(TimeSource::Rtc)
            && self.plausible(rtc)
        {
            return reading(TimeSource::Rtc, rtc, None);
        }
        // The system's own time again when somebody set it once more.
        let again = self.source == TimeSource::System && apart(look.system, self.utc(look.at)) > TOLERANCE;
        if (better(TimeSource::System) || again) && !self.stood_still && self.plausible(look.system) {
            return reading(TimeSource::System, look.system, None);
        }
        None
    }

    /// Whether a time can be, by what is known.
    fn plausible(&self, utc: Timestamp) -> bool {
        let fits = |last: Timestamp| {
            utc >= shifted(last, -SignedDuration::from_secs(2)) && utc <= shifted(last, TOO_FAR_AHEAD)
        };
        utc >= self.floor && self.last_known.is_none_or(fits)
    }

    /// The word of a person or a server.
    pub(crate) fn hear(&mut self, reading: Reading, on_air: bool) -> Result<Vec<Happened>, Refused> {
        let hint = reading.source == TimeSource::ServerHint;
        if reading.utc < self.floor || (hint && !self.plausible(reading.utc)) {
            return Err(Refused::Impossible(reading.utc));
        }
        let off = self.uncertainty(reading.at);
        let sharper = !hint && off.zip(reading.bound).is_some_and(|(ours, theirs)| theirs < ours);
        // While NTP is heard, nobody else needs to be.
        let ntp = self.source == TimeSource::Ntp && self.heard_at == self.looked_at;
        if ntp || (rank(reading.source) < rank(self.source) && !sharper) {
            let off = off.unwrap_or_default();
            return Err(Refused::KnownBetter { by: self.source, off });
        }
        let mut happened = Vec::new();
        self.take(reading, on_air, &mut happened);
        if self.held.is_none() {
            self.last_known = Some(self.utc(reading.at));
        }
        self.judge(reading.at, &mut happened);
        Ok(happened)
    }

    /// Takes a source's word. Within the tolerance the time does not jump; back
    /// it jumps only between lessons, so that no two moments of a lesson have
    /// the same time.
    fn take(&mut self, reading: Reading, on_air: bool, happened: &mut Vec<Happened>) {
        let now = self.utc(reading.at);
        let off = reading.utc.duration_since(now);
        let known = self.source != TimeSource::None;
        if known && off.unsigned_abs() <= TOLERANCE {
            let follows = reading.source == TimeSource::Ntp;
            let slew = if follows { off.clamp(-SLEW, SLEW) } else { SignedDuration::ZERO };
            (self.utc, self.at) = (shifted(now, slew), reading.at);
            self.vouch(&reading, (off - slew).unsigned_abs());
        } else if known && off.is_negative() && on_air {
            self.held = Some(reading);
        } else {
            self.step(reading, now, happened);
        }
    }

    fn step(&mut self, reading: Reading, now: Timestamp, happened: &mut Vec<Happened>) {
        happened.push(Happened::Jumped { from: now, to: reading.utc });
        (self.utc, self.at) = (reading.utc, reading.at);
        self.jumps += 1;
        self.jumped_at = Some(reading.utc);
        self.vouch(&reading, Duration::ZERO);
    }

    fn vouch(&mut self, reading: &Reading, off: Duration) {
        self.source = reading.source;
        self.bound = reading.bound.map(|bound| bound + off);
        self.heard_at = reading.at;
        self.held = None;
    }

    fn set_back_after_the_lesson(&mut self, look: &Look, happened: &mut Vec<Happened>) {
        let Some(held) = self.held.filter(|_| !look.on_air) else { return };
        let passed = look.at.saturating_sub(held.at);
        let bound = held.bound.map(|bound| bound + drift(passed));
        let due = Reading { utc: later(held.utc, passed), at: look.at, bound, ..held };
        self.take(due, false, happened);
    }

    /// What the clock chip is off by is remembered, since nobody may set it:
    /// the next start without a network counts on it.
    fn compare_with_rtc(&mut self, look: &Look, happened: &mut Vec<Happened>) {
        let Some(rtc) = look.rtc.filter(|_| self.trust(look.at).verdict == Verdict::Believed) else { return };
        let off = self.utc(look.at).duration_since(rtc);
        if (off - self.rtc_offset).unsigned_abs() >= TOLERANCE {
            self.rtc_offset = if off.unsigned_abs() < TOLERANCE { SignedDuration::ZERO } else { off };
            happened.push(Happened::Measured);
        }
    }

    fn judge(&mut self, at: Duration, happened: &mut Vec<Happened>) {
        let verdict = self.trust(at).verdict;
        if std::mem::replace(&mut self.verdict, verdict) != verdict {
            happened.push(Happened::Judged(verdict));
        }
    }

    /// What the units are told.
    pub(crate) fn state(&self, at: Duration, boots: u64) -> ClockState {
        let system = later(self.system, at.saturating_sub(self.looked_at));
        ClockState {
            trust: self.trust(at),
            correction: self.utc(at).duration_since(system),
            contradiction: self.contradiction(at),
            jumps: self.jumps,
            jumped_at: self.jumped_at,
            last_known: self.last_known,
            boots,
        }
    }

    /// What the clock chip lacks.
    pub(crate) fn rtc_offset(&self) -> SignedDuration {
        self.rtc_offset
    }
}
