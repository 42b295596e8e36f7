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

const UNSYNCED: Sync = Sync { synced: false, error: Duration::MAX };

/// Asks the kernel; where its answer is refused, as in the service's sandbox,
/// what systemd's own client of NTP has left below `root`.
#[must_use]
pub fn sync(root: &Path) -> Sync {
    kernel().unwrap_or_else(|| timesyncd(root, realtime()))
}

/// Nothing when it may not be asked. Source: adjtimex(2), `STA_UNSYNC` and
/// `maxerror`.
fn kernel() -> Option<Sync> {
    #[expect(unsafe_code, reason = "adjtimex is offered only by C")]
    // SAFETY: an all-zero timex is valid and, with `modes` zero, asks for the
    // state without changing it; the pointer is to a local of the right type.
    let (state, timex) = unsafe {
        let mut timex: libc::timex = std::mem::zeroed();
        (libc::adjtimex(&raw mut timex), timex)
    };
    if state < 0 {
        return None;
    }
    if timex.status & libc::STA_UNSYNC != 0 {
        return Some(UNSYNCED);
    }
    let error = Duration::from_micros(u64::try_from(timex.maxerror).unwrap_or(u64::MAX));
    Some(Sync { synced: true, error })
}

/// A file that is touched at each successful synchronisation
/// (systemd-timesyncd.service(8)).
const TOUCHED: &str = "run/systemd/timesync/synchronized";
/// timesyncd takes no server that is farther off (`RootDistanceMaxSec=`).
const DISTANCE: Duration = Duration::from_secs(5);
/// What the kernel adds to its bound for each second without a correction
/// (`MAXFREQ`, 500 ppm), and the bound with which it stops to believe itself
/// (`NTP_PHASE_LIMIT`): nine hours.
const DRIFT_PER_MILLION: u32 = 500;
const BELIEVED_WITHIN: Duration = Duration::from_secs(16);

/// The kernel's own rule, from what timesyncd leaves; `now` since 1970.
fn timesyncd(root: &Path, now: Duration) -> Sync {
    let touched = std::fs::metadata(root.join(TOUCHED)).and_then(|file| file.modified());
    let Ok(touched) = touched else { return UNSYNCED };
    // In its own future when somebody has set the clock back since.
    let age = touched.duration_since(std::time::UNIX_EPOCH).map_or(Duration::MAX, |at| at.abs_diff(now));
    let drift = age / 1_000_000 * DRIFT_PER_MILLION;
    if drift > BELIEVED_WITHIN { UNSYNCED } else { Sync { synced: true, error: DISTANCE + drift } }
}

/// Since 1970.
fn realtime() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    Duration::try_from(now).unwrap_or_default()
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
    fn where_the_kernel_may_not_be_asked_what_timesyncd_left_counts_for_nine_hours() {
        let root = tempfile::tempdir().unwrap();
        let now = realtime();
        assert_eq!(timesyncd(root.path(), now), UNSYNCED);
        let file = root.path().join(TOUCHED);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let file = std::fs::File::create(file).unwrap();
        let touched = |seconds: u64| {
            file.set_modified(std::time::UNIX_EPOCH + now - Duration::from_secs(seconds)).unwrap();
            timesyncd(root.path(), now)
        };
        let fresh = touched(2000);
        assert!(fresh.synced && fresh.error == Duration::from_secs(6), "{fresh:?}");
        assert!(touched(8 * 3600).synced);
        assert_eq!(touched(10 * 3600), UNSYNCED);
        file.set_modified(std::time::UNIX_EPOCH + now + Duration::from_secs(10 * 3600)).unwrap();
        assert_eq!(timesyncd(root.path(), now), UNSYNCED, "the clock was set back since");
    }

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
