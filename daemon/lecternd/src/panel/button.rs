//! Waits for presses and takes them to the lesson, as a person's word.

use std::sync::Arc;
use std::time::Duration;

use lectern_api::Clock;
use lectern_api::manifest::Trigger;
use lectern_hal::Hardware;
use lectern_hal::button::{Button as Presses, Press, Wanted};
use tokio::sync::{mpsc, oneshot, watch};

use super::press::{Button, Room, Running, is_a_persons, wish};
use crate::lesson::actor::Request;
use crate::lesson::machine::State;
use crate::off_thread::off_thread;

/// The unit of one button.
#[derive(Clone)]
pub(crate) struct Presser {
    pub(crate) button: Button,
    pub(crate) wanted: Wanted,
    pub(crate) machine: Arc<dyn Hardware>,
    pub(crate) lesson: watch::Receiver<State>,
    pub(crate) requests: mpsc::Sender<Request>,
    /// Counts the presses that were refused.
    pub(crate) refused: watch::Sender<u64>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Held for so long, it is a long press.
const LONG: Duration = Duration::from_secs(3);
/// How long a thread waits for a press before it looks whether it is wanted still.
const WAIT: Duration = Duration::from_secs(1);
/// A button that is not there is looked for so often.
const LOOK: Duration = Duration::from_secs(2);

impl Presser {
    /// Runs until the daemon ends; takes the button up again when it comes back.
    pub(crate) async fn run(self) {
        let mut trouble = None;
        loop {
            let (machine, wanted) = (Arc::clone(&self.machine), self.wanted.clone());
            let cause = match off_thread(move || machine.key(&wanted)).await {
                Ok(Some(key)) => {
                    tracing::info!(button = ?self.button, device = self.wanted.device, "the button is there");
                    trouble = None;
                    let clock = Arc::clone(&self.clock);
                    let error = self.attend(Presses::new(key, LONG, move || clock.monotonic())).await;
                    format!("{error}; it was pulled out, or its cable is bad: put it back")
                }
                Ok(None) => "there is no input device of that name. Write one from /proc/bus/input/devices below [panel], or connect it".to_owned(),
                Err(error) => format!("{error}. Give the group lectern the right to read it by a udev rule"),
            };
            if trouble.as_ref() != Some(&cause) {
                let device = &self.wanted.device;
                tracing::warn!(button = ?self.button, device, cause, "nobody hears this button; it is looked for");
                trouble = Some(cause);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Takes presses until the key is gone; tells why.
    async fn attend<Now>(&self, mut presses: Presses<Now>) -> std::io::Error
    where
        Now: Fn() -> Duration + Send + 'static,
    {
        loop {
            let (after, press) = off_thread(move || {
                let press = presses.wait(WAIT);
                (presses, press)
            })
            .await;
            presses = after;
            match press {
                Ok(Some(press)) => self.pressed(press).await,
                Ok(None) => {}
                Err(error) => return error,
            }
        }
    }

    async fn pressed(&self, press: Press) {
        let button = self.button;
        let why = match wish(button, press, self.room()) {
            Ok(command) => {
                let (answer, answered) = oneshot::channel();
                tracing::info!(?button, ?press, ?command, "pressed");
                let request = Request::Command { command, trigger: Trigger::Button, answer };
                if self.requests.send(request).await.is_err() {
                    return;
                }
                match answered.await {
                    Ok(Ok(_)) | Err(_) => return,
                    Ok(Err(refusal)) => refusal.text.en,
                }
            }
            Err(nothing) => nothing.to_string(),
        };
        tracing::info!(?button, ?press, why, "refused");
        self.refused.send_modify(|refused| *refused += 1);
    }

    fn room(&self) -> Room {
        let state = self.lesson.borrow();
        let running = state.on_air.as_ref().map(|on_air| Running {
            is_a_persons: is_a_persons(&on_air.info),
            on_air: self.clock.monotonic().saturating_sub(on_air.joined_at),
        });
        Room { lesson: running, is_shut: state.shutter.is_some() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use lectern_api::command::{Command, Done};
    use lectern_hal::sim::{Script, Simulated};

    use super::*;
    use crate::lesson::actor::gone;
    use crate::supervisor::Supervisor;

    /// A clock that the test turns, in seconds.
    #[derive(Debug, Default)]
    struct Hand(AtomicU64);

    impl Clock for Hand {
        fn utc(&self) -> jiff::Timestamp {
            jiff::Timestamp::UNIX_EPOCH
        }
        fn monotonic(&self) -> Duration {
            Duration::from_secs(self.0.load(Ordering::SeqCst))
        }
    }

    /// Held and let go, pulled out, put back, held again.
    const DAY: &str = "[start]\nkeys = [{ name = 'bell' }]\n\
        [[event]]\nsecond = 10\nat = 'keys.bell.is_down'\nvalue = true\n\
        [[event]]\nsecond = 50\nat = 'keys.bell.is_down'\nvalue = false\n\
        [[event]]\nsecond = 100\nat = 'keys.bell'\nabsent = true\n\
        [[event]]\nsecond = 140\nat = 'keys.bell'\nback = true\n\
        [[event]]\nsecond = 150\nat = 'keys.bell.is_down'\nvalue = true\n";

    #[tokio::test]
    async fn a_button_that_was_pulled_out_is_heard_again_and_a_refusal_is_counted() {
        let clock = Arc::new(Hand::default());
        let at = Arc::clone(&clock);
        let machine = Simulated::new(Script::parse(DAY).unwrap(), move || at.monotonic());
        let (requests, mut asked) = mpsc::channel(1);
        let (refused, mut refusals) = watch::channel(0);
        let (_state, lesson) = watch::channel(State::default());
        let presser = Presser {
            button: Button::Lesson,
            wanted: Wanted { device: "bell".to_owned(), code: None },
            machine: Arc::new(machine),
            lesson,
            requests,
            refused,
            clock: Arc::clone(&clock) as _,
        };
        let mut supervisor = Supervisor::default();
        supervisor.unit("button", move || {
            let presser = presser.clone();
            async move {
                presser.run().await;
                Ok::<_, std::convert::Infallible>(())
            }
        });
        // It goes on until the unit, which waits by it, has ended with the runtime.
        std::thread::spawn(move || {
            for _ in 0..12_000 {
                std::thread::sleep(Duration::from_millis(10));
                clock.0.fetch_add(1, Ordering::SeqCst);
            }
        });
        for answered in [Ok(Done { lesson: None, until: None }), Err(gone())] {
            let next = tokio::time::timeout(Duration::from_secs(60), asked.recv()).await;
            let Ok(Some(Request::Command { command, trigger, answer })) = next else { panic!("no command") };
            assert_eq!((command, trigger), (Command::Stop, Trigger::Button));
            assert_eq!(*refusals.borrow(), 0);
            answer.send(answered).unwrap();
        }
        assert_eq!(*refusals.wait_for(|refused| *refused > 0).await.unwrap(), 1);
    }
}
