//! The machine as the daemon holds it: one object, real or simulated.

use std::io;
use std::path::{Path, PathBuf};

use crate::button::{InputKey, Key, Wanted};
use crate::capture::hotplug::Events;
use crate::capture::{Devices, Hotplug};
use crate::indicator::{Indicator, Led};
use crate::machine::Machine;
use crate::sensors::Sample;
use crate::sensors::storage::Watched;
use crate::tree::Tree;
use crate::watchdog::{Device, Watchdog, WatchdogError};

/// A machine.
pub trait Hardware: Send + Sync {
    /// What all sensors say now. Blocks for some milliseconds at most, while chips
    /// answer; takes no memory of its own, so anybody may ask at any time.
    fn sample(&self) -> Sample;

    /// What machine it is.
    fn machine(&self) -> Machine;

    /// Which cameras and sound cards are there.
    fn devices(&self) -> Devices;

    /// Tells from now on when cameras or sound cards come or go.
    ///
    /// # Errors
    /// When nobody tells; look at intervals then.
    fn hotplug(&self) -> io::Result<Box<dyn Hotplug>>;

    /// The light of that name; nothing where there is none.
    fn indicator(&self, name: &str) -> Option<Box<dyn Indicator>>;

    /// A button's key; nothing where there is none.
    ///
    /// # Errors
    /// When it is there and cannot be opened.
    fn key(&self, wanted: &Wanted) -> io::Result<Option<Box<dyn Key>>>;

    /// Opens a watchdog, such as `watchdog0`, and with it begins its countdown;
    /// nothing where there is none.
    ///
    /// # Errors
    /// When it is there and cannot be had.
    fn watchdog(&self, name: &str) -> Result<Option<Box<dyn Watchdog>>, WatchdogError>;
}

/// This machine, by way of the files of its kernel.
#[derive(Debug, Clone)]
pub struct Linux {
    root: PathBuf,
    places: Vec<Watched>,
}

impl Linux {
    /// Reads below `root`, `/` in life.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), places: Vec::new() }
    }

    /// Asks in each sample for the room at `path` too, by that name.
    #[must_use]
    pub fn watching(mut self, name: &str, path: &Path) -> Self {
        self.places.push(Watched { name: name.to_owned(), path: path.to_owned() });
        self
    }
}

impl Hardware for Linux {
    fn sample(&self) -> Sample {
        Sample::read(Tree::new(&self.root), &self.places)
    }

    fn machine(&self) -> Machine {
        Machine::read(&self.root)
    }

    fn devices(&self) -> Devices {
        Devices::read(&self.root)
    }

    fn hotplug(&self) -> io::Result<Box<dyn Hotplug>> {
        Ok(Box::new(Events::listen(&self.root)?))
    }

    fn indicator(&self, name: &str) -> Option<Box<dyn Indicator>> {
        Some(Box::new(Led::open(&self.root, name)?))
    }

    fn key(&self, wanted: &Wanted) -> io::Result<Option<Box<dyn Key>>> {
        Ok(InputKey::open(&self.root, wanted)?.map(|key| Box::new(key) as _))
    }

    fn watchdog(&self, name: &str) -> Result<Option<Box<dyn Watchdog>>, WatchdogError> {
        Ok(Device::open(&self.root, name)?.map(|device| Box::new(device) as _))
    }
}
