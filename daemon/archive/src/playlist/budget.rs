//! How often a growing playlist is written again. It lists the whole lesson each
//! time: every 10 s over 8 h it would cost a tenth of the media.

use std::time::Duration;

/// Players that wait for more look about so often.
pub const AT_LEAST_BETWEEN: Duration = Duration::from_secs(10);

/// What rewriting may cost, in thousandths of the media's bytes.
pub const SHARE_PER_MILLE: u64 = 5;

/// What one more fragment adds to a playlist, about.
const BYTES_PER_FRAGMENT: u64 = 40;

/// The head of a playlist, about.
const BYTES_OF_HEAD: u64 = 300;

/// What was spent on one lesson's playlist. Times are points on any clock that
/// never goes back. Pure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    share_per_mille: u64,
    media_bytes: u64,
    spent_bytes: u64,
    written_at: Option<Duration>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(SHARE_PER_MILLE)
    }
}

impl Budget {
    /// A budget of so many thousandths of the media.
    #[must_use]
    pub fn new(share_per_mille: u64) -> Self {
        Self { share_per_mille, media_bytes: 0, spent_bytes: 0, written_at: None }
    }

    /// Media arrived: there is more to spend.
    pub fn earn(&mut self, bytes: u64) {
        self.media_bytes = self.media_bytes.saturating_add(bytes);
    }

    /// Whether a playlist of so many fragments may be written now. The first
    /// one always may: somebody may be waiting for it.
    #[must_use]
    pub fn allows(&self, fragments: u64, now: Duration) -> bool {
        let Some(before) = self.written_at else { return true };
        let size = BYTES_OF_HEAD + BYTES_PER_FRAGMENT * fragments;
        let room = self.media_bytes / 1_000 * self.share_per_mille;
        now.saturating_sub(before) >= AT_LEAST_BETWEEN && self.spent_bytes.saturating_add(size) <= room
    }

    /// One was written.
    pub fn spend(&mut self, bytes: u64, now: Duration) {
        self.spent_bytes = self.spent_bytes.saturating_add(bytes);
        self.written_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes whenever it may, one fragment of 2 s after the other, and gives
    /// bytes spent, writes, and the longest time between two of them.
    fn spend_all(fragments: u64, bytes: u64) -> (u64, u32, Duration) {
        let (mut budget, mut writes, mut longest) = (Budget::default(), 0, Duration::ZERO);
        for seq in 1..=fragments {
            let now = Duration::from_secs(2 * seq);
            budget.earn(bytes);
            if budget.allows(seq, now) {
                longest = longest.max(budget.written_at.map_or(Duration::ZERO, |at| now - at));
                budget.spend(BYTES_OF_HEAD + BYTES_PER_FRAGMENT * seq, now);
                writes += 1;
            }
        }
        (budget.spent_bytes, writes, longest)
    }

    #[test]
    fn a_lesson_of_any_length_spends_at_most_its_share() {
        for hours in [1, 8, 24] {
            let (spent, _, _) = spend_all(hours * 1_800, 656_000);
            assert!(spent <= hours * 1_800 * 656 * SHARE_PER_MILLE, "{hours} h: {spent} bytes");
        }
    }

    #[test]
    fn a_short_lesson_is_listed_every_ten_seconds_and_a_long_one_every_few_minutes() {
        let (_, writes, longest) = spend_all(300, 656_000);
        assert_eq!((writes, longest), (60, AT_LEAST_BETWEEN));
        let (_, _, longest) = spend_all(14_400, 656_000);
        assert!(longest < Duration::from_secs(400), "{longest:?}");
    }

    #[test]
    fn the_first_playlist_is_never_refused_and_the_second_waits() {
        let mut budget = Budget::default();
        assert!(budget.allows(9_000, Duration::ZERO));
        budget.spend(400_000, Duration::ZERO);
        assert!(!budget.allows(9_001, Duration::from_secs(3_600)), "nothing was earned");
        budget.earn(u64::MAX);
        assert!(!budget.allows(9_001, Duration::from_secs(9)));
        assert!(budget.allows(9_001, Duration::from_secs(10)));
    }
}
