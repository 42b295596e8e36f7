//! `lecternd`: the daemon of the classroom box.

mod account;
mod backoff;
mod capture;
mod certificate;
mod cli;
mod clock;
mod config;
mod daemon;
mod discovery;
mod durable;
mod facts;
mod hardware;
mod health;
mod identity;
mod journal;
mod lesson;
mod live;
mod logging;
mod mqtt;
mod notes;
mod off_thread;
mod ops;
mod panel;
mod precheck;
mod receipts;
mod repair;
mod robot;
mod room;
mod spooler;
#[cfg(test)]
mod studio;
mod supervisor;
mod systemd;
mod timetable;
mod topology;
mod trial;
mod trigger;
mod upload;

use std::os::unix::process::CommandExt as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use lectern_api::{Clock, SystemClock};

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match cli.action {
        cli::Action::Check(check) => cli::check(&check),
        cli::Action::LightsOff(lights) => cli::lights_off(&lights),
        cli::Action::Run(run) => {
            let (config, start) = match cli::prepare(&run) {
                Ok(prepared) => prepared,
                Err(code) => return code,
            };
            let volume = logging::init();
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
            let end = runtime.block_on(run_daemon(config, start, volume));
            // A pipeline that was left behind may hold a thread for ever.
            runtime.shutdown_timeout(Duration::from_millis(200));
            match end {
                Ok(cli::Ending::Restart) => begin_anew(),
                Ok(_) => ExitCode::SUCCESS,
                Err(code) => code,
            }
        }
    }
}

/// The same program with the same arguments in place of this one, so that the
/// box comes back whoever watches over it; the lesson that a first start begins
/// is not begun again. Only returns when it does not come back.
fn begin_anew() -> ExitCode {
    let mut arguments = std::env::args_os().filter(|argument| argument != "--start");
    let Some(program) = arguments.next() else { return ExitCode::FAILURE };
    let error = std::process::Command::new(program).args(arguments).exec();
    tracing::error!(%error, "the daemon cannot begin anew: it ends");
    ExitCode::FAILURE
}

async fn run_daemon(
    config: config::Config,
    start: cli::Start,
    volume: logging::Volume,
) -> Result<cli::Ending, ExitCode> {
    systemd::ask_for_patience();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (watch, ended) = (start.where_to_watch(&config), start.where_it_lies(&config));
    let mut daemon = match topology::start(config, (&start).into(), clock, volume).await {
        Ok(daemon) => daemon,
        Err(error) => {
            tracing::error!(%error, "cannot start");
            return Err(ExitCode::FAILURE);
        }
    };
    let mut signals = match cli::Signals::new() {
        Ok(signals) => signals,
        Err(error) => {
            tracing::error!(%error, "no signals");
            return Err(ExitCode::FAILURE);
        }
    };
    systemd::tell_ready();
    tracing::info!("ready");
    if start.lesson
        && let Err(refusal) = daemon.start_lesson(start.minutes).await
    {
        tracing::error!(%refusal, "the lesson does not begin");
    }
    if let Some(watch) = watch {
        cli::say(&watch);
    }
    let ending = loop {
        let ending = tokio::select! {
            signal = signals.next() => signal,
            () = daemon.restart_wanted() => cli::Ending::Restart,
        };
        if ending != cli::Ending::Hangup || start.is_trial() {
            break ending;
        }
        tracing::info!("SIGHUP: the timetable's source is read again");
        daemon.read_timetable_again();
        start.say_what_waits();
    };
    systemd::tell_end(ending);
    tracing::info!(?ending, "shutting down");
    daemon.shut_down(ending.ends_the_lesson()).await;
    if let Some(ended) = ended {
        cli::say(&ended);
    }
    Ok(ending)
}
