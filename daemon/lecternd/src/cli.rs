//! What `lecternd` understands on its command line, and says there.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use lectern_api::status::UnusableFile;
use lectern_api::{Language, Text, messages};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::local::SetAside;
use crate::config::{Config, ConfigError, Tables, panel, render};
use crate::panel::Lamps;
use crate::topology::Launch;
use crate::trial;

/// Wrong use, or a configuration with mistakes.
const WRONG_USE: u8 = 2;

/// The daemon of the classroom box: captures, records, broadcasts and archives lessons.
#[derive(Debug, Parser)]
#[command(name = "lecternd", version, max_term_width = 80)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) action: Action,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Run the daemon until it is told to stop.
    Run(Run),
    /// Report every mistake of a configuration, each with line, cause and remedy.
    Check(Check),
    /// Put the panel's lights out, as systemd asks when the daemon has ended, however
    /// it did.
    #[command(hide = true)]
    LightsOff(LightsOff),
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "/etc/lectern/lectern.toml", conflicts_with = "trial")]
    config: PathBuf,
    /// Try it out: everything in DIR, nothing to configure, broadcasting at once.
    #[arg(long, value_name = "DIR")]
    trial: Option<PathBuf>,
    /// Begin a lesson at once.
    #[arg(long)]
    start: bool,
    /// End that lesson after so many minutes.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=720))]
    minutes: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "/etc/lectern/lectern.toml")]
    config: PathBuf,
    /// Answer as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LightsOff {
    /// The configuration that names them.
    #[arg(long, value_name = "FILE", default_value = "/etc/lectern/lectern.toml")]
    config: PathBuf,
}

/// What to do once the daemon is up.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) lesson: bool,
    pub(crate) minutes: Option<u32>,
    trial: Option<PathBuf>,
    /// Where the configuration was read, and what it said.
    config: PathBuf,
    tables: Tables,
    /// What of it was set aside.
    unusable: Vec<UnusableFile>,
}

/// Reads the configuration, or says why there is none.
pub(crate) fn prepare(run: &Run) -> Result<(Config, Start), ExitCode> {
    let path = match &run.trial {
        // Whoever asks for it later may be in another folder.
        None => std::path::absolute(&run.config).unwrap_or_else(|_| run.config.clone()),
        Some(folder) => trial::configuration(folder).map_err(|error| {
            complain(&format!("{}: {error}", folder.display()));
            ExitCode::from(WRONG_USE)
        })?,
    };
    let (config, set_aside) = Config::load_to_run(&path).map_err(|error| {
        report(&error);
        ExitCode::from(WRONG_USE)
    })?;
    let unusable = set_aside.iter().map(SetAside::told).collect();
    if let Some(SetAside { path, why, done }) = set_aside {
        report(&why);
        let text = messages::local::local_set_aside(path.display());
        complain(text.in_language(Language::of_environment()));
        if let Err(error) = done {
            complain(&format!("{}: {error}", path.display()));
        }
    }
    let start = Start {
        lesson: run.start || run.trial.is_some(),
        minutes: run.minutes,
        trial: run.trial.clone(),
        config: path,
        tables: config.tables.clone(),
        unusable,
    };
    Ok((config, start))
}

impl From<&Start> for Launch {
    fn from(start: &Start) -> Self {
        Self { trial: start.is_trial(), unusable: start.unusable.clone() }
    }
}

impl Start {
    pub(crate) fn is_trial(&self) -> bool {
        self.trial.is_some()
    }

    /// Says what of a configuration that was changed since waits for a restart.
    pub(crate) fn say_what_waits(&self) {
        match Config::load(&self.config) {
            Ok(now) => match &*self.tables.changed_in(&now.tables) {
                [] => tracing::info!("the configuration is the one that the daemon runs with"),
                changed => {
                    let tables = changed.join(", ");
                    tracing::warn!(tables, "the configuration was changed: these tables wait for a restart");
                }
            },
            Err(error) => {
                tracing::error!(%error, "the configuration cannot be used: the daemon goes on with the former one");
                report(&error);
            }
        }
    }

    /// Where a trial can be watched and where its recording grows.
    pub(crate) fn where_to_watch(&self, config: &Config) -> Option<String> {
        let live = config.live.first().map(|live| live.url.watch_hint()).unwrap_or_default();
        let line = messages::where_to_watch(live, self.recordings(config)?);
        Some(line.in_language(config.device.language).to_owned())
    }

    /// What a trial leaves behind.
    pub(crate) fn where_it_lies(&self, config: &Config) -> Option<String> {
        let line = messages::where_it_lies(self.recordings(config)?);
        Some(line.in_language(config.device.language).to_owned())
    }

    fn recordings(&self, config: &Config) -> Option<String> {
        self.trial.as_ref()?;
        let folder = config.archives.first()?.folder()?;
        Some(folder.join(config.device.id.as_str()).display().to_string())
    }
}

/// `lecternd check`.
pub(crate) fn check(check: &Check) -> ExitCode {
    match Config::load(&check.config) {
        Ok(config) => {
            if check.json {
                say("[]");
            } else {
                let language = Language::of_environment();
                complain(render(&config.files, &config.notices, language).trim_end());
                say(messages::config_fine(check.config.display()).in_language(language));
                say_what_counts(&config, language);
            }
            ExitCode::SUCCESS
        }
        Err(ConfigError::Mistaken(mistakes)) if check.json => {
            say(&serde_json::to_string_pretty(&mistakes.entries()).unwrap_or_default());
            ExitCode::from(WRONG_USE)
        }
        Err(error) => {
            report(&error);
            ExitCode::from(WRONG_USE)
        }
    }
}

/// `lecternd lights-off`. Whatever else is wrong with the configuration, the
/// lights that it names go out.
pub(crate) fn lights_off(lights: &LightsOff) -> ExitCode {
    let text = match std::fs::read(&lights.config) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(cause) => {
            report(&ConfigError::Unreadable { path: lights.config.clone(), cause });
            return ExitCode::from(WRONG_USE);
        }
    };
    let (names, hardware) = panel::named(&text);
    let troubles = Lamps::new(hardware.as_it_stands().into(), &names).put_out();
    troubles.iter().for_each(|trouble| complain(&trouble.to_string()));
    if troubles.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The merged configuration, each value with its file, where there are two.
fn say_what_counts(config: &Config, language: Language) {
    let Some(local) = config.files.local_path() else { return };
    say(messages::local::local_merged(local.display()).in_language(language));
    for origin in &config.origins {
        let place = config.files.place(origin.at);
        say(&format!("{}  # {}:{}", origin.text, place.path.display(), place.line));
    }
}

fn report(error: &ConfigError) {
    match error {
        ConfigError::Mistaken(mistakes) => {
            complain(mistakes.render(Language::of_environment()).trim_end());
            let count: Text = messages::config_mistakes(mistakes.list.len());
            complain(count.in_language(Language::of_environment()));
        }
        ConfigError::Unreadable { path, cause } => {
            complain(
                messages::config_unreadable(path.display(), cause).in_language(Language::of_environment()),
            );
        }
    }
}

/// To standard output, for people and pipes. A closed pipe is no fault.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn complain(text: &str) {
    if !text.is_empty() {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}

/// The signals that end the daemon.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

/// How the daemon was told to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// A person at the keyboard: the lesson ends too.
    Interrupt,
    /// A restart, an update, a shutdown: the lesson goes on afterwards.
    Terminate,
    /// The terminal is gone. A trial ends with it, a service does not.
    Hangup,
    /// The daemon itself, for itself or for somebody at the broker: it begins anew
    /// at once, and the lesson goes on.
    Restart,
}

impl Ending {
    pub(crate) fn ends_the_lesson(self) -> bool {
        !matches!(self, Self::Terminate | Self::Restart)
    }
}

impl Signals {
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    pub(crate) async fn next(&mut self) -> Ending {
        tokio::select! {
            _ = self.interrupt.recv() => Ending::Interrupt,
            _ = self.terminate.recv() => Ending::Terminate,
            _ = self.hangup.recv() => Ending::Hangup,
        }
    }
}
