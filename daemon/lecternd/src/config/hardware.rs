//! `[hardware]`: this machine, or one that is played.

use std::time::Duration;

use lectern_api::messages::hardware as words;
use lectern_hal::Linux;
use lectern_hal::sim::{Script, Simulated};

use super::Mistake;
use super::decode::absolute;
use super::reader::Reader;

/// Which machine the sensors are of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hardware {
    /// What is played in place of this machine.
    pub(crate) simulation: Option<Script>,
}

impl Hardware {
    /// The machine as it is when its script begins, to be looked at once.
    pub(crate) fn as_it_stands(&self) -> Box<dyn lectern_hal::Hardware> {
        match &self.simulation {
            Some(script) => Box::new(Simulated::new(script.clone(), || Duration::ZERO)),
            None => Box::new(Linux::new("/".as_ref())),
        }
    }
}

/// The table, and a word about a machine that is not there.
pub(super) fn read(table: &mut Reader<'_, '_>) -> Option<(Hardware, Vec<Mistake>)> {
    let simulation = table.spanned("simulation", |value| {
        let wrong = |error| (words::config_simulation(error), words::config_simulation_remedy());
        Script::load(&absolute(value)?).map_err(wrong)
    });
    let notice = simulation.as_ref().map(|script| Mistake {
        span: script.span(),
        cause: words::config_simulated(),
        remedy: words::config_simulated_remedy(),
    });
    let simulation = simulation.map(toml::Spanned::into_inner);
    Some((Hardware { simulation }, notice.into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lectern_api::Language;

    use super::super::{Config, ConfigError};

    fn parse(table: &str) -> Result<Config, String> {
        let text = format!("[device]\nid='a'\n[[source]]\nname='b'\nrole='mic'\nuri='auto'\n{table}\n");
        Config::parse(Path::new("lectern.toml"), &text).map_err(|error| match error {
            ConfigError::Mistaken(mistakes) => mistakes.render(Language::En),
            unreadable @ ConfigError::Unreadable { .. } => unreadable.to_string(),
        })
    }

    fn simulated(script: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("day.toml");
        std::fs::write(&path, script).unwrap();
        parse(&format!("[hardware]\nsimulation={:?}", path.display().to_string()))
    }

    #[test]
    fn the_machine_is_real_unless_somebody_says_otherwise_and_that_deserves_a_word() {
        assert!(parse("").unwrap().hardware.simulation.is_none());
        assert!(parse("[hardware]").unwrap().hardware.simulation.is_none());
        let config = simulated("[start.sensors.power]\nundervoltage = true\n").unwrap();
        let script = config.hardware.simulation.unwrap();
        assert_eq!(script.world(std::time::Duration::ZERO).sensors.power.undervoltage, Some(true));
        assert_eq!(config.notices.len(), 1);
    }

    #[test]
    fn a_script_that_cannot_be_played_is_a_mistake_in_its_line() {
        for (table, words) in [
            ("[hardware]\nsimulation='/nowhere/day.toml'", "/nowhere/day.toml"),
            ("[hardware]\nsimulation='day.toml'", "is relative"),
            ("[hardware]\nsimulation=3", "lectern.toml:8"),
            ("[hardware]\nsimulate='/x'", "did you mean `simulation`?"),
        ] {
            let report = parse(table).unwrap_err();
            assert!(report.contains(words) && report.contains("lectern.toml:8"), "{report}");
        }
        let report = simulated("[[event]]\nsecond = 3\nat = \"sensors.heat\"\nvalue = 1\n").unwrap_err();
        assert!(report.contains("no heat"), "{report}");
    }
}
