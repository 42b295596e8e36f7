//! Settings, told and changed from afar: read from the files and written to
//! `local.toml`, never to `lectern.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use lectern_api::Text;
use lectern_api::command::Refusal;
use lectern_api::messages::local as words;

use crate::config::setting::{SETTINGS, Setting, setting};
use crate::config::{Config, ConfigError, Mistakes, Tables, local};

/// What came of it, by name.
type Told = BTreeMap<String, String>;

/// Reads and changes settings. Every call blocks on the disk.
#[derive(Debug)]
pub(crate) struct Settings {
    /// `lectern.toml`.
    file: PathBuf,
    /// What the daemon runs with.
    running: Tables,
    /// Settings that may be changed, as `[mqtt] settings` names them.
    allowed: BTreeSet<String>,
    /// One change at a time.
    writing: Mutex<()>,
}

/// One setting, found by the key that somebody wrote.
struct Found<'k> {
    row: &'static Setting,
    /// Of a target or store.
    name: Option<&'k str>,
}

impl Settings {
    pub(crate) fn new(config: &Config, allowed: BTreeSet<String>) -> Self {
        let (file, running) = (config.files.main_path().to_owned(), config.tables.clone());
        Self { file, running, allowed, writing: Mutex::default() }
    }

    /// What is set, as TOML writes it; empty where nothing is and nothing counts
    /// instead.
    pub(crate) fn get(&self, keys: &[String]) -> Result<Told, Refusal> {
        let config = self.load()?;
        let told = keys.iter().map(|key| {
            let Found { row, name } = find(key, &config.tables)?;
            if !row.is_told {
                return Err(Refusal::new("secret", words::setting_untold(key)));
            }
            let value = config.tables.value(row.table, name, row.key);
            Ok((key.clone(), value.or(row.default.map(str::to_owned)).unwrap_or_default()))
        });
        told.collect()
    }

    /// Changes all of them, or none; says which tables wait for a restart.
    pub(crate) fn set(&self, settings: &BTreeMap<String, String>) -> Result<Told, Refusal> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let config = self.load()?;
        let mut table = config.files.local().and_then(|text| text.parse().ok()).unwrap_or_default();
        for (key, value) in settings {
            let Found { row, name } = find(key, &config.tables)?;
            if !self.allowed.contains(&row.name()) {
                return Err(Refusal::new("forbidden", words::setting_forbidden(key, row.name())));
            }
            let value = match value.trim() {
                "" => None,
                written => Some(written.parse().map_err(|error: toml::de::Error| {
                    Refusal::new("malformed", words::setting_value(key, error.message()))
                })?),
            };
            local::change(&mut table, row.table, name, row.key, value);
        }
        let text =
            local::text(&table).map_err(|error| Refusal::new("malformed", words::setting_disk(error)))?;
        let path = local::path(&config);
        let changed = match config.with_local(&path, text.clone()) {
            Ok(changed) => changed,
            Err(ConfigError::Mistaken(mistakes)) => return Err(Refusal::new("invalid", told(&mistakes))),
            Err(error) => return Err(Refusal::new("invalid", words::setting_box(error))),
        };
        local::write(&path, &text).map_err(|error| Refusal::new("disk", words::setting_disk(error)))?;
        let keys: Vec<&str> = settings.keys().map(String::as_str).collect();
        let waits = self.running.changed_in(&changed.tables).join(", ");
        tracing::info!(keys = keys.join(", "), waits, "settings were changed from afar");
        Ok([("waits".to_owned(), waits)].into())
    }

    fn load(&self) -> Result<Config, Refusal> {
        let shown = |path: &Path| path.display().to_string();
        Config::load(&self.file).map_err(|error| {
            let cause = match &error {
                ConfigError::Mistaken(mistakes) => shown(mistakes.path()),
                ConfigError::Unreadable { .. } => error.to_string(),
            };
            Refusal::new("box", words::setting_box(cause))
        })
    }
}

/// `table.key`, or `table.NAME.key` of a target or store that is there.
fn find<'k>(written: &'k str, tables: &Tables) -> Result<Found<'k>, Refusal> {
    let parts = written.split_once('.').map(|(table, rest)| match rest.rsplit_once('.') {
        Some((name, key)) => (table, Some(name), key),
        None => (table, None, rest),
    });
    let found = parts.and_then(|(table, name, key)| {
        let row = setting(table, key)?;
        let is_there = match name {
            Some(name) => row.is_of_many() && tables.names(table).contains(&name),
            None => !row.is_of_many(),
        };
        is_there.then_some(Found { row, name })
    });
    found.ok_or_else(|| Refusal::new("unknown_key", unknown(written, tables)))
}

fn unknown(written: &str, tables: &Tables) -> Text {
    let known = SETTINGS.iter().flat_map(|row| match row.is_of_many() {
        false => vec![row.name()],
        true => {
            tables.names(row.table).iter().map(|name| format!("{}.{name}.{}", row.table, row.key)).collect()
        }
    });
    let scored = known.map(|known| (strsim::jaro_winkler(written, &known), known));
    match scored.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((score, known)) if score >= 0.9 => words::setting_unknown_nearest(written, known),
        _ => words::setting_unknown(written),
    }
}

/// Every mistake with its key, cause and remedy.
fn told(mistakes: &Mistakes) -> Text {
    let each = mistakes.list.iter().map(|mistake| {
        let line = mistakes.files.place(mistake.span.start).source;
        let key = line.split('=').next().unwrap_or(line).trim();
        let (cause, remedy) = (&mistake.cause, &mistake.remedy);
        Text {
            en: words::setting_mistake(key, &cause.en, &remedy.en).en,
            zh: words::setting_mistake(key, &cause.zh, &remedy.zh).zh,
        }
    });
    let all: Vec<Text> = each.collect();
    let joined = |part: fn(&Text) -> &str| all.iter().map(part).collect::<Vec<_>>().join("\n");
    Text { en: joined(|text| &text.en), zh: joined(|text| &text.zh) }
}

#[cfg(test)]
mod tests;
