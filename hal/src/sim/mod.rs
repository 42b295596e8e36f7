//! A machine that is only played: the same traits as the real one, by a script
//! ([`script`]). Chosen when the program starts, in the same program, so that a
//! fault can be practised on any desk.

pub mod camera;
mod place;
mod play;
pub mod script;
pub mod world;

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::button;
use crate::capture::{Devices, Hotplug};
use crate::hardware::Hardware;
use crate::indicator::{Indicator, IndicatorError, Light};
use crate::machine::Machine;
use crate::sensors::Sample;
use crate::sensors::storage::smart::{Health, Smart, SmartError};
use crate::watchdog::{Watchdog, WatchdogError};
pub use script::{Script, ScriptError};
pub use world::World;

/// A machine that follows a script.
#[derive(Clone)]
pub struct Simulated {
    stage: Arc<Stage>,
}

struct Stage {
    script: Script,
    since_start: Box<dyn Fn() -> Duration + Send + Sync>,
    shown: Mutex<Shown>,
}

/// What programs have made of a simulated machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// What each light shows that was set.
    pub lights: BTreeMap<String, Light>,
    /// How often each watchdog was fed since it was opened; one that was disarmed is
    /// gone from here.
    pub watchdogs: BTreeMap<String, u64>,
}

impl Simulated {
    /// Plays a script. `since_start` tells how long it has been played, and must not
    /// go backwards.
    pub fn new(script: Script, since_start: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        let stage = Stage { script, since_start: Box::new(since_start), shown: Mutex::default() };
        Self { stage: Arc::new(stage) }
    }

    /// What lights show and watchdogs were fed.
    #[must_use]
    pub fn shown(&self) -> Shown {
        self.stage.shown().clone()
    }
}

impl Stage {
    fn world(&self) -> World {
        self.script.world((self.since_start)())
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks again and again until something is there, for at most `limit` of real
    /// time: a script's time may pass at any speed.
    fn wait<T>(&self, limit: Duration, mut look: impl FnMut(&World) -> Option<T>) -> Option<T> {
        const EACH: Duration = Duration::from_millis(20);
        let mut left = limit;
        loop {
            if let Some(found) = look(&self.world()) {
                return Some(found);
            }
            if left.is_zero() {
                return None;
            }
            let pause = left.min(EACH);
            std::thread::sleep(pause);
            left -= pause;
        }
    }
}

impl Hardware for Simulated {
    fn sample(&self) -> Sample {
        self.stage.world().sensors
    }

    fn machine(&self) -> Machine {
        self.stage.world().machine
    }

    fn devices(&self) -> Devices {
        self.stage.world().devices
    }

    fn hotplug(&self) -> io::Result<Box<dyn Hotplug>> {
        Ok(Box::new(Plugs { stage: self.stage.clone(), seen: self.devices() }))
    }

    fn indicator(&self, name: &str) -> Option<Box<dyn Indicator>> {
        let is_there = self.stage.world().lights.iter().any(|light| light.name == name);
        is_there.then(|| Box::new(Lamp { stage: self.stage.clone(), name: name.to_owned() }) as _)
    }

    fn key(&self, wanted: &button::Wanted) -> io::Result<Option<Box<dyn button::Key>>> {
        let is_there = self.stage.world().keys.iter().any(|key| key.name == wanted.device);
        let key = Finger { stage: self.stage.clone(), name: wanted.device.clone(), is_down: false };
        Ok(is_there.then(|| Box::new(key) as _))
    }

    fn watchdog(&self, name: &str) -> Result<Option<Box<dyn Watchdog>>, WatchdogError> {
        if !self.stage.world().watchdogs.iter().any(|watchdog| watchdog.name == name) {
            return Ok(None);
        }
        self.stage.shown().watchdogs.insert(name.to_owned(), 0);
        Ok(Some(Box::new(Dog { stage: self.stage.clone(), name: name.to_owned() })))
    }
}

impl Smart for Simulated {
    fn health(&self, disk: &str) -> Result<Health, SmartError> {
        let answer = self.stage.world().smart.into_iter().find(|smart| smart.name == disk);
        let cause = "the simulation gives it no SMART".to_owned();
        answer
            .map(|smart| smart.health)
            .ok_or_else(|| SmartError::Unsupported { disk: disk.to_owned(), cause })
    }
}

struct Plugs {
    stage: Arc<Stage>,
    seen: Devices,
}

impl Hotplug for Plugs {
    fn wait(&mut self, limit: Duration) -> io::Result<bool> {
        let seen = &self.seen;
        let now = self.stage.wait(limit, |world| (world.devices != *seen).then(|| world.devices.clone()));
        let has_changed = now.is_some();
        self.seen = now.unwrap_or_else(|| std::mem::take(&mut self.seen));
        Ok(has_changed)
    }
}

struct Lamp {
    stage: Arc<Stage>,
    name: String,
}

impl Indicator for Lamp {
    fn show(&mut self, light: Light) -> Result<(), IndicatorError> {
        let place = || format!("sys/class/leds/{}/brightness", self.name).into();
        let world = self.stage.world();
        let Some(lamp) = world.lights.iter().find(|light| light.name == self.name) else {
            return Err(IndicatorError::Write { place: place(), source: io::ErrorKind::NotFound.into() });
        };
        let before = self.stage.shown().lights.insert(self.name.clone(), light);
        if let Some(path) = lamp.shown_in.as_ref().filter(|_| before != Some(light)) {
            let word = match light {
                Light::Off => "off",
                Light::On => "on",
                Light::Blink { .. } => "blink",
            };
            let file = std::fs::File::options().create(true).append(true).open(path);
            let told = file.and_then(|mut file| writeln!(file, "{word}"));
            told.map_err(|source| IndicatorError::Write { place: path.clone(), source })?;
        }
        Ok(())
    }
}

struct Finger {
    stage: Arc<Stage>,
    name: String,
    is_down: bool,
}

impl button::Key for Finger {
    fn change(&mut self, limit: Duration) -> io::Result<Option<bool>> {
        let change =
            self.stage.wait(limit, |world| match world.keys.iter().find(|key| key.name == self.name) {
                None => Some(Err(io::Error::from(io::ErrorKind::UnexpectedEof))),
                Some(key) => (key.is_held() != self.is_down).then_some(Ok(!self.is_down)),
            });
        let change = change.transpose()?;
        self.is_down = change.unwrap_or(self.is_down);
        if change == Some(true) {
            self.stage.world().keys.iter().filter(|key| key.name == self.name).for_each(world::Key::feel);
        }
        Ok(change)
    }
}

struct Dog {
    stage: Arc<Stage>,
    name: String,
}

impl Watchdog for Dog {
    fn feed(&mut self) -> Result<(), WatchdogError> {
        *self.stage.shown().watchdogs.entry(self.name.clone()).or_default() += 1;
        Ok(())
    }

    fn disarm(self: Box<Self>) -> Result<(), WatchdogError> {
        self.stage.shown().watchdogs.remove(&self.name);
        Ok(())
    }
}
