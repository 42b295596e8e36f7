//! The one time that all pipelines share: nanoseconds of the monotonic system
//! clock. A pipeline's running time is this minus its base time.

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

    /// As a plain duration since an earlier point.
    pub(crate) fn duration_since(self, earlier: Self) -> std::time::Duration {
        self.since(earlier).into()
    }
}
