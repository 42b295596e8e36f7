//! Which units of the stream a target gets: pure decisions.

use std::collections::VecDeque;

/// What is known of a unit without looking into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnitKind {
    /// A picture that needs no other.
    Key,
    /// A picture that needs the ones before it.
    Delta,
    Sound,
}

/// Lets units pass, or holds them back until the next picture that needs no
/// other: half a group of pictures is of no use to anybody.
#[derive(Debug)]
pub(crate) struct Gate {
    waiting_for_key: bool,
}

impl Default for Gate {
    fn default() -> Self {
        Self { waiting_for_key: true }
    }
}

impl Gate {
    /// Something was left out: nothing passes before the next keyframe.
    pub(crate) fn close(&mut self) {
        self.waiting_for_key = true;
    }

    /// `full` says whether the target's queue is full.
    pub(crate) fn passes(&mut self, kind: UnitKind, full: bool) -> bool {
        if full {
            self.waiting_for_key = true;
        } else if kind == UnitKind::Key {
            self.waiting_for_key = false;
        }
        !self.waiting_for_key
    }
}

/// The units since the newest keyframe. A target that connects in between
/// begins with them, so that its viewers see a picture at once.
#[derive(Debug)]
pub(crate) struct GopCache<T> {
    units: VecDeque<(UnitKind, T)>,
}

/// A group that never ends must not eat the memory: 60 pictures and about 100
/// pieces of sound per second for four seconds.
const MOST_UNITS: usize = 640;

impl<T> GopCache<T> {
    pub(crate) fn new() -> Self {
        Self { units: VecDeque::new() }
    }

    pub(crate) fn push(&mut self, kind: UnitKind, unit: T) {
        if kind == UnitKind::Key || self.units.len() >= MOST_UNITS {
            self.units.clear();
        }
        // Without a keyframe at its head a group cannot be decoded.
        if kind == UnitKind::Key || !self.units.is_empty() {
            self.units.push_back((kind, unit));
        }
    }

    pub(crate) fn clear(&mut self) {
        self.units.clear();
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(UnitKind, T)> {
        self.units.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::UnitKind::{Delta, Key, Sound};
    use super::*;

    #[test]
    fn after_an_overflow_nothing_passes_before_the_next_keyframe() {
        let mut gate = Gate::default();
        let units = [
            (Delta, false),
            (Key, false),
            (Delta, false),
            (Delta, true),
            (Sound, false),
            (Delta, false),
            (Key, false),
            (Delta, false),
        ];
        let passed: Vec<bool> = units.iter().map(|(kind, full)| gate.passes(*kind, *full)).collect();
        assert_eq!(passed, [false, true, true, false, false, false, true, true]);
    }

    #[test]
    fn a_keyframe_that_finds_the_queue_full_does_not_open_the_gate() {
        let mut gate = Gate::default();
        assert!(!gate.passes(Key, true));
        assert!(!gate.passes(Delta, false));
        assert!(gate.passes(Key, false));
    }

    #[test]
    fn the_cache_begins_with_the_newest_keyframe() {
        let mut cache = GopCache::new();
        for (kind, n) in [(Delta, 0), (Sound, 1), (Key, 2), (Delta, 3), (Key, 4), (Sound, 5)] {
            cache.push(kind, n);
        }
        assert_eq!(cache.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [4, 5]);
    }

    #[test]
    fn a_group_without_end_does_not_eat_the_memory() {
        let mut cache = GopCache::new();
        cache.push(Key, 0);
        for n in 0..10_000 {
            cache.push(Delta, n);
        }
        assert!(cache.iter().count() <= MOST_UNITS);
    }
}
