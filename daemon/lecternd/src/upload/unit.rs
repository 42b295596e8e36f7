//! One archive store.

use std::sync::Arc;
use std::time::Duration;

use lectern_api::{Clock, DeviceId, Name};
use lectern_archive::Store;
use lectern_archive::signature::Signer;
use lectern_archive::store::StoreOptions;
use lectern_spool::Spool;
use tokio::sync::watch;

use super::desk::Desk;
use super::hours::Hours;
use super::lane::{BACKOFF, Kind, Lane};
use super::pace::Pace;
use super::state::UploadState;
use crate::spooler::Progress;

/// What a store's unit is given.
#[derive(Debug, Clone)]
pub(crate) struct Uploader {
    pub(crate) name: Name,
    pub(crate) store: StoreOptions,
    pub(crate) device: DeviceId,
    pub(crate) signer: Signer,
    pub(crate) spool: Arc<Spool>,
    pub(crate) progress: watch::Receiver<Progress>,
    pub(crate) state: watch::Sender<UploadState>,
    pub(crate) pace: Pace,
    pub(crate) hours: Hours,
    pub(crate) time_zone: jiff::tz::TimeZone,
    pub(crate) clock: Arc<dyn Clock>,
    /// What rewriting playlists may cost, in thousandths of the media.
    pub(crate) playlist_per_mille: u64,
}

impl Uploader {
    /// Uploads for the life of the daemon.
    pub(crate) async fn run(self) -> Result<(), std::convert::Infallible> {
        self.state.send_replace(UploadState::default());
        let store = self.open().await;
        let desk = Desk::new();
        let [fresh, backlog] = [Kind::Fresh, Kind::Backlog].map(|kind| Lane::new(kind, &self, &store, &desk));
        tokio::join!(fresh.run(), backlog.run());
        Ok(())
    }

    /// A certificate that cannot be read, or any other mistake, keeps nobody
    /// from recording: it is told, and tried again.
    async fn open(&self) -> Store {
        let mut failures = 0;
        loop {
            match Store::open_with(&self.store) {
                Ok(store) => {
                    self.state.send_modify(|both| both.fresh.last_error = None);
                    return store;
                }
                Err(error) => {
                    let pause = BACKOFF.pause(failures);
                    failures += 1;
                    tracing::error!(archive = %self.name, %error, retry_in = ?pause, "the store cannot be opened");
                    self.state.send_modify(|both| both.fresh.last_error = Some(error.text()));
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.monotonic()
    }
}
