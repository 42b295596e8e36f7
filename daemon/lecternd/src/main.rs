//! `lecternd`: the daemon of the classroom box.

mod account;
mod backoff;
mod capture;
mod cli;
mod clock;
mod config;
mod daemon;
mod discovery;
mod facts;
mod health;
mod identity;
mod journal;
mod lesson;
mod live;
mod mqtt;
mod notes;
mod ops;
mod precheck;
mod receipts;
mod room;
mod spooler;
#[cfg(test)]
mod studio;
mod supervisor;
mod timetable;
mod topology;
mod trial;
mod trigger;
mod upload;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use lectern_api::{Clock, SystemClock};

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match cli.action {
        cli::Action::Check(check) => cli::check(&check),
        cli::Action::Run(run) => {
            let (config, start) = match cli::prepare(&run) {
                Ok(prepared) => prepared,
                Err(code) => return code,
            };
            cli::init_tracing();
            // Recordings of children are nobody's business but this user's.
            rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
            capture::x11::survive_dead_servers();
            if let Err(error) = capture::init() {
                tracing::error!(%error, "GStreamer cannot start");
                return ExitCode::FAILURE;
            }
            let runtime =
                match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
                    Ok(runtime) => runtime,
                    Err(error) => {
                        tracing::error!(%error, "no async runtime");
                        return ExitCode::FAILURE;
                    }
                };
            let code = runtime.block_on(run_daemon(config, start));
            // A pipeline that was left behind may hold a thread for ever.
            runtime.shutdown_timeout(Duration::from_millis(200));
            code
        }
    }
}

async fn run_daemon(config: config::Config, start: cli::Start) -> ExitCode {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (watch, ended) = (start.where_to_watch(&config), start.where_it_lies(&config));
    let daemon = match topology::start(config, start.is_trial(), clock).await {
        Ok(daemon) => daemon,
        Err(error) => {
            tracing::error!(%error, "cannot start");
            return ExitCode::FAILURE;
        }
    };
    let mut signals = match cli::Signals::new() {
        Ok(signals) => signals,
        Err(error) => {
            tracing::error!(%error, "no signals");
            return ExitCode::FAILURE;
        }
    };
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
    tracing::info!("ready");
    if start.lesson
        && let Err(refusal) = daemon.start_lesson(start.minutes).await
    {
        tracing::error!(%refusal, "the lesson does not begin");
    }
    if let Some(watch) = watch {
        cli::say(&watch);
    }
    let mut signal = signals.next().await;
    while signal == cli::Ending::Hangup && !start.is_trial() {
        tracing::info!("SIGHUP: the timetable's source is read again");
        daemon.read_timetable_again();
        start.say_what_waits();
        signal = signals.next().await;
    }
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
    tracing::info!(?signal, "shutting down");
    daemon.shut_down(signal.ends_the_lesson()).await;
    if let Some(ended) = ended {
        cli::say(&ended);
    }
    ExitCode::SUCCESS
}
