//! A lesson on the air, and where its time line touches the shared clock.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};

use lectern_api::manifest::GapReason;
use lectern_api::{LessonId, Ticks};

use super::time::ClockPoint;
use tokio::sync::watch;

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

/// A lesson that is to be recorded and broadcast.
#[derive(Debug, Clone)]
pub(crate) struct Air {
    pub(crate) lesson: LessonId,
    /// Nothing captured before is stored or published. May lie in the future:
    /// then everything is made ready for it.
    pub(crate) begin: ClockPoint,
    /// Nothing captured from here on is stored or published; absent while the
    /// end is not known. May be moved while it lies in the future.
    pub(crate) end: Option<ClockPoint>,
    /// Known at once for a lesson that goes on after a restart, set by the
    /// first frame otherwise.
    pub(crate) origin: Arc<OnceLock<Origin>>,
    /// Why there may be a gap before the first run of this process.
    pub(crate) gap: GapReason,
    /// Runs of this lesson that this process has begun.
    pub(crate) runs: Arc<AtomicU32>,
}

impl PartialEq for Air {
    fn eq(&self, other: &Self) -> bool {
        self.lesson == other.lesson && Arc::ptr_eq(&self.origin, &other.origin)
    }
}

impl Air {
    /// Where a point lies on the lesson's time line; where it would lie, had
    /// the lesson begun at the bell, when nothing was recorded yet.
    pub(crate) fn position_of(&self, point: ClockPoint) -> Ticks {
        let at_bell = Origin { at: self.begin, position: Ticks(0) };
        self.origin.get().unwrap_or(&at_bell).position_of(point)
    }

    /// The origin, settled by the first frame of the first run: the time line
    /// begins there, or at the bell when the record could not begin for longer
    /// than a busy machine needs, and then what is missing is a gap.
    pub(super) fn settle(&self, first_frame: ClockPoint) -> Origin {
        let late = first_frame.since(self.begin) > LATE;
        let at = if late { self.begin } else { first_frame };
        *self.origin.get_or_init(|| Origin { at, position: Ticks(0) })
    }
}

/// What the one who decides about lessons tells those who record and broadcast.
#[derive(Debug)]
pub(crate) struct AirDesk {
    air: watch::Sender<Option<Air>>,
}

impl AirDesk {
    /// Nothing is on the air.
    pub(crate) fn new(air: watch::Sender<Option<Air>>) -> Self {
        Self { air }
    }

    /// A lesson goes on the air at `begin`, which may lie in the future. `origin`
    /// is known of a lesson that goes on; `gap` is why there may be a gap before
    /// the first run.
    pub(crate) fn put_on(&self, lesson: LessonId, begin: ClockPoint, origin: Option<Origin>, gap: GapReason) {
        let settled = OnceLock::new();
        if let Some(origin) = origin {
            let _ = settled.set(origin);
        }
        let (origin, runs) = (Arc::new(settled), Arc::default());
        self.air.send_replace(Some(Air { lesson, begin, end: None, origin, gap, runs }));
    }

    /// Picture and sound of the room off at once, or on again.
    pub(crate) fn shutter(&self, closed: bool) {
        tracing::warn!(closed, "the shutter is not there yet");
    }

    /// A lesson leaves the air at `end`, which may lie in the future; gives where
    /// its time line ends. A lesson that has not begun by then leaves nothing.
    /// Asking again moves an end that has not come yet.
    pub(crate) fn take_off(&self, lesson: &LessonId, end: ClockPoint) -> Option<Ticks> {
        let air = self.air.borrow().clone().filter(|air| air.lesson == *lesson)?;
        self.air.send_replace(None);
        Some(air.position_of(end.max(air.begin)))
    }
}

/// How long after the bell the first frame may come without being late.
const LATE: gst::ClockTime = gst::ClockTime::from_seconds(2);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> ClockPoint {
        ClockPoint(gst::ClockTime::from_seconds(seconds))
    }

    #[test]
    fn a_lesson_that_goes_on_soon_after_a_reboot_goes_on_behind_what_is_recorded() {
        // Half an hour was recorded, and the kernel has run for 20 s.
        let recorded = Ticks(30 * 60 * Ticks::PER_SECOND);
        let origin = Origin { at: at(20), position: recorded };
        assert_eq!(origin.position_of(at(25)), recorded + Ticks(5 * Ticks::PER_SECOND));
    }

    fn an_air(begin: ClockPoint) -> Air {
        let lesson = LessonId::by_hand(jiff::Timestamp::UNIX_EPOCH);
        let gap = GapReason::PipelineRestarted;
        Air { lesson, begin, end: None, origin: Arc::default(), gap, runs: Arc::default() }
    }

    #[test]
    fn a_record_that_begins_late_owes_the_time_since_the_bell() {
        let air = an_air(at(100));
        assert_eq!(air.settle(at(109)).position_of(at(109)), Ticks(9 * Ticks::PER_SECOND));
    }

    #[test]
    fn the_time_line_begins_with_the_first_frame() {
        let air = an_air(at(100));
        let frame = ClockPoint(gst::ClockTime::from_mseconds(100_400));
        assert_eq!(air.settle(frame).position_of(frame), Ticks(0));
        // A second run of the same lesson keeps the first one's origin.
        assert_eq!(air.settle(at(150)).at, frame);
    }
}
