//! The daemon put together: the only place that creates channels and starts
//! units. Read it to know what talks to what.

use std::sync::Arc;
use std::time::Duration;

use lectern_api::account::AccountStatus;
use lectern_api::manifest::Trigger;
use lectern_api::status::DeviceStatus;
use lectern_api::{Clock, IdError, Kbps, Name};
use lectern_archive::playlist::SHARE_PER_MILLE;
use lectern_spool::{LessonRecord, Options, Retention, Spool, SpoolError};
use tokio::sync::{Mutex, mpsc, oneshot, watch};

use crate::account::{Accountant, Accounts, Sources};
use crate::capture::air::AirDesk;
use crate::capture::encoder::{self, EncoderKind};
use crate::capture::feed::ProgramFeed;
use crate::capture::gauge::Gauge;
use crate::capture::guard::{self, Guard, GuardState};
use crate::capture::input::MixerInput;
use crate::capture::mixer::{self, MixerPlan, MixerSlot};
use crate::capture::record::{self, RecordPorts};
use crate::capture::schedule::{Lane, Schedule};
use crate::capture::session::EncodePlan;
use crate::capture::shutter::Shutter;
use crate::capture::source::{self, Shape};
use crate::capture::wanted::Wanted;
use crate::capture::writer::Recorded;
use crate::capture::{layout, source::AUDIO_KBPS};
use crate::clock;
use crate::clock::servers::Servers;
use crate::clock::start::{Hardware, Woken};
use crate::clock::unit::{Timekeeper, Told};
use crate::config::{Config, TimetableUrl};
use crate::facts::{self, FactsError};
use crate::identity::{Identity, IdentityError, KeyTrouble, Places};
use crate::lesson::actor::{Actor, Request};
use crate::lesson::agenda::{Agenda, Outlook};
use crate::lesson::machine::State;
use crate::live::encode::{self, EncodePorts};
use crate::live::stream::LiveStream;
use crate::live::target::{self, TargetPorts, TargetState};
use crate::notes::{self, Note};
use crate::ops::api::{self, Api};
use crate::ops::peer::Peer;
use crate::ops::socket;
use crate::ops::status::{ArchiveView, SourceView, StatusView};
use crate::ops::watchdog::Watchdog;
use crate::precheck::{Checkable, Precheck};
use crate::room::Room;
use crate::spooler::{PROGRAM, Progress, Spooler, keep_house};
use crate::supervisor::Supervisor;
use crate::timetable::source::{Delivery, file, stick, web};
use crate::timetable::{self, InForce, Keeper};
use crate::trigger::Watcher;
use crate::upload::pace::Pace;
use crate::upload::{UploadState, Uploader};

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
/// A day's worth of what is remembered.
const NOTES_DEPTH: usize = 256;
/// Persons and servers that tell the time at once.
const TOLD_DEPTH: usize = 4;
/// What happens to the clock while the disk hangs.
const MOMENTS_DEPTH: usize = 64;

/// The running daemon.
#[derive(Debug)]
pub(crate) struct Daemon {
    lesson: mpsc::Sender<Request>,
    uploads: Vec<watch::Receiver<UploadState>>,
    spool: Arc<Spool>,
    archives: Vec<Name>,
    woken: Arc<Woken>,
    /// As much as there is, until the broadcast drives it.
    _uplink: watch::Sender<Option<Kbps>>,
    /// Last: it ends every unit when it is dropped.
    _supervisor: Supervisor,
}

/// Starts everything. When it returns, the control socket answers.
pub(crate) async fn start(config: Config, trial: bool, system: Arc<dyn Clock>) -> Result<Daemon, StartError> {
    let program = config.program;
    let track = Name::new(PROGRAM)?;
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(std::path::PathBuf::from);
    let places =
        Places { folder: &config.keys.path, credentials: credentials.as_deref(), spool: &config.spool.path };
    let (identity, troubles) = Identity::open(places, config.keys.recovery.clone())?;
    troubles.iter().for_each(KeyTrouble::log);
    tracing::info!(public_key = %identity.public_key(), "this box's manifests are signed with");
    // What time it is, before anything asks.
    let facts = Arc::new(facts::open(&config.facts.path)?);
    let hardware = Hardware { root: "/".into(), rtc: config.clock.rtc.as_ref().map(Name::to_string) };
    let woken = Arc::new(clock::start::wake(system, Arc::clone(&facts), hardware));
    let clock: Arc<dyn Clock> = Arc::clone(&woken.clock) as _;
    let options = Options { quota_bytes: config.spool.quota.0, ..Options::default() };
    let (spool, report) = Spool::open(&config.spool.path, options, identity.keyring(), Arc::clone(&clock))?;
    if let Some(path) = spool.unreadable_decisions() {
        tracing::error!(path = %path.display(), "decisions cannot be read: no lesson is deleted until that is mended");
    }
    if !report.locked_lessons.is_empty() {
        tracing::error!(lessons = ?report.locked_lessons, "lessons of another device key cannot be read");
    }
    if report.lost_facts() {
        tracing::error!(index = ?report.index, "the index lost facts: archives are offered again what they have");
    }
    if report.lost_media() {
        tracing::error!(?report, "the spool was damaged: what could not be saved is a gap");
    }
    if !report.lost_something() {
        tracing::info!(recovered = report.recovered_fragments, torn = report.torn_frames, "spool open");
    }
    let spool = Arc::new(spool);

    let (request_tx, request_rx) = mpsc::channel::<Request>(REQUEST_DEPTH);
    let (recorded_tx, recorded_rx) = mpsc::channel::<Recorded>(RECORDED_DEPTH);
    let (notes_tx, notes_rx) = mpsc::channel::<Note>(NOTES_DEPTH);
    let (agenda_tx, agenda_rx) = watch::channel::<Option<Agenda>>(None);
    let (schedule_tx, schedule_rx) = watch::channel(Schedule::default());
    let (shutter_tx, shutter_rx) = watch::channel(Shutter::default());
    let (room_tx, room_rx) = watch::channel(program.standby);
    let (encoder_tx, encoder_rx) = watch::channel::<Option<&'static EncoderKind>>(None);
    let (lesson_tx, lesson_rx) = watch::channel(State::default());
    let (beat_tx, beat_rx) = watch::channel(clock.monotonic());
    let (progress_tx, progress_rx) = watch::channel(Progress::default());
    // What the uplink has left for archives; the broadcast is to drive it.
    let (uplink_tx, uplink_rx) = watch::channel::<Option<Kbps>>(None);
    let (time_tx, time_rx) = watch::channel(woken.state());
    let (told_tx, told_rx) = mpsc::channel::<Told>(TOLD_DEPTH);
    let (asked_tx, asked_rx) = mpsc::channel::<timetable::Request>(REQUEST_DEPTH);
    // One at a time: a timetable may have 8 MiB.
    let (delivery_tx, delivery_rx) = mpsc::channel::<Delivery>(1);
    let (in_force_tx, in_force_rx) = watch::channel(Arc::new(InForce::default()));
    let feed = Arc::new(ProgramFeed::new(shutter_rx.clone()));
    let stream = Arc::new(LiveStream::new(shutter_rx.clone()));
    let mut supervisor = Supervisor::default();

    // The clock, and its disk.
    let (moments_tx, moments_rx) = mpsc::channel(MOMENTS_DEPTH);
    let timekeeper = Timekeeper::new(&woken, told_rx, lesson_rx.clone(), time_tx, moments_tx);
    let timekeeper = Arc::new(Mutex::new(timekeeper));
    supervisor.unit("clock", move || {
        let timekeeper = Arc::clone(&timekeeper);
        endless(async move { timekeeper.lock().await.run().await })
    });
    let moments_rx = Arc::new(Mutex::new(moments_rx));
    let writer = Arc::clone(&woken);
    supervisor.unit("journal", move || {
        let (moments, woken) = (Arc::clone(&moments_rx), Arc::clone(&writer));
        endless(async move { clock::unit::write(&mut *moments.lock().await, woken).await })
    });

    let servers = Servers {
        stores: Arc::new(config.archives.iter().map(|archive| archive.store.clone()).collect()),
        clock: Arc::clone(&clock),
        state: time_rx.clone(),
        told: told_tx.clone(),
    };
    supervisor.unit("clock:servers", move || endless(servers.clone().run()));
    // The timetable: what was in force before is again, before anybody is asked.
    let settings = timetable::Settings {
        configured: config.timetable.url.is_some(),
        room: config.timetable.room.clone(),
        place: config.device.place.clone(),
        time_zone: config.device.time_zone.clone(),
        margins: config.timetable.margins,
    };
    let keeper =
        Keeper::open(settings, Arc::clone(&facts), Arc::clone(&clock), asked_rx, delivery_rx, in_force_tx);
    let keeper = Arc::new(Mutex::new(keeper));
    supervisor.unit("timetable", move || {
        let keeper = Arc::clone(&keeper);
        endless(async move { keeper.lock().await.run().await })
    });
    match config.timetable.url.clone() {
        Some(TimetableUrl::File(path)) => {
            let found = delivery_tx.clone();
            supervisor.unit("timetable:file", move || endless(file::run(path.clone(), found.clone())));
        }
        Some(TimetableUrl::Web(url)) => {
            let address = web::Address {
                url,
                credentials: config.timetable.credentials.clone(),
                ca: config.timetable.ca.clone(),
                proxy: config.timetable.proxy.clone(),
                refresh: config.timetable.refresh,
            };
            let found = delivery_tx.clone();
            supervisor.unit("timetable:web", move || endless(web::run(address.clone(), found.clone())));
        }
        None => {}
    }
    let sticks = config.timetable.sticks.clone();
    supervisor.unit("timetable:stick", move || endless(stick::run(sticks.clone(), delivery_tx.clone())));

    // What begins lessons by itself: which sources are open between lessons too.
    let triggers = [(Trigger::Signal, config.trigger.signal), (Trigger::Sound, config.trigger.sound)];
    let triggers: Vec<_> = triggers
        .into_iter()
        .filter_map(|(trigger, source)| Some((trigger, source?, watch::channel(false))))
        .collect();

    // Sources, each with its input of the mixer.
    let roles: Vec<_> = config.sources.iter().map(|s| s.role).filter(|r| r.is_video()).collect();
    let mut rects = layout(&roles, program.width, program.height).into_iter();
    let mut slots = Vec::new();
    let mut source_views = Vec::new();
    for source in &config.sources {
        let input = Arc::new(MixerInput::new(shutter_rx.clone()));
        let gauge = Arc::new(Gauge::default());
        let rect = if source.role.is_video() { rects.next() } else { None };
        let shape = rect.map_or(Shape::Sound, |rect| Shape::Picture { rect, fps: program.fps });
        slots.push(MixerSlot {
            name: source.name.to_string(),
            role: source.role,
            latency: source::pace(&source.uri).latency,
            input: Arc::clone(&input),
        });
        let (state_tx, state_rx) = watch::channel(GuardState::default());
        source_views.push(SourceView {
            name: source.name.clone(),
            role: source.role,
            gauge: Arc::clone(&gauge),
            state: state_rx,
        });
        let guard = Guard {
            name: source.name.to_string(),
            role: source.role,
            uri: source.uri.clone(),
            trial,
            shape,
            gauge,
            input,
        };
        let watcher = triggers.iter().find(|(_, watched, _)| *watched == source.name);
        let wanted = Wanted::new(room_rx.clone(), watcher.map(|(_, _, (_, open))| open.clone()));
        supervisor.unit(format!("source:{}", source.name), move || {
            endless(guard::run(guard.clone(), wanted.clone(), state_tx.clone()))
        });
    }

    // The mixer.
    let plan = MixerPlan {
        width: program.width,
        height: program.height,
        fps: program.fps,
        language: config.device.language,
        slots,
    };
    let (mixer_feed, wanted) = (Arc::clone(&feed), room_rx);
    supervisor.unit("program", move || mixer::run(plan.clone(), Arc::clone(&mixer_feed), wanted.clone()));

    // Which encoder: found while everything else starts, and again when the
    // record fails with the one that was found.
    let (failed_tx, failed_rx) = mpsc::channel(1);
    let failed_rx = Arc::new(Mutex::new(failed_rx));
    supervisor.unit("encoder", move || {
        let (found, failed) = (encoder_tx.clone(), Arc::clone(&failed_rx));
        async move {
            encoder::choose(program.width, program.height, program.fps, &found, &mut *failed.lock().await)
                .await
        }
    });

    // The record, and the spool behind it.
    let plan = EncodePlan {
        width: program.width,
        height: program.height,
        fps: program.fps,
        rate: program.record_rate,
    };
    let ports = RecordPorts {
        feed: Arc::clone(&feed),
        schedule: schedule_rx.clone(),
        shutter: shutter_rx.clone(),
        encoder: encoder_rx.clone(),
        failed: failed_tx,
        seats: Arc::default(),
        spool: recorded_tx.clone(),
        clock: Arc::clone(&clock),
    };
    for lane in Lane::BOTH {
        let (plan, ports) = (plan.clone(), ports.clone());
        supervisor
            .unit(format!("record:{}", lane.name()), move || record::run(lane, plan.clone(), ports.clone()));
    }
    let archive_names: Vec<Name> = config.archives.iter().map(|a| a.name.clone()).collect();
    let retention = Retention {
        archives: archive_names.clone(),
        keep_days: config.spool.keep_days,
        discard_unarchived: config.spool.discard_unarchived,
    };
    let mut spooler = Spooler::new(
        Arc::clone(&spool),
        recorded_rx,
        request_tx.clone(),
        progress_tx.clone(),
        retention.clone(),
    )?;
    supervisor.thread("spool", move || spooler.run()).map_err(StartError::Thread)?;

    let committed = Arc::clone(&spool);
    let kept = retention.clone();
    supervisor.unit("house", move || keep_house(Arc::clone(&committed), kept.clone()));

    // The broadcast.
    if !config.live.is_empty() {
        let plan = EncodePlan {
            width: program.width,
            height: program.height,
            fps: program.fps,
            rate: program.live_rate,
        };
        let ports = EncodePorts {
            feed: Arc::clone(&feed),
            schedule: schedule_rx.clone(),
            encoder: encoder_rx,
            stream: Arc::clone(&stream),
        };
        supervisor.unit("encode", move || encode::run(plan.clone(), ports.clone()));
    }
    let mut live_views = Vec::new();
    for live in &config.live {
        let (state_tx, state_rx) = watch::channel(TargetState::default());
        live_views.push((live.name.clone(), state_rx));
        let ports = TargetPorts {
            stream: Arc::clone(&stream),
            schedule: schedule_rx.clone(),
            shutter: shutter_rx.clone(),
            state: state_tx,
        };
        let (name, url) = (live.name.to_string(), live.url.clone());
        supervisor.unit(format!("live:{}", live.name), move || {
            endless(target::run(name.clone(), url.clone(), ports.clone()))
        });
    }

    // The archives.
    let mut upload_views = Vec::new();
    let mut stores = Vec::new();
    for archive in &config.archives {
        stores.push((archive.name.clone(), archive.store.clone()));
        let (state_tx, state_rx) = watch::channel(UploadState::default());
        let uploader = Uploader {
            name: archive.name.clone(),
            store: archive.store.clone(),
            device: config.device.id.clone(),
            signer: identity.signer().clone(),
            spool: Arc::clone(&spool),
            progress: progress_rx.clone(),
            state: state_tx,
            pace: Pace::new(uplink_rx.clone(), archive.pace, Arc::clone(&clock)),
            hours: archive.hours.clone(),
            time_zone: config.device.time_zone.clone(),
            clock: Arc::clone(&clock),
            playlist_per_mille: SHARE_PER_MILLE,
        };
        upload_views.push(ArchiveView {
            name: archive.name.clone(),
            state: state_rx,
            pace: uploader.pace.clone(),
        });
        supervisor.unit(format!("upload:{}", archive.name), move || uploader.clone().run());
    }

    let notes_rx = Arc::new(Mutex::new(notes_rx));
    let (written, noted) = (Arc::clone(&facts), Arc::clone(&woken.journal));
    supervisor.unit("notes", move || {
        let (facts, journal) = (Arc::clone(&written), Arc::clone(&noted));
        let notes = Arc::clone(&notes_rx);
        endless(async move { notes::run(facts, journal, &mut *notes.lock().await).await })
    });

    // What begins lessons by itself.
    let boot_id = lectern_hal::boot::id(std::path::Path::new("/")).unwrap_or_default();
    for (trigger, source, (open, _)) in triggers {
        let Some(view) = source_views.iter().find(|view| view.name == source) else { continue };
        let watcher = Watcher {
            trigger,
            source,
            gauge: Arc::clone(&view.gauge),
            guard: view.state.clone(),
            lesson: lesson_rx.clone(),
            agenda: agenda_rx.clone(),
            requests: request_tx.clone(),
            open,
            facts: Arc::clone(&facts),
            notes: notes_tx.clone(),
            boot_id: boot_id.clone(),
            clock: Arc::clone(&clock),
        };
        supervisor.unit(format!("trigger:{}", watcher.source), move || endless(watcher.clone().run()));
    }

    // The check before each planned lesson.
    let disk =
        Room { spool: Arc::clone(&spool), retention, record_rate: Kbps(program.record_rate.0 + AUDIO_KBPS) };
    let (found_tx, found_rx) = watch::channel(None);
    let checkable = |view: &SourceView| Checkable {
        name: view.name.clone(),
        role: view.role,
        guard: view.state.clone(),
        gauge: Arc::clone(&view.gauge),
    };
    let archives = stores.iter().zip(&upload_views);
    let precheck = Precheck {
        lesson: lesson_rx.clone(),
        agenda: agenda_rx.clone(),
        sources: source_views.iter().map(checkable).collect(),
        live: config.live.iter().map(|live| (live.name.clone(), live.url.clone())).collect(),
        archives: archives
            .map(|((name, store), view)| (name.clone(), store.clone(), view.state.clone()))
            .collect(),
        room: disk.clone(),
        clock: Arc::clone(&clock),
        found: found_tx,
    };
    supervisor.unit("precheck", move || endless(precheck.clone().run()));

    // The lesson: the one who decides.
    let actor = Arc::new(Mutex::new(Actor {
        requests: request_rx,
        air: AirDesk::new(schedule_tx, shutter_tx),
        room: room_tx,
        standby: program.standby,
        state: lesson_tx,
        timetable: in_force_rx.clone(),
        outlook: Outlook::default(),
        agenda: agenda_tx,
        beat: beat_tx,
        spool: Arc::clone(&spool),
        recorded: recorded_tx,
        facts: Arc::clone(&facts),
        notes: notes_tx,
        journal: Arc::clone(&woken.journal),
        looked_back: false,
        ends: Vec::new(),
        clock: Arc::clone(&clock),
        time_zone: config.device.time_zone.clone(),
        track,
    }));
    supervisor.unit("lesson", move || {
        let actor = Arc::clone(&actor);
        endless(async move { actor.lock().await.run().await })
    });

    // What became of planned lessons.
    let (noted_tx, noted_rx) = watch::channel(0_u64);
    let (account_tx, account_rx) = watch::channel(AccountStatus::default());
    let planned = in_force_rx.clone();
    let accounts = Accounts::new(Sources {
        facts: Arc::clone(&facts),
        journal: Arc::clone(&woken.journal),
        spool: Arc::clone(&spool),
        track: Name::new(PROGRAM)?,
        plan: Box::new(move || planned.borrow().plan.clone()),
        power: config.device.power,
        clock: Arc::clone(&clock),
        time_zone: config.device.time_zone.clone(),
    });
    let accounts = Arc::new(accounts);
    let accountant = Accountant {
        accounts: Arc::clone(&accounts),
        targets: live_views.iter().map(|(_, state)| state.clone()).collect(),
        status: account_tx,
        noted: noted_rx,
    };
    supervisor.unit("accounts", move || accountant.clone().run());

    let watchdog = Watchdog {
        beat: beat_rx,
        schedule: schedule_rx,
        shutter: shutter_rx.clone(),
        feed,
        progress: progress_rx.clone(),
        clock: Arc::clone(&clock),
    };
    supervisor.unit("watchdog", move || endless(watchdog.clone().run()));

    // Control.
    let uploads = upload_views.iter().map(|view| view.state.clone()).collect();
    let api = Arc::new(Api {
        status: StatusView {
            device: DeviceStatus {
                id: config.device.id.clone(),
                place: config.device.place.clone(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                boot_id,
                public_key: Some(identity.public_key().to_string()),
                time_zone: config.device.time_zone.iana_name().map(str::to_owned),
                key_troubles: troubles
                    .iter()
                    .filter(|trouble| trouble.changes_keys())
                    .map(KeyTrouble::text)
                    .collect(),
            },
            sources: source_views,
            live: live_views,
            archives: upload_views,
            lesson: lesson_rx,
            agenda: agenda_rx,
            timetable: in_force_rx.clone(),
            progress: progress_rx,
            accounts: account_rx,
            shutter: shutter_rx,
            spool: Arc::clone(&spool),
            locked: report.locked_lessons,
            disk,
            check: found_rx,
            restarts: supervisor.restarts(),
            clock: Arc::clone(&clock),
            time: time_rx,
            faults: std::sync::Mutex::default(),
        },
        lesson: request_tx.clone(),
        time: told_tx,
        timetable: timetable::Desk(asked_tx),
        spool: Arc::clone(&spool),
        device: config.device.id,
        public_key: identity.public_key(),
        time_zone: config.device.time_zone,
        archives: stores,
        accounts,
        noted: noted_tx,
        progress: progress_tx,
    });
    let path = config.control.socket.clone();
    let failed = move |cause| StartError::Socket { path: path.display().to_string(), cause };
    let socket = config.control.socket;
    let listener = Arc::new(Mutex::new(Some(socket::bind(&socket).map_err(&failed)?)));
    supervisor.unit("control", move || {
        let (api, listener, failed) = (Arc::clone(&api), Arc::clone(&listener), failed.clone());
        let socket = socket.clone();
        async move {
            // After a failure the socket is made anew.
            let first = listener.lock().await.take();
            let listener = match first {
                Some(listener) => listener,
                None => socket::bind(&socket).map_err(&failed)?,
            };
            let service = api::router(api).into_make_service_with_connect_info::<Peer>();
            axum::serve(listener, service).await.map_err(failed)
        }
    });

    Ok(Daemon {
        lesson: request_tx,
        uploads,
        spool,
        archives: archive_names,
        woken,
        _uplink: uplink_tx,
        _supervisor: supervisor,
    })
}

/// A unit that can only panic.
async fn endless(unit: impl Future<Output = ()>) -> Result<(), std::convert::Infallible> {
    unit.await;
    Ok(())
}

/// The whole shutdown, archives included.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(10);
/// What of it closing the spool gets.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);
/// What of it the journal gets.
const STOP_LIMIT: Duration = Duration::from_secs(1);
/// What of it the last fragments get at most.
const DRAIN_LIMIT: Duration = Duration::from_secs(8);

impl Daemon {
    /// Asks for a lesson, as the daemon's own launch does.
    pub(crate) async fn start_lesson(&self, minutes: Option<u32>) -> Result<(), lectern_api::Text> {
        let (answer, answered) = oneshot::channel();
        let command = lectern_api::command::Command::Start { title: None, minutes };
        let gone = || lectern_api::messages::stopping();
        let request = Request::Command { command, trigger: Trigger::Launch, answer };
        self.lesson.send(request).await.map_err(|_| gone())?;
        match answered.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(refusal)) if refusal.code == "lesson_running" => Ok(()),
            Ok(Err(refusal)) => Err(refusal.text),
            Err(_) => Err(gone()),
        }
    }

    /// Drains: the last fragment is written whole, the archives get what they
    /// can be given in time, the facts are committed. Bounded.
    pub(crate) async fn shut_down(self, end_lesson: bool) {
        let begun = tokio::time::Instant::now();
        let (finished, is_finished) = oneshot::channel();
        let drained = async {
            let asked = self.lesson.send(Request::Shutdown { end_lesson, finished }).await.is_ok();
            !asked || is_finished.await.is_ok()
        };
        if tokio::time::timeout(DRAIN_LIMIT, drained).await.is_err() {
            tracing::error!("the last fragments did not reach the disk within {DRAIN_LIMIT:?}");
        }
        let rest = SHUTDOWN_LIMIT.saturating_sub(begun.elapsed()).saturating_sub(CLOSE_LIMIT + STOP_LIMIT);
        if tokio::time::timeout(rest, self.archives_complete()).await.is_err() {
            tracing::info!("some archives lack something still; they get it after the next start");
        }
        let spool = Arc::clone(&self.spool);
        let woken = Arc::clone(&self.woken);
        drop(self);
        let stopped = tokio::task::spawn_blocking(move || woken.stop());
        match tokio::time::timeout(STOP_LIMIT, stopped).await {
            Ok(Ok(Ok(()))) => {}
            failed => tracing::error!(?failed, "the daemon's end is not in the journal"),
        }
        let closed = tokio::task::spawn_blocking(move || spool.close(CLOSE_LIMIT));
        match closed.await {
            Ok(Ok(())) => {}
            failed => tracing::error!(?failed, "the spool could not be closed cleanly"),
        }
    }

    /// Waits until every archive that works has everything.
    async fn archives_complete(&self) {
        let mut uploads = self.uploads.clone();
        for (name, state) in self.archives.iter().zip(&mut uploads) {
            let lacks = |spool: &Spool| {
                let open =
                    |lesson: &LessonRecord| !lesson.removed && !spool.is_archived(name, &lesson.info.id);
                spool.pending(name).fragments > 0
                    || spool.lessons().iter().any(|lesson| lesson.info.until.is_some() && open(lesson))
            };
            let works = |state: &UploadState| state.last_error().is_none() && !state.waits_for_hours();
            while works(&state.borrow_and_update()) && lacks(&self.spool) {
                if state.changed().await.is_err() {
                    return;
                }
            }
        }
    }
}
