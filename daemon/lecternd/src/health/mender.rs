//! Carries out what the planner orders, one step at a time.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use lectern_api::fault::Fault;
use lectern_api::repair::{Outcome, Repair, Tried};
use lectern_api::status::Status;
use tokio::sync::mpsc;

use super::book::{Book, Change, Key, Look, Moment};
use super::repair::{self, Order, Planner, Sight, Use};

/// Why a step was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Hindrance {
    /// This box has no helper that could.
    #[error("{0}")]
    NoHelper(String),
    /// It was tried and did not succeed.
    #[error("{0}")]
    Failed(String),
}

/// A step under way.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<(), Hindrance>> + Send>>;

/// What this box can do about its faults.
pub(crate) trait Tools: Send + Sync {
    /// Whether a step exists for a unit. Asked each second; must not wait.
    fn can(&self, what: Repair, unit: &str) -> bool;
    /// Takes a step.
    fn take(&self, what: Repair, unit: &str) -> Work;
}

/// What became of an order.
#[derive(Debug)]
pub(crate) struct Report {
    fault: u64,
    outcome: Outcome,
}

/// What a step may take; the helper answers within 45 s.
const LIMIT: Duration = Duration::from_secs(60);

/// The unit that takes the steps. Runs until the daemon ends.
pub(crate) async fn run(
    tools: Arc<dyn Tools>,
    orders: &mut mpsc::Receiver<Order>,
    reports: mpsc::Sender<Report>,
) {
    while let Some(Order { fault, what, unit }) = orders.recv().await {
        let taken = tokio::time::timeout(LIMIT, tools.take(what, &unit)).await;
        let late = || Err(Hindrance::Failed(format!("it did not end within {LIMIT:?}")));
        let outcome = match taken.unwrap_or_else(|_| late()) {
            Ok(()) => Outcome::Done,
            Err(Hindrance::NoHelper(why)) => {
                tracing::warn!(fault, ?what, unit, why, "a repair is skipped");
                Outcome::Skipped
            }
            Err(Hindrance::Failed(why)) => {
                tracing::warn!(fault, ?what, unit, why, "a repair failed");
                Outcome::Failed
            }
        };
        let _ = reports.send(Report { fault, outcome }).await;
    }
}

/// The planner between the book and the tools.
pub(crate) struct Mender {
    planner: Planner,
    tools: Arc<dyn Tools>,
    orders: mpsc::Sender<Order>,
    reports: mpsc::Receiver<Report>,
    /// Whether the box knows what it has tried before: where it does not, it
    /// never ends itself.
    remembers: bool,
}

/// The ends that a [`Mender`] is given.
pub(crate) struct MenderPorts {
    pub(crate) tools: Arc<dyn Tools>,
    pub(crate) orders: mpsc::Sender<Order>,
    pub(crate) reports: mpsc::Receiver<Report>,
}

impl Mender {
    pub(super) fn new(remembered: &[Fault], remembers: bool, ports: MenderPorts) -> Self {
        let MenderPorts { tools, orders, reports } = ports;
        Self { planner: Planner::new(remembered), tools, orders, reports, remembers }
    }

    /// Looks at the open faults; gives what has changed in them, and what is to
    /// be done as soon as that is written down.
    pub(super) fn look(
        &mut self,
        book: &mut Book,
        room: Use,
        wrong: &BTreeSet<Key>,
        now: Moment,
    ) -> (Vec<Change>, Option<Order>) {
        let mut changes = Vec::new();
        while let Ok(Report { fault, outcome }) = self.reports.try_recv() {
            self.planner.reported(fault);
            changes.extend(book.outcome(fault, outcome));
        }
        let (tools, remembers) = (&self.tools, self.remembers);
        let can = |what, unit: &str| (remembers || !repair::ends_the_daemon(what)) && tools.can(what, unit);
        let plan = self.planner.step(&book.open(), &Sight { now, room, wrong }, &can);
        for (fault, outcome) in plan.outcomes {
            changes.extend(book.outcome(fault, outcome));
        }
        if let Some(order) = &plan.order {
            let tried = Tried { what: order.what, at: now.utc, outcome: Outcome::Running };
            changes.extend(book.tries(order.fault, tried));
        }
        (changes, plan.order)
    }

    /// Has an order carried out. What ends the daemon must be on the disk first,
    /// or it would be done again and again.
    pub(super) fn hand_over(&mut self, book: &mut Book, order: Order, is_written: bool) -> Option<Change> {
        let Order { fault, what, .. } = order;
        if !is_written && repair::ends_the_daemon(what) {
            tracing::error!(fault, ?what, "not done: it cannot be written down");
        } else {
            tracing::warn!(fault, ?what, unit = order.unit, "repair");
            if self.orders.try_send(order).is_ok() {
                return None;
            }
        }
        self.planner.reported(fault);
        book.outcome(fault, Outcome::Failed)
    }
}

/// What the room is used for.
pub(super) fn room_use(status: &Status, look: &Look) -> Use {
    if status.lesson.is_some() {
        let is_silent = look.wrong.iter().any(|finding| finding.code == RECORD_SILENT);
        return if is_silent { Use::Silent } else { Use::Recording };
    }
    if status.check.is_some() { Use::Preparing } else { Use::Idle }
}

/// The fault of a lesson of which nothing is recorded.
const RECORD_SILENT: &str = "pipeline.restarting";

#[cfg(test)]
mod tests;
