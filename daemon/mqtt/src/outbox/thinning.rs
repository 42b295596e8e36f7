//! Which measurements of an outage are kept. Pure.
//!
//! | older than | of each series is kept |
//! |---|---|
//! | – | everything |
//! | 1 h | the first in each 10 min |
//! | 24 h | the first in each hour |
//! | 7 d | nothing |
//!
//! Intervals begin at whole multiples of UTC and count when all of them is so
//! old: what is kept does not depend on how often this is asked.

use std::collections::BTreeSet;

use jiff::Timestamp;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Age and the length of the interval that keeps one.
const RULES: [(i64, i64); 2] = [(DAY_MS, HOUR_MS), (HOUR_MS, 10 * MINUTE_MS)];
const EXPIRES_MS: i64 = 7 * DAY_MS;

/// Those that go, of `entries` in the order in which they came: id, series,
/// milliseconds of UTC.
pub(super) fn superfluous<'a, Id: Copy>(
    entries: impl Iterator<Item = (Id, &'a str, i64)>,
    now: Timestamp,
) -> Vec<Id> {
    let mut taken = BTreeSet::new();
    let goes = |(id, series, time_ms): (Id, &'a str, i64)| {
        // A clock that was set back leaves measurements in the future: young.
        let age_ms = now.as_millisecond().saturating_sub(time_ms);
        if age_ms >= EXPIRES_MS {
            return Some(id);
        }
        let ends_ms = |interval: i64| (time_ms.div_euclid(interval) + 1).saturating_mul(interval);
        let is_older = |(older, interval): &(i64, i64)| {
            now.as_millisecond().saturating_sub(ends_ms(*interval)) >= *older
        };
        let (_, interval) = RULES.into_iter().find(is_older)?;
        let is_first = taken.insert((series, interval, time_ms.div_euclid(interval)));
        (!is_first).then_some(id)
    };
    entries.filter_map(goes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(times_ms: &[i64], now_ms: i64) -> Vec<i64> {
        let now = Timestamp::from_millisecond(now_ms).unwrap();
        let gone = superfluous(times_ms.iter().map(|time| (*time, "cpu", *time)), now);
        times_ms.iter().copied().filter(|time| !gone.contains(time)).collect()
    }

    #[test]
    fn a_week_without_a_link_leaves_a_few_hundred_of_ten_thousand() {
        let minutes: Vec<i64> = (0..8 * 24 * 60).map(|minute| minute * MINUTE_MS).collect();
        let kept = kept(&minutes, 8 * DAY_MS);
        assert_eq!(kept.len(), 60 + 23 * 6 + 6 * 24);
    }

    #[test]
    fn thinning_every_minute_keeps_what_thinning_once_keeps() {
        let now = 3 * DAY_MS + 17 * MINUTE_MS;
        let minutes: Vec<i64> = (0..now / MINUTE_MS).map(|minute| minute * MINUTE_MS).collect();
        let mut step_by_step: Vec<i64> = Vec::new();
        for minute in &minutes {
            step_by_step.push(*minute);
            step_by_step = kept(&step_by_step, *minute);
        }
        assert_eq!(kept(&step_by_step, now), kept(&minutes, now));
    }

    #[test]
    fn series_do_not_thin_each_other_and_the_future_is_young() {
        let now = Timestamp::from_millisecond(2 * DAY_MS).unwrap();
        let both = [(1, "cpu", 0), (2, "link", 0), (3, "cpu", 1), (4, "cpu", 30 * DAY_MS)];
        assert_eq!(superfluous(both.into_iter(), now), [3]);
    }
}
