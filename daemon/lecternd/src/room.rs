//! How long the room on the disk lasts.

use std::sync::Arc;
use std::time::Duration;

use lectern_api::{Bytes, Kbps};
use lectern_spool::{Retention, Spool, SpoolError, Usage};

use crate::off_thread::OffThread as _;

/// The disk, what may be let go, and how fast it fills.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    pub(crate) spool: Arc<Spool>,
    /// What may be let go when room is needed.
    pub(crate) retention: Retention,
    /// Of a recording, sound included.
    pub(crate) record_rate: Kbps,
}

impl Room {
    /// Seconds of recording that still fit. Reads the disk's facts: not for an
    /// async thread.
    pub(crate) fn free_s(&self) -> Result<f64, SpoolError> {
        let reclaimable = self.spool.reclaimable_bytes(&self.retention);
        Ok(free_s(&self.spool.usage()?, reclaimable, self.record_rate))
    }

    /// As [`Self::free_s`]; nothing when the disk does not say.
    pub(crate) async fn free(&self) -> Option<Duration> {
        let room = self.clone();
        let free_s = self.spool.off_thread(move |_| room.free_s()).await;
        match free_s {
            Ok(free_s) => Duration::try_from_secs_f64(free_s).ok().or(Some(Duration::MAX)),
            Err(error) => {
                tracing::warn!(%error, "how much room there is is unknown");
                None
            }
        }
    }
}

/// How long it lasts: what is free by quota and disk, the pool included and the
/// ballast not, and what may go.
#[expect(clippy::cast_precision_loss, reason = "seconds for people")]
pub(crate) fn free_s(usage: &Usage, reclaimable: Bytes, rate: Kbps) -> f64 {
    let bytes_per_second = f64::from(rate.0) * 1000.0 / 8.0;
    usage.free_bytes.0.saturating_add(reclaimable.0) as f64 / bytes_per_second
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_left_count_what_is_free_and_what_may_go() {
        let usage = Usage {
            quota_bytes: Bytes(100_000_000),
            allocated_bytes: Bytes(90_000_000),
            free_bytes: Bytes(3_000_000),
            segments: 3,
            index_bytes: Bytes(1_000_000),
            ballast_bytes: Bytes(0),
            ballast_wanted_bytes: Bytes(7_000_000),
            uncommitted: 0,
            index_error: None,
        };
        // 2400 kbit/s are 300 000 bytes in a second.
        assert!((free_s(&usage, Bytes(0), Kbps(2400)) - 10.0).abs() < 1e-9);
        assert!((free_s(&usage, Bytes(6_000_000), Kbps(2400)) - 30.0).abs() < 1e-9);
    }
}
