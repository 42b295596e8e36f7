//! The hardware watchdog, which resets a machine that no longer feeds it.
//!
//! Source: the kernel's `watchdog-api.rst`. systemd can own it as well
//! (`RuntimeWatchdogSec`), and feeds it as long as the units that it watches live;
//! only one of both can have it open.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A watchdog that counts down.
pub trait Watchdog: Send {
    /// Begins the countdown anew.
    ///
    /// # Errors
    /// When the device does not take it: the machine will be reset.
    fn feed(&mut self) -> Result<(), WatchdogError>;

    /// Stops the countdown. To drop a watchdog instead lets it count on: a program
    /// that dies is not well.
    ///
    /// # Errors
    /// When the device does not take it: the machine will be reset.
    fn disarm(self: Box<Self>) -> Result<(), WatchdogError>;
}

/// Why a watchdog cannot be had or fed.
#[derive(Debug, thiserror::Error)]
pub enum WatchdogError {
    /// Somebody else feeds it, as a rule systemd.
    #[error(
        "the watchdog {place} is held by another program. Let that one feed it, or set RuntimeWatchdogSec=0."
    )]
    Busy {
        /// Which one.
        place: PathBuf,
    },
    /// It cannot be opened.
    #[error(
        "the watchdog {place} cannot be opened: {source}. Give the program's group the right by a udev rule."
    )]
    Open {
        /// Which one.
        place: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// It was opened and does not take food.
    #[error("the watchdog {place} cannot be fed: {source}. The machine will be reset; look at its driver.")]
    Feed {
        /// Which one.
        place: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
}

/// A watchdog of the kernel. It counts from the moment it is opened.
#[derive(Debug)]
pub struct Device {
    place: PathBuf,
    file: File,
}

impl Device {
    /// Opens a watchdog, such as `watchdog0`, and with it begins its countdown;
    /// nothing where there is none.
    ///
    /// # Errors
    /// When it is there and cannot be had.
    pub fn open(root: &Path, name: &str) -> Result<Option<Self>, WatchdogError> {
        let place = root.join("dev").join(name);
        match File::options().write(true).open(&place) {
            Ok(file) => Ok(Some(Self { place, file })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => Err(WatchdogError::Busy { place }),
            Err(source) => Err(WatchdogError::Open { place, source }),
        }
    }

    fn write(&mut self, byte: u8) -> Result<(), WatchdogError> {
        let written = self.file.write_all(&[byte]);
        written.map_err(|source| WatchdogError::Feed { place: self.place.clone(), source })
    }
}

/// What stops the countdown when the device is closed behind it. A watchdog made
/// with `nowayout` counts on all the same.
const MAGIC_CLOSE: u8 = b'V';

impl Watchdog for Device {
    fn feed(&mut self) -> Result<(), WatchdogError> {
        self.write(0)
    }

    fn disarm(mut self: Box<Self>) -> Result<(), WatchdogError> {
        self.write(MAGIC_CLOSE)
    }
}
