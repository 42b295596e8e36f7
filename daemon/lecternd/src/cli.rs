//! What `lecternd` understands on its command line, and says there.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use lectern_api::{Language, Text, messages};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::{Config, ConfigError, Tables, render};
use crate::trial;

/// Wrong use, or a configuration with mistakes.
const WRONG_USE: u8 = 2;

/// The daemon of the classroom box: captures, records, broadcasts and archives lessons.
#[derive(Debug, Parser)]
#[command(name = "lecternd", version)]
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

/// What to do once the daemon is up.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) lesson: bool,
    pub(crate) minutes: Option<u32>,
    trial: Option<PathBuf>,
    /// Where the configuration was read, and what it said.
    config: PathBuf,
    tables: Tables,
}

/// Reads the configuration, or says why there is none.
pub(crate) fn prepare(run: &Run) -> Result<(Config, Start), ExitCode> {
    let path = match &run.trial {
        None => run.config.clone(),
        Some(folder) => trial::configuration(folder).map_err(|error| {
            complain(&format!("{}: {error}", folder.display()));
            ExitCode::from(WRONG_USE)
        })?,
    };
    let config = Config::load(&path).map_err(|error| {
        report(&error);
        ExitCode::from(WRONG_USE)
    })?;
    let start = Start {
        lesson: run.start || run.trial.is_some(),
        minutes: run.minutes,
        trial: run.trial.clone(),
        config: path,
        tables: config.tables.clone(),
    };
    Ok((config, start))
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
                let text = std::fs::read_to_string(&check.config).unwrap_or_default();
                complain(
                    render(&check.config, &text, &config.notices, Language::of_environment()).trim_end(),
                );
                say(messages::config_fine(check.config.display()).in_language(Language::of_environment()));
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

/// Logs go to standard error; systemd's journal adds the time itself.
pub(crate) fn init_tracing() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("LECTERN_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // At `trace` it writes every command of FTP, the password among them.
    let filter = match "suppaftp=debug".parse() {
        Ok(limit) => filter.add_directive(limit),
        Err(_) => filter,
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    if std::env::var_os("JOURNAL_STREAM").is_some() {
        log.without_time().with_ansi(false).init();
    } else {
        log.init();
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
    /// The daemon itself: it wants to begin anew, and the lesson goes on.
    Restart,
}

/// What the process ends with when it wants to be started again: `EX_TEMPFAIL`
/// of sysexits.h, which nothing else here ends with.
const RESTART: u8 = 75;

impl Ending {
    pub(crate) fn ends_the_lesson(self) -> bool {
        !matches!(self, Self::Terminate | Self::Restart)
    }

    /// What the process ends with.
    pub(crate) fn code(self) -> ExitCode {
        if self == Self::Restart { ExitCode::from(RESTART) } else { ExitCode::SUCCESS }
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
