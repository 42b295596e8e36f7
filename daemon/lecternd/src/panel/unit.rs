//! Keeps the lights true.

use std::sync::Arc;
use std::time::Duration;

use lectern_api::Clock;
use lectern_api::fault::Fault;
use lectern_api::status::LiveState;
use lectern_hal::indicator::Light;
use tokio::sync::watch;

use super::lights::{Record, Sight, lights};
use super::{Lamps, Lit, Purpose};
use crate::capture::time::ClockPoint;
use crate::lesson::machine::State;
use crate::live::target::TargetState;
use crate::off_thread::off_thread;
use crate::spooler::Progress;

/// The unit. It looks at what others tell and asks nobody: a disk that hangs must
/// not keep a light on.
#[derive(Clone)]
pub(crate) struct Panel {
    pub(crate) lamps: Arc<Lamps>,
    pub(crate) lesson: watch::Receiver<State>,
    pub(crate) progress: watch::Receiver<Progress>,
    pub(crate) live: Vec<watch::Receiver<TargetState>>,
    pub(crate) faults: watch::Receiver<Arc<[Fault]>>,
    /// Counts the presses that were refused.
    pub(crate) refused: watch::Sender<u64>,
    pub(crate) clock: Arc<dyn Clock>,
}

const LOOK: Duration = Duration::from_millis(500);
/// What the light for faults does when a press is refused: three times, and so
/// fast that it is nothing else.
const NO: [Light; 7] = [Light::Off, Light::On, Light::Off, Light::On, Light::Off, Light::On, Light::Off];
const NO_EACH: Duration = Duration::from_millis(120);

impl Panel {
    /// Runs until the daemon ends.
    pub(crate) async fn run(mut self) {
        let mut refused = self.refused.subscribe();
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = look.tick() => {}
                Ok(()) = self.lesson.changed() => {}
                Ok(()) = refused.changed() => self.say_no().await,
            }
            let (lit, lamps) = (self.lit(), Arc::clone(&self.lamps));
            off_thread(move || lamps.show(&lit)).await;
        }
    }

    fn lit(&self) -> Lit {
        let (joined_at, is_shut) = {
            let state = self.lesson.borrow();
            (state.on_air.as_ref().map(|on_air| on_air.joined_at), state.shutter.is_some())
        };
        let fragment = self.progress.borrow().newest;
        let live: Vec<LiveState> = self.live.iter().map(|target| target.borrow().state).collect();
        let faults = Arc::clone(&self.faults.borrow());
        let lesson = joined_at.map(|joined_at| Record {
            on_air: self.clock.monotonic().saturating_sub(joined_at),
            fragment_age: fragment.map(|at| ClockPoint::now().duration_since(at)),
        });
        lights(&Sight { lesson, is_shut, live: &live, faults: &faults })
    }

    async fn say_no(&self) {
        for light in NO {
            let lamps = Arc::clone(&self.lamps);
            off_thread(move || lamps.show_one(Purpose::Fault, light)).await;
            tokio::time::sleep(NO_EACH).await;
        }
    }
}
