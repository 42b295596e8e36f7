//! When somebody could watch: stretches in which at least one target was sent
//! to, as far as they were looked at. What nobody looked at counts as not live.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_account::{Span, Spans};

/// Looks that lie farther apart do not tell what was in between.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(1);
const APART: SignedDuration = SignedDuration::from_secs(3);
/// Lessons are settled long before.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Default)]
pub(super) struct LiveLog {
    stretches: Vec<(Timestamp, Timestamp)>,
    /// The newest look found a target being sent to.
    was_live: bool,
}

impl LiveLog {
    pub(super) fn restored(stretches: Vec<(Timestamp, Timestamp)>) -> Self {
        Self { stretches, was_live: false }
    }

    /// A look at the targets.
    pub(super) fn look(&mut self, now: Timestamp, live: bool) {
        let since = |(_, until): &(Timestamp, Timestamp)| now.duration_since(*until);
        match self.stretches.last_mut() {
            // A wall clock that leapt in between leaves the stretch as it was.
            Some(last) if self.was_live && (SignedDuration::ZERO..=APART).contains(&since(last)) => {
                last.1 = now;
            }
            _ if live => self.stretches.push((now, now)),
            _ => {}
        }
        self.was_live = live;
        self.stretches.retain(|(_, until)| now.duration_since(*until) < KEPT);
    }

    pub(super) fn stretches(&self) -> &[(Timestamp, Timestamp)] {
        &self.stretches
    }

    pub(super) fn spans(&self) -> Spans {
        self.stretches.iter().filter_map(|(from, until)| Span::new(*from, *until)).collect()
    }
}
