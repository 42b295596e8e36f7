//! Looks at the status for what the broker should hear of it beside faults:
//! numbers that are worth telling, and inventory that changed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lectern_api::mqtt::{Channel, Inventory, Topic};
use lectern_api::status::Status;
use lectern_api::{Clock, IdError, Name};
use lectern_mqtt::client::{News, Standing, keep};
use lectern_mqtt::measurements::{Measurements, units};
use lectern_spool::SpoolError;
use tokio::sync::{mpsc, watch};

use crate::off_thread::off_thread;

/// Whatever tells how the box is; waits for the disk.
pub(crate) type Told = Arc<dyn Fn() -> Result<Status, SpoolError> + Send + Sync>;

const LOOK: Duration = Duration::from_secs(5);

/// Why the unit ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TellerError {
    /// The disk's facts cannot be read.
    #[error("the status: {0}")]
    Status(#[from] SpoolError),
    /// A name of our own is not a name.
    #[error(transparent)]
    Name(#[from] IdError),
}

/// The unit.
#[derive(Clone)]
pub(crate) struct Teller {
    pub(crate) told: Told,
    pub(crate) inventory: watch::Receiver<Option<Inventory>>,
    /// What stands whatever the machine is like.
    pub(crate) always: Standing,
    pub(crate) standing: watch::Sender<Standing>,
    pub(crate) news: mpsc::Sender<News>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) measurements: Memory,
}

/// What was told last, over restarts of the unit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Measurements>>);

impl Teller {
    /// Runs until nobody listens.
    pub(crate) async fn run(self) -> Result<(), TellerError> {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            let told = Arc::clone(&self.told);
            let status = off_thread(move || told()).await?;
            self.stand(&status)?;
            let news = {
                let mut measurements = self.measurements.0.lock().unwrap_or_else(PoisonError::into_inner);
                measurements.step(&status, self.clock.utc(), self.clock.monotonic())?
            };
            for (topic, measurement) in news {
                if self.news.send(News::Measurement { topic, measurement }).await.is_err() {
                    return Ok(());
                }
            }
        }
    }

    /// What the broker is to keep.
    fn stand(&self, status: &Status) -> Result<(), IdError> {
        let mut standing = self.always.clone();
        if let Some(inventory) = &*self.inventory.borrow() {
            keep(&mut standing, Topic::device(Channel::Twin(Name::new("hardware")?)), inventory);
        }
        units(status, &mut standing)?;
        self.standing.send_if_modified(|told| {
            let differs = *told != standing;
            *told = standing;
            differs
        });
        Ok(())
    }
}
