//! Whether a source is to be open: because the room is in use, or because the
//! source alone is watched between lessons.

use futures_util::future::select_all;
use tokio::sync::watch;

/// Who wants a source.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    room: watch::Receiver<bool>,
    watchers: Vec<watch::Receiver<bool>>,
}

impl Wanted {
    /// A source that the room needs, and whoever else wants to look at it.
    pub(crate) fn new(
        room: watch::Receiver<bool>,
        watchers: impl IntoIterator<Item = watch::Receiver<bool>>,
    ) -> Self {
        Self { room, watchers: watchers.into_iter().collect() }
    }

    fn now(&mut self) -> bool {
        // All of them are seen, so that none wakes anybody for nothing.
        let mut is_wanted = *self.room.borrow_and_update();
        for watcher in &mut self.watchers {
            is_wanted |= *watcher.borrow_and_update();
        }
        is_wanted
    }

    /// Waits until the source is to be open, or not to be; false when the daemon
    /// ends.
    pub(super) async fn becomes(&mut self, open: bool) -> bool {
        while self.now() != open {
            if self.watchers.is_empty() {
                if self.room.changed().await.is_err() {
                    return false;
                }
                continue;
            }
            let gone = tokio::select! {
                changed = self.room.changed() => match changed {
                    Ok(()) => None,
                    Err(_) => return false,
                },
                (changed, which, _) = select_all(self.watchers.iter_mut().map(|w| Box::pin(w.changed()))) => {
                    changed.is_err().then_some(which)
                }
            };
            // Who watches no more wants nothing more.
            if let Some(which) = gone {
                self.watchers.swap_remove(which);
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
