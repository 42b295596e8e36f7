//! The lights and buttons at the box.

use std::sync::Arc;

use lectern_api::Clock;
use lectern_api::fault::Fault;
use lectern_hal::Hardware;
use tokio::sync::{mpsc, watch};

use super::endless;
use crate::config::Config;
use crate::lesson::actor::Request;
use crate::lesson::machine::State;
use crate::live::target::TargetState;
use crate::panel::{Button, Lamps, Panel, Presser};
use crate::spooler::Progress;
use crate::supervisor::Supervisor;

/// What lights show, and whom presses are taken to.
pub(super) struct Ends {
    pub(super) lesson: watch::Receiver<State>,
    pub(super) progress: watch::Receiver<Progress>,
    pub(super) live: Vec<watch::Receiver<TargetState>>,
    pub(super) faults: watch::Receiver<Arc<[Fault]>>,
    pub(super) requests: mpsc::Sender<Request>,
}

/// The lights, dark: what they showed when the daemon ended, however it did, is
/// not so any more.
pub(super) fn lamps(config: &Config, machine: &Arc<dyn Hardware>) -> Arc<Lamps> {
    let lamps = Lamps::new(Arc::clone(machine), &config.panel.lights);
    lamps.put_out();
    Arc::new(lamps)
}

/// Nothing where nothing is named.
pub(super) fn start(
    supervisor: &mut Supervisor,
    config: &Config,
    machine: &Arc<dyn Hardware>,
    lamps: &Arc<Lamps>,
    ends: Ends,
    clock: &Arc<dyn Clock>,
) {
    let Ends { lesson, progress, live, faults, requests } = ends;
    let (refused, _) = watch::channel(0);
    let panel = &config.panel;
    let buttons = [
        ("button:lesson", Button::Lesson, &panel.lesson_button),
        ("button:shutter", Button::Shutter, &panel.shutter_button),
    ];
    for (name, button, wanted) in buttons {
        let Some(wanted) = wanted.clone() else { continue };
        let presser = Presser {
            button,
            wanted,
            machine: Arc::clone(machine),
            lesson: lesson.clone(),
            requests: requests.clone(),
            refused: refused.clone(),
            clock: Arc::clone(clock),
        };
        supervisor.unit(name, move || endless(presser.clone().run()));
    }
    if !lamps.is_empty() {
        let lamps = Arc::clone(lamps);
        let panel = Panel { lamps, lesson, progress, live, faults, refused, clock: Arc::clone(clock) };
        supervisor.unit("panel", move || endless(panel.clone().run()));
    }
}
