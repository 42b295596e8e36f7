//! Rows of frame numbers: is every one there?

use std::fmt::Write as _;

/// What a row of numbers lacks or has too much of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Numbers between the first and the last that are not there.
    pub missing: Vec<u64>,
    /// The longest stretch of missing numbers.
    pub longest_hole: u64,
    /// Numbers that came again although another came between.
    pub went_back: Vec<(u64, u64)>,
    /// Pictures that showed the number of the picture before.
    pub repeats: usize,
    /// The most pictures in a row with one number.
    pub longest_stay: usize,
}

/// Keeps the account of a row.
#[must_use]
pub fn account(row: &[u64]) -> Account {
    let mut account = Account { longest_stay: usize::from(!row.is_empty()), ..Account::default() };
    let mut stay = 1;
    for pair in row.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        if after == before {
            account.repeats += 1;
            stay += 1;
            account.longest_stay = account.longest_stay.max(stay);
            continue;
        }
        stay = 1;
        if after < before {
            account.went_back.push((before, after));
        } else {
            account.longest_hole = account.longest_hole.max(after - before - 1);
            account.missing.extend(before + 1..after);
        }
    }
    account
}

/// Asserts that every number from the first to the last is there, in order: for
/// a source of the program's own rate. One in a hundred may be there twice: a
/// busy machine holds a source up for longer than the mixer waits.
///
/// # Panics
/// With what is wrong.
#[track_caller]
pub fn assert_none_missing(row: &[u64]) {
    let account = account(row);
    let repeats_allowed = 1 + row.len() / 100;
    let in_order = account.missing.is_empty() && account.went_back.is_empty();
    let fine = in_order && account.repeats <= repeats_allowed && account.longest_stay <= 3;
    assert!(!row.is_empty() && fine, "{}", describe(row, &account));
}

/// Asserts that every number from the first to the last is there: for a source
/// slower than the program, whose pictures are repeated.
///
/// # Panics
/// With what is wrong.
#[track_caller]
pub fn assert_every(row: &[u64]) {
    let account = account(row);
    let fine = account.missing.is_empty() && account.went_back.is_empty();
    assert!(!row.is_empty() && fine, "{}", describe(row, &account));
}

/// Asserts that no two neighbouring numbers are missing: for a source of the
/// program's rate and with a clock of its own, where a picture may now and then
/// fall between two of the program's.
///
/// # Panics
/// With what is wrong.
#[track_caller]
pub fn assert_no_hole(row: &[u64]) {
    let account = account(row);
    let few = account.missing.len() * 20 <= row.len();
    let fine = account.longest_hole <= 1 && few && account.went_back.is_empty();
    assert!(!row.is_empty() && fine, "{}", describe(row, &account));
}

/// Asserts that a row only ever goes on: for what lacks pictures by right.
/// Repeats are allowed as in [`assert_none_missing`].
///
/// # Panics
/// With what is wrong.
#[track_caller]
pub fn assert_goes_on(row: &[u64]) {
    let account = account(row);
    let few_repeats = account.repeats <= 1 + row.len() / 100 && account.longest_stay <= 3;
    let fine = account.went_back.is_empty() && few_repeats;
    assert!(!row.is_empty() && fine, "{}", describe(row, &account));
}

fn describe(row: &[u64], account: &Account) -> String {
    let mut out = format!("{} numbers, {:?} to {:?}: {account:?}\n", row.len(), row.first(), row.last());
    // Runs of neighbours, so that a long row can be read.
    let mut begin = None;
    for (i, number) in row.iter().enumerate() {
        let begun = *begin.get_or_insert(*number);
        if row.get(i + 1) != Some(&(number + 1)) {
            let _ =
                if begun == *number { write!(out, "{number} ") } else { write!(out, "{begun}–{number} ") };
            begin = None;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_repeats_and_returns_are_told_apart() {
        let account = account(&[3, 4, 4, 4, 8, 7]);
        assert_eq!(account.missing, [5, 6, 7]);
        assert_eq!((account.longest_hole, account.repeats, account.longest_stay), (3, 2, 3));
        assert_eq!(account.went_back, [(8, 7)]);
    }

    #[test]
    fn an_unbroken_row_is_fine() {
        assert_none_missing(&[7, 8, 9]);
        assert_every(&[7, 7, 8, 8, 9]);
    }
}
