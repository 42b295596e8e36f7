//! Lights on the box that people read from the door of the room.
//!
//! Source: the kernel's `leds-class.rst`, `/sys/class/leds/<name>` with
//! `brightness`, `max_brightness`, `trigger`, and, once the trigger is `timer`,
//! `delay_on` and `delay_off`.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::tree::Tree;

/// What a light shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// Dark.
    Off,
    /// As bright as it can.
    On,
    /// By turns, kept up by the kernel, also when this program dies.
    Blink {
        /// How long it shines.
        on: Duration,
        /// How long it is dark.
        off: Duration,
    },
}

/// One light.
pub trait Indicator: Send {
    /// Shows this from now on. Told again what it shows, it goes on showing it, and
    /// does not begin to blink anew.
    ///
    /// # Errors
    /// When the light cannot be set; it shows then what it showed before, or nothing.
    fn show(&mut self, light: Light) -> Result<(), IndicatorError>;
}

/// Why a light does not show what it should.
#[derive(Debug, thiserror::Error)]
pub enum IndicatorError {
    /// A file of the light cannot be written.
    #[error(
        "the light's {place} cannot be written: {source}. Give the program's group the right to write it by a udev rule."
    )]
    Write {
        /// Which file.
        place: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// The kernel cannot make it blink.
    #[error(
        "the light {place} cannot blink: the kernel has no trigger `timer`. Load the module ledtrig-timer."
    )]
    NoTimer {
        /// Which light.
        place: PathBuf,
    },
}

/// A light of the kernel.
#[derive(Debug)]
pub struct Led {
    folder: PathBuf,
    brightest: u32,
}

/// The names of all lights.
#[must_use]
pub fn names(root: &Path) -> Vec<String> {
    Tree::new(root).names("sys/class/leds")
}

impl Led {
    /// The light of that name, if there is one.
    #[must_use]
    pub fn open(root: &Path, name: &str) -> Option<Self> {
        let tree = Tree::new(root);
        let folder = format!("sys/class/leds/{name}");
        // The kernel gives no light a name with a slash.
        let is_there = !name.contains('/') && tree.has(&format!("{folder}/brightness"));
        is_there.then(|| Self {
            brightest: tree.number(&format!("{folder}/max_brightness")).unwrap_or(1),
            folder: root.join(&folder),
        })
    }

    fn write(&self, file: &str, text: &str) -> Result<(), IndicatorError> {
        let place = self.folder.join(file);
        std::fs::write(&place, text).map_err(|source| IndicatorError::Write { place, source })
    }
}

impl Indicator for Led {
    fn show(&mut self, light: Light) -> Result<(), IndicatorError> {
        let has_trigger = self.folder.join("trigger").exists();
        match light {
            // What the board's maker lets it show, a beating heart or the card at
            // work, would go on otherwise.
            Light::Off | Light::On => {
                if has_trigger {
                    self.write("trigger", "none")?;
                }
                let brightness = if light == Light::On { self.brightest } else { 0 };
                self.write("brightness", &brightness.to_string())
            }
            Light::Blink { on, off } => {
                let place = self.folder.clone();
                let triggers = std::fs::read_to_string(self.folder.join("trigger")).unwrap_or_default();
                let has = |wanted: &str| triggers.split_ascii_whitespace().any(|trigger| trigger == wanted);
                // Chosen once more it would begin anew, and with other delays.
                if !has("[timer]") {
                    if !has("timer") {
                        return Err(IndicatorError::NoTimer { place });
                    }
                    self.write("trigger", "timer")?;
                }
                for (file, delay) in [("delay_on", on), ("delay_off", off)] {
                    let delay = delay.as_millis().to_string();
                    let is = std::fs::read_to_string(self.folder.join(file)).unwrap_or_default();
                    if is.trim() == delay {
                        continue;
                    }
                    match self.write(file, &delay) {
                        // The kernel makes these files now, and for root: without
                        // a right to them it blinks in its own rhythm, 0.5 s.
                        Err(IndicatorError::Write { source, .. })
                            if source.kind() == io::ErrorKind::PermissionDenied => {}
                        written => written?,
                    }
                }
                Ok(())
            }
        }
    }
}
