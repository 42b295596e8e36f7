//! `lecternctl`: the command line of the classroom box.

mod account;
mod box_api;
mod cli;
mod clock;
mod deletion;
mod doctor;
mod faults;
mod lesson;
mod place;
mod repair;
mod report;
mod screen;
mod show;
mod source;
mod spool;
mod timetable;

use std::process::ExitCode;

use clap::Parser as _;
use lectern_api::command::Command;
use lectern_doctor::Pictures;

use box_api::{BoxApi, legal};
use cli::{Action, Cli, LessonAction, Position, SpoolAction};
use screen::Screen;

/// Exit codes of the contract.
const NO: u8 = 1;
const WRONG_USE: u8 = 2;
const UNREACHABLE: u8 = 3;

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// Nobody answers on the control socket.
    #[error("{0}")]
    Unreachable(lectern_api::Text),
    /// The answer is no.
    #[error("{0}")]
    No(lectern_api::Text),
    /// The command makes no sense.
    #[error("{0}")]
    WrongUse(lectern_api::Text),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let screen = Screen::new(cli.json);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            screen.complain(&lectern_api::messages::no_runtime(error));
            return ExitCode::from(NO);
        }
    };
    let done = runtime.block_on(run(cli, &screen));
    // A name server or a disk that does not answer may hold a thread for long.
    runtime.shutdown_background();
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(NO),
        Err(failure) => {
            let (code, text) = match &failure {
                Failure::Unreachable(text) => (UNREACHABLE, text),
                Failure::No(text) => (NO, text),
                Failure::WrongUse(text) => (WRONG_USE, text),
            };
            screen.complain(text);
            ExitCode::from(code)
        }
    }
}

/// Whether the answer is yes.
async fn run(cli: Cli, screen: &Screen) -> Result<bool, Failure> {
    let api = BoxApi::new(&cli.socket)?;
    match cli.action {
        Action::Timetable { action } => timetable::run(action, &api, screen).await,
        Action::Status => {
            let status = api.status().await?;
            screen.answer(&status, |language| show::status(&status, language));
            Ok(true)
        }
        Action::Faults { past } => faults::run(&api, past.into(), screen).await,
        Action::Doctor(place) => doctor::run(&place, &cli.socket, screen).await,
        Action::Bundle { out, with_pictures, place } => {
            let pictures = if with_pictures { Pictures::OfEachSource } else { Pictures::None };
            doctor::bundle(&place, &cli.socket, &out, pictures, screen).await
        }
        Action::Repaired(repaired) => repair::run(&api, repaired, screen).await,
        Action::Clock { action } => clock::run(&api, action, screen).await,
        Action::Identity => {
            let identity = api.identity().await?;
            screen.answer(&identity, |language| show::identity(&identity, language));
            Ok(true)
        }
        Action::Start { title, minutes } => {
            let done = api.command(&Command::Start { title, minutes }).await?;
            screen.answer(&done, |language| show::started(&done, language));
            Ok(true)
        }
        Action::Stop => {
            let done = api.command(&Command::Stop).await?;
            screen.answer(&done, |language| show::stopped(&done, language));
            Ok(true)
        }
        Action::Prolong { minutes } => {
            let done = api.command(&Command::Prolong { minutes }).await?;
            let zone = api.time_zone().await;
            screen.answer(&done, |language| show::prolonged(&done, &zone, language));
            Ok(true)
        }
        Action::Shutter { position, today } => {
            let closed = position == Position::On;
            let done = api.command(&Command::Shutter { closed, today }).await?;
            screen.answer(&done, |language| show::shutter(closed, today, language));
            Ok(true)
        }
        Action::Lessons(choice) => account::lessons(&api, &choice, screen).await,
        Action::Report(args) => report::run(&api, args, screen).await,
        Action::Spool { action: None } => {
            let room = api.room().await?;
            let zone = api.time_zone().await;
            screen.answer(&room, |language| deletion::room(&room, &zone, language));
            Ok(true)
        }
        Action::Lesson { action: LessonAction::Show { id } } => {
            let manifest = api.manifest(&id).await?;
            let zone = api.time_zone().await;
            let entry = api.lessons().await?.into_iter().find(|entry| entry.lesson.id == manifest.lesson.id);
            let notes =
                |language| entry.as_ref().map_or_else(String::new, |e| deletion::notes(e, &zone, language));
            screen
                .answer(&manifest, |language| show::manifest(&manifest, &zone, language) + &notes(language));
            Ok(true)
        }
        Action::Lesson { action: LessonAction::Delete { id, reason, now } } => {
            deletion::delete(&api, &id, reason, now, screen).await
        }
        Action::Lesson { action: LessonAction::Acknowledge { ids, all } } => {
            account::acknowledge(&api, &ids, all, screen).await
        }
        Action::Lesson { action: LessonAction::Keep { id } } => {
            deletion::decide(&api, Command::Keep { lesson: legal(&id)? }, screen).await
        }
        Action::Lesson { action: LessonAction::Hold { id, reason } } => {
            deletion::decide(&api, Command::Hold { lesson: legal(&id)?, reason }, screen).await
        }
        Action::Lesson { action: LessonAction::Release { id } } => {
            deletion::decide(&api, Command::Release { lesson: legal(&id)? }, screen).await
        }
        Action::Lesson { action: LessonAction::Export { lesson, out, track, place } } => {
            lesson::export(&api, &lesson, (&track, &out), &place, screen).await
        }
        Action::Lesson { action: LessonAction::Verify { lesson, place, key } } => {
            lesson::verify(&api, &lesson, &place, key.as_deref(), screen).await
        }
        Action::Spool { action: Some(SpoolAction::Recover { dir, key, device_key, out, device }) } => {
            let key = spool::read_key(key.as_deref(), device_key.as_deref())?;
            spool::recover(&dir, key, &out, &device, screen).await
        }
        Action::Spool { action: Some(SpoolAction::RecoveryKey { file }) } => spool::make_key(&file, screen),
    }
}
