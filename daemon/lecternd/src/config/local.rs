//! `local.toml`: what was changed from afar, since the root may be read-only. It
//! lies beside the facts, has the keys of `lectern.toml` that
//! [`SETTINGS`](super::setting::SETTINGS) lists, and counts over them. The daemon
//! writes it; a person may.

use std::io;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{Config, ConfigError, Files, setting::MANY};
use crate::durable;

const HEAD: &str = "# Written by lecternd: what was changed from afar. It counts over lectern.toml.\n";

/// Where it lies: beside the facts.
pub(crate) fn path(config: &Config) -> PathBuf {
    config.facts.path.with_file_name("local.toml")
}

/// Its text; nothing when it is not there.
pub(super) fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    match std::fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(ConfigError::Unreadable {
                path: path.to_owned(),
                cause: io::Error::new(io::ErrorKind::InvalidData, error),
            }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(ConfigError::Unreadable { path: path.to_owned(), cause }),
    }
}

/// Its text.
pub(crate) fn text(table: &Table) -> Result<String, toml::ser::Error> {
    Ok(format!("{HEAD}\n{}", toml::to_string(table)?))
}

/// Writes it, durably.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    durable::write(path, text)
}

/// Changes one value in it, or takes it back. `name` is that of a target or
/// store.
pub(crate) fn change(local: &mut Table, table: &str, name: Option<&str>, key: &str, value: Option<Value>) {
    let empty = if MANY.contains(&table) { Value::Array(Vec::new()) } else { Value::Table(Table::new()) };
    let there = local.entry(table.to_owned()).or_insert(empty);
    let is_it = |one: &Value| one.get("name").and_then(Value::as_str) == name;
    let keys = match (there, name) {
        (Value::Table(keys), None) => keys,
        (Value::Array(list), Some(name)) => {
            let at = list.iter().position(is_it).unwrap_or_else(|| {
                list.push(Value::Table(Table::from_iter([("name".to_owned(), Value::from(name))])));
                list.len() - 1
            });
            match list.get_mut(at) {
                Some(Value::Table(keys)) => keys,
                _ => return,
            }
        }
        _ => return,
    };
    match value {
        Some(value) => drop(keys.insert(key.to_owned(), value)),
        None => drop(keys.remove(key)),
    }
    tidy(local);
}

/// Takes away what says nothing any more.
fn tidy(local: &mut Table) {
    local.retain(|_, value| match value {
        Value::Table(keys) => !keys.is_empty(),
        Value::Array(list) => {
            list.retain(|one| one.as_table().is_some_and(|keys| keys.keys().any(|key| key != "name")));
            !list.is_empty()
        }
        _ => true,
    });
}

impl Config {
    /// Reads and checks `lectern.toml` and what `local.toml` says over it.
    pub(crate) fn load(path: &Path) -> Result<Self, ConfigError> {
        let main = Self::load_main(path)?;
        Ok(main.laid_over()?.unwrap_or(main))
    }

    /// With what `local.toml` says; nothing when there is none.
    pub(super) fn laid_over(&self) -> Result<Option<Self>, ConfigError> {
        let beside = self::path(self);
        read(&beside)?.map(|text| self.with_local(&beside, text)).transpose()
    }

    /// As [`Config::load`], with another text for `local.toml`.
    pub(crate) fn with_local(&self, path: &Path, text: String) -> Result<Self, ConfigError> {
        let (main, _) = self.files.parts();
        Self::decode(Files::new(main.clone(), Some((path.to_owned(), text))))
    }

    /// As [`Config::load`], for a box that must record: a `local.toml` that
    /// cannot be used is set aside, and the other file counts alone.
    pub(crate) fn load_to_run(path: &Path) -> Result<(Self, Option<SetAside>), ConfigError> {
        let main = Self::load_main(path)?;
        match main.laid_over() {
            Ok(config) => Ok((config.unwrap_or(main), None)),
            Err(why) => {
                let path = self::path(&main);
                let done = durable::set_aside(&path);
                Ok((main, Some(SetAside { path, why, done })))
            }
        }
    }
}

/// A `local.toml` that cannot be used.
#[derive(Debug)]
pub(crate) struct SetAside {
    pub(crate) path: PathBuf,
    /// What is wrong with it.
    pub(crate) why: ConfigError,
    /// What it is called now; or why it is where it was.
    pub(crate) done: io::Result<PathBuf>,
}

#[cfg(test)]
mod tests;
