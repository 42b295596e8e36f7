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
