//! Whether the wall clock can be believed, and the clock on its own battery.

use std::path::Path;
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

/// What a real-time clock says, in seconds since 1970 as if it ran in UTC;
/// nothing where there is none or it does not answer. Waits for the chip, some
/// milliseconds over I²C. Source: `/sys/class/rtc/<name>/since_epoch`.
#[must_use]
pub fn rtc(root: &Path, name: &str) -> Option<i64> {
    let path = root.join("sys/class/rtc").join(name).join("since_epoch");
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_time_clock_tells_seconds_or_nothing() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(rtc(root.path(), "rtc0"), None);
        let folder = root.path().join("sys/class/rtc/rtc0");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("since_epoch"), "1772409600\n").unwrap();
        assert_eq!(rtc(root.path(), "rtc0"), Some(1_772_409_600));
        assert_eq!(rtc(root.path(), "rtc1"), None);
        // Some drivers answer an unset clock with nothing at all.
        std::fs::write(folder.join("since_epoch"), "").unwrap();
        assert_eq!(rtc(root.path(), "rtc0"), None);
    }
}
