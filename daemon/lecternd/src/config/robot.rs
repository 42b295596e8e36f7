//! `[robot]`: the group that hears of what a person must act on.

use lectern_api::messages::robot as words;
use lectern_archive::store::Credentials;
use toml::de::DeValue;

use super::archive::{file, proxy};
use super::reader::{Reader, Wrong, text};
use crate::robot::{Address, Kind};

pub(super) fn read(table: &mut Reader<'_, '_>) -> Option<Address> {
    let kind = table.required("kind", kind);
    let credentials = table.required("credentials", credentials);
    let ca = table.optional("ca", file);
    let proxy = table.optional("proxy", proxy);
    let (kind, credentials) = (kind?.into_inner(), credentials?.into_inner());
    Some(Address { kind, credentials, ca, proxy: proxy.unwrap_or_default() })
}

fn kind(value: &DeValue<'_>) -> Result<Kind, Wrong> {
    let written = text(value)?;
    let known = Kind::WORDS.iter().find(|(word, _)| *word == written);
    known.map(|(_, kind)| *kind).ok_or_else(|| (words::config_kind(&written), words::config_kind_remedy()))
}

/// Never repeats what was written: it may be the address itself.
fn credentials(value: &DeValue<'_>) -> Result<Credentials, Wrong> {
    let wrong = |_| (words::config_credentials(), words::config_credentials_remedy());
    Credentials::parse(&text(value)?).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lectern_api::Language;

    use super::super::{Config, ConfigError};
    use super::*;

    const BOX: &str = "[device]\nid='a'\n[[source]]\nname='b'\nrole='mic'\nuri='auto'\n";

    #[test]
    fn a_robot_is_off_by_default_and_its_address_never_stands_in_the_file() {
        let parse = |text: &str| Config::parse(Path::new("lectern.toml"), &format!("{BOX}{text}"));
        assert!(parse("").unwrap().robot.is_none());
        let robot = parse("[robot]\nkind='dingtalk'\ncredentials='credential:robot'\n").unwrap().robot;
        assert_eq!(robot.unwrap().kind, Kind::Dingtalk);
        let bad =
            "[robot]\nkind='qq'\ncredentials='https://h/send?key=geheim'\nca='x'\nproxy='h:1'\nurl='y'\n";
        let Err(ConfigError::Mistaken(mistakes)) = parse(bad) else { panic!("accepted") };
        let report = mistakes.render(Language::En) + &mistakes.render(Language::ZhCn);
        for line in 8..=12 {
            assert!(report.contains(&format!("lectern.toml:{line}:")), "no mistake in line {line}\n{report}");
        }
        assert!(!report.contains("geheim"), "{report}");
    }
}
