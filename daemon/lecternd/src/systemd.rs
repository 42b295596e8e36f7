//! What systemd is told of the daemon's life. Nothing where systemd did not start
//! it. Whether it is alive [`ops::watchdog`](crate::ops::watchdog) says.

use std::time::Duration;

use sd_notify::NotifyState;

use crate::cli::Ending;

/// So long a start may take, as its unit says: a spool whose index is gone is
/// read again.
const START_LIMIT: Duration = Duration::from_secs(180);

/// After a restart of its own systemd's watchdog watches already, and nobody feeds
/// it before the daemon is ready. Asked for by the new program: should the former
/// hang at its end, the watchdog ends it as ever.
pub(crate) fn ask_for_patience() {
    if sd_notify::watchdog_enabled().is_some() {
        let _ = sd_notify::notify(&[watchdog_of(START_LIMIT)]);
    }
}

/// Ready, and from now on watched as strictly as the unit says.
pub(crate) fn tell_ready() {
    let watchdog = sd_notify::watchdog_enabled().map(watchdog_of);
    let told: Vec<_> = [NotifyState::Ready].into_iter().chain(watchdog).collect();
    let _ = sd_notify::notify(&told);
}

/// It ends. To systemd a restart of its own is a reload: after `STOPPING=1` it
/// would wait for the end of the process.
pub(crate) fn tell_end(ending: Ending) {
    let since = NotifyState::monotonic_usec_now();
    let _ = match since {
        Ok(since) if ending == Ending::Restart => sd_notify::notify(&[NotifyState::Reloading, since]),
        _ => sd_notify::notify(&[NotifyState::Stopping]),
    };
}

fn watchdog_of(limit: Duration) -> NotifyState<'static> {
    NotifyState::WatchdogUsec(u32::try_from(limit.as_micros()).unwrap_or(u32::MAX))
}
