//! Whether a source is to be open: because the room is in use, or because the
//! source alone is watched between lessons.

use tokio::sync::watch;

/// Who wants a source.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    room: watch::Receiver<bool>,
    watcher: Option<watch::Receiver<bool>>,
}

impl Wanted {
    /// A source that only the room needs, or also whoever watches it.
    pub(crate) fn new(room: watch::Receiver<bool>, watcher: Option<watch::Receiver<bool>>) -> Self {
        Self { room, watcher }
    }

    fn now(&mut self) -> bool {
        let is_watched = self.watcher.as_mut().is_some_and(|watcher| *watcher.borrow_and_update());
        *self.room.borrow_and_update() || is_watched
    }

    /// Waits until the source is to be open, or not to be; false when the daemon
    /// ends.
    pub(super) async fn becomes(&mut self, open: bool) -> bool {
        while self.now() != open {
            let Some(watcher) = &mut self.watcher else {
                if self.room.changed().await.is_err() {
                    return false;
                }
                continue;
            };
            tokio::select! {
                changed = self.room.changed() => if changed.is_err() {
                    return false;
                },
                // Who watches no more wants nothing more.
                changed = watcher.changed() => if changed.is_err() {
                    self.watcher = None;
                },
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_source_is_open_for_the_room_or_for_its_watcher_and_closed_for_neither() {
        let ((room, room_rx), (watcher, watcher_rx)) = (watch::channel(false), watch::channel(false));
        let mut wanted = Wanted::new(room_rx, Some(watcher_rx));
        assert!(wanted.becomes(false).await);
        watcher.send_replace(true);
        assert!(wanted.becomes(true).await);
        room.send_replace(true);
        watcher.send_replace(false);
        assert!(wanted.becomes(true).await);
        room.send_replace(false);
        assert!(wanted.becomes(false).await);
        watcher.send_replace(true);
        drop(watcher);
        assert!(wanted.becomes(false).await, "a watcher that is gone wants nothing");
        drop(room);
        assert!(!wanted.becomes(true).await, "the daemon ends");
    }
}
