//! Asks the servers that the box talks to anyway what time it is, while no time
//! server answers.

use std::sync::Arc;
use std::time::Duration;

use lectern_api::{Clock, TimeSource, Verdict};
use lectern_archive::store::{ServerTime, StoreOptions, server_time};
use tokio::sync::{mpsc, watch};

use super::ClockState;
use super::unit::Told;
use crate::off_thread::OffThread as _;

/// What is asked, and who hears the answer.
#[derive(Debug, Clone)]
pub(crate) struct Servers {
    pub(crate) stores: Arc<Vec<StoreOptions>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) state: watch::Receiver<ClockState>,
    pub(crate) told: mpsc::Sender<Told>,
}

/// Each step of one question.
const LIMIT: Duration = Duration::from_secs(10);
/// While the time is in doubt.
const SOON: Duration = Duration::from_secs(60);
/// While it is believed: at 100 ppm it goes wrong by 2 s meanwhile.
const LATER: Duration = Duration::from_secs(6 * 3600);

impl Servers {
    /// Asks them in turn until the daemon ends. What depends on the time waits
    /// for none of this.
    pub(crate) async fn run(mut self) {
        loop {
            if self.state.borrow().trust.source != TimeSource::Ntp {
                self.ask().await;
            }
            let believed = self.state.borrow_and_update().trust.verdict == Verdict::Believed;
            let pause = tokio::time::sleep(if believed { LATER } else { SOON });
            let doubted = self.state.wait_for(|now| believed && now.trust.verdict != Verdict::Believed);
            tokio::select! {
                () = pause => {}
                gone = doubted => if gone.is_err() { return },
            }
        }
    }

    /// The first server that proves its time is enough; a hint is taken when
    /// none does.
    async fn ask(&self) {
        let clock = Arc::clone(&self.clock);
        let answers = self.stores.off_thread(move |stores| {
            let mut hint = None;
            for store in stores {
                match server_time(store, &*clock, LIMIT) {
                    Ok(Some(time)) if time.proved => return Ok(Some(time)),
                    Ok(time) => hint = hint.or(time),
                    Err(error) => tracing::debug!(%error, "a server tells no time"),
                }
            }
            Ok::<_, std::convert::Infallible>(hint)
        });
        if let Ok(Some(ServerTime { utc, at, bound, proved })) = answers.await {
            let source = if proved { TimeSource::Server } else { TimeSource::ServerHint };
            // The timekeeper is gone when the daemon ends.
            let _ = self.told.send(Told { source, utc, at, bound, answer: None }).await;
        }
    }
}
