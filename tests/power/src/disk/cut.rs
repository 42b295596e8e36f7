//! Disks as a power cut may leave them.

use fastrand::Rng;

use super::{Event, Log, PAGE_BYTES, SECTOR_BYTES};

/// What becomes of the writes that no flush followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// All are lost.
    Dropped,
    /// All are there.
    Kept,
    /// Each is there or lost.
    Some,
    /// Each is there or lost, and they reach the disk in any order.
    Reordered,
    /// Each page of each is there or lost.
    TornPages,
    /// As `TornPages`, and one page is torn at a sector.
    TornSector,
}

const FATES: [Fate; 6] =
    [Fate::Dropped, Fate::Kept, Fate::Some, Fate::Reordered, Fate::TornPages, Fate::TornSector];

/// One power cut.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    /// The power goes before this event.
    pub before: usize,
    /// What becomes of what was not flushed.
    pub fate: Fate,
    /// Chooses which of the writes.
    pub seed: u64,
}

impl Cut {
    /// A cut before an event, with the rest left to chance.
    pub fn random(rng: &mut Rng, before: usize) -> Self {
        Self { before, fate: FATES[rng.usize(..FATES.len())], seed: rng.u64(..) }
    }

    /// The disk after the cut.
    #[must_use]
    pub fn disk(&self, log: &Log) -> Vec<u8> {
        let mut disk = log.base.clone();
        let mut loose = log.unflushed(self.before);
        let durable = loose.first().copied().unwrap_or(self.before);
        for event in &log.events[..durable] {
            if let Event::Write { offset, bytes } = event {
                disk[*offset..offset + bytes.len()].copy_from_slice(bytes);
            }
        }
        let mut rng = Rng::with_seed(self.seed);
        if self.fate == Fate::Reordered {
            rng.shuffle(&mut loose);
        }
        let torn = rng.usize(..loose.len().max(1));
        for (nth, at) in loose.into_iter().enumerate() {
            let Event::Write { offset, bytes } = &log.events[at] else { continue };
            let whole = match self.fate {
                Fate::Dropped => continue,
                Fate::Kept => true,
                Fate::Some | Fate::Reordered => {
                    if rng.bool() {
                        continue;
                    }
                    true
                }
                Fate::TornPages | Fate::TornSector => false,
            };
            for (page, part) in (*offset..).step_by(PAGE_BYTES).zip(bytes.chunks(PAGE_BYTES)) {
                if !whole && rng.bool() {
                    continue;
                }
                // A part of one page: its first sectors are there, the others not.
                let tears = self.fate == Fate::TornSector && nth == torn && rng.u8(..4) == 0;
                let kept =
                    if tears { rng.usize(..part.len() / SECTOR_BYTES) * SECTOR_BYTES } else { part.len() };
                disk[page..page + kept].copy_from_slice(&part[..kept]);
            }
        }
        disk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(offset: usize, byte: u8, pages: usize) -> Event {
        Event::Write { offset, bytes: vec![byte; pages * PAGE_BYTES].into() }
    }

    fn log() -> Log {
        let events =
            vec![write(0, 1, 1), Event::Flush, write(0, 2, 1), write(PAGE_BYTES, 3, 8), write(0, 4, 1)];
        Log { base: vec![0; 9 * PAGE_BYTES], events }
    }

    #[test]
    fn what_was_flushed_is_there_whatever_becomes_of_the_rest() {
        let mut log = log();
        log.events.push(Event::Flush);
        for fate in FATES {
            let disk = Cut { before: 6, fate, seed: 3 }.disk(&log);
            assert_eq!((disk[0], disk[PAGE_BYTES], disk[8 * PAGE_BYTES]), (4, 3, 3), "{fate:?}");
        }
    }

    #[test]
    fn what_was_not_flushed_may_be_lost_in_every_way() {
        let log = log();
        let left = |fate, seed| Cut { before: 5, fate, seed }.disk(&log);
        assert_eq!(left(Fate::Dropped, 0)[0], 1);
        assert_eq!(left(Fate::Kept, 0)[0], 4);
        let firsts =
            |fate| (0..64).map(|seed| left(fate, seed)[0]).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(firsts(Fate::Some), [1, 2, 4].into());
        assert_eq!(firsts(Fate::Reordered), [1, 2, 4].into());
        let is_torn = |disk: Vec<u8>, unit: usize| {
            disk[PAGE_BYTES..].chunks(unit).any(|c| c[0] == 3)
                && disk[PAGE_BYTES..].chunks(unit).any(|c| c[0] == 0)
        };
        assert!((0..64).any(|seed| is_torn(left(Fate::TornPages, seed), PAGE_BYTES)));
        let has_torn_page = |disk: Vec<u8>| disk.chunks(PAGE_BYTES).any(|c| c[0] != c[PAGE_BYTES - 1]);
        assert!((0..64).all(|seed| !has_torn_page(left(Fate::TornPages, seed))));
        assert!((0..64).any(|seed| has_torn_page(left(Fate::TornSector, seed))));
    }
}
