//! Sources, each with its input of the mixer, and the mixer.

use std::collections::BTreeMap;
use std::sync::Arc;

use lectern_api::Name;
use lectern_api::manifest::Trigger;
use tokio::sync::watch;

use super::endless;
use crate::capture::feed::ProgramFeed;
use crate::capture::gauge::Gauge;
use crate::capture::guard::{self, Guard, GuardState};
use crate::capture::input::MixerInput;
use crate::capture::layout;
use crate::capture::mixer::{self, MixerPlan, MixerSlot};
use crate::capture::shutter::Shutter;
use crate::capture::source::{self, Shape};
use crate::capture::wanted::Wanted;
use crate::config::Config;
use crate::ops::pictures::Window;
use crate::ops::status::SourceView;
use crate::supervisor::Supervisor;

/// A source that may begin lessons by itself, and so may be open between
/// lessons too.
pub(super) struct Watched {
    pub(super) trigger: Trigger,
    pub(super) source: Name,
    pub(super) open: watch::Sender<bool>,
}

/// Who wants sources to be open.
pub(super) struct Open {
    /// A lesson, to come or under way.
    pub(super) room: watch::Receiver<bool>,
    /// Somebody who has repaired something.
    pub(super) look: watch::Receiver<bool>,
}

/// What is watched, and who sees whether it is open.
pub(super) fn watched(config: &Config) -> Vec<Watched> {
    let triggers = [(Trigger::Signal, &config.trigger.signal), (Trigger::Sound, &config.trigger.sound)];
    let watched = triggers.into_iter().filter_map(|(trigger, source)| {
        Some(Watched { trigger, source: source.clone()?, open: watch::Sender::new(false) })
    });
    watched.collect()
}

/// What others need of the sources.
pub(super) struct Ends {
    /// What each tells.
    pub(super) views: Vec<SourceView>,
    /// Where to ask for each to be opened anew.
    pub(super) reopen: BTreeMap<String, watch::Sender<u64>>,
    /// Where pictures pass.
    pub(super) windows: Vec<Window>,
}

/// Starts them.
pub(super) fn start(
    supervisor: &mut Supervisor,
    config: &Config,
    trial: bool,
    Open { room, look }: Open,
    watched: &[Watched],
    shutter: &watch::Receiver<Shutter>,
    feed: &Arc<ProgramFeed>,
) -> Ends {
    let program = &config.program;
    let roles: Vec<_> = config.sources.iter().map(|s| s.role).filter(|r| r.is_video()).collect();
    let mut rects = layout(&roles, program.width, program.height).into_iter();
    let mut slots = Vec::new();
    let (mut views, mut windows) = (Vec::new(), Vec::new());
    let mut reopeners = BTreeMap::new();
    for source in &config.sources {
        let input = Arc::new(MixerInput::new(shutter.clone()));
        let gauge = Arc::new(Gauge::default());
        let rect = if source.role.is_video() { rects.next() } else { None };
        windows.extend(rect.map(|rect| Window {
            source: source.name.clone(),
            rect,
            input: Arc::clone(&input),
        }));
        let shape = rect.map_or(Shape::Sound, |rect| Shape::Picture { rect, fps: program.fps });
        slots.push(MixerSlot {
            name: source.name.to_string(),
            role: source.role,
            latency: source::pace(&source.uri).latency,
            input: Arc::clone(&input),
        });
        let (state_tx, state) = watch::channel(GuardState::default());
        let view =
            SourceView { name: source.name.clone(), role: source.role, gauge: Arc::clone(&gauge), state };
        views.push(view);
        let (reopen_tx, reopen) = watch::channel(0);
        reopeners.insert(source.name.to_string(), reopen_tx);
        let guard = Guard {
            name: source.name.to_string(),
            role: source.role,
            uri: source.uri.clone(),
            trial,
            shape,
            gauge,
            input,
            reopen,
        };
        let watcher = watched.iter().find(|watched| watched.source == source.name);
        let watchers = watcher.map(|watched| watched.open.subscribe()).into_iter().chain([look.clone()]);
        let wanted = Wanted::new(room.clone(), watchers);
        supervisor.unit(format!("source:{}", source.name), move || {
            endless(guard::run(guard.clone(), wanted.clone(), state_tx.clone()))
        });
    }
    let plan = MixerPlan {
        width: program.width,
        height: program.height,
        fps: program.fps,
        language: config.device.language,
        slots,
    };
    let feed = Arc::clone(feed);
    supervisor.unit("program", move || mixer::run(plan.clone(), Arc::clone(&feed), room.clone()));
    Ends { views, reopen: reopeners, windows }
}
