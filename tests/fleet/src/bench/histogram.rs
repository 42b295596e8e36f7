//! When boxes come back. Pure.

use std::collections::BTreeMap;

use lectern_fleet::squad::Try;
use serde_json::{Value, json};

/// What came of tries to connect, for a broker that is there again since
/// `back_ms`. Of a box that connects twice its first connection counts.
pub(crate) fn coming_back(tries: &[Try], back_ms: i64, boxes: usize) -> Value {
    let worst = |among: &mut dyn Iterator<Item = i64>| {
        let mut seconds: BTreeMap<i64, usize> = BTreeMap::new();
        among.for_each(|at| *seconds.entry((at - back_ms).div_euclid(1000)).or_default() += 1);
        seconds.values().max().copied().unwrap_or_default()
    };
    let mut first: BTreeMap<usize, i64> = BTreeMap::new();
    for one in tries.iter().filter(|one| one.is_up) {
        first.entry(one.member).and_modify(|at| *at = one.at_ms.min(*at)).or_insert(one.at_ms);
    }
    let mut back: Vec<i64> = first.into_values().collect();
    back.sort_unstable();
    // Nearest rank: the time by which so many of all boxes are back.
    let share = |percent: usize| {
        let rank = (boxes * percent).div_ceil(100).max(1);
        back.get(rank - 1).map(|at| (at - back_ms) as f64 / 1000.0)
    };
    let mut tens: BTreeMap<i64, usize> = BTreeMap::new();
    back.iter().for_each(|at| *tens.entry((at - back_ms).div_euclid(10_000) * 10).or_default() += 1);
    json!({
        "back": back.len(),
        "back_50_s": share(50),
        "back_95_s": share(95),
        "back_100_s": share(100),
        "worst_second_connections": worst(&mut back.iter().copied()),
        "worst_second_tries": worst(&mut tries.iter().map(|one| one.at_ms)),
        "back_by_10_s": tens,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_all_boxes_and_whoever_stays_away_shows() {
        let one = |member, at_ms, is_up| Try { at_ms, member, is_up };
        let ups = (0..99).map(|n| one(n, 10_000 + n as i64 * 100, true));
        // One comes twice, and one never.
        let rest = [one(0, 60_000, true), one(99, 9_500, false), one(99, 9_400, false)];
        let tries: Vec<Try> = ups.chain(rest).collect();
        let told = coming_back(&tries, 10_000, 100);
        assert_eq!(
            (&told["back"], &told["back_50_s"], &told["back_95_s"]),
            (&json!(99), &json!(4.9), &json!(9.4))
        );
        assert_eq!(told["back_100_s"], Value::Null);
        assert_eq!(
            (&told["worst_second_connections"], &told["worst_second_tries"]),
            (&json!(10), &json!(10))
        );
        assert_eq!(told["back_by_10_s"], json!({ "0": 99 }));
    }
}
