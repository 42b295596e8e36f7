//! The broadcast: one encode, and each target on its own.

use std::sync::Arc;

use lectern_api::Name;
use tokio::sync::watch;

use super::endless;
use super::recording::Wishes;
use crate::capture::encoder::EncoderKind;
use crate::capture::feed::ProgramFeed;
use crate::capture::session::EncodePlan;
use crate::config::Config;
use crate::live::encode::{self, EncodePorts};
use crate::live::stream::LiveStream;
use crate::live::target::{self, TargetPorts, TargetState};
use crate::supervisor::Supervisor;

/// Starts it; gives what each target tells.
pub(super) fn start(
    supervisor: &mut Supervisor,
    config: &Config,
    wishes: &Wishes,
    feed: &Arc<ProgramFeed>,
    encoder: watch::Receiver<Option<&'static EncoderKind>>,
) -> Vec<(Name, watch::Receiver<TargetState>)> {
    let stream = Arc::new(LiveStream::new(wishes.shutter.clone()));
    if !config.live.is_empty() {
        let program = &config.program;
        let plan = EncodePlan {
            width: program.width,
            height: program.height,
            fps: program.fps,
            rate: program.live_rate,
        };
        let ports = EncodePorts {
            feed: Arc::clone(feed),
            schedule: wishes.schedule.clone(),
            encoder,
            stream: Arc::clone(&stream),
        };
        supervisor.unit("encode", move || encode::run(plan.clone(), ports.clone()));
    }
    let mut views = Vec::new();
    for live in &config.live {
        let (state_tx, state_rx) = watch::channel(TargetState::default());
        views.push((live.name.clone(), state_rx));
        let ports = TargetPorts {
            stream: Arc::clone(&stream),
            schedule: wishes.schedule.clone(),
            shutter: wishes.shutter.clone(),
            state: state_tx,
        };
        let (name, url) = (live.name.to_string(), live.url.clone());
        supervisor.unit(format!("live:{}", live.name), move || {
            endless(target::run(name.clone(), url.clone(), ports.clone()))
        });
    }
    views
}
