//! What a box says is wrong: told when it has held for a moment, over when it has
//! been gone for one.

use std::time::Duration;

use lectern_api::fault::Fault;

use crate::{ClassroomBox, eventually};

/// The longest that a fault must hold or be gone is ten seconds.
const LIMIT: Duration = Duration::from_secs(40);

impl ClassroomBox {
    /// What is wrong, but for the clock: the machine that tests may have no time
    /// server.
    #[must_use]
    #[track_caller]
    pub fn faults(&self) -> Vec<Fault> {
        self.status().faults.into_iter().filter(|fault| fault.code != "clock.unsynced").collect()
    }

    /// Waits until a fault is told.
    #[track_caller]
    pub fn wait_fault(&self, code: &str) -> Fault {
        eventually(&format!("the fault {code} is told"), LIMIT, || {
            self.status().faults.into_iter().find(|fault| fault.code == code)
        })
    }

    /// Waits until a fault of a unit is told.
    #[track_caller]
    pub fn wait_fault_of(&self, unit: &str) -> Fault {
        eventually(&format!("a fault of {unit} is told"), LIMIT, || {
            self.status().faults.into_iter().find(|fault| fault.unit == unit)
        })
    }

    /// Waits until a fault is over.
    #[track_caller]
    pub fn wait_no_fault(&self, code: &str) {
        eventually(&format!("the fault {code} is over"), LIMIT, || {
            self.status().faults.iter().all(|fault| fault.code != code).then_some(())
        });
    }

    /// Waits until nothing is wrong, but for the clock.
    #[track_caller]
    pub fn wait_content(&self) {
        eventually("nothing is wrong any more", LIMIT, || self.faults().is_empty().then_some(()));
    }
}
