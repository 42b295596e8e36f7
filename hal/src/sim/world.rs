//! What a simulated machine can have.

use std::io::Write as _;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::capture::Devices;
use crate::machine::Machine;
use crate::sensors::Sample;
use crate::sensors::storage::smart::Health;

/// All that a simulated machine has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct World {
    /// What its sensors say; `uptime_ms` goes on by itself.
    pub sensors: Sample,
    /// What machine it is.
    pub machine: Machine,
    /// Its cameras and sound cards.
    pub devices: Devices,
    /// Its lights.
    pub lights: Vec<Light>,
    /// Its buttons.
    pub keys: Vec<Key>,
    /// Its watchdogs that can be opened.
    pub watchdogs: Vec<Watchdog>,
    /// Its disks that answer SMART.
    pub smart: Vec<Smart>,
}

/// A disk that answers SMART.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smart {
    /// The disk's name.
    pub name: String,
    /// What it answers.
    pub health: Health,
}

/// A light that can be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Light {
    /// Its name.
    pub name: String,
    /// A file that gets a line whenever it shows something else: `off`, `on` or
    /// `blink`. The last one is what it shows, also when the program has ended.
    pub shown_in: Option<PathBuf>,
}

/// A button's key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Key {
    /// The name of its input device.
    pub name: String,
    /// Whether it is down.
    pub is_down: bool,
    /// It is down as long as this file is there too: a finger for whoever
    /// practises. `felt` stands in it once the press was noticed.
    pub held_while: Option<PathBuf>,
}

impl Key {
    pub(super) fn is_held(&self) -> bool {
        self.is_down || self.held_while.as_ref().is_some_and(|finger| finger.exists())
    }

    /// Tells the finger; one that was taken away meanwhile is not made anew.
    pub(super) fn feel(&self) {
        let finger = self.held_while.as_ref().map(|path| std::fs::File::options().write(true).open(path));
        if let Some(Ok(mut finger)) = finger {
            let _ = finger.write_all(b"felt");
        }
    }
}

/// A watchdog that takes food and never bites.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Watchdog {
    /// Its name.
    pub name: String,
}
