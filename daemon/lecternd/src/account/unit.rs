//! The unit: looks at the targets, settles, corrects, tells.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use lectern_api::account::AccountStatus;
use lectern_api::status::LiveState;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use super::accounts::{AccountError, Accounts};
use super::live::LOOK_EVERY;
use crate::live::target::TargetState;
use crate::off_thread::OffThread as _;

/// Looks between two of settling: a lesson is settled one to two minutes after
/// its bell.
const SETTLE_EVERY: u32 = 60;
/// So often settled accounts are compared with the spool: only a recovery or a
/// late repair brings media back.
const CORRECT_EVERY: Duration = Duration::from_secs(3600);

/// What the unit is given.
#[derive(Debug, Clone)]
pub(crate) struct Accountant {
    pub(crate) accounts: Arc<Accounts>,
    /// The live targets.
    pub(crate) targets: Vec<watch::Receiver<TargetState>>,
    pub(crate) status: watch::Sender<AccountStatus>,
    /// Counts up when somebody has taken note of something.
    pub(crate) noted: watch::Receiver<u64>,
}

impl Accountant {
    /// Runs until the daemon ends.
    pub(crate) async fn run(mut self) -> Result<(), AccountError> {
        let mut tick = tokio::time::interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut looks, mut begun, mut corrected) = (0_u32, false, None::<Instant>);
        loop {
            let noted = tokio::select! {
                _ = tick.tick() => false,
                changed = self.noted.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    true
                }
            };
            if !noted {
                self.look();
                looks += 1;
            }
            if !begun {
                // The first lesson may begin in the minute in which the first timetable comes.
                begun = self.begin().await?;
            }
            if noted || looks % SETTLE_EVERY == 1 {
                let is_due = corrected.is_none_or(|at| at.elapsed() >= CORRECT_EVERY);
                if is_due {
                    corrected = Some(Instant::now());
                }
                self.settle(is_due).await?;
            }
        }
    }

    fn look(&self) {
        let live = self.targets.iter().any(|target| target.borrow().state == LiveState::Sending);
        let now = self.accounts.clock().utc();
        self.accounts.live.lock().unwrap_or_else(PoisonError::into_inner).look(now, live);
    }

    /// Whether accounts are kept yet.
    async fn begin(&self) -> Result<bool, AccountError> {
        let begun = self.accounts.off_thread(|accounts| {
            accounts.settle()?;
            accounts.has_begun()
        });
        begun.await
    }

    async fn settle(&self, correct: bool) -> Result<(), AccountError> {
        let has_targets = !self.targets.is_empty();
        let status = self.accounts.off_thread(move |accounts| {
            if has_targets {
                accounts.keep_live()?;
            }
            accounts.settle()?;
            if correct {
                accounts.correct()?;
            }
            accounts.status()
        });
        let status = status.await?;
        self.status.send_if_modified(|told| std::mem::replace(told, status.clone()) != status);
        Ok(())
    }
}
