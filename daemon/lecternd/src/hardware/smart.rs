//! Disks, asked how they are (SMART), by way of the privileged helper: each once
//! a day, on a thread that may wait, and nothing waits for the answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lectern_api::Clock;
use lectern_hal::sensors::storage::smart::{Health, Smart, SmartError};
use lectern_helper::{AskError, Client, Disk, Request};

use super::Memory;
use crate::off_thread::off_thread;

/// Asks through the helper.
#[derive(Debug)]
pub(crate) struct HelperSmart(pub(crate) Client);

impl Smart for HelperSmart {
    fn health(&self, disk: &str) -> Result<Health, SmartError> {
        let name = || disk.to_owned();
        // An eMMC and a card tell the kernel their wear, and know no SMART.
        let named = Disk::new(disk)
            .map_err(|error| SmartError::Unsupported { disk: name(), cause: error.to_string() })?;
        match self.0.ask(&Request::Smart { disk: named }) {
            Ok(report) => Health::from_json(disk, &report.unwrap_or_default().to_string()),
            Err(error @ AskError::Absent { .. }) => Err(SmartError::NoHelper { cause: error.to_string() }),
            Err(error) => Err(SmartError::Asking { disk: name(), cause: error.to_string() }),
        }
    }
}

/// When which disk is asked. Pure.
#[derive(Debug, Clone)]
pub(crate) struct Rounds {
    each: Duration,
    asked: BTreeMap<String, Asked>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    /// On the monotonic clock.
    again: Duration,
    /// Why it gave no answer, told once.
    silent: Option<String>,
}

/// Wear takes months; whoever fails between two questions fails in the middle of
/// a write, too.
const EACH: Duration = Duration::from_secs(24 * 3600);
/// A disk may have been asleep, a helper not installed yet.
const AFTER_SILENCE: Duration = Duration::from_secs(3600);

impl Rounds {
    /// Of a machine.
    pub(crate) fn daily() -> Self {
        Self { each: EACH, asked: BTreeMap::new() }
    }

    /// Of a played machine, which costs nothing: each time it is looked at.
    pub(crate) fn at_every_look() -> Self {
        Self { each: Duration::ZERO, asked: BTreeMap::new() }
    }

    /// Those of `disks` whose turn it is. One that went is forgotten: what comes
    /// under its name is another.
    fn due(&mut self, disks: &[String], now: Duration) -> Vec<String> {
        self.asked.retain(|disk, _| disks.contains(disk));
        let is_due = |disk: &&String| self.asked.get(*disk).is_none_or(|asked| now >= asked.again);
        disks.iter().filter(is_due).cloned().collect()
    }

    /// Takes down what became of a question; gives what is worth telling.
    fn answered(&mut self, disk: &str, answer: &Result<Health, SmartError>, now: Duration) -> Option<String> {
        let (wait, silent) = match answer {
            Ok(_) | Err(SmartError::Unsupported { .. }) => (self.each, None),
            Err(error) => (self.each.min(AFTER_SILENCE), Some(error.to_string())),
        };
        let asked = Asked { again: now.saturating_add(wait), silent };
        let before = self.asked.insert(disk.to_owned(), asked.clone()).and_then(|before| before.silent);
        asked.silent.filter(|cause| before.as_ref() != Some(cause))
    }
}

/// The unit.
#[derive(Clone)]
pub(crate) struct Disks {
    pub(crate) smart: Arc<dyn Smart>,
    pub(crate) rounds: Arc<Mutex<Rounds>>,
    /// How often it is looked whose turn it is.
    pub(crate) look: Duration,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) memory: Memory,
}

impl Disks {
    /// Runs until the daemon ends.
    pub(crate) async fn run(self) {
        let mut look = tokio::time::interval(self.look);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            // The helper answers within 45 s.
            let unit = self.clone();
            off_thread(move || unit.ask()).await;
        }
    }

    /// Asks whoever is due, one after the other.
    fn ask(&self) {
        let disks = self.memory.disks();
        let due = self.rounds().due(&disks, self.clock.monotonic());
        for disk in due {
            let answer = self.smart.health(&disk);
            if let Some(cause) = self.rounds().answered(&disk, &answer, self.clock.monotonic()) {
                tracing::info!(disk, cause, "SMART is not known");
            }
            if let Ok(health) = answer {
                self.memory.hear(&disk, health);
            }
        }
    }

    fn rounds(&self) -> std::sync::MutexGuard<'_, Rounds> {
        self.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
