//! The lights themselves. Each is looked for anew whenever it is told something,
//! so that one that was pulled out is taken up again when it comes back.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lectern_hal::Hardware;
use lectern_hal::indicator::{IndicatorError, Light};

use super::{Lit, Names, Purpose};

/// Why a light does not show what it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LampError {
    /// It is not there.
    #[error(
        "there is no light `{name}` on this machine. Write a name from /sys/class/leds below [panel] {key}, or connect it."
    )]
    Absent { name: String, key: &'static str },
    /// It does not take it.
    #[error(transparent)]
    Refuses(#[from] IndicatorError),
}

/// All lights of the panel. Every call blocks for milliseconds, as far as the
/// lights let it.
pub(crate) struct Lamps {
    machine: Arc<dyn Hardware>,
    inner: Mutex<Inner>,
}

struct Inner {
    lamps: Vec<Lamp>,
    /// Nothing is shown any more.
    is_over: bool,
}

struct Lamp {
    purpose: Purpose,
    name: String,
    /// What was said about it last.
    trouble: Option<String>,
}

impl fmt::Debug for Lamps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.inner();
        f.debug_list().entries(inner.lamps.iter().map(|lamp| &lamp.name)).finish()
    }
}

impl Lamps {
    pub(crate) fn new(machine: Arc<dyn Hardware>, names: &Names) -> Self {
        let lamp = |(purpose, name): &(Purpose, String)| Lamp {
            purpose: *purpose,
            name: name.clone(),
            trouble: None,
        };
        let lamps = names.0.iter().map(lamp).collect();
        Self { machine, inner: Mutex::new(Inner { lamps, is_over: false }) }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.inner().lamps.is_empty()
    }

    /// Shows this; says what does not work, once.
    pub(super) fn show(&self, lit: &Lit) {
        self.tell(|purpose| Some(lit.of(purpose)));
    }

    /// Shows this with one light.
    pub(super) fn show_one(&self, purpose: Purpose, light: Light) {
        self.tell(|of| (of == purpose).then_some(light));
    }

    /// Tells each lamp what its purpose is to show, if anything new.
    fn tell(&self, light: impl Fn(Purpose) -> Option<Light>) {
        let mut inner = self.inner();
        if inner.is_over {
            return;
        }
        for lamp in &mut inner.lamps {
            if let Some(light) = light(lamp.purpose) {
                let shown = lamp.show(&*self.machine, light);
                lamp.note(shown);
            }
        }
    }

    /// Puts all out; tells which cannot be.
    pub(crate) fn put_out(&self) -> Vec<LampError> {
        let put_out = |lamp: &Lamp| lamp.show(&*self.machine, Lit::DARK.of(lamp.purpose)).err();
        self.inner().lamps.iter().filter_map(put_out).collect()
    }

    /// Puts all out for good: whoever is about to show something shows nothing.
    pub(crate) fn end(&self) {
        self.inner().is_over = true;
        self.put_out();
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lamp {
    fn show(&self, machine: &dyn Hardware, light: Light) -> Result<(), LampError> {
        let absent = || LampError::Absent { name: self.name.clone(), key: self.purpose.key() };
        let mut indicator = machine.indicator(&self.name).ok_or_else(absent)?;
        let shown = indicator.show(light);
        if matches!(shown, Err(IndicatorError::NoTimer { .. })) {
            // Nothing may look as if it were recorded or sent, or as if all were well.
            let steady = if self.purpose == Purpose::Fault { Light::On } else { Light::Off };
            indicator.show(steady)?;
        }
        Ok(shown?)
    }

    fn note(&mut self, shown: Result<(), LampError>) {
        let trouble = shown.err().map(|error| error.to_string());
        if trouble == self.trouble {
            return;
        }
        let (light, key) = (&self.name, self.purpose.key());
        match &trouble {
            Some(trouble) => {
                tracing::warn!(light, key, trouble, "a light of the panel does not show what it should")
            }
            None => tracing::info!(light, key, "a light of the panel works again"),
        }
        self.trouble = trouble;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use lectern_hal::Linux;
    use lectern_hal::sim::{Script, Simulated};

    use super::super::lights::BLINK;
    use super::*;

    fn names(names: &[(Purpose, &str)]) -> Names {
        Names(names.iter().map(|(purpose, name)| (*purpose, (*name).to_owned())).collect())
    }

    const RECORDING: Lit = Lit { recording: Light::On, ..Lit::DARK };

    #[test]
    fn a_light_that_was_pulled_out_shows_again_what_it_should_when_it_is_back() {
        let text = "[start]\nlights = [{ name = 'red' }]\n\
            [[event]]\nsecond = 1\nat = 'lights.red'\nabsent = true\n\
            [[event]]\nsecond = 2\nat = 'lights.red'\nback = true\n";
        let time = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&time);
        let now = move || Duration::from_secs(clock.load(Ordering::SeqCst));
        let machine = Simulated::new(Script::parse(text).unwrap(), now);
        let lamps = Lamps::new(Arc::new(machine.clone()), &names(&[(Purpose::Recording, "red")]));
        let trouble = || lamps.inner().lamps[0].trouble.clone();
        lamps.show(&RECORDING);
        assert_eq!((machine.shown().lights["red"], trouble()), (Light::On, None));
        time.store(1, Ordering::SeqCst);
        lamps.show(&Lit::DARK);
        let said = trouble().unwrap();
        assert!(said.contains("`red`") && said.contains("[panel] recording_light"), "{said}");
        assert_eq!(lamps.put_out().len(), 1);
        time.store(2, Ordering::SeqCst);
        lamps.show(&Lit { recording: BLINK, ..Lit::DARK });
        assert_eq!((machine.shown().lights["red"], trouble()), (BLINK, None));
    }

    #[test]
    fn at_the_end_all_is_dark_and_stays_dark() {
        let script = Script::parse("[start]\nlights = [{ name = 'red' }, { name = 'green' }]\n").unwrap();
        let machine = Simulated::new(script, || Duration::ZERO);
        let lights = names(&[(Purpose::Recording, "red"), (Purpose::Fault, "green")]);
        let lamps = Lamps::new(Arc::new(machine.clone()), &lights);
        lamps.show(&Lit { fault: BLINK, ..RECORDING });
        lamps.end();
        lamps.show(&RECORDING);
        lamps.show_one(Purpose::Fault, Light::On);
        assert!(machine.shown().lights.values().all(|light| *light == Light::Off));
    }

    /// Proves that a kernel without the trigger shows a fault, and never a recording
    /// that there is not.
    #[test]
    fn a_light_that_cannot_blink_is_dark_unless_it_is_for_faults() {
        let root = tempfile::tempdir().unwrap();
        let file = |light: &str, file: &str| root.path().join("sys/class/leds").join(light).join(file);
        for light in ["red", "green"] {
            std::fs::create_dir_all(file(light, "")).unwrap();
            for (name, text) in [("brightness", "7"), ("max_brightness", "255"), ("trigger", "[none] mmc0")] {
                std::fs::write(file(light, name), text).unwrap();
            }
        }
        let lights = names(&[(Purpose::Recording, "red"), (Purpose::Fault, "green")]);
        let lamps = Lamps::new(Arc::new(Linux::new(root.path())), &lights);
        lamps.show(&Lit { recording: BLINK, fault: BLINK, ..Lit::DARK });
        let brightness = |light| std::fs::read_to_string(file(light, "brightness")).unwrap();
        assert_eq!((brightness("red"), brightness("green")), ("0".to_owned(), "255".to_owned()));
        assert!(lamps.inner().lamps[0].trouble.as_ref().unwrap().contains("ledtrig-timer"));
        lamps.show(&RECORDING);
        assert_eq!(brightness("red"), "255");
        assert_eq!(lamps.inner().lamps[0].trouble, None);
    }
}
