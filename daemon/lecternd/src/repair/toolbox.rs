//! Which steps there are on this box, and how each is taken.

use std::collections::BTreeMap;
use std::sync::Arc;

use lectern_api::repair::Repair;
use lectern_helper::{AskError, Client, Request};
use lectern_spool::{Retention, Spool};
use tokio::sync::{mpsc, watch};

use super::uplink::Uplinks;
use super::usb::UsbSource;
use crate::capture::encoder::EncoderKind;
use crate::health::{Hindrance, Tools, Work};
use crate::off_thread::OffThread as _;
use crate::spooler;

/// What the steps go to.
#[derive(Debug)]
pub(crate) struct Ends {
    /// By the source's name.
    pub(crate) reopen: BTreeMap<String, watch::Sender<u64>>,
    pub(crate) encoder: watch::Receiver<Option<&'static EncoderKind>>,
    /// Told of an encoder with which the record failed.
    pub(crate) failed: mpsc::Sender<&'static EncoderKind>,
    pub(crate) spool: Arc<Spool>,
    pub(crate) retention: Retention,
    pub(crate) uplinks: Arc<Uplinks>,
    /// Asks the daemon to end; nothing where nobody would start it again.
    pub(crate) restart: Option<mpsc::Sender<()>>,
}

/// The steps of this box.
#[derive(Debug)]
pub(crate) struct Toolbox {
    sources: BTreeMap<String, UsbSource>,
    /// Nothing on a machine that is to be left alone.
    helper: Option<Client>,
    ends: Ends,
}

/// Asks the helper, which takes its time.
pub(super) async fn asked(helper: Client, request: Request) -> Result<(), Hindrance> {
    match tokio::task::spawn_blocking(move || helper.ask(&request)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error @ AskError::Absent { .. })) => Err(Hindrance::NoHelper(error.to_string())),
        Ok(Err(error)) => Err(Hindrance::Failed(error.to_string())),
        Err(panicked) => Err(Hindrance::Failed(panicked.to_string())),
    }
}

fn left_alone() -> Work {
    Box::pin(async { Err(Hindrance::NoHelper("a trial leaves the machine alone".to_owned())) })
}

/// Only what lacks room is given some.
const SPOOL: &str = "spool";

impl Toolbox {
    pub(crate) fn new(sources: BTreeMap<String, UsbSource>, helper: Option<Client>, ends: Ends) -> Self {
        Self { sources, helper, ends }
    }

    fn ask(&self, request: Request) -> Work {
        let Some(helper) = self.helper.clone() else { return left_alone() };
        Box::pin(asked(helper, request))
    }

    fn free_room(&self) -> Work {
        let (spool, retention) = (Arc::clone(&self.ends.spool), self.ends.retention.clone());
        Box::pin(async move {
            let made = spool.off_thread(move |spool| spooler::make_room(spool, &retention)).await;
            match made {
                Ok(made) if made.lessons.is_empty() && made.discarded.is_empty() => {
                    Err(Hindrance::Failed("no recording may go".to_owned()))
                }
                Ok(_) => Ok(()),
                Err(error) => Err(Hindrance::Failed(error.to_string())),
            }
        })
    }

    /// The second failure within a minute is one too many for an encoder.
    fn next_encoder(&self) -> Work {
        let (failed, encoder) = (self.ends.failed.clone(), *self.ends.encoder.borrow());
        Box::pin(async move {
            let gone = |cause: &str| Hindrance::Failed(cause.to_owned());
            let encoder = encoder.ok_or_else(|| gone("no encoder is in use"))?;
            for _ in 0..2 {
                failed.send(encoder).await.map_err(|_| gone("nobody chooses encoders"))?;
            }
            Ok(())
        })
    }
}

impl Tools for Toolbox {
    fn can(&self, what: Repair, unit: &str) -> bool {
        let source = self.sources.get(unit);
        match what {
            Repair::RestartSource => self.ends.reopen.contains_key(unit),
            Repair::Replug => self.helper.is_some() && source.and_then(UsbSource::port).is_some(),
            Repair::NextEncoder => self.ends.encoder.borrow().is_some(),
            Repair::OtherUplink => self.helper.is_some() && self.ends.uplinks.may_help(unit),
            Repair::FreeRoom => unit == SPOOL,
            Repair::RestartDaemon => self.ends.restart.is_some(),
            Repair::Reboot => self.helper.is_some() && source.is_none_or(UsbSource::is_of_this_machine),
        }
    }

    fn take(&self, what: Repair, unit: &str) -> Work {
        let failed =
            |why: &'static str| -> Work { Box::pin(async move { Err(Hindrance::Failed(why.to_owned())) }) };
        match what {
            Repair::RestartSource => match self.ends.reopen.get(unit) {
                Some(reopen) => {
                    reopen.send_modify(|times| *times += 1);
                    Box::pin(async { Ok(()) })
                }
                None => failed("no such source"),
            },
            Repair::Replug => match self.sources.get(unit).and_then(UsbSource::port) {
                Some(port) => self.ask(Request::Replug { port }),
                None => failed("no USB port of it is known"),
            },
            Repair::NextEncoder => self.next_encoder(),
            Repair::OtherUplink => match self.helper.clone() {
                Some(helper) => {
                    let uplinks = Arc::clone(&self.ends.uplinks);
                    Box::pin(async move { uplinks.take_other(helper).await })
                }
                None => left_alone(),
            },
            Repair::FreeRoom => self.free_room(),
            Repair::RestartDaemon => match self.ends.restart.clone() {
                Some(restart) => Box::pin(async move {
                    restart.send(()).await.map_err(|_| Hindrance::Failed("it ends already".to_owned()))
                }),
                None => failed("nobody would start it again"),
            },
            Repair::Reboot => self.ask(Request::Reboot {}),
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
