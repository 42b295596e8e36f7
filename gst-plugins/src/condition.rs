//! When evidence becomes a verdict: only when it has lasted, counted in time and not in pictures.

use std::time::Duration;

/// How long evidence must last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Before the condition is raised.
    pub raise: Duration,
    /// Before it is cleared.
    pub clear: Duration,
}

/// A condition that is raised, or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Condition {
    is_raised: bool,
    /// Since when the evidence has been against what stands.
    doubted: Option<Duration>,
}

impl Condition {
    /// Whether it is raised.
    pub fn is_raised(&self) -> bool {
        self.is_raised
    }

    /// Takes what a picture at the running time `now` says; answers since when it has been otherwise,
    /// when the verdict changes with this picture.
    pub fn tell(&mut self, evidence: bool, now: Duration, patience: Patience) -> Option<Duration> {
        if evidence == self.is_raised {
            self.doubted = None;
            return None;
        }
        let since = *self.doubted.get_or_insert(now);
        let needed = if evidence { patience.raise } else { patience.clear };
        if now.saturating_sub(since) < needed {
            return None;
        }
        *self = Self { is_raised: evidence, doubted: None };
        Some(since)
    }

    /// What was seen so far does not count any more; what stands, stands until pictures say otherwise.
    pub fn begin_anew(&mut self) {
        self.doubted = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { raise: Duration::from_secs(2), clear: Duration::from_secs(1) };

    /// What is told each half second; answers when the verdict changed, in half seconds.
    fn changes(evidence: &str) -> Vec<(u64, bool)> {
        let mut condition = Condition::default();
        let mut changes = Vec::new();
        for (n, evidence) in (0..).zip(evidence.chars()) {
            if condition.tell(evidence == '#', Duration::from_millis(500 * n), PATIENCE).is_some() {
                changes.push((n, condition.is_raised()));
            }
        }
        changes
    }

    #[test]
    fn a_condition_is_raised_and_cleared_only_by_evidence_that_lasts() {
        assert_eq!(changes("..#####.....####"), [(6, true), (9, false)]);
        assert_eq!(changes("####.####.####."), [], "evidence with breaks");
        assert_eq!(changes("#####.##.##.##."), [(4, true)], "doubts with breaks");
    }

    #[test]
    fn it_counts_time_and_not_pictures() {
        let mut condition = Condition::default();
        for n in 0..1000 {
            assert_eq!(condition.tell(true, Duration::from_millis(n), PATIENCE), None);
        }
        let begun = condition.tell(true, Duration::from_secs(2), PATIENCE);
        assert_eq!(begun, Some(Duration::ZERO));
    }
}
