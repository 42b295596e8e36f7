//! Until when something is waited for.

use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::time::{ClockId, Timespec, clock_gettime};

/// A moment of the clock that never goes back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Duration);

impl Deadline {
    /// So long from now.
    pub(crate) fn after(limit: Duration) -> Self {
        Self(now().saturating_add(limit))
    }

    /// What is left; nothing once it has passed.
    pub(crate) fn rest(self) -> Option<Duration> {
        self.0.checked_sub(now()).filter(|rest| !rest.is_zero())
    }

    /// Waits until there is something to read, or to be had; whether it came in
    /// time.
    pub(crate) fn wait(self, fd: &impl std::os::fd::AsFd) -> std::io::Result<bool> {
        loop {
            let Some(rest) = self.rest() else { return Ok(false) };
            let rest = Timespec::try_from(rest).map_err(std::io::Error::other)?;
            match poll(&mut [PollFd::new(fd, PollFlags::IN)], Some(&rest)) {
                Ok(0) => return Ok(false),
                Ok(_) => return Ok(true),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn now() -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    Duration::try_from(now).unwrap_or_default()
}
