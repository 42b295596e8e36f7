//! The log, and how much it tells.

use std::fmt;
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use lectern_api::mqtt::{LogLevel, SetLogLevel};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

/// What the names of our own programs begin with. Whatever lies below them keeps to
/// `info`, because at `trace` it writes passwords.
const OURS: &str = "lectern";

/// Sets what the log tells while the daemon runs.
#[derive(Clone)]
pub(crate) struct Volume(Arc<dyn Fn(EnvFilter) + Send + Sync>);

impl fmt::Debug for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Volume")
    }
}

/// Logs go to standard error; systemd's journal adds the time itself.
pub(crate) fn init() -> Volume {
    let log = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    if std::env::var_os("JOURNAL_STREAM").is_some() {
        let log = log.without_time().with_ansi(false).with_env_filter(usual()).with_filter_reloading();
        let handle = log.reload_handle();
        log.init();
        Volume(Arc::new(move |filter| told(handle.reload(filter))))
    } else {
        let log = log.with_env_filter(usual()).with_filter_reloading();
        let handle = log.reload_handle();
        log.init();
        Volume(Arc::new(move |filter| told(handle.reload(filter))))
    }
}

fn told(reloaded: Result<(), tracing_subscriber::reload::Error>) {
    if let Err(error) = reloaded {
        tracing::error!(%error, "the log's level stays as it is");
    }
}

/// As `LECTERN_LOG` says, `info` otherwise.
fn usual() -> EnvFilter {
    let filter = EnvFilter::try_from_env("LECTERN_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // At `trace` it writes every command of FTP, the password among them.
    match "suppaftp=debug".parse() {
        Ok(limit) => filter.add_directive(limit),
        Err(_) => filter,
    }
}

fn at(level: LogLevel) -> EnvFilter {
    let (word, others) = match level {
        LogLevel::Error => ("error", "error"),
        LogLevel::Warn => ("warn", "warn"),
        LogLevel::Info => ("info", "info"),
        LogLevel::Debug => ("debug", "info"),
        LogLevel::Trace => ("trace", "info"),
    };
    EnvFilter::new(format!("{others},{OURS}={word}"))
}

/// Sets the log as it is wanted, and back when the time is over.
pub(crate) async fn run(volume: Volume, mut wanted: watch::Receiver<Option<SetLogLevel>>) {
    loop {
        let now = wanted.borrow_and_update().clone();
        let Some(SetLogLevel { level, minutes }) = now else {
            match wanted.changed().await {
                Ok(()) => continue,
                Err(_) => return,
            }
        };
        volume.0(at(level));
        tracing::info!(?level, minutes, "the log tells more or less for a while");
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(60 * u64::from(minutes))) => {}
            changed = wanted.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
        }
        volume.0(usual());
        tracing::info!("the log is as usual again");
        if wanted.changed().await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_log_goes_back_by_itself_and_a_newer_wish_counts_anew() {
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        let volume = Volume(Arc::new(move |filter| heard.lock().unwrap().push(filter.to_string())));
        let (wish, wanted) = watch::channel(None);
        let minutes = |minutes: u64| tokio::time::sleep(Duration::from_secs(60 * minutes));
        let told = |what: &str| said.lock().unwrap().iter().filter(|said| said.contains(what)).count();
        let course = async {
            minutes(1).await;
            wish.send_replace(Some(SetLogLevel { level: LogLevel::Debug, minutes: 10 }));
            minutes(9).await;
            assert_eq!((told("lectern=debug"), told("suppaftp=debug")), (1, 0));
            wish.send_replace(Some(SetLogLevel { level: LogLevel::Trace, minutes: 10 }));
            minutes(9).await;
            assert_eq!((told("lectern=trace"), told("suppaftp=debug")), (1, 0));
            minutes(2).await;
            assert_eq!(told("suppaftp=debug"), 1, "as usual again");
            wish.send_replace(Some(SetLogLevel { level: LogLevel::Error, minutes: 1 }));
            minutes(2).await;
            assert_eq!((told("lectern=error"), told("suppaftp=debug")), (1, 2));
            drop(wish);
        };
        tokio::join!(run(volume, wanted), course);
    }

    /// What a filter lets through, of programs of ours and others.
    fn heard(level: LogLevel) -> String {
        let log = Log::default();
        let subscriber =
            tracing_subscriber::fmt().with_env_filter(at(level)).with_writer(log.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::trace!(target: "lecternd::mqtt::errands", "from the daemon");
            tracing::trace!(target: "lectern_mqtt::client", "from a crate");
            tracing::trace!(target: "suppaftp::sync_ftp", "PASS geheim");
            tracing::trace!(target: "hyper", "another's secret");
            tracing::info!(target: "hyper", "another's news");
        });
        let written = log.0.lock().unwrap().clone();
        String::from_utf8(written).unwrap()
    }

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl tracing_subscriber::fmt::MakeWriter<'_> for Log {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    #[test]
    fn what_is_not_ours_tells_no_more_than_usual() {
        let trace = heard(LogLevel::Trace);
        assert!(trace.contains("from the daemon") && trace.contains("from a crate"), "{trace}");
        assert!(trace.contains("another's news"), "{trace}");
        assert!(!trace.contains("secret") && !trace.contains("geheim"), "{trace}");
        assert_eq!(heard(LogLevel::Error), "");
    }

    /// The list of programs was forgotten twice before there was none.
    #[test]
    fn every_program_of_the_workspace_that_logs_is_ours_by_its_name() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let table = |path: std::path::PathBuf| -> toml::Table {
            std::fs::read_to_string(path).unwrap().parse().unwrap()
        };
        let workspace = table(root.join("Cargo.toml"));
        let members = workspace["workspace"]["members"].as_array().unwrap();
        let mut logging = 0;
        for member in members.iter().map(|member| member.as_str().unwrap()) {
            let package = table(root.join(member).join("Cargo.toml"));
            let logs = package.get("dependencies").is_some_and(|list| list.get("tracing").is_some());
            let name = package["package"]["name"].as_str().unwrap();
            assert!(!logs || name.starts_with(OURS), "{name} logs and is not named {OURS}…");
            logging += usize::from(logs);
        }
        assert!(logging >= 5, "{logging} of {} packages log", members.len());
    }
}
