//! What the broker wants of the box, carried to whoever does it.

use std::sync::Arc;

use lectern_api::Clock;
use lectern_api::command::Refusal;
use lectern_api::manifest::Trigger;
use lectern_api::messages::mqtt as words;
use lectern_doctor::Places;
use lectern_mqtt::commands::{Action, Carried, Executor, Outcome};
use tokio::sync::{mpsc, oneshot};

use super::diagnosis;
use crate::lesson::actor::{Request, gone};
use crate::timetable::Desk;

/// By whom a timetable came.
const BROKER: &str = "mqtt";

/// The ways to those who carry it out.
#[derive(Debug, Clone)]
pub(crate) struct Errands {
    pub(crate) lesson: mpsc::Sender<Request>,
    pub(crate) timetable: Desk,
    /// What an examination looks at.
    pub(crate) examined: Places,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Errands {
    async fn run(self, action: Action) -> Result<Outcome, Refusal> {
        let kind = match action {
            Action::Lesson(command) => {
                let (answer, answered) = oneshot::channel();
                // A person at the district, as one at the box.
                let request = Request::Command { command, trigger: Trigger::Hand, answer };
                self.lesson.send(request).await.map_err(|_| gone())?;
                let done = answered.await.map_err(|_| gone())??;
                return Ok(Outcome { lesson: done.lesson, ..Outcome::default() });
            }
            Action::Timetable(push) => {
                // Never confirmed from afar: it passes the gate, and waits for a
                // person where that doubts.
                let pushed =
                    self.timetable.push(push.timetable.into_bytes(), BROKER.to_owned(), false).await?;
                let result = [("version".to_owned(), pushed.version.number.to_string())].into();
                return Ok(Outcome { result, ..Outcome::default() });
            }
            Action::GetSettings(_) => "config_get",
            Action::SetSettings(_) => "config_set",
            Action::Doctor => return Ok(diagnosis::doctor(&self.examined, &*self.clock).await),
            Action::Bundle(url) => return diagnosis::bundle(&self.examined, &*self.clock, &url).await,
            Action::Log(_) => "log_level",
            Action::Restart => "restart",
            Action::Reboot => "reboot",
        };
        Err(Refusal { code: "not_here".to_owned(), text: words::command_not_here(kind) })
    }
}

impl Executor for Errands {
    fn carry_out(&self, action: Action) -> Carried {
        Box::pin(self.clone().run(action))
    }
}
