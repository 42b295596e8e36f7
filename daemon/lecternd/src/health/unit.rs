//! Looks at the box once a second and keeps the book of faults.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use lectern_api::Clock;
use lectern_api::fault::Fault;
use lectern_api::repair::Tried;
use lectern_api::status::Status;
use lectern_spool::SpoolError;
use tokio::sync::watch;

use super::book::{Book, Change, Moment};
use super::memory::FaultMemory;
use super::mender::{Mender, MenderPorts, room_use};
use super::rules;
use crate::off_thread::off_thread;

/// Whatever tells how the box is.
pub(crate) type Told = Arc<dyn Fn() -> Result<Status, SpoolError> + Send + Sync>;

/// The unit.
#[derive(Clone)]
pub(crate) struct Health {
    told: Told,
    memory: FaultMemory,
    book: Arc<Mutex<Book>>,
    /// What could not be written down yet.
    unwritten: Arc<Mutex<Vec<Change>>>,
    mender: Arc<Mutex<Mender>>,
    told_to: Listeners,
    clock: Arc<dyn Clock>,
}

/// Who hears what is open.
#[derive(Debug, Clone)]
pub(crate) struct Listeners {
    /// The status; from the start on what was open when the daemon ended.
    pub(crate) status: watch::Sender<Arc<[Fault]>>,
    /// The broker; nothing before the first look, since a restart ends nothing.
    pub(crate) broker: watch::Sender<Option<Vec<Fault>>>,
}

const LOOK: Duration = Duration::from_secs(1);
const MOST_UNWRITTEN: usize = 1000;

impl Health {
    /// Goes on with what was open when the daemon ended.
    pub(crate) fn new(
        told: Told,
        memory: FaultMemory,
        mender: MenderPorts,
        told_to: Listeners,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (remembered, remembers) = match memory.all() {
            Ok(remembered) => (remembered, memory.is_whole()),
            Err(error) => {
                tracing::error!(%error, "former faults are forgotten");
                (Vec::new(), false)
            }
        };
        let mender = Arc::new(Mutex::new(Mender::new(&remembered, remembers, mender)));
        let last = remembered.last().map_or(0, |fault| fault.id);
        let (book, unknown) =
            Book::reopened(remembered.into_iter().filter(|fault| fault.until.is_none()).collect(), last);
        let now = clock.utc();
        let over = |fault: Fault| Change::Cleared(Fault { until: Some(now.max(fault.since)), ..fault });
        let unwritten = Arc::new(Mutex::new(unknown.into_iter().map(over).collect()));
        told_to.status.send_replace(book.open().into());
        Self { told, memory, book: Arc::new(Mutex::new(book)), unwritten, mender, told_to, clock }
    }

    /// Runs until the daemon ends.
    pub(crate) async fn run(self) -> Result<(), SpoolError> {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            let unit = self.clone();
            off_thread(move || unit.look()).await?;
        }
    }

    /// One look; waits for the disk.
    fn look(&self) -> Result<(), SpoolError> {
        let status = (self.told)()?;
        let now = Moment { utc: self.clock.utc(), monotonic: self.clock.monotonic() };
        let mut mender = self.mender.lock().unwrap_or_else(PoisonError::into_inner);
        let (changes, order) = {
            let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
            let look = rules::look(&status, now.utc);
            let room = room_use(&status, &look);
            let wrong = look.wrong.iter().map(|finding| (finding.code, finding.unit.clone())).collect();
            let mut changes = book.step(look, now);
            let (tried, order) = mender.look(&mut book, room, &wrong, now);
            changes.extend(tried);
            let open = book.open();
            self.told_to.broker.send_if_modified(|told| {
                let differs = told.as_ref() != Some(&open);
                *told = Some(open.clone());
                differs
            });
            self.told_to.status.send_if_modified(|told| {
                let differs = **told != *open;
                *told = open.into();
                differs
            });
            (changes, order)
        };
        for change in &changes {
            log(change, now.utc);
        }
        let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        unwritten.extend(changes);
        // A disk that takes nothing for weeks does not fill the memory.
        let surplus = unwritten.len().saturating_sub(MOST_UNWRITTEN);
        unwritten.drain(..surplus);
        if !unwritten.is_empty() {
            match self.memory.write(&unwritten) {
                Ok(()) => unwritten.clear(),
                Err(error) => tracing::warn!(%error, "faults are not written down yet"),
            }
        }
        if let Some(order) = order {
            let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
            let change = mender.hand_over(&mut book, order, unwritten.is_empty());
            unwritten.extend(change);
        }
        Ok(())
    }
}

fn log(change: &Change, now: Timestamp) {
    let Fault { id, code, unit, text, since, .. } = change.fault();
    match change {
        Change::Raised(_) => tracing::warn!(id, code, unit, %text, "fault"),
        Change::Changed(fault) => tracing::warn!(id, code, unit, count = fault.count, %text, "fault goes on"),
        Change::Tried(fault) => {
            if let Some(Tried { what, outcome, .. }) = fault.tried.last() {
                tracing::info!(id, code, unit, ?what, ?outcome, "repair");
            }
        }
        Change::Cleared(_) => {
            let lasted = now.duration_since(*since).as_secs();
            tracing::info!(id, code, unit, lasted_s = lasted, "fault over");
        }
    }
}
