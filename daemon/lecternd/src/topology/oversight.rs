//! What the daemon is itself looked after by: the watchdog, its configuration, its
//! log.

use std::sync::Arc;

use lectern_api::Clock;
use lectern_api::mqtt::SetLogLevel;
use lectern_api::status::UnusableFile;
use tokio::sync::watch;

use super::{endless, recording};
use crate::capture::feed::ProgramFeed;
use crate::config::standing::Standing;
use crate::config::{Config, local};
use crate::logging::{self, Volume};
use crate::ops::watchdog::Watchdog;
use crate::spooler::Progress;
use crate::supervisor::Supervisor;

/// Tells systemd that lessons move, as long as they do.
pub(super) fn watchdog(
    supervisor: &mut Supervisor,
    beat: watch::Receiver<std::time::Duration>,
    wishes: recording::Wishes,
    feed: Arc<ProgramFeed>,
    progress: watch::Receiver<Progress>,
    clock: &Arc<dyn Clock>,
) {
    let recording::Wishes { schedule, shutter } = wishes;
    let watchdog = Watchdog { beat, schedule, shutter, feed, progress, clock: Arc::clone(clock) };
    supervisor.unit("watchdog", move || endless(watchdog.clone().run()));
}

/// What of the configuration could not be used at the next start; `unusable` was
/// set aside at this one.
pub(super) fn configuration(
    supervisor: &mut Supervisor,
    config: &Config,
    unusable: Vec<UnusableFile>,
) -> watch::Receiver<Vec<UnusableFile>> {
    let (unusable, told) = watch::channel(unusable);
    let main = config.files.main_path().to_owned();
    let standing = Standing { main, local: local::path(config), unusable };
    supervisor.unit("config", move || endless(standing.clone().run()));
    told
}

/// What is logged, until somebody wants more or less of it for a while.
pub(super) fn log(supervisor: &mut Supervisor, volume: Volume) -> watch::Sender<Option<SetLogLevel>> {
    let (wanted, told) = watch::channel(None);
    supervisor.unit("log", move || endless(logging::run(volume.clone(), told.clone())));
    wanted
}
