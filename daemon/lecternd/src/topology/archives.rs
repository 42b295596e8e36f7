//! The archives, each a unit of its own.

use std::sync::Arc;

use lectern_api::{Clock, Kbps};
use lectern_archive::playlist::SHARE_PER_MILLE;
use lectern_spool::Spool;
use tokio::sync::watch;

use crate::config::Config;
use crate::identity::Identity;
use crate::ops::status::ArchiveView;
use crate::spooler::Progress;
use crate::supervisor::Supervisor;
use crate::upload::pace::Pace;
use crate::upload::{UploadState, Uploader};

/// Starts them; gives what each tells.
pub(super) fn start(
    supervisor: &mut Supervisor,
    config: &Config,
    identity: &Identity,
    spool: &Arc<Spool>,
    progress: &watch::Receiver<Progress>,
    uplink: &watch::Receiver<Option<Kbps>>,
    clock: &Arc<dyn Clock>,
) -> Vec<ArchiveView> {
    let mut views = Vec::new();
    for archive in &config.archives {
        let (state_tx, state_rx) = watch::channel(UploadState::default());
        let uploader = Uploader {
            name: archive.name.clone(),
            store: archive.store.clone(),
            device: config.device.id.clone(),
            signer: identity.signer().clone(),
            spool: Arc::clone(spool),
            progress: progress.clone(),
            state: state_tx,
            pace: Pace::new(uplink.clone(), archive.pace, Arc::clone(clock)),
            hours: archive.hours.clone(),
            time_zone: config.device.time_zone.clone(),
            clock: Arc::clone(clock),
            playlist_per_mille: SHARE_PER_MILLE,
        };
        let (name, pace) = (archive.name.clone(), uploader.pace.clone());
        views.push(ArchiveView { name, state: state_rx, pace });
        supervisor.unit(format!("upload:{}", archive.name), move || uploader.clone().run());
    }
    views
}
