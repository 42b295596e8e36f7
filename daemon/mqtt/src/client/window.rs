//! What is under way to the broker: few at a time, each known by its packet
//! identifier until it is acknowledged. Pure.

use std::collections::{BTreeMap, BTreeSet};

use lectern_api::mqtt::Topic;

use crate::outbox::EntryId;

/// What a packet carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Load {
    /// An entry of the outbox.
    Entry(EntryId),
    /// Retained state, by its topic.
    Retained(Topic),
    /// An answer to a command, by its number.
    Answer(u64),
}

/// The packets that are not acknowledged.
#[derive(Debug)]
pub(super) struct Window {
    limit: usize,
    loads: BTreeMap<u16, Load>,
    last: u16,
}

impl Window {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), loads: BTreeMap::new(), last: 0 }
    }

    /// How many more may go.
    pub(super) fn room(&self) -> usize {
        self.limit.saturating_sub(self.loads.len())
    }

    /// The identifier under which a load goes; one that is not in use.
    pub(super) fn send(&mut self, load: Load) -> u16 {
        let id = self.free();
        self.loads.insert(id, load);
        id
    }

    /// An identifier for a packet that is not waited for.
    pub(super) fn free(&mut self) -> u16 {
        loop {
            self.last = self.last.checked_add(1).unwrap_or(1);
            if !self.loads.contains_key(&self.last) {
                return self.last;
            }
        }
    }

    /// What was acknowledged; nothing for an identifier that is not under way.
    pub(super) fn acknowledged(&mut self, id: u16) -> Option<Load> {
        self.loads.remove(&id)
    }

    /// The connection is gone: nothing is under way.
    pub(super) fn clear(&mut self) -> impl Iterator<Item = Load> + use<> {
        std::mem::take(&mut self.loads).into_values()
    }

    /// Whether this is under way.
    pub(super) fn carries(&self, load: &Load) -> bool {
        self.loads.values().any(|carried| carried == load)
    }

    /// The entries of the outbox under way.
    pub(super) fn entries(&self) -> BTreeSet<EntryId> {
        let entry = |load: &Load| if let Load::Entry(id) = load { Some(*id) } else { None };
        self.loads.values().filter_map(entry).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_in_use_is_not_given_again() {
        let mut window = Window::new(8);
        let held = window.send(Load::Answer(0));
        for _ in 0..70_000 {
            let id = window.send(Load::Answer(1));
            assert!(id != held && id != 0);
            assert_eq!(window.acknowledged(id), Some(Load::Answer(1)));
            assert_eq!(window.acknowledged(id), None);
        }
        assert_eq!(window.room(), 7);
        assert_eq!(window.clear().count(), 1);
        assert_eq!(window.room(), 8);
    }
}
