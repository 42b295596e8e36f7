//! Who decides which lesson runs, and what it looks at and leaves behind.

use std::sync::Arc;

use lectern_api::check::PreClassCheck;
use lectern_api::{Clock, Kbps, Name};
use lectern_spool::{Retention, Spool};
use tokio::sync::{Mutex, mpsc, watch};

use super::program::Watched;
use super::{NOTES_DEPTH, endless};
use crate::capture::air::AirDesk;
use crate::capture::source::AUDIO_KBPS;
use crate::capture::writer::Recorded;
use crate::clock::start::Woken;
use crate::config::Config;
use crate::facts::Facts;
use crate::lesson::actor::{Actor, Request};
use crate::lesson::agenda::{Agenda, Outlook};
use crate::lesson::machine::State;
use crate::notes::{self, Note};
use crate::ops::status::{ArchiveView, SourceView};
use crate::precheck::{Checkable, Precheck};
use crate::room::Room;
use crate::spooler::PROGRAM;
use crate::supervisor::Supervisor;
use crate::timetable::InForce;
use crate::trigger::Watcher;

use super::StartError;

/// What the deciding one hears and tells.
pub(super) struct Desk {
    pub(super) requests: (mpsc::Sender<Request>, mpsc::Receiver<Request>),
    pub(super) air: AirDesk,
    pub(super) room: watch::Sender<bool>,
    pub(super) state: watch::Sender<State>,
    pub(super) beat: watch::Sender<std::time::Duration>,
    pub(super) recorded: mpsc::Sender<Recorded>,
}

/// What is there to be looked at.
pub(super) struct Surroundings<'a> {
    pub(super) config: &'a Config,
    pub(super) woken: &'a Arc<Woken>,
    pub(super) facts: &'a Arc<Facts>,
    pub(super) spool: &'a Arc<Spool>,
    pub(super) retention: Retention,
    pub(super) in_force: watch::Receiver<Arc<InForce>>,
    pub(super) sources: &'a [SourceView],
    pub(super) archives: &'a [ArchiveView],
    pub(super) boot_id: &'a str,
}

/// What everybody may know about it.
pub(super) struct Lesson {
    pub(super) state: watch::Receiver<State>,
    pub(super) agenda: watch::Receiver<Option<Agenda>>,
    pub(super) check: watch::Receiver<Option<PreClassCheck>>,
    pub(super) disk: Room,
}

/// Starts what begins lessons, what looks before them, and the lesson itself.
pub(super) fn start(
    supervisor: &mut Supervisor,
    desk: Desk,
    around: Surroundings<'_>,
    watched: Vec<Watched>,
) -> Result<Lesson, StartError> {
    let Surroundings { config, woken, facts, spool, sources, .. } = around;
    let clock: Arc<dyn Clock> = Arc::clone(&woken.clock) as _;
    let state = desk.state.subscribe();
    let (agenda_tx, agenda) = watch::channel::<Option<Agenda>>(None);
    let notes_tx = notes(supervisor, facts, woken);
    let (requests_tx, requests) = desk.requests;

    // What begins lessons by itself.
    for Watched { trigger, source, open } in watched {
        let Some(view) = sources.iter().find(|view| view.name == source) else { continue };
        let watcher = Watcher {
            trigger,
            source,
            gauge: Arc::clone(&view.gauge),
            guard: view.state.clone(),
            lesson: state.clone(),
            agenda: agenda.clone(),
            requests: requests_tx.clone(),
            open,
            facts: Arc::clone(facts),
            notes: notes_tx.clone(),
            boot_id: around.boot_id.to_owned(),
            clock: Arc::clone(&clock),
        };
        supervisor.unit(format!("trigger:{}", watcher.source), move || endless(watcher.clone().run()));
    }

    // The check before each planned lesson.
    let record_rate = Kbps(config.program.record_rate.0 + AUDIO_KBPS);
    let disk = Room { spool: Arc::clone(spool), retention: around.retention, record_rate };
    let (found_tx, check) = watch::channel(None);
    let checkable = |view: &SourceView| Checkable {
        name: view.name.clone(),
        role: view.role,
        guard: view.state.clone(),
        gauge: Arc::clone(&view.gauge),
    };
    let archives = config.archives.iter().zip(around.archives);
    let precheck = Precheck {
        lesson: state.clone(),
        agenda: agenda.clone(),
        sources: sources.iter().map(checkable).collect(),
        live: config.live.iter().map(|live| (live.name.clone(), live.url.clone())).collect(),
        archives: archives
            .map(|(archive, view)| (archive.name.clone(), archive.store.clone(), view.state.clone()))
            .collect(),
        room: disk.clone(),
        clock: Arc::clone(&clock),
        found: found_tx,
    };
    supervisor.unit("precheck", move || endless(precheck.clone().run()));

    let actor = Arc::new(Mutex::new(Actor {
        requests,
        air: desk.air,
        room: desk.room,
        standby: config.program.standby,
        state: desk.state,
        timetable: around.in_force,
        outlook: Outlook::default(),
        agenda: agenda_tx,
        beat: desk.beat,
        spool: Arc::clone(spool),
        recorded: desk.recorded,
        facts: Arc::clone(facts),
        notes: notes_tx,
        journal: Arc::clone(&woken.journal),
        looked_back: false,
        ends: Vec::new(),
        clock,
        time_zone: config.device.time_zone.clone(),
        track: Name::new(PROGRAM)?,
    }));
    supervisor.unit("lesson", move || {
        let actor = Arc::clone(&actor);
        endless(async move { actor.lock().await.run().await })
    });
    Ok(Lesson { state, agenda, check, disk })
}

/// Remembers what must survive a restart.
fn notes(supervisor: &mut Supervisor, facts: &Arc<Facts>, woken: &Arc<Woken>) -> mpsc::Sender<Note> {
    let (notes_tx, notes_rx) = mpsc::channel::<Note>(NOTES_DEPTH);
    let notes_rx = Arc::new(Mutex::new(notes_rx));
    let (facts, journal) = (Arc::clone(facts), Arc::clone(&woken.journal));
    supervisor.unit("notes", move || {
        let (facts, journal) = (Arc::clone(&facts), Arc::clone(&journal));
        let notes = Arc::clone(&notes_rx);
        endless(async move { notes::run(facts, journal, &mut *notes.lock().await).await })
    });
    notes_tx
}
