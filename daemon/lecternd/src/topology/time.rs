//! What time it is, and who may say so.

use std::sync::Arc;

use lectern_api::Clock;
use lectern_archive::store::StoreOptions;
use tokio::sync::{Mutex, mpsc, watch};

use super::endless;
use crate::clock::servers::Servers;
use crate::clock::start::Woken;
use crate::clock::unit::{Timekeeper, Told};
use crate::clock::{self, ClockState};
use crate::lesson::machine::State;
use crate::supervisor::Supervisor;

/// Persons and servers that tell the time at once.
const TOLD_DEPTH: usize = 4;
/// What happens to the clock while the disk hangs.
const MOMENTS_DEPTH: usize = 64;

/// Where the time is told, and what is known about it.
pub(super) struct Time {
    pub(super) state: watch::Receiver<ClockState>,
    pub(super) told: mpsc::Sender<Told>,
}

/// The clock, its disk, and the stores as servers that know the time.
pub(super) fn start(
    supervisor: &mut Supervisor,
    woken: &Arc<Woken>,
    lesson: watch::Receiver<State>,
    stores: Vec<StoreOptions>,
) -> Time {
    let (state_tx, state) = watch::channel(woken.state());
    let (told, told_rx) = mpsc::channel::<Told>(TOLD_DEPTH);
    let (moments_tx, moments_rx) = mpsc::channel(MOMENTS_DEPTH);
    let timekeeper = Timekeeper::new(woken, told_rx, lesson, state_tx, moments_tx);
    let timekeeper = Arc::new(Mutex::new(timekeeper));
    supervisor.unit("clock", move || {
        let timekeeper = Arc::clone(&timekeeper);
        endless(async move { timekeeper.lock().await.run().await })
    });
    let (moments_rx, writer) = (Arc::new(Mutex::new(moments_rx)), Arc::clone(woken));
    supervisor.unit("journal", move || {
        let (moments, woken) = (Arc::clone(&moments_rx), Arc::clone(&writer));
        endless(async move { clock::unit::write(&mut *moments.lock().await, woken).await })
    });
    let servers = Servers {
        stores: Arc::new(stores),
        clock: Arc::clone(&woken.clock) as Arc<dyn Clock>,
        state: state.clone(),
        told: told.clone(),
    };
    supervisor.unit("clock:servers", move || endless(servers.clone().run()));
    Time { state, told }
}
