//! `[panel]`: the lights and buttons at the box.

use lectern_api::messages::panel as words;
use lectern_hal::button::Wanted;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reader::{Reader, Wrong, text};
use super::{Hardware, Mistake};
use crate::panel::{Names, Purpose};

/// What the panel has; nothing unless configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Panel {
    pub(crate) lights: Names,
    /// Begins and ends lessons.
    pub(crate) lesson_button: Option<Wanted>,
    /// Closes and opens the shutter.
    pub(crate) shutter_button: Option<Wanted>,
}

/// The table as it is written.
#[derive(Debug, Default)]
pub(super) struct Written {
    lights: Vec<(Purpose, Spanned<String>)>,
    buttons: [Option<Spanned<(String, Wanted)>>; 2],
}

pub(super) fn read(table: &mut Reader<'_, '_>) -> Written {
    let mut lights: Vec<(Purpose, Spanned<String>)> = Vec::new();
    for purpose in Purpose::ALL {
        let Some(name) = table.spanned(purpose.key(), light) else { continue };
        if lights.iter().any(|(_, other)| other.get_ref() == name.get_ref()) {
            table.mistake(name.span(), twice(name.get_ref()));
        }
        lights.push((purpose, name));
    }
    let buttons = ["lesson_button", "shutter_button"].map(|key| table.spanned(key, button));
    if let [Some(lesson), Some(shutter)] = &buttons {
        let ((_, one), (written, other)) = (lesson.get_ref(), shutter.get_ref());
        let is_same_key = one.code.is_none() || other.code.is_none() || one.code == other.code;
        if one.device == other.device && is_same_key {
            table.mistake(shutter.span(), twice(written));
        }
    }
    Written { lights, buttons }
}

fn light(value: &DeValue<'_>) -> Result<String, Wrong> {
    let name = text(value)?;
    let is_name = !name.contains('/');
    let wrong = || (words::config_light_name(&name), words::config_light_name_remedy());
    if is_name { Ok(name) } else { Err(wrong()) }
}

/// The greatest number of a key, `KEY_MAX`.
const KEY_MAX: u16 = 0x2ff;

/// `gpio-keys`, or `gpio-keys:167` where one of its keys is meant. Names of
/// devices have colons too; what stands behind the last one is a key when it is
/// a number that keys have.
fn button(value: &DeValue<'_>) -> Result<(String, Wanted), Wrong> {
    let written = text(value)?;
    let code = |number: &str| number.parse().ok().filter(|code| *code <= KEY_MAX);
    let wanted = match written.rsplit_once(':') {
        Some((device, number)) if !device.is_empty() && code(number).is_some() => {
            Wanted { device: device.to_owned(), code: code(number) }
        }
        _ => Wanted { device: written.clone(), code: None },
    };
    Ok((written, wanted))
}

fn twice(name: &str) -> Wrong {
    (words::config_twice(name), words::config_twice_remedy())
}

impl Written {
    /// What is meant, and a word about what the machine does not have now.
    pub(super) fn resolve(self, hardware: &Hardware, notices: &mut Vec<Mistake>) -> Panel {
        let Self { lights, buttons } = self;
        let is_empty = lights.is_empty() && buttons.iter().all(Option::is_none);
        let machine = (!is_empty).then(|| hardware.as_it_stands());
        for (_, name) in &lights {
            if machine.as_ref().is_some_and(|machine| machine.indicator(name.get_ref()).is_none()) {
                let cause = words::config_light_absent(name.get_ref());
                notices.push(Mistake {
                    span: name.span(),
                    cause,
                    remedy: words::config_light_absent_remedy(),
                });
            }
        }
        for button in buttons.iter().flatten() {
            let (written, wanted) = button.get_ref();
            // One that only the daemon's user may open is there.
            if machine.as_ref().is_some_and(|machine| matches!(machine.key(wanted), Ok(None))) {
                let cause = words::config_button_absent(written);
                notices.push(Mistake {
                    span: button.span(),
                    cause,
                    remedy: words::config_button_absent_remedy(),
                });
            }
        }
        let [lesson_button, shutter_button] =
            buttons.map(|button| button.map(|button| button.into_inner().1));
        let lights = lights.into_iter().map(|(purpose, name)| (purpose, name.into_inner()));
        Panel { lights: Names(lights.collect()), lesson_button, shutter_button }
    }
}

/// The lights that a text names, whatever else is wrong with it, and the machine
/// that they are at: for whoever puts them out when the daemon could not.
pub(crate) fn named(text: &str) -> (Names, Hardware) {
    let (root, _) = DeTable::parse_recoverable(text);
    let root = root.get_ref();
    let mut ignored = Vec::new();
    let table = |name: &str| root.get(name).and_then(|value| value.get_ref().as_table());
    let hardware = table("hardware").and_then(|table| {
        let (hardware, _) = super::hardware::read(&mut Reader::new("", table, 0..0, &mut ignored))?;
        Some(hardware)
    });
    let lights = table("panel").map(|table| {
        let mut reader = Reader::new("", table, 0..0, &mut ignored);
        let named = |purpose: Purpose| Some((purpose, reader.optional(purpose.key(), light)?));
        Purpose::ALL.into_iter().filter_map(named).collect()
    });
    (Names(lights.unwrap_or_default()), hardware.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lectern_api::Language;

    use super::super::{Config, ConfigError};
    use super::*;

    const BOX: &str = "[device]\nid='a'\n[[source]]\nname='b'\nrole='mic'\nuri='auto'\n";

    fn parse(table: &str) -> Result<Config, String> {
        Config::parse(Path::new("lectern.toml"), &format!("{BOX}{table}")).map_err(|error| match error {
            ConfigError::Mistaken(mistakes) => {
                mistakes.render(Language::En) + &mistakes.render(Language::ZhCn)
            }
            unreadable @ ConfigError::Unreadable { .. } => unreadable.to_string(),
        })
    }

    fn wanted(device: &str, code: Option<u16>) -> Option<Wanted> {
        Some(Wanted { device: device.to_owned(), code })
    }

    #[test]
    fn a_panel_has_what_is_named_and_nothing_else() {
        let config = parse("").unwrap();
        assert_eq!((config.panel, config.notices.len()), (Panel::default(), 0));
        let text = "[panel]\nrecording_light='lectern:red:recording'\nshutter_light='mute'\n\
            lesson_button='gpio-keys:167'\nshutter_button='HID 413c:8161'\n";
        let config = parse(text).unwrap();
        let lights = [(Purpose::Recording, "lectern:red:recording"), (Purpose::Shutter, "mute")];
        assert_eq!(config.panel.lights.0, lights.map(|(purpose, name)| (purpose, name.to_owned())));
        assert_eq!(config.panel.lesson_button, wanted("gpio-keys", Some(167)));
        assert_eq!(config.panel.shutter_button, wanted("HID 413c:8161", None));
        // Nobody has these here.
        let told = format!("{:?}", config.notices);
        assert_eq!(config.notices.len(), 4, "{told}");
        for name in ["lectern:red:recording", "mute", "gpio-keys:167", "HID 413c:8161"] {
            assert!(told.contains(name), "{name}: {told}");
        }
    }

    #[test]
    fn one_purpose_for_each_and_names_without_paths() {
        let report = parse(
            "[panel]\nrecording_light='../../x'\nlive_light='red'\nfault_light='red'\n\
             lesson_button='gpio-keys'\nshutter_button='gpio-keys:28'\nlight='x'\n",
        );
        let report = report.unwrap_err();
        for line in [8, 10, 12, 13] {
            assert!(report.contains(&format!("lectern.toml:{line}:")), "no mistake in line {line}\n{report}");
        }
        assert!(!report.contains("lectern.toml:9:") && report.contains("recording_light"), "{report}");
        assert!(parse("[panel]\nlesson_button='gpio-keys:1'\nshutter_button='gpio-keys:2'\n").is_ok());
    }

    #[test]
    fn the_lights_of_a_file_with_mistakes_are_known_all_the_same() {
        let (names, _) =
            named("[device\n[panel]\nlive_light = 'green'\nfault_light = 3\nrecording_light='../x'\n");
        assert_eq!(names.0, [(Purpose::Live, "green".to_owned())]);
    }
}
