//! What the broker wants of the box, carried to whoever does it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lectern_api::Clock;
use lectern_api::command::Refusal;
use lectern_api::manifest::Trigger;
use lectern_api::messages::local;
use lectern_api::mqtt::{Restart, SetLogLevel};
use lectern_doctor::Places;
use lectern_helper::{AskError, Client, Request as Verb};
use lectern_mqtt::commands::{Action, Carried, Executor, Outcome};
use tokio::sync::{mpsc, oneshot, watch};

use super::{Settings, diagnosis};
use crate::lesson::actor::{Request, gone};
use crate::lesson::machine::State;
use crate::off_thread::off_thread;
use crate::timetable::Desk;

/// By whom a timetable came.
const BROKER: &str = "mqtt";

/// The ways to those who carry it out.
#[derive(Debug, Clone)]
pub(crate) struct Errands {
    pub(crate) lesson: mpsc::Sender<Request>,
    pub(crate) timetable: Desk,
    pub(crate) settings: Arc<Settings>,
    pub(crate) log: watch::Sender<Option<SetLogLevel>>,
    /// Whoever ends the daemon and begins it anew.
    pub(crate) restart: mpsc::Sender<()>,
    /// What the box is doing.
    pub(crate) state: watch::Receiver<State>,
    /// What an examination looks at.
    pub(crate) examined: Places,
    pub(crate) clock: Arc<dyn Clock>,
    /// Whoever reboots the machine.
    pub(crate) helper: Client,
}

/// In this time the broker hears that the box begins.
const MOMENT: Duration = Duration::from_secs(1);
/// The daemon has ended long before.
const RESTART_LIMIT: Duration = Duration::from_secs(60);

impl Errands {
    async fn run(self, action: Action) -> Result<Outcome, Refusal> {
        match action {
            Action::Lesson(command) => {
                let (answer, answered) = oneshot::channel();
                let request = Request::Command { command, trigger: Trigger::Remote, answer };
                self.lesson.send(request).await.map_err(|_| gone())?;
                let done = answered.await.map_err(|_| gone())??;
                Ok(Outcome { lesson: done.lesson, ..Outcome::default() })
            }
            Action::Timetable(push) => {
                // Never confirmed from afar: it passes the gate, and waits for a
                // person where that doubts.
                let pushed =
                    self.timetable.push(push.timetable.into_bytes(), BROKER.to_owned(), false).await?;
                let result = [("version".to_owned(), pushed.version.number.to_string())].into();
                Ok(Outcome { result, ..Outcome::default() })
            }
            Action::GetSettings(keys) => self.settings(move |settings| settings.get(&keys)).await,
            Action::SetSettings(wanted) => self.settings(move |settings| settings.set(&wanted)).await,
            Action::Log(wanted) => {
                self.log.send_replace(Some(wanted));
                Ok(Outcome::default())
            }
            Action::Restart(restart) => self.restart(restart).await,
            Action::Doctor => Ok(diagnosis::doctor(&self.examined, &*self.clock).await),
            Action::Bundle(url) => diagnosis::bundle(&self.examined, &*self.clock, &url).await,
            Action::Reboot(reboot) => self.reboot(reboot).await,
        }
    }
}

impl Errands {
    async fn settings(
        &self,
        work: impl FnOnce(&Settings) -> Result<BTreeMap<String, String>, Refusal> + Send + 'static,
    ) -> Result<Outcome, Refusal> {
        let settings = Arc::clone(&self.settings);
        let result = tokio::task::spawn_blocking(move || work(&settings)).await.map_err(|_| gone())??;
        Ok(Outcome { result, ..Outcome::default() })
    }

    /// Never answers when it succeeds: the next start of the daemon does.
    async fn restart(&self, restart: Restart) -> Result<Outcome, Refusal> {
        self.must_be_idle(restart)?;
        tokio::time::sleep(MOMENT).await;
        self.restart.send(()).await.map_err(|_| gone())?;
        tokio::time::sleep(RESTART_LIMIT).await;
        Err(Refusal::new("stuck", local::restart_stuck()))
    }

    /// The same, of the whole machine.
    async fn reboot(&self, restart: Restart) -> Result<Outcome, Refusal> {
        self.must_be_idle(restart)?;
        tokio::time::sleep(MOMENT).await;
        let helper = self.helper.clone();
        match off_thread(move || helper.ask(&Verb::Reboot {})).await {
            Ok(_) => {}
            Err(error @ AskError::Absent { .. }) => {
                return Err(Refusal::new("no_helper", local::reboot_refused(error)));
            }
            Err(error) => return Err(Refusal::new("helper", local::reboot_refused(error))),
        }
        tokio::time::sleep(RESTART_LIMIT).await;
        Err(Refusal::new("stuck", local::restart_stuck()))
    }

    fn must_be_idle(&self, Restart { force }: Restart) -> Result<(), Refusal> {
        if self.state.borrow().is_in_use() && !force {
            return Err(Refusal::new("lesson_running", local::restart_in_lesson()));
        }
        Ok(())
    }
}

impl Executor for Errands {
    fn carry_out(&self, action: Action) -> Carried {
        Box::pin(self.clone().run(action))
    }
}
