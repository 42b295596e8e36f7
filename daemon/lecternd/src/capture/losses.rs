//! What a record lacks and the spool does not know of yet. Pure.

use std::collections::VecDeque;

use lectern_api::Ticks;
use lectern_api::manifest::GapReason;

/// A stretch without media, or without pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Loss {
    pub(super) from: Ticks,
    pub(super) to: Ticks,
    pub(super) reason: GapReason,
}

/// Losses to be told, the oldest first. A busy spool takes none, and none is
/// forgotten.
#[derive(Debug, Default)]
pub(super) struct Losses {
    untold: VecDeque<Loss>,
}

/// More than these are told as fewer, longer ones.
const MOST: usize = 1000;

impl Losses {
    pub(super) fn add(&mut self, loss: Loss) {
        let is_crowded = self.untold.len() >= MOST;
        match self.untold.back_mut() {
            Some(last) if is_crowded || (last.reason == loss.reason && last.to >= loss.from) => {
                last.to = last.to.max(loss.to);
            }
            _ => self.untold.push_back(loss),
        }
    }

    /// Tells of at most `room` of them, until one is not taken. What lies behind
    /// `end`, where the newest fragment ends, waits for the next one: where none
    /// comes, there is no sound either, and whoever says so says it of all.
    pub(super) fn tell(&mut self, room: usize, end: Ticks, mut is_taken: impl FnMut(Loss) -> bool) {
        for _ in 0..room {
            let Some(loss) = self.untold.front_mut().filter(|loss| loss.from < end) else { return };
            if !is_taken(Loss { to: loss.to.min(end), ..*loss }) {
                return;
            }
            if loss.to > end {
                loss.from = end;
                return;
            }
            self.untold.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(from: u64, to: u64, reason: GapReason) -> Loss {
        Loss { from: Ticks(from), to: Ticks(to), reason }
    }

    const NO_END: Ticks = Ticks(u64::MAX);

    fn told(losses: &mut Losses, room: usize, taken: usize) -> Vec<Loss> {
        told_until(losses, NO_END, room, taken)
    }

    fn told_until(losses: &mut Losses, end: Ticks, room: usize, taken: usize) -> Vec<Loss> {
        let mut told = Vec::new();
        losses.tell(room, end, |loss| {
            let is_taken = told.len() < taken;
            if is_taken {
                told.push(loss);
            }
            is_taken
        });
        told
    }

    #[test]
    fn what_a_busy_spool_does_not_take_is_told_later_and_in_order() {
        let (first, second, third) = (
            loss(0, 5, GapReason::Overload),
            loss(9, 12, GapReason::Overload),
            loss(20, 30, GapReason::SpoolTooSlow),
        );
        let mut losses = Losses::default();
        [first, second, third].into_iter().for_each(|loss| losses.add(loss));
        assert_eq!(told(&mut losses, 0, 9), []);
        assert_eq!(told(&mut losses, 9, 0), []);
        assert_eq!(told(&mut losses, 1, 9), [first]);
        assert_eq!(told(&mut losses, 9, 1), [second]);
        assert_eq!(told(&mut losses, 9, 9), [third]);
        assert_eq!(told(&mut losses, 9, 9), []);
    }

    #[test]
    fn what_no_fragment_covers_is_not_told_and_what_one_covers_half_is_told_by_half() {
        let mut losses = Losses::default();
        losses.add(loss(3, 8, GapReason::Overload));
        losses.add(loss(9, 12, GapReason::Overload));
        assert_eq!(told_until(&mut losses, Ticks(3), 9, 9), []);
        assert_eq!(told_until(&mut losses, Ticks(5), 9, 0), []);
        assert_eq!(told_until(&mut losses, Ticks(5), 9, 9), [loss(3, 5, GapReason::Overload)]);
        assert_eq!(told_until(&mut losses, Ticks(5), 9, 9), []);
        let rest = [loss(5, 8, GapReason::Overload), loss(9, 10, GapReason::Overload)];
        assert_eq!(told_until(&mut losses, Ticks(10), 9, 9), rest);
        assert_eq!(told(&mut losses, 9, 9), [loss(10, 12, GapReason::Overload)]);
    }

    #[test]
    fn losses_that_touch_are_one_unless_their_reasons_differ() {
        let mut losses = Losses::default();
        for (from, to) in [(0, 5), (5, 8), (7, 9)] {
            losses.add(loss(from, to, GapReason::SpoolTooSlow));
        }
        losses.add(loss(9, 10, GapReason::Overload));
        let expected = [loss(0, 9, GapReason::SpoolTooSlow), loss(9, 10, GapReason::Overload)];
        assert_eq!(told(&mut losses, 9, 9), expected);
    }

    #[test]
    fn losses_without_end_neither_eat_the_memory_nor_leave_the_last_one_out() {
        let mut losses = Losses::default();
        for at in 0..10_000 {
            losses.add(loss(10 * at, 10 * at + 1, GapReason::Overload));
        }
        let told = told(&mut losses, usize::MAX, usize::MAX);
        assert_eq!((told.len(), told[0].from, told[MOST - 1].to), (MOST, Ticks(0), Ticks(99_991)));
    }
}
