//! Asks the machine every two seconds how it feels, and now and then what it
//! consists of.

mod inventory;
pub(crate) mod smart;
mod window;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lectern_api::Clock;
use lectern_api::hardware::HardwareStatus;
use lectern_api::mqtt::Inventory;
use lectern_hal::Hardware;
use lectern_hal::sensors::storage::smart::Health;
use tokio::sync::watch;

use window::Window;

use crate::off_thread::off_thread;

/// A drop of the voltage is remembered by its chip for as long.
pub(crate) const LOOK: Duration = Duration::from_secs(2);
/// Looks between two of what is plugged in: a minute.
const PARTS_EACH: u64 = 30;

/// How the machine felt, and when.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sampled {
    status: HardwareStatus,
    /// On the monotonic clock.
    at: Duration,
}

impl Sampled {
    /// The same, `now` by the monotonic clock.
    pub(crate) fn status(&self, now: Duration) -> HardwareStatus {
        let age = now.saturating_sub(self.at).as_millis();
        HardwareStatus { age_ms: u64::try_from(age).unwrap_or(u64::MAX), ..self.status.clone() }
    }
}

/// The unit.
#[derive(Clone)]
pub(crate) struct Sensors {
    pub(crate) machine: Arc<dyn Hardware>,
    pub(crate) simulated: bool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) state: watch::Sender<Option<Sampled>>,
    pub(crate) inventory: watch::Sender<Option<Inventory>>,
    pub(crate) memory: Memory,
}

/// What is kept from look to look.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<(u64, Window)>>);

impl Memory {
    fn lock(&self) -> MutexGuard<'_, (u64, Window)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The disks that were there at the last look.
    fn disks(&self) -> Vec<String> {
        self.lock().1.disk_names()
    }

    /// What a disk says of itself.
    fn hear(&self, disk: &str, health: Health) {
        self.lock().1.hear(disk, health);
    }
}

impl Sensors {
    /// Runs until the daemon ends.
    pub(crate) async fn run(self) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            // Chips answer over slow buses.
            let unit = self.clone();
            off_thread(move || unit.look()).await;
        }
    }

    fn look(&self) {
        let sample = self.machine.sample();
        let mut memory = self.memory.lock();
        let (looks, window) = &mut *memory;
        // A played machine changes when its script says so, and costs nothing.
        let is_due = |each: u64| self.simulated || looks.is_multiple_of(each);
        if is_due(PARTS_EACH) {
            let parts = inventory::inventory(
                self.simulated,
                &sample,
                &self.machine.devices(),
                self.machine.machine(),
            );
            self.inventory.send_if_modified(|told| {
                let differs = told.as_ref() != Some(&parts);
                *told = Some(parts);
                differs
            });
        }
        for trouble in window.new_troubles(&sample) {
            tracing::warn!(place = trouble.place, cause = trouble.cause, "a sensor cannot be read");
        }
        let status = HardwareStatus { simulated: self.simulated, ..window.take(sample) };
        *looks += 1;
        drop(memory);
        self.state.send_replace(Some(Sampled { status, at: self.clock.monotonic() }));
    }
}
