//! The daemon put together: the only place that creates channels and starts
//! units. Read it to know what talks to what; each file is a group of units and
//! the channels among them, this one has those between groups.

mod accounts;
mod archives;
mod base;
mod broadcast;
mod control;
mod hardware;
mod lesson;
mod mqtt;
mod oversight;
mod panel;
mod program;
mod recording;
mod repair;
mod robot;
mod time;
mod timetable;

use std::path::Path;
use std::sync::Arc;

use base::Base;
use lectern_api::fault::Fault;
use lectern_api::status::{DeviceStatus, UnusableFile};
use lectern_api::{Clock, IdError, Kbps};
use lectern_doctor::Places as Examined;
use lectern_mqtt::client::{LinkState, News};
use lectern_spool::SpoolError;
use tokio::sync::{Mutex, mpsc, watch};

use crate::capture::air::AirDesk;
use crate::capture::feed::ProgramFeed;
use crate::capture::schedule::Schedule;
use crate::capture::shutter::Shutter;
use crate::capture::writer::Recorded;
use crate::config::Config;
use crate::daemon::Daemon;
use crate::facts::FactsError;
use crate::health::{FaultMemory, Health, Listeners};
use crate::identity::{Identity, IdentityError, KeyTrouble};
use crate::lesson::actor::Request;
use crate::lesson::machine::State;
use crate::logging::Volume;
use crate::mqtt::{Errands, Told};
use crate::ops::api::Api;
use crate::ops::repair::Repairs;
use crate::ops::status::StatusView;
use crate::receipts::Receipts;
use crate::repair::Ends;
use crate::spooler::Progress;
use crate::supervisor::Supervisor;

/// Why the daemon cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// The keys cannot be made durable.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Facts cannot be kept anywhere.
    #[error(transparent)]
    Facts(#[from] FactsError),
    /// The spool cannot be opened.
    #[error("the spool: {0}")]
    Spool(#[from] SpoolError),
    /// The control socket cannot be made.
    #[error(
        "the control socket {path}: {cause}; is another lecternd running, and may this user write there?"
    )]
    Socket { path: String, cause: std::io::Error },
    /// A thread cannot be started.
    #[error("a thread: {0}")]
    Thread(std::io::Error),
    /// A name of our own is not a name.
    #[error(transparent)]
    Name(#[from] IdError),
}

/// Fragments on the way to the disk: 64 of 2 s are two minutes of a disk that
/// hangs, at 4 Mbit/s about 64 MB.
const RECORDED_DEPTH: usize = 64;
const REQUEST_DEPTH: usize = 16;
const NEWS_DEPTH: usize = 64;
/// A day's worth of what is remembered.
const NOTES_DEPTH: usize = 256;

/// What of the command line matters here.
#[derive(Debug)]
pub(crate) struct Launch {
    /// Whether the box is only tried out.
    pub(crate) trial: bool,
    /// Files of the configuration that were set aside at the start.
    pub(crate) unusable: Vec<UnusableFile>,
}

/// Starts everything. When it returns, the control socket answers.
pub(crate) async fn start(
    config: Config,
    launch: Launch,
    system: Arc<dyn Clock>,
    volume: Volume,
) -> Result<Daemon, StartError> {
    let Launch { trial, unusable } = launch;
    let Base { identity, troubles, facts, woken, clock, machine, lamps, spool, report, retention } =
        base::open(&config, system)?;

    // From whoever wants something to the lesson, from it to whoever records.
    let (request_tx, request_rx) = mpsc::channel::<Request>(REQUEST_DEPTH);
    let (lesson_tx, lesson_rx) = watch::channel(State::default());
    let (schedule_tx, schedule_rx) = watch::channel(Schedule::default());
    let (shutter_tx, shutter_rx) = watch::channel(Shutter::default());
    let (room_tx, room_rx) = watch::channel(config.program.standby);
    let (beat_tx, beat_rx) = watch::channel(clock.monotonic());
    // From the record to the disk, and from there to the archives.
    let (recorded_tx, recorded_rx) = mpsc::channel::<Recorded>(RECORDED_DEPTH);
    let (progress_tx, progress_rx) = watch::channel(Progress::default());
    // What the uplink has left for archives; the broadcast is to drive it.
    let (uplink_tx, uplink_rx) = watch::channel::<Option<Kbps>>(None);
    let feed = Arc::new(ProgramFeed::new(shutter_rx.clone()));
    let wishes = || recording::Wishes { schedule: schedule_rx.clone(), shutter: shutter_rx.clone() };
    let mut supervisor = Supervisor::default();

    let stores: Vec<_> = config.archives.iter().map(|archive| archive.store.clone()).collect();
    let time = time::start(&mut supervisor, &woken, lesson_rx.clone(), stores);
    // From whoever wants the timetable read again to where it comes from.
    let (again_tx, again_rx) = watch::channel(());
    let (timetable, in_force) = timetable::start(&mut supervisor, &config, &facts, &clock, again_rx);
    let watched = program::watched(&config);
    // From whoever has repaired something to the sources.
    let (look_tx, look_rx) = watch::channel(false);
    let open = program::Open { room: room_rx, look: look_rx };
    let program::Ends { views: sources, reopen, windows } =
        program::start(&mut supervisor, &config, trial, open, &watched, &shutter_rx, &feed);
    let line = recording::Line {
        recorded: (recorded_tx.clone(), recorded_rx),
        drained: request_tx.clone(),
        progress: progress_tx.clone(),
        retention: retention.clone(),
    };
    let encoder = recording::start(&mut supervisor, &config.program, wishes(), &feed, &spool, line, &clock)?;
    let live = broadcast::start(&mut supervisor, &config, &wishes(), &feed, encoder.found.clone());
    let archives =
        archives::start(&mut supervisor, &config, &identity, &spool, &progress_rx, &uplink_rx, &clock);
    let boot_id = lectern_hal::boot::id(Path::new("/")).unwrap_or_default();
    let desk = lesson::Desk {
        requests: (request_tx.clone(), request_rx),
        air: AirDesk::new(schedule_tx, shutter_tx),
        room: room_tx,
        state: lesson_tx,
        beat: beat_tx,
        recorded: recorded_tx,
    };
    let around = lesson::Surroundings {
        config: &config,
        woken: &woken,
        facts: &facts,
        spool: &spool,
        retention: retention.clone(),
        in_force: in_force.clone(),
        sources: &sources,
        archives: &archives,
        boot_id: &boot_id,
    };
    let lesson = lesson::start(&mut supervisor, desk, around, watched)?;

    let evidence = accounts::Evidence {
        facts: &facts,
        woken: &woken,
        spool: &spool,
        in_force: in_force.clone(),
        targets: live.iter().map(|(_, state)| state.clone()).collect(),
    };
    let accounts = accounts::start(&mut supervisor, &config, evidence)?;
    oversight::watchdog(&mut supervisor, beat_rx, wishes(), feed, progress_rx.clone(), &clock);
    let unusable = oversight::configuration(&mut supervisor, &config, unusable);

    // A trial leaves the machine alone.
    let helper = (!trial).then(|| repair::helper(&config));
    let hardware = hardware::start(&mut supervisor, &config, &machine, helper, &clock);
    // How the broker is reached, and what it is to hear once.
    let (link_tx, link_rx) = watch::channel(LinkState::default());
    let (news_tx, news_rx) = mpsc::channel::<News>(NEWS_DEPTH);
    let uploads = archives.iter().map(|view| (view.name.clone(), view.state.clone())).collect();
    let (fault_tx, fault_rx) = watch::channel::<Arc<[Fault]>>(Arc::default());
    let (raised_tx, raised_rx) = watch::channel::<Option<Vec<Fault>>>(None);
    let robot = robot::start(&mut supervisor, &config, raised_rx.clone(), &facts, &clock);
    let shown = panel::Ends {
        lesson: lesson.state.clone(),
        progress: progress_rx.clone(),
        live: live.iter().map(|(_, state)| state.clone()).collect(),
        faults: fault_rx.clone(),
        requests: request_tx.clone(),
    };
    panel::start(&mut supervisor, &config, &machine.hardware, &lamps, shown, &clock);
    let status = Arc::new(StatusView {
        device: device_status(&config, &identity, &troubles, boot_id),
        sources,
        live,
        archives,
        lesson: lesson.state,
        agenda: lesson.agenda,
        timetable: in_force,
        progress: progress_rx,
        accounts: accounts.status,
        shutter: shutter_rx,
        spool: Arc::clone(&spool),
        locked: report.locked_lessons,
        disk: lesson.disk,
        check: lesson.check,
        restarts: supervisor.restarts(),
        clock: Arc::clone(&clock),
        time: time.state,
        faults: fault_rx,
        hardware: hardware.sampled,
        encoder: encoder.told,
        certificates: hardware.certificates,
        broker: config.mqtt.as_ref().map(|_| link_rx),
        robot,
        config: (config.files.main_path().to_owned(), unusable),
    });
    let faults = FaultMemory::new(Arc::clone(&facts));
    let looked_at = Arc::clone(&status);
    let told_to = Listeners { status: fault_tx, broker: raised_tx };
    let told: Told = Arc::new(move || looked_at.status());
    let (restart_tx, restart_rx) = mpsc::channel(1);
    let ends = Ends {
        reopen,
        encoder: encoder.found,
        failed: encoder.failed,
        spool: Arc::clone(&spool),
        retention,
        uplinks: repair::uplinks(&config),
        // A trial ends when its terminal does, not by itself.
        restart: (!trial).then(|| restart_tx.clone()),
    };
    let room = Arc::clone(&told);
    let is_idle = Arc::new(move || room().is_ok_and(|room| room.lesson.is_none() && room.check.is_none()));
    let mender = repair::start(&mut supervisor, &config, trial, ends, is_idle);
    let health = Health::new(Arc::clone(&told), faults.clone(), mender, told_to, Arc::clone(&clock));
    supervisor.unit("health", move || health.clone().run());
    let errands = Errands {
        lesson: request_tx.clone(),
        timetable: timetable.clone(),
        settings: mqtt::settings(&config),
        log: oversight::log(&mut supervisor, volume),
        restart: restart_tx,
        state: status.lesson.clone(),
        examined: Examined::new(config.files.main_path(), &config.control.socket),
        clock: Arc::clone(&clock),
        helper: repair::helper(&config),
    };
    let heard = mqtt::Heard { faults: raised_rx, status: told, inventory: hardware.inventory };
    let ends = mqtt::Ends { heard, news: (news_tx.clone(), news_rx), state: link_tx };
    mqtt::start(&mut supervisor, &config, &status.device, ends, errands, &clock)?;
    let repairs =
        Repairs { receipts: Receipts::new(Arc::clone(&facts)), look: Mutex::new(look_tx), news: news_tx };
    let api = Api {
        status,
        faults,
        repairs,
        windows,
        lesson: request_tx.clone(),
        time: time.told,
        timetable,
        spool: Arc::clone(&spool),
        device: config.device.id,
        public_key: identity.public_key(),
        time_zone: config.device.time_zone,
        archives: config.archives.into_iter().map(|archive| (archive.name, archive.store)).collect(),
        accounts: accounts.given,
        noted: accounts.noted,
        progress: progress_tx,
    };
    control::start(&mut supervisor, config.control.socket, Arc::new(api))?;

    Ok(Daemon {
        lesson: request_tx,
        timetable: again_tx,
        restart: restart_rx,
        uploads,
        spool,
        woken,
        lamps,
        _uplink: uplink_tx,
        _supervisor: supervisor,
    })
}

/// Whose status it is.
fn device_status(
    config: &Config,
    identity: &Identity,
    troubles: &[KeyTrouble],
    boot_id: String,
) -> DeviceStatus {
    let troubles = troubles.iter().filter(|trouble| trouble.changes_keys());
    DeviceStatus {
        id: config.device.id.clone(),
        place: config.device.place.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        boot_id,
        public_key: Some(identity.public_key().to_string()),
        time_zone: config.device.time_zone.iana_name().map(str::to_owned),
        key_troubles: troubles.map(KeyTrouble::text).collect(),
    }
}

/// A unit that can only panic.
async fn endless(unit: impl Future<Output = ()>) -> Result<(), std::convert::Infallible> {
    unit.await;
    Ok(())
}
