//! Where a source hands its frames to the mixer. The input outlives both: a
//! source that dies leaves it empty, and a mixer that restarts takes it over.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::time::ClockPoint;

/// One input of the mixer.
#[derive(Debug, Default)]
pub(crate) struct MixerInput {
    mixer: Mutex<Option<(gst_app::AppSrc, gst::ClockTime)>>,
    /// Arrival of the newest frame on the shared clock, in ns; 0 is never.
    newest: AtomicU64,
}

impl MixerInput {
    /// The mixer plays: frames go to `appsrc` from here on.
    pub(crate) fn connect(&self, appsrc: gst_app::AppSrc, base_time: gst::ClockTime) {
        *self.slot() = Some((appsrc, base_time));
    }

    /// The mixer is gone.
    pub(crate) fn disconnect(&self) {
        *self.slot() = None;
    }

    /// Hands over one buffer that was captured at `at`. Never blocks; a mixer
    /// that is not there, or is behind, loses the oldest.
    pub(crate) fn push(&self, mut buffer: gst::Buffer, at: ClockPoint) {
        self.newest.store(ClockPoint::now().0.nseconds(), Ordering::Relaxed);
        let Some((appsrc, base_time)) = self.slot().clone() else { return };
        let Some(pts) = at.0.checked_sub(base_time) else { return };
        let meta = buffer.make_mut();
        meta.set_pts(pts);
        meta.set_dts(gst::ClockTime::NONE);
        // Flushing or at its end: the mixer is on its way out.
        let _ = appsrc.push_buffer(buffer);
    }

    /// How long ago the newest frame came; nothing when there was none.
    pub(crate) fn age(&self) -> Option<std::time::Duration> {
        let newest = self.newest.load(Ordering::Relaxed);
        let newest = (newest > 0).then(|| ClockPoint(gst::ClockTime::from_nseconds(newest)))?;
        Some(ClockPoint::now().duration_since(newest))
    }

    /// Forgets the age: the source begins anew.
    pub(crate) fn reset(&self) {
        self.newest.store(0, Ordering::Relaxed);
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<(gst_app::AppSrc, gst::ClockTime)>> {
        self.mixer.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
