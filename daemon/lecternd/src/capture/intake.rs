//! Whether the mixer takes what its inputs are offered. The mixer goes on without
//! an input that brings nothing; when it is the mixer's own thread that hangs, the
//! source lives and the lesson shows its slate for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gst::prelude::*;
use gst_app::AppSrc;

/// How often it is looked at.
pub(super) const LOOK: Duration = Duration::from_millis(500);
/// How long nothing may be taken. Longer than the patience with the mixer as a
/// whole: a machine that cannot keep up shows there first.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// What went through an input of one mixer.
#[derive(Debug, Default)]
struct Taken {
    buffers: AtomicU64,
    /// Running time of the newest, in ns.
    newest: AtomicU64,
}

/// One input of one mixer.
#[derive(Debug)]
pub(super) struct Intake {
    taken: Arc<Taken>,
    judge: Judge,
}

impl Intake {
    /// Counts from here on what leaves `appsrc`.
    pub(super) fn of(appsrc: &AppSrc) -> Self {
        let taken = Arc::<Taken>::default();
        let counted = Arc::clone(&taken);
        if let Some(pad) = appsrc.static_pad("src") {
            pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
                counted.buffers.fetch_add(1, Ordering::Relaxed);
                if let Some(pts) = info.buffer().and_then(|buffer| buffer.pts()) {
                    counted.newest.store(pts.nseconds(), Ordering::Relaxed);
                }
                gst::PadProbeReturn::Ok
            });
        }
        Self { taken, judge: Judge::default() }
    }

    /// One look, every [`LOOK`]: whether it hangs. `offered` counts what the input
    /// was offered ever, `now` is the mixer's running time.
    pub(super) fn hangs(&mut self, offered: u64, now: gst::ClockTime) -> bool {
        let taken = self.taken.buffers.load(Ordering::Relaxed);
        let is_due = self.taken.newest.load(Ordering::Relaxed) <= now.nseconds();
        self.judge.look(offered, taken, is_due)
    }
}

/// Counts the looks at which something was offered and nothing taken.
#[derive(Debug, Default)]
struct Judge {
    offered: u64,
    taken: u64,
    looks: u32,
}

impl Judge {
    /// What was taken and is of the future, by a camera whose clock leapt, rightly
    /// keeps the rest waiting.
    fn look(&mut self, offered: u64, taken: u64, is_due: bool) -> bool {
        if taken != self.taken || !is_due {
            self.looks = 0;
        } else if offered != self.offered {
            self.looks += 1;
        }
        (self.offered, self.taken) = (offered, taken);
        LOOK * self.looks >= PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOKS: u64 = 10;

    /// How many looks it takes, of a hundred.
    fn looks(
        mut offered: impl FnMut(u64) -> u64,
        mut taken: impl FnMut(u64) -> u64,
        is_due: bool,
    ) -> Option<u64> {
        let mut judge = Judge::default();
        (1..=100).find(|&look| judge.look(offered(look), taken(look), is_due))
    }

    #[test]
    fn an_input_that_is_offered_frames_and_takes_none_hangs() {
        assert_eq!(looks(|look| look * 15, |_| 0, true), Some(LOOKS));
        assert_eq!(looks(|look| look * 15, |look| look.min(30), true), Some(30 + LOOKS));
        assert_eq!(looks(|look| look / 4, |_| 0, true), Some(4 * LOOKS), "a frame in two seconds");
    }

    #[test]
    fn one_that_is_slow_or_idle_or_waits_for_its_time_does_not() {
        assert_eq!(looks(|look| look * 30, |look| look * 15, true), None, "a faster camera");
        assert_eq!(looks(|look| look * 30, |look| look / 9, true), None, "a machine that cannot keep up");
        assert_eq!(looks(|look| look / 9, |look| look / 9, true), None, "a still picture");
        assert_eq!(looks(|_| 4, |_| 4, true), None, "a source that is away, or a shutter that is closed");
        assert_eq!(looks(|look| look * 15, |_| 4, false), None, "a frame of the future");
    }
}
