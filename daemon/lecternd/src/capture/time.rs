//! The one time that all pipelines share: nanoseconds of the monotonic system
//! clock. A pipeline's running time is this minus its base time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gst::prelude::*;

/// A point on the shared clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClockPoint(pub(crate) gst::ClockTime);

impl ClockPoint {
    /// Now.
    pub(crate) fn now() -> Self {
        Self(gst::SystemClock::obtain().time())
    }

    /// The point of a buffer, from its segment and its pipeline's base time.
    pub(crate) fn of(buffer: &gst::BufferRef, segment: &gst::Segment, base: gst::ClockTime) -> Option<Self> {
        let segment = segment.downcast_ref::<gst::ClockTime>()?;
        Some(Self(base + segment.to_running_time(buffer.pts()?)?))
    }

    /// Time since an earlier point; zero when it is later.
    pub(crate) fn since(self, earlier: Self) -> gst::ClockTime {
        self.0.saturating_sub(earlier.0)
    }

    /// So much later.
    pub(crate) fn later_by(self, by: Duration) -> Self {
        Self(self.0 + gst::ClockTime::try_from(by).unwrap_or(gst::ClockTime::ZERO))
    }

    /// So much earlier, but not before the clock began.
    pub(crate) fn earlier_by(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(gst::ClockTime::try_from(by).unwrap_or(gst::ClockTime::ZERO)))
    }

    /// As a plain duration since an earlier point.
    pub(crate) fn duration_since(self, earlier: Self) -> std::time::Duration {
        self.since(earlier).into()
    }
}

/// Returns at a point, or never when there is none.
pub(crate) async fn sleep_until(point: Option<ClockPoint>) {
    let Some(point) = point else { return std::future::pending().await };
    loop {
        let left = point.duration_since(ClockPoint::now());
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left).await;
    }
}

/// When something moved last. Beaten from streaming threads, looked at from
/// elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    /// In ns of the shared clock; 0 is never.
    newest: AtomicU64,
}

impl Pulse {
    /// A pulse whose age counts from now, until something moves.
    pub(crate) fn new() -> Self {
        let pulse = Self::default();
        pulse.beat();
        pulse
    }

    pub(crate) fn beat(&self) {
        self.newest.store(ClockPoint::now().0.nseconds(), Ordering::Relaxed);
    }

    /// Forgets that anything moved.
    pub(crate) fn reset(&self) {
        self.newest.store(0, Ordering::Relaxed);
    }

    /// How long ago it moved; nothing when it never did.
    pub(crate) fn age(&self) -> Option<Duration> {
        let newest = self.newest.load(Ordering::Relaxed);
        let newest = (newest > 0).then(|| ClockPoint(gst::ClockTime::from_nseconds(newest)))?;
        Some(ClockPoint::now().duration_since(newest))
    }
}
