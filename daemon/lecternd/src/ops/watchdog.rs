//! Tells systemd that the daemon is alive, and only when it is: the lesson's
//! actor beats, and while a lesson is on air the mixer makes frames and
//! fragments become durable.

use std::sync::Arc;
use std::time::Duration;

use lectern_api::Clock;
use tokio::sync::watch;

use crate::capture::feed::ProgramFeed;
use crate::capture::schedule::Schedule;
use crate::capture::shutter::Shutter;
use crate::capture::time::ClockPoint;
use crate::spooler::Progress;

/// What the watchdog looks at.
#[derive(Debug, Clone)]
pub(crate) struct Watchdog {
    pub(crate) beat: watch::Receiver<Duration>,
    pub(crate) schedule: watch::Receiver<Schedule>,
    pub(crate) shutter: watch::Receiver<Shutter>,
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
    /// How long it has been recorded: a closed shutter lets nothing be.
    recorded: Option<Duration>,
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
    let mixes = sight.on_air.is_none_or(|since| fresh(sight.frame_age, since, MOST_FRAME));
    let records = sight.recorded.is_none_or(|since| fresh(sight.fragment_age, since, MOST_FRAGMENT));
    sight.beat_age <= MOST_BEAT && mixes && records
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
        let begin = self.schedule.borrow().running(now).map(|air| air.begin);
        let shutter = *self.shutter.borrow();
        let recorded = begin.filter(|_| !shutter.is_closed());
        let recorded = recorded.map(|begin| shutter.opened().map_or(begin, |opened| opened.max(begin)));
        Sight {
            beat_age: self.clock.monotonic().saturating_sub(*self.beat.borrow()),
            on_air: begin.map(|begin| now.duration_since(begin)),
            recorded: recorded.map(|since| now.duration_since(since)),
            frame_age: self.feed.age(),
            fragment_age: newest.map(|at| now.duration_since(at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use lectern_api::manifest::GapReason;

    use super::*;
    use crate::capture::air::AirDesk;
    use crate::capture::schedule::tests::info;

    const FINE: Sight = Sight {
        beat_age: Duration::from_secs(1),
        on_air: Some(Duration::from_secs(600)),
        recorded: Some(Duration::from_secs(600)),
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
        let idle = Sight { on_air: None, recorded: None, frame_age: None, fragment_age: None, ..FINE };
        assert!(is_alive(idle));
        let young = Sight {
            on_air: Some(Duration::from_secs(3)),
            recorded: Some(Duration::from_secs(3)),
            fragment_age: Some(Duration::from_secs(600)),
            ..idle
        };
        assert!(is_alive(young));
    }

    #[test]
    fn a_closed_shutter_starves_nobody_as_long_as_the_mixer_works() {
        let shut = Sight { recorded: None, fragment_age: Some(Duration::from_secs(2000)), ..FINE };
        assert!(is_alive(shut));
        assert!(!is_alive(Sight { frame_age: Some(Duration::from_secs(9)), ..shut }));
        let just_opened = Sight { recorded: Some(Duration::from_secs(1)), ..shut };
        assert!(is_alive(just_opened));
    }

    #[test]
    fn a_lesson_is_expected_to_be_recorded_from_its_bell_to_its_end_and_while_the_shutter_is_open() {
        gst::init().unwrap();
        let (schedule, shutter) = (watch::Sender::default(), watch::Sender::default());
        let clock = Arc::new(lectern_api::SystemClock::new());
        let watchdog = Watchdog {
            beat: watch::Sender::new(clock.monotonic()).subscribe(),
            schedule: schedule.subscribe(),
            shutter: shutter.subscribe(),
            feed: Arc::new(ProgramFeed::new(shutter.subscribe())),
            progress: watch::Sender::default().subscribe(),
            clock,
        };
        let desk = AirDesk::new(schedule, shutter);
        let later = |seconds| ClockPoint(ClockPoint::now().0 + gst::ClockTime::from_seconds(seconds));
        let lesson = info("maths").id;
        desk.put_on(info("maths"), later(60), None, GapReason::PipelineRestarted);
        assert!(watchdog.sight().on_air.is_none(), "it begins in a minute");
        desk.put_on(info("maths"), ClockPoint::now(), None, GapReason::PipelineRestarted);
        assert!(watchdog.sight().on_air.is_some() && watchdog.sight().recorded.is_some());
        desk.shutter(true);
        assert!(watchdog.sight().on_air.is_some() && watchdog.sight().recorded.is_none());
        desk.shutter(false);
        desk.take_off(&lesson, ClockPoint::now());
        assert!(watchdog.sight().on_air.is_none());
    }
}
