//! Whether the wall clock can be believed.

use std::time::Duration;

/// What the kernel says about its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sync {
    /// Whether something disciplines it.
    pub synced: bool,
    /// The kernel's bound of the error; meaningless when not synced.
    pub error: Duration,
}

/// Asks the kernel. Source: adjtimex(2), `STA_UNSYNC` and `maxerror`.
#[must_use]
pub fn sync() -> Sync {
    let unsynced = Sync { synced: false, error: Duration::MAX };
    #[expect(unsafe_code, reason = "adjtimex is offered only by C")]
    // SAFETY: an all-zero timex is valid and, with `modes` zero, asks for the
    // state without changing it; the pointer is to a local of the right type.
    let (state, timex) = unsafe {
        let mut timex: libc::timex = std::mem::zeroed();
        (libc::adjtimex(&raw mut timex), timex)
    };
    if state < 0 || timex.status & libc::STA_UNSYNC != 0 {
        return unsynced;
    }
    Sync { synced: true, error: Duration::from_micros(u64::try_from(timex.maxerror).unwrap_or(u64::MAX)) }
}
