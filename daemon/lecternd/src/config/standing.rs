//! Whether the files of the configuration, as they lie there now, could be used
//! at the next start: found out when they change, not when it is too late.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use lectern_api::Text;
use lectern_api::messages::{self, local as words};
use lectern_api::status::{ConfigFile, UnusableFile};
use tokio::sync::watch;

use super::local::{self, SetAside};
use super::{Config, ConfigError, Mistakes};
use crate::off_thread::off_thread;

/// Files are looked at so often; read only when they have changed.
const LOOK: Duration = Duration::from_secs(5);

/// The unit.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    /// `lectern.toml`.
    pub(crate) main: PathBuf,
    /// `local.toml`, whether there is one or not.
    pub(crate) local: PathBuf,
    /// What is wrong with them; at first what was set aside at the start.
    pub(crate) unusable: watch::Sender<Vec<UnusableFile>>,
}

impl Standing {
    /// Runs until the daemon ends.
    pub(crate) async fn run(self) {
        let mut seen = None;
        loop {
            let unit = self.clone();
            seen = off_thread(move || unit.look(seen)).await;
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Judges the files unless they are as they were.
    fn look(&self, before: Option<Stamps>) -> Option<Stamps> {
        let now = Some((stamp(&self.main), stamp(&self.local)));
        if now != before {
            let unusable = judge(&self.unusable.borrow(), find(&self.main));
            self.unusable.send_if_modified(|told| {
                let differs = *told != unusable;
                *told = unusable;
                differs
            });
        }
        now
    }
}

/// What tells that a file was changed.
type Stamp = Option<(SystemTime, u64)>;
type Stamps = (Stamp, Stamp);

fn stamp(path: &Path) -> Stamp {
    let file = std::fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len()))
}

/// What a look has found.
enum Found {
    /// Neither has a mistake.
    Good { has_local: bool },
    /// One has, and the other is not known then, or fine.
    Unusable(UnusableFile),
}

fn find(main: &Path) -> Found {
    let config = match Config::load_main(main) {
        Ok(config) => config,
        Err(error) => return Found::Unusable(unusable(ConfigFile::Main, main, &error)),
    };
    match config.laid_over() {
        Ok(both) => Found::Good { has_local: both.is_some() },
        Err(error) => Found::Unusable(unusable(ConfigFile::Local, &local::path(&config), &error)),
    }
}

/// What is wrong now. What was set aside stays so until there is a good
/// `local.toml`: its settings are not in force, whatever else happens.
fn judge(before: &[UnusableFile], found: Found) -> Vec<UnusableFile> {
    let before = before.iter().cloned();
    match found {
        Found::Good { has_local: true } => Vec::new(),
        Found::Good { has_local: false } => before.filter(|file| file.set_aside).collect(),
        Found::Unusable(now) if now.file == ConfigFile::Local => vec![now],
        Found::Unusable(now) => before.filter(|file| file.file == ConfigFile::Local).chain([now]).collect(),
    }
}

fn unusable(file: ConfigFile, path: &Path, error: &ConfigError) -> UnusableFile {
    let cause = match error {
        ConfigError::Mistaken(mistakes) => first(mistakes),
        ConfigError::Unreadable { path, cause } => messages::config_unreadable(path.display(), cause),
    };
    UnusableFile { path: path.display().to_string(), file, set_aside: false, cause }
}

/// The first mistake, with its line.
fn first(mistakes: &Mistakes) -> Text {
    let Some(mistake) = mistakes.list.first() else { return messages::config_mistakes(0) };
    let line = mistakes.files.place(mistake.span.start).line;
    Text {
        en: words::config_cause_at(&mistake.cause.en, line).en,
        zh: words::config_cause_at(&mistake.cause.zh, line).zh,
    }
}

impl SetAside {
    /// As the status tells it.
    pub(crate) fn told(&self) -> UnusableFile {
        let found = unusable(ConfigFile::Local, &self.path, &self.why);
        match &self.done {
            Ok(aside) => UnusableFile { path: aside.display().to_string(), set_aside: true, ..found },
            Err(_) => found,
        }
    }
}

#[cfg(test)]
mod tests;
