//! `lectern-helper`: the few things of the box that need root.

use std::io::IsTerminal as _;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use lectern_helper::{AskError, Client, DEFAULT_SOCKET, Partition, Request, Server, Settings};

/// Does what needs root for the daemon of the classroom box. Started by systemd
/// when somebody asks, on the socket it is given.
#[derive(Debug, Parser)]
#[command(name = "lectern-helper", version)]
struct Cli {
    /// The user, by name or number, who may ask beside root.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Listen there, where systemd gives no socket.
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// Look everything up below this folder.
    #[arg(long, value_name = "DIR", default_value = "/")]
    root: PathBuf,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Ask the helper that listens, as udev does when a stick is put in.
    #[command(subcommand)]
    Ask(Ask),
}

#[derive(Debug, Subcommand)]
enum Ask {
    /// Mount a stick's partition at /run/lectern/stick.
    Mount {
        /// Such as sdb1.
        #[arg(value_parser = |text: &str| Partition::new(text))]
        partition: Partition,
        /// Files may be written.
        #[arg(long)]
        write: bool,
    },
    /// Take the stick out of use.
    Unmount,
}

/// Why it cannot serve.
#[derive(Debug, thiserror::Error)]
enum StartError {
    /// Started by hand, without a socket.
    #[error("systemd gives no socket; give one with --socket, or start lectern-helper.socket")]
    NoSocket,
    /// The socket cannot be used.
    #[error("the socket: {0}")]
    Socket(#[from] std::io::Error),
    /// The user is not known here.
    #[error("no user {0} in {1}; give a number")]
    NoUser(String, PathBuf),
}

const REQUEST_LIMIT: Duration = Duration::from_secs(2);
const IDLE_LIMIT: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let cli = Cli::parse();
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false);
    if std::env::var_os("JOURNAL_STREAM").is_some() {
        log.without_time().with_ansi(false).init();
    } else {
        log.with_ansi(std::io::stderr().is_terminal()).init();
    }
    let done = match &cli.action {
        None => serve(&cli).map_err(|error| tracing::error!(%error, "cannot serve")),
        Some(Action::Ask(what)) => ask(&cli, what).map_err(|error| tracing::error!(%error, "not done")),
    };
    if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn ask(cli: &Cli, what: &Ask) -> Result<(), AskError> {
    let request = match what {
        Ask::Mount { partition, write } => Request::Mount { partition: partition.clone(), write: *write },
        Ask::Unmount => Request::Unmount {},
    };
    let socket = cli.socket.as_deref().unwrap_or(Path::new(DEFAULT_SOCKET));
    Client::new(socket).ask(&request).map(drop)
}

fn serve(cli: &Cli) -> Result<(), StartError> {
    let uid = cli.user.as_deref().map(|user| uid(&cli.root, user)).transpose()?;
    let given = listenfd::ListenFd::from_env().take_unix_listener(0)?;
    let idle_limit = given.is_some().then_some(IDLE_LIMIT);
    let listener = match (given, &cli.socket) {
        (Some(given), _) => given,
        (None, Some(path)) => UnixListener::bind(path)?,
        (None, None) => return Err(StartError::NoSocket),
    };
    let settings = Settings { root: cli.root.clone(), uid, request_limit: REQUEST_LIMIT, idle_limit };
    Ok(Server::new(settings).serve(&listener)?)
}

/// A system user is in the file; a directory service is not asked for one.
fn uid(root: &Path, user: &str) -> Result<u32, StartError> {
    if let Ok(uid) = user.parse() {
        return Ok(uid);
    }
    let file = root.join("etc/passwd");
    let text = std::fs::read_to_string(&file)?;
    let found = text.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(user)).then(|| fields.nth(1)?.parse().ok())?
    });
    found.ok_or_else(|| StartError::NoUser(user.to_owned(), file))
}
