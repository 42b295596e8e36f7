//! How the machine feels: one plain sample of everything, cheap enough to be
//! taken each second. What is absent is `None` or an empty list, never zero.

pub mod memory;
pub mod network;
pub mod power;
pub mod reset;
pub mod storage;
pub mod thermal;

use serde::{Deserialize, Serialize};

use crate::tree::{Tree, Trouble};

/// What all sensors say at one moment. Counters are those of the kernel, since
/// it started; two samples and the time between them make rates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sample {
    /// How long the kernel has been running, suspension included.
    pub uptime_ms: Option<u64>,
    /// Temperatures, fans, and whether the processor is held back.
    pub thermal: thermal::Thermal,
    /// Where the current comes from and whether it suffices.
    pub power: power::Power,
    /// Room, work and wear of the disks.
    pub storage: storage::Storage,
    /// Network interfaces and modems.
    pub network: network::Network,
    /// Memory, and who waits for it, for the processor and for the disks.
    pub memory: memory::Memory,
    /// What is known of the last reset, and the watchdogs.
    pub reset: reset::Reset,
    /// What is there and could not be read.
    pub troubles: Vec<Trouble>,
}

impl Sample {
    /// Reads everything below the tree's root. `places` are the folders whose
    /// room is asked for, by name.
    #[must_use]
    pub fn read(tree: Tree<'_>, places: &[storage::Watched]) -> Self {
        let uptime = crate::boot::uptime(&tree.path(""));
        Self {
            uptime_ms: uptime.and_then(|up| u64::try_from(up.as_millis()).ok()),
            thermal: thermal::Thermal::read(&tree),
            power: power::Power::read(&tree),
            storage: storage::Storage::read(&tree, places),
            network: network::Network::read(&tree),
            memory: memory::Memory::read(&tree),
            reset: reset::Reset::read(&tree),
            troubles: tree.into_troubles(),
        }
    }
}
