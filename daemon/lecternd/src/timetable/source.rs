//! Where timetables come from. A source reads and tells; it judges nothing.

pub(crate) mod file;
pub(crate) mod stick;
pub(crate) mod web;

use std::time::Duration;

use lectern_api::Text;
use lectern_api::timetable::Origin;
use tokio::sync::{mpsc, watch};

/// The ends that a source is handed.
#[derive(Debug, Clone)]
pub(crate) struct Ends {
    /// Takes what it finds.
    pub(crate) deliveries: mpsc::Sender<Delivery>,
    /// Changes when somebody wants it read again at once, whether it has changed
    /// or not.
    pub(crate) again: watch::Receiver<()>,
}

/// Returns when somebody wants a source read again; never, when nobody is left
/// who could.
async fn asked(again: &mut watch::Receiver<()>) {
    if again.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

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

/// Why a source looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// For what is new.
    Usual,
    /// For what there is: somebody wants it read again.
    Again,
}

/// Looks at a disk at intervals, until nobody wants to know any more. `look`
/// runs where it may wait for the disk.
async fn look_every(
    pause: Duration,
    Ends { deliveries, mut again }: Ends,
    mut look: impl FnMut(Look) -> Vec<Delivery> + Send + 'static,
) {
    let mut tick = tokio::time::interval(pause);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let why = tokio::select! {
            _ = tick.tick() => Look::Usual,
            () = asked(&mut again) => Look::Again,
        };
        let looked = tokio::task::spawn_blocking(move || (look(why), look)).await;
        let Ok((told, same)) = looked else { return };
        look = same;
        for delivery in told {
            if deliveries.send(delivery).await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
