//! Keeps a live source in step with the pipeline's clock, and lets it be woken.

use std::sync::{Mutex, MutexGuard};

use gst::prelude::*;

#[derive(Default)]
struct State {
    flushing: bool,
    waiting: Option<gst::SingleShotClockId>,
}

/// The wait of a live source. Its lock is held only for moments, never while waiting.
#[derive(Default)]
pub(crate) struct Pace {
    state: Mutex<State>,
}

impl Pace {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Waits until `clock` shows `time`.
    ///
    /// # Errors
    ///
    /// `Flushing` when [`unlock`](Self::unlock) was called before or meanwhile.
    pub(crate) fn wait(&self, clock: &gst::Clock, time: gst::ClockTime) -> Result<(), gst::FlowError> {
        let id = clock.new_single_shot_id(time);
        {
            let mut state = self.state();
            if state.flushing {
                return Err(gst::FlowError::Flushing);
            }
            state.waiting = Some(id.clone());
        }
        // Too late or unscheduled is no fault of the clock: who called looks at the time again.
        let _ = id.wait();
        let mut state = self.state();
        state.waiting = None;
        if state.flushing { Err(gst::FlowError::Flushing) } else { Ok(()) }
    }

    /// Ends the wait and every wait to come.
    pub(crate) fn unlock(&self) {
        let mut state = self.state();
        state.flushing = true;
        if let Some(id) = state.waiting.take() {
            id.unschedule();
        }
    }

    /// Allows waiting again.
    pub(crate) fn unlock_stop(&self) {
        self.state().flushing = false;
    }
}

/// A row of moments at a fixed rate, counted from running time zero; no rounding adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    /// Moments in `per_ns`.
    pub(crate) moments: u64,
    /// Nanoseconds in which `moments` pass.
    pub(crate) per_ns: u64,
}

impl Grid {
    /// The time of moment `index`.
    pub(crate) fn time(self, index: u64) -> gst::ClockTime {
        let ns = index.mul_div_round(self.per_ns, self.moments.max(1)).unwrap_or(u64::MAX - 1);
        gst::ClockTime::from_nseconds(ns)
    }

    /// The first moment that is not before `time`.
    pub(crate) fn first_from(self, time: gst::ClockTime) -> u64 {
        let index = time.nseconds().mul_div_floor(self.moments, self.per_ns.max(1)).unwrap_or_default();
        if self.time(index) >= time { index } else { index + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NTSC: Grid = Grid { moments: 30_000, per_ns: 1_001_000_000_000 };

    #[test]
    fn a_moment_is_found_again_by_its_own_time_at_any_rate() {
        for index in [0, 1, 2, 1000, 2_592_000] {
            assert_eq!(NTSC.first_from(NTSC.time(index)), index);
            assert_eq!(NTSC.first_from(NTSC.time(index) + gst::ClockTime::MSECOND), index + 1);
        }
    }

    #[test]
    fn a_day_of_frames_does_not_drift() {
        let grid = Grid { moments: 25, per_ns: 1_000_000_000 };
        assert_eq!(grid.time(25 * 86_400), gst::ClockTime::from_seconds(86_400));
        assert_eq!(NTSC.time(30_000 * 60), gst::ClockTime::from_seconds(1001 * 60));
    }
}
