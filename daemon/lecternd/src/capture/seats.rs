//! Who has an encoder of the record open. Most encoders take both lanes; a chip
//! that takes a single session refuses the second, which then waits its turn.

use std::sync::Arc;

use tokio::sync::watch;

use super::schedule::Lane;

/// A seat for each lane.
#[derive(Debug, Default)]
pub(crate) struct Seats(watch::Sender<[bool; 2]>);

/// A lane's seat; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    lane: Lane,
}

impl Seats {
    pub(super) fn take(self: &Arc<Self>, lane: Lane) -> Seat {
        self.0.send_modify(|seats| seats[lane.index()] = true);
        Seat { seats: Arc::clone(self), lane }
    }

    /// Whether the lane beside this one has an encoder open.
    pub(super) fn is_shared_by(&self, lane: Lane) -> bool {
        self.0.borrow()[lane.other().index()]
    }

    /// Waits until the lane beside this one has none.
    pub(super) async fn alone(&self, lane: Lane) {
        let _ = self.0.subscribe().wait_for(|seats| !seats[lane.other().index()]).await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.0.send_modify(|seats| seats[self.lane.index()] = false);
    }
}
