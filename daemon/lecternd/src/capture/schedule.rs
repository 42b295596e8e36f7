//! Which lessons are on the air, and from when until when. Pure: a lesson, or
//! two of which one follows the other at once, with their ends as far as they
//! are known.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};

use lectern_api::manifest::{GapReason, LessonInfo};
use lectern_api::{LessonId, Ticks};

use super::time::ClockPoint;

/// Where a lesson's time line touches the shared clock. A pair, and not the
/// clock's time at position zero: after a reboot that lies before the clock's
/// own beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) at: ClockPoint,
    pub(crate) position: Ticks,
}

impl Origin {
    /// The position of a point that is not before the origin.
    pub(crate) fn position_of(&self, point: ClockPoint) -> Ticks {
        self.position + Ticks::from_nanos(point.since(self.at).nseconds())
    }
}

/// One of the two records that can run at the same time: while the lesson
/// before the bell is brought to its end, the one behind it plays already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    A,
    B,
}

impl Lane {
    pub(crate) const BOTH: [Self; 2] = [Self::A, Self::B];

    pub(super) fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    pub(super) fn index(self) -> usize {
        self as usize
    }

    /// For names of units and pipelines.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }
}

/// A broadcast without a break: one lesson, or lessons back to back. Its time
/// stamps go on from lesson to lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broadcast {
    number: u64,
    /// Where its time stamps begin.
    pub(crate) zero: ClockPoint,
}

/// A shorter break does not end the broadcast: connections stay, and carry
/// nothing.
pub(crate) const BRIDGED: gst::ClockTime = gst::ClockTime::from_seconds(8);

/// A lesson that is to be recorded and broadcast.
#[derive(Debug, Clone)]
pub(crate) struct Air {
    /// Travels with the first fragment, which begins the lesson in the spool
    /// when nothing else has.
    pub(crate) info: Arc<LessonInfo>,
    /// Nothing captured before is stored or published. May lie in the future:
    /// then everything is made ready for it.
    pub(crate) begin: ClockPoint,
    /// Nothing captured from here on is stored or published; absent while the
    /// end is not known. May be moved while it lies in the future.
    pub(crate) end: Option<ClockPoint>,
    /// When it was put on the air.
    told: ClockPoint,
    pub(crate) lane: Lane,
    pub(crate) broadcast: Broadcast,
    /// Known at once for a lesson that goes on after a restart, set by the
    /// first frame otherwise.
    pub(crate) origin: Arc<OnceLock<Origin>>,
    /// Why there may be a gap before the first run of this process.
    pub(crate) gap: GapReason,
    /// Runs of this lesson that this process has recorded.
    pub(crate) runs: Arc<AtomicU32>,
}

/// How long after its bell the first frame of a lesson may come without being
/// late: for one that was begun by hand, the time that a pipeline takes to play.
const LATE_UNTOLD: gst::ClockTime = gst::ClockTime::from_seconds(2);
/// For one that was told ahead: less than two frames at 10 fps.
const LATE_TOLD: gst::ClockTime = gst::ClockTime::from_mseconds(150);
const TOLD_AHEAD: gst::ClockTime = gst::ClockTime::from_seconds(1);

impl Air {
    pub(crate) fn lesson(&self) -> &LessonId {
        &self.info.id
    }

    /// Whether it is the same lesson, put on the air by the same call.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.origin, &other.origin)
    }

    /// Whether its end has come.
    pub(crate) fn is_over(&self, now: ClockPoint) -> bool {
        self.end.is_some_and(|end| end <= now)
    }

    /// Where a point lies on the lesson's time line; where it would lie, had
    /// the lesson begun at the bell, when nothing was recorded yet.
    pub(crate) fn position_of(&self, point: ClockPoint) -> Ticks {
        let at_bell = Origin { at: self.begin, position: Ticks(0) };
        self.origin.get().unwrap_or(&at_bell).position_of(point)
    }

    /// The origin, settled by the first frame of the first run: the time line
    /// begins there, or at the bell when the record could not begin in time,
    /// and then what is missing is a gap.
    pub(crate) fn settle(&self, first_frame: ClockPoint) -> Origin {
        let told_ahead = self.begin.since(self.told) >= TOLD_AHEAD;
        let allowed = if told_ahead { LATE_TOLD } else { LATE_UNTOLD };
        let late = first_frame.since(self.begin) > allowed;
        let at = if late { self.begin } else { first_frame };
        *self.origin.get_or_init(|| Origin { at, position: Ticks(0) })
    }

    /// The origin, settled at the bell whenever the first frame comes.
    pub(crate) fn settle_at_bell(&self) -> Origin {
        *self.origin.get_or_init(|| Origin { at: self.begin, position: Ticks(0) })
    }
}

/// The lessons on the air, in the order in which they were put there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schedule {
    airs: Vec<Air>,
    broadcasts: u64,
}

/// Nobody asks for a lesson that is over for so long.
const FORGOTTEN: gst::ClockTime = gst::ClockTime::from_seconds(60);

impl Schedule {
    /// See [`super::air::AirDesk::put_on`].
    pub(super) fn put_on(
        &mut self,
        info: LessonInfo,
        begin: ClockPoint,
        origin: Option<Origin>,
        gap: GapReason,
        now: ClockPoint,
    ) {
        self.airs
            .retain(|air| *air.lesson() != info.id && air.end.is_none_or(|end| now.since(end) < FORGOTTEN));
        let before = self.airs.iter().max_by_key(|air| air.begin);
        let lane = before.map_or(Lane::A, |air| air.lane.other());
        let goes_on = before.filter(|air| air.end.is_none_or(|end| begin.since(end) <= BRIDGED));
        let broadcast = match goes_on {
            Some(air) => air.broadcast,
            None => {
                self.broadcasts += 1;
                Broadcast { number: self.broadcasts, zero: begin }
            }
        };
        let origin = Arc::new(origin.map_or_else(OnceLock::new, OnceLock::from));
        let (info, runs) = (Arc::new(info), Arc::default());
        self.airs.push(Air { info, begin, end: None, told: now, lane, broadcast, origin, gap, runs });
    }

    /// See [`super::air::AirDesk::take_off`].
    pub(super) fn take_off(&mut self, lesson: &LessonId, end: ClockPoint, now: ClockPoint) -> Option<Ticks> {
        let index = self.airs.iter().position(|air| air.lesson() == lesson)?;
        let air = &mut self.airs[index];
        if air.begin > now && end <= air.begin {
            self.airs.remove(index);
            return None;
        }
        let end = match air.end {
            Some(end) if end <= now => end,
            _ => end.max(air.begin),
        };
        air.end = Some(end);
        Some(air.position_of(end))
    }

    /// The lesson as it stands now; nothing when it was taken off before it
    /// began.
    pub(crate) fn find(&self, air: &Air) -> Option<&Air> {
        self.airs.iter().find(|other| other.is(air))
    }

    /// What a lane records next, or records now.
    pub(crate) fn next_in(&self, lane: Lane, now: ClockPoint) -> Option<&Air> {
        self.airs.iter().filter(|air| air.lane == lane && !air.is_over(now)).min_by_key(|air| air.begin)
    }

    /// What is broadcast next, or is broadcast now.
    pub(crate) fn next_broadcast(&self, now: ClockPoint) -> Option<Broadcast> {
        let next = self.airs.iter().filter(|air| !air.is_over(now)).min_by_key(|air| air.begin);
        next.map(|air| air.broadcast)
    }

    /// The lessons of a broadcast, in order, from bell to bell.
    pub(crate) fn bells(&self, broadcast: Broadcast) -> Vec<(ClockPoint, Option<ClockPoint>)> {
        let of = self.airs.iter().filter(|air| air.broadcast == broadcast);
        let mut bells: Vec<_> = of.map(|air| (air.begin, air.end)).collect();
        bells.sort();
        bells
    }

    /// When a broadcast ends; nothing while that is not known.
    pub(crate) fn end_of(&self, broadcast: Broadcast) -> Option<ClockPoint> {
        let ends = self.bells(broadcast).into_iter().map(|(_, end)| end);
        // An end that is not known is later than any other.
        ends.reduce(|a, b| a.and_then(|a| b.map(|b| a.max(b)))).flatten()
    }

    /// The lesson that runs, if one does.
    pub(crate) fn running(&self, now: ClockPoint) -> Option<&Air> {
        self.airs.iter().find(|air| air.begin <= now && !air.is_over(now))
    }
}

#[cfg(test)]
pub(crate) mod tests;
