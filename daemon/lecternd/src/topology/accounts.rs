//! What became of planned lessons.

use std::sync::Arc;

use lectern_api::account::AccountStatus;
use lectern_api::{IdError, Name};
use lectern_spool::Spool;
use tokio::sync::watch;

use crate::account::{Accountant, Accounts, Sources};
use crate::clock::start::Woken;
use crate::config::Config;
use crate::facts::Facts;
use crate::live::target::TargetState;
use crate::spooler::PROGRAM;
use crate::supervisor::Supervisor;
use crate::timetable::InForce;

/// What accounts are made from.
pub(super) struct Evidence<'a> {
    pub(super) facts: &'a Arc<Facts>,
    pub(super) woken: &'a Woken,
    pub(super) spool: &'a Arc<Spool>,
    pub(super) in_force: watch::Receiver<Arc<InForce>>,
    pub(super) targets: Vec<watch::Receiver<TargetState>>,
}

/// Where accounts are read, and where somebody takes note of one.
pub(super) struct Ends {
    pub(super) given: Arc<Accounts>,
    pub(super) status: watch::Receiver<AccountStatus>,
    pub(super) noted: watch::Sender<u64>,
}

pub(super) fn start(
    supervisor: &mut Supervisor,
    config: &Config,
    evidence: Evidence<'_>,
) -> Result<Ends, IdError> {
    let Evidence { facts, woken, spool, in_force, targets } = evidence;
    let (noted, noted_rx) = watch::channel(0_u64);
    let (account_tx, status) = watch::channel(AccountStatus::default());
    let given = Arc::new(Accounts::new(Sources {
        facts: Arc::clone(facts),
        journal: Arc::clone(&woken.journal),
        spool: Arc::clone(spool),
        track: Name::new(PROGRAM)?,
        plan: Box::new(move || in_force.borrow().plan.clone()),
        power: config.device.power,
        clock: Arc::clone(&woken.clock) as _,
        time_zone: config.device.time_zone.clone(),
    }));
    let accountant =
        Accountant { accounts: Arc::clone(&given), targets, status: account_tx, noted: noted_rx };
    supervisor.unit("accounts", move || accountant.clone().run());
    Ok(Ends { given, status, noted })
}
