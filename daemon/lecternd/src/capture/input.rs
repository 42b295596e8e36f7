//! Where a source hands its frames to the mixer. The input outlives both: a
//! source that dies leaves it empty, and a mixer that restarts takes it over.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

use super::shutter::Shutter;
use super::still::Asked;
use super::time::{ClockPoint, Pulse};

/// One input of the mixer.
#[derive(Debug)]
pub(crate) struct MixerInput {
    shutter: watch::Receiver<Shutter>,
    mixer: Mutex<Option<(gst_app::AppSrc, gst::ClockTime)>>,
    /// Arrival of frames.
    arrival: Pulse,
    /// Counts what mixers were offered.
    offered: AtomicU64,
    stills: Asked,
}

impl MixerInput {
    /// An input that no source feeds yet, behind the shutter.
    pub(crate) fn new(shutter: watch::Receiver<Shutter>) -> Self {
        Self {
            shutter,
            mixer: Mutex::default(),
            arrival: Pulse::default(),
            offered: AtomicU64::new(0),
            stills: Asked::default(),
        }
    }

    /// The mixer plays: frames go to `appsrc` from here on.
    pub(crate) fn connect(&self, appsrc: gst_app::AppSrc, base_time: gst::ClockTime) {
        *self.slot() = Some((appsrc, base_time));
    }

    /// The mixer is gone.
    pub(crate) fn disconnect(&self) {
        *self.slot() = None;
    }

    /// Hands over one buffer that was captured at `at`. Never blocks; a mixer
    /// that is not there, or is behind, loses the oldest; a closed shutter lets nothing in.
    pub(crate) fn push(&self, mut buffer: gst::Buffer, at: ClockPoint) {
        self.arrival.beat();
        if self.shutter.borrow().keeps_out(at) {
            return;
        }
        self.stills.offer(&buffer, at);
        let Some((appsrc, base_time)) = self.slot().clone() else { return };
        let Some(pts) = at.0.checked_sub(base_time) else { return };
        let meta = buffer.make_mut();
        meta.set_pts(pts);
        meta.set_dts(gst::ClockTime::NONE);
        self.offered.fetch_add(1, Ordering::Relaxed);
        // Flushing or at its end: the mixer is on its way out.
        let _ = appsrc.push_buffer(buffer);
    }

    /// How many buffers mixers were offered.
    pub(crate) fn offered(&self) -> u64 {
        self.offered.load(Ordering::Relaxed)
    }

    /// Where a picture that passes can be asked for.
    pub(crate) fn stills(&self) -> &Asked {
        &self.stills
    }

    /// Whether what was captured there may not be seen now.
    pub(crate) fn hides(&self, at: ClockPoint) -> bool {
        self.shutter.borrow().keeps_out(at)
    }

    /// Whether nobody may look into the room now.
    pub(crate) fn is_shut(&self) -> bool {
        self.shutter.borrow().is_closed()
    }

    /// How long ago the newest frame came; nothing when there was none.
    pub(crate) fn age(&self) -> Option<std::time::Duration> {
        self.arrival.age()
    }

    /// Forgets the age: the source begins anew.
    pub(crate) fn reset(&self) {
        self.arrival.reset();
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<(gst_app::AppSrc, gst::ClockTime)>> {
        self.mixer.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
