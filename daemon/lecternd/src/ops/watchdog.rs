//! Tells systemd that the daemon is alive, and only when it is: the lesson's
//! actor beats, and while a lesson is on air the mixer makes frames and
//! fragments become durable.

use std::sync::Arc;
use std::time::Duration;

use lectern_api::Clock;
use tokio::sync::watch;

use crate::capture::air::Air;
use crate::capture::feed::ProgramFeed;
use crate::capture::time::ClockPoint;
use crate::spooler::Progress;

/// What the watchdog looks at.
#[derive(Debug, Clone)]
pub(crate) struct Watchdog {
    pub(crate) beat: watch::Receiver<Duration>,
    pub(crate) air: watch::Receiver<Option<Air>>,
    pub(crate) feed: Arc<ProgramFeed>,
    pub(crate) progress: watch::Receiver<Progress>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What the watchdog sees.
#[derive(Debug, Clone, Copy)]
struct Sight {
    beat_age: Duration,
    /// How long the lesson has been on air.
    on_air: Option<Duration>,
    frame_age: Option<Duration>,
    fragment_age: Option<Duration>,
}

const MOST_BEAT: Duration = Duration::from_secs(10);
const MOST_FRAME: Duration = Duration::from_secs(8);
/// The queue before the disk holds two minutes. A disk that hangs for less
/// loses nothing, unless the daemon is killed for it; a record that hangs is
/// noticed by its own unit.
const MOST_FRAGMENT: Duration = Duration::from_secs(150);

/// Whether real progress is being made.
fn is_alive(sight: Sight) -> bool {
    let fresh =
        |age: Option<Duration>, since: Duration, most: Duration| age.unwrap_or(since).min(since) <= most;
    let working = sight.on_air.is_none_or(|since| {
        fresh(sight.frame_age, since, MOST_FRAME) && fresh(sight.fragment_age, since, MOST_FRAGMENT)
    });
    sight.beat_age <= MOST_BEAT && working
}

impl Watchdog {
    /// Feeds systemd's watchdog, when it watches, for the life of the daemon.
    pub(crate) async fn run(self) {
        let Some(interval) = sd_notify::watchdog_enabled() else { return };
        let mut tick = tokio::time::interval((interval / 4).max(Duration::from_millis(100)));
        loop {
            tick.tick().await;
            let sight = self.sight();
            if is_alive(sight) {
                let _ = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]);
            } else {
                tracing::error!(?sight, "no progress: the watchdog is not fed");
            }
        }
    }

    fn sight(&self) -> Sight {
        let now = ClockPoint::now();
        let newest = self.progress.borrow().newest;
        Sight {
            beat_age: self.clock.monotonic().saturating_sub(*self.beat.borrow()),
            on_air: self.air.borrow().as_ref().map(|air| now.duration_since(air.begin)),
            frame_age: self.feed.age(),
            fragment_age: newest.map(|at| now.duration_since(at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: Sight = Sight {
        beat_age: Duration::from_secs(1),
        on_air: Some(Duration::from_secs(600)),
        frame_age: Some(Duration::from_millis(40)),
        fragment_age: Some(Duration::from_secs(2)),
    };

    #[test]
    fn a_wedged_pipeline_starves_the_watchdog_even_though_the_daemon_ticks() {
        assert!(is_alive(FINE));
        assert!(!is_alive(Sight { frame_age: Some(Duration::from_secs(9)), ..FINE }));
        assert!(!is_alive(Sight { fragment_age: Some(Duration::from_secs(151)), ..FINE }));
        assert!(!is_alive(Sight { beat_age: Duration::from_secs(11), ..FINE }));
    }

    #[test]
    fn an_idle_box_and_a_lesson_that_just_began_are_alive() {
        let idle = Sight { on_air: None, frame_age: None, fragment_age: None, ..FINE };
        assert!(is_alive(idle));
        let young = Sight {
            on_air: Some(Duration::from_secs(3)),
            fragment_age: Some(Duration::from_secs(600)),
            ..idle
        };
        assert!(is_alive(young));
    }
}
