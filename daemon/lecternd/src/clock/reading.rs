//! What one source says, and which source is believed over which.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_api::{TimeSource, Verdict};

/// What a source said at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) source: TimeSource,
    /// The time it told.
    pub(crate) utc: Timestamp,
    /// When, on the monotonic clock.
    pub(crate) at: Duration,
    /// How far it may be off; nothing when nobody knows.
    pub(crate) bound: Option<Duration>,
}

/// What separates two sources that agree: none of them can do better, and a
/// lesson that begins 2 s late is on time.
pub(crate) const TOLERANCE: Duration = Duration::from_secs(2);
/// Off by no more than this, a bell is on time for people.
const BELIEVED_WITHIN: Duration = Duration::from_secs(60);
/// Contradicted by more than this, the bell would ring in another lesson.
const RINGS_WITHIN: Duration = Duration::from_secs(5 * 60);
/// How fast a clock that nobody disciplines goes wrong: 100 ppm, 8.6 s a day.
/// Crystals are sold with 20 to 50.
const DRIFT_PER_MILLION: u32 = 100;
/// A phone, or a watch and a hand that types.
pub(crate) const PERSON_BOUND: Duration = Duration::from_secs(30);

/// Who wins: the higher one.
pub(super) fn rank(source: TimeSource) -> u8 {
    match source {
        TimeSource::Unknown | TimeSource::None => 0,
        TimeSource::LastKnown => 1,
        TimeSource::System => 2,
        TimeSource::ServerHint => 3,
        TimeSource::Rtc => 4,
        TimeSource::Person => 5,
        TimeSource::Server => 6,
        TimeSource::Ntp => 7,
    }
}

/// Whether the bell may ring, by who vouches for the time, how far it may be
/// off, and how far a better source says it is off while a lesson keeps it from
/// being set back. The table stands in docs/decisions/0021.
pub(super) fn verdict(
    source: TimeSource,
    uncertainty: Option<Duration>,
    contradiction: Option<Duration>,
) -> Verdict {
    let possible = match source {
        TimeSource::Unknown | TimeSource::None | TimeSource::LastKnown => Verdict::Unknown,
        TimeSource::System | TimeSource::ServerHint | TimeSource::Rtc => Verdict::Unsure,
        TimeSource::Person | TimeSource::Server | TimeSource::Ntp
            if uncertainty.is_some_and(|off| off <= BELIEVED_WITHIN) =>
        {
            Verdict::Believed
        }
        TimeSource::Person | TimeSource::Server | TimeSource::Ntp => Verdict::Unsure,
    };
    match contradiction {
        None => possible,
        Some(off) if off <= RINGS_WITHIN => possible.min(Verdict::Unsure),
        Some(_) => Verdict::Unknown,
    }
}

/// By how much an undisciplined clock may have gone wrong.
pub(super) fn drift(over: Duration) -> Duration {
    over / 1_000_000 * DRIFT_PER_MILLION
}

/// How far one time is from another, without its sign.
pub(super) fn apart(a: Timestamp, b: Timestamp) -> Duration {
    a.duration_since(b).unsigned_abs()
}

/// A time so much later; the last possible one when that is too late.
pub(super) fn later(utc: Timestamp, by: Duration) -> Timestamp {
    utc.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// A time shifted by a signed amount, within what a time can be.
pub(super) fn shifted(utc: Timestamp, by: SignedDuration) -> Timestamp {
    utc.saturating_add(by).unwrap_or(utc)
}
