//! `config.rejected`: files of the configuration that could not be used at a
//! start. Over when they can be, or when a start did without the lesser one.

use lectern_api::fault::Severity;
use lectern_api::messages::local as words;
use lectern_api::status::{ConfigFile, ConfigStatus, UnusableFile};

use super::super::book::Finding;

pub(super) fn findings(config: &ConfigStatus) -> impl Iterator<Item = Finding> {
    config.unusable.iter().map(|UnusableFile { path, file, set_aside, cause }| {
        let both = |say: fn(&str, &str) -> lectern_api::Text| lectern_api::Text {
            en: say(path, &cause.en).en,
            zh: say(path, &cause.zh).zh,
        };
        let (unit, severity, text, hint) = match (file, set_aside) {
            (ConfigFile::Main, _) => (
                "lectern.toml",
                Severity::Major,
                both(|path, cause| words::main_rejected(path, cause)),
                words::main_rejected_hint(path),
            ),
            (ConfigFile::Local, true) => (
                "local.toml",
                Severity::Minor,
                both(|path, cause| words::local_rejected(path, cause)),
                words::local_rejected_hint(),
            ),
            (ConfigFile::Local, false) => (
                "local.toml",
                Severity::Minor,
                both(|path, cause| words::local_mistaken(path, cause)),
                words::local_mistaken_hint(path, &config.path),
            ),
        };
        Finding { code: "config.rejected", severity, unit: unit.to_owned(), text, hint }
    })
}
