//! Where timetables come from. A source reads and tells; it judges nothing.

pub(crate) mod file;
pub(crate) mod stick;
pub(crate) mod web;

use std::time::Duration;

use lectern_api::Text;
use lectern_api::timetable::Origin;
use tokio::sync::mpsc;

/// What a source tells.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) origin: Origin,
    pub(crate) found: Found,
}

/// What was found there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Something new, perhaps.
    Bytes(Vec<u8>),
    /// What was there before.
    Same,
    /// It cannot be read, and why.
    Failed(Text),
    /// A medium was taken away.
    Gone,
}

/// Looks at a disk at intervals, until nobody wants to know any more. `look`
/// runs where it may wait for the disk.
async fn look_every(
    pause: Duration,
    deliveries: mpsc::Sender<Delivery>,
    mut look: impl FnMut() -> Vec<Delivery> + Send + 'static,
) {
    let mut tick = tokio::time::interval(pause);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let looked = tokio::task::spawn_blocking(move || (look(), look)).await;
        let Ok((told, same)) = looked else { return };
        look = same;
        for delivery in told {
            if deliveries.send(delivery).await.is_err() {
                return;
            }
        }
    }
}
