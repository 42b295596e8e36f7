//! Whole terms with power cuts: every planned lesson is recorded from bell to
//! bell as far as there was power, under one id, and closed once.

use jiff::SignedDuration;
use lectern_timetable::plan::{Margins, RoomPlan, Window};
use proptest::prelude::*;

use super::world::{World, local, plan_of};
use super::*;

/// Six to twelve lessons on each of five days: some back to back, some that
/// overlap, some in odd or even weeks.
fn timetable() -> impl Strategy<Value = RoomPlan> {
    let lesson = (0_u32..12, 0_u32..6, 0_usize..3);
    let day = proptest::collection::vec(lesson, 6..=12);
    proptest::collection::vec(day, 5).prop_map(|days| {
        let mut toml =
            "room = \"301\"\n[term]\nmonday = 2026-08-31\nend = 2027-01-17\n".to_owned();
        for (weekday, lessons) in days.into_iter().enumerate() {
            let mut taken = std::collections::BTreeSet::new();
            for (number, shift, weeks) in lessons {
                if !taken.insert(number) {
                    continue;
                }
                // 50 minutes from begin to begin; one that is 50 long touches the next.
                let begin = 7 * 60 + 50 * number;
                let end = begin + [40, 45, 50, 50, 55, 40][shift as usize];
                let weeks = ["每周", "单周", "双周"][weeks];
                let hour = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
                toml += &format!(
                    "[[lesson]]\nweekday = {}\ntime = \"{}-{}\"\nsubject = \"{number}\"\nweeks = \"{weeks}\"\n",
                    weekday + 1,
                    hour(begin),
                    hour(end),
                );
            }
        }
        plan_of(&toml)
    })
}

/// Minutes from the term's first midnight, and how many the power is away.
fn cuts() -> impl Strategy<Value = Vec<(i64, i64)>> {
    let short = (0_i64..20 * 7 * 1440, 1_i64..90);
    let long = (0_i64..20 * 7 * 1440, 600_i64..6000);
    proptest::collection::vec(prop_oneof![4 => short, 1 => long], 0..60).prop_map(|mut cuts| {
        cuts.sort_unstable();
        let mut until = 0;
        cuts.retain(|(from, length)| {
            let apart = *from > until + 1;
            until = if apart { from + length } else { until };
            apart
        });
        cuts
    })
}

/// From power to the first look.
const LOOK: SignedDuration = SignedDuration::from_millis(500);

fn check(plan: &RoomPlan, world: &World, off: &[(Timestamp, Timestamp)]) {
    let (first, last) = plan.school().span();
    let windows = plan.windows(first, last, Margins::default());
    let mut known = std::collections::BTreeSet::new();
    for Window { occurrence, from, until } in windows {
        known.insert(occurrence.id.clone());
        let on: Vec<_> = powered((from, until), off);
        let Some(recording) = world.disk.get(&occurrence.id) else {
            // Nobody was there for longer than it takes to look.
            let longest = on.iter().map(|(from, until)| until.duration_since(*from)).max();
            assert!(
                longest.is_none_or(|longest| longest <= LOOK),
                "{} {from} {until}: {on:?}",
                occurrence.id
            );
            continue;
        };
        assert_eq!(recording.closed, 1, "{}", occurrence.id);
        for (began, ended) in &recording.stretches {
            let ended = ended.unwrap();
            assert!(from <= *began && ended <= until, "{} leaves its hours", occurrence.id);
            let held = on.iter().any(|(on, off)| on <= began && ended <= *off);
            assert!(held, "{}: {began} {ended} without power", occurrence.id);
        }
        for (on, dark) in on.into_iter().filter(|(on, dark)| dark.duration_since(*on) > LOOK) {
            // The power may come back at the bell itself.
            let just_on = off.iter().any(|(_, light)| on - LOOK < *light && *light <= on);
            let late = if just_on { LOOK } else { SignedDuration::ZERO };
            let mut recorded = recording.stretches.iter();
            let whole = recorded.any(|(began, ended)| *began <= on + late && *ended == Some(dark));
            assert!(whole, "{} from {on} to {dark}: {:?}", occurrence.id, recording.stretches);
        }
    }
    assert!(world.disk.keys().all(|id| known.contains(id)), "nothing is recorded that is not planned");
    let stretches = world.stretches();
    for pair in stretches.windows(2) {
        assert!(pair[0].2.unwrap() <= pair[1].1, "two lessons at once: {pair:?}");
    }
}

/// The parts of a stretch with power.
fn powered(
    (from, until): (Timestamp, Timestamp),
    off: &[(Timestamp, Timestamp)],
) -> Vec<(Timestamp, Timestamp)> {
    let mut parts = vec![(from, until)];
    for (dark, light) in off {
        parts = parts
            .into_iter()
            .flat_map(|(from, until)| [(from, until.min(*dark)), (from.max(*light), until)])
            .filter(|(from, until)| from < until)
            .collect();
    }
    parts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, ..ProptestConfig::default() })]

    #[test]
    fn every_lesson_of_a_term_is_recorded_as_far_as_there_was_power(plan in timetable(), cuts in cuts()) {
        let begin = local("2026-08-31T00:00");
        let mut world = World::new(plan.clone(), begin);
        let mut off = Vec::new();
        for (from, length) in cuts {
            let from = begin + SignedDuration::from_mins(from);
            world.run_until(from);
            world.switch_off();
            world.now = from + SignedDuration::from_mins(length);
            off.push((from, world.now));
            world.switch_on();
        }
        let end = local("2027-01-18T12:00").max(world.now + SignedDuration::from_hours(1));
        world.run_until(end);
        check(&plan, &world, &off);
    }
}
