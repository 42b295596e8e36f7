//! The account of the numbers that arrived: what is missing, doubled, out of order, and late.

use crate::stamp::code::NUMBERS;

/// How far back a number may arrive and still be told from a doubled one.
const WINDOW: i64 = 64;

/// What the receiver saw so far. All counts are pictures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Account {
    /// Pictures that came in.
    pub frames: u64,
    /// Pictures whose stamp could not be read.
    pub unreadable: u64,
    /// Numbers skipped and not arrived since (an unreadable picture is missing as well).
    pub missing: u64,
    /// Numbers that came again.
    pub doubled: u64,
    /// Numbers that came after a higher one.
    pub out_of_order: u64,
    /// How often the numbers went back beyond the window: the sender began anew.
    pub restarts: u64,
    /// The first number read.
    pub first: Option<u64>,
    /// The number read last.
    pub last: Option<u64>,
    /// The greatest difference between how late two pictures came after their number's time.
    pub late_max_ns: Option<u64>,
}

/// Keeps the [`Account`].
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    account: Account,
    highest: Option<u32>,
    /// Bit n is set when the number `highest - n` was seen.
    seen: u64,
    /// Sum of all steps of `highest`: the number without wrapping.
    unwrapped: i64,
    earliest_ns: Option<i128>,
}

impl Ledger {
    /// Enters a picture that had no readable stamp.
    pub fn unreadable(&mut self) {
        self.account.frames += 1;
        self.account.unreadable += 1;
    }

    /// Enters the picture `number`, shown at `pts_ns`, from a sender with `fps` = (numerator,
    /// denominator). Lateness is kept only when both are known.
    pub fn number(&mut self, number: u32, pts_ns: Option<u64>, fps: Option<(u64, u64)>) {
        self.account.frames += 1;
        self.account.first.get_or_insert(u64::from(number));
        self.account.last = Some(u64::from(number));
        let step = self.highest.map_or(1, |highest| signed_step(highest, number));
        if self.highest.is_none() {
            self.begin(number);
        } else if step > 0 {
            self.advance(number, step);
        } else if step > -WINDOW {
            self.look_back(-step);
        } else {
            self.account.restarts += 1;
            self.begin(number);
        }
        let (Some(pts_ns), Some((numer, denom))) = (pts_ns, fps) else { return };
        let unwrapped = self.unwrapped + step.clamp(-WINDOW, 0);
        self.lateness(unwrapped, pts_ns, numer, denom);
    }

    /// What was entered so far.
    pub fn account(&self) -> &Account {
        &self.account
    }

    fn begin(&mut self, number: u32) {
        self.highest = Some(number);
        self.seen = 1;
        self.unwrapped = i64::from(number);
        self.earliest_ns = None;
    }

    fn advance(&mut self, number: u32, step: i64) {
        self.account.missing += step.unsigned_abs() - 1;
        self.highest = Some(number);
        self.unwrapped += step;
        self.seen = if step < WINDOW { self.seen << step | 1 } else { 1 };
    }

    fn look_back(&mut self, back: i64) {
        let bit = 1 << back;
        if self.seen & bit != 0 {
            self.account.doubled += 1;
        } else {
            self.seen |= bit;
            self.account.out_of_order += 1;
            self.account.missing = self.account.missing.saturating_sub(1);
        }
    }

    fn lateness(&mut self, number: i64, pts_ns: u64, numer: u64, denom: u64) {
        if numer == 0 {
            return;
        }
        let due = i128::from(number) * i128::from(denom) * 1_000_000_000 / i128::from(numer);
        let late = i128::from(pts_ns) - due;
        let before = self.earliest_ns.unwrap_or(late);
        let spread = self.account.late_max_ns.unwrap_or_default();
        // A new earliest picture makes all others later by the difference.
        let spread = if late < before {
            u64::try_from(before - late).unwrap_or(u64::MAX).saturating_add(spread)
        } else {
            spread.max(u64::try_from(late - before).unwrap_or(u64::MAX))
        };
        self.account.late_max_ns = Some(spread);
        self.earliest_ns = Some(before.min(late));
    }
}

/// The shortest way from `from` to `to` on the circle of numbers.
fn signed_step(from: u32, to: u32) -> i64 {
    let forward = i64::from(to.wrapping_sub(from) % NUMBERS);
    if forward >= i64::from(NUMBERS / 2) { forward - i64::from(NUMBERS) } else { forward }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FPS: Option<(u64, u64)> = Some((25, 1));

    fn account(numbers: &[u32]) -> Account {
        let mut ledger = Ledger::default();
        numbers.iter().for_each(|number| ledger.number(*number, None, None));
        ledger.account().clone()
    }

    #[test]
    fn an_unbroken_row_has_no_faults() {
        let account = account(&[100, 101, 102, 103]);
        assert_eq!((account.frames, account.first, account.last), (4, Some(100), Some(103)));
        assert_eq!((account.missing, account.doubled, account.out_of_order), (0, 0, 0));
        assert_eq!(account.late_max_ns, None);
    }

    #[test]
    fn holes_doubles_and_late_comers_are_told_apart() {
        let account = account(&[1, 2, 2, 5, 4, 4, 6, 200]);
        assert_eq!(account.missing, 1 + 193);
        assert_eq!(account.doubled, 2);
        assert_eq!(account.out_of_order, 1);
        assert_eq!(account.restarts, 0);
    }

    #[test]
    fn the_number_may_wrap_without_a_hole() {
        let account = account(&[NUMBERS - 2, NUMBERS - 1, 0, 1]);
        assert_eq!((account.missing, account.restarts, account.out_of_order), (0, 0, 0));
    }

    #[test]
    fn a_sender_that_begins_anew_is_a_restart_and_not_a_million_late_comers() {
        let account = account(&[5000, 5001, 0, 1, 2]);
        assert_eq!((account.restarts, account.out_of_order, account.missing), (1, 0, 0));
    }

    #[test]
    fn lateness_is_the_spread_between_the_earliest_and_the_latest_picture() {
        let mut ledger = Ledger::default();
        let ms = |ms: u64| Some(ms * 1_000_000);
        for (number, pts) in [(10, ms(1000)), (11, ms(1043)), (12, ms(1075)), (13, ms(1120))] {
            ledger.number(number, pts, FPS);
        }
        assert_eq!(ledger.account().late_max_ns, Some(8_000_000));
    }

    #[test]
    fn unreadable_pictures_are_counted_and_leave_holes() {
        let mut ledger = Ledger::default();
        ledger.number(1, None, FPS);
        ledger.unreadable();
        ledger.number(3, None, FPS);
        let account = ledger.account();
        assert_eq!((account.frames, account.unreadable, account.missing), (3, 1, 1));
    }
}
