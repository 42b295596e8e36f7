//! Lessons that begin and end by the bell.

use super::world::{World, local, mondays, plan_of};
use super::*;

/// Two lessons back to back in the morning, one in the afternoon.
fn day() -> String {
    mondays(&[("08:20-09:00", "语文"), ("09:00-09:40", "数学"), ("14:00-14:40", "美术")])
}

fn morning() -> World {
    World::new(plan_of(&day()), local("2026-09-07T07:00"))
}

fn at_hours(world: &World) -> Vec<String> {
    let clock = |moment: Timestamp| moment.to_zoned(super::world::zone()).strftime("%H:%M:%S%.f").to_string();
    let line = |(title, from, until): (String, Timestamp, Option<Timestamp>)| {
        format!("{title} {}-{}", clock(from), until.map(clock).unwrap_or_default())
    };
    world.stretches().into_iter().map(line).collect()
}

#[test]
fn a_day_is_recorded_from_bell_to_bell_and_lessons_that_touch_share_the_frame() {
    let mut world = morning();
    world.run_until(local("2026-09-07T18:00"));
    let recorded = ["语文 08:20:00-09:00:00", "数学 09:00:00-09:40:00", "美术 14:00:00-14:40:00"];
    assert_eq!(at_hours(&world), recorded);
    assert!(world.disk.values().all(|recording| recording.closed == 1));
}

#[test]
fn the_room_is_made_ready_five_minutes_before() {
    let mut world = morning();
    world.run_until(local("2026-09-07T08:14:30"));
    assert!(!world.state.needs_room());
    world.run_until(local("2026-09-07T08:15:01"));
    assert!(world.state.needs_room() && world.state.preparing().is_some());
    assert_eq!(world.disk.len(), 0, "nothing is stored before the bell");
}

#[test]
fn a_box_that_comes_late_joins_and_owes_what_it_missed() {
    let mut world = World::new(plan_of(&day()), local("2026-09-07T08:31:12"));
    world.run_until(local("2026-09-07T08:32"));
    let recording = world.disk.values().next().unwrap();
    assert_eq!(recording.info.since, local("2026-09-07T08:20"), "its time line begins at the bell");
    assert!(recording.stretches[0].0 <= local("2026-09-07T08:31:12") + jiff::SignedDuration::from_secs(20));
}

#[test]
fn a_lesson_goes_on_after_a_power_cut_and_the_next_begins_at_its_bell() {
    let mut world = morning();
    world.run_until(local("2026-09-07T08:40"));
    world.switch_off();
    world.now = local("2026-09-07T08:45");
    world.switch_on();
    world.run_until(local("2026-09-07T09:10"));
    let stretches = at_hours(&world);
    assert_eq!(stretches[0], "语文 08:20:00-08:40:00");
    assert!(stretches[1].starts_with("语文 08:45:") && stretches[1].ends_with("-09:00:00"), "{stretches:?}");
    assert_eq!(stretches[2], "数学 09:00:00-");
}

#[test]
fn a_lesson_that_a_person_ended_does_not_begin_again_not_even_after_a_restart() {
    let mut world = morning();
    world.run_until(local("2026-09-07T08:30"));
    world.happens(Event::Stop);
    world.run_until(local("2026-09-07T08:32"));
    world.switch_off();
    world.switch_on();
    world.run_until(local("2026-09-07T08:50"));
    assert_eq!(at_hours(&world), ["语文 08:20:00-08:30:00"]);
    assert_eq!(world.is_on_air(), None);
    let (cause, until) = (Cause::StoppedByHand, Some(local("2026-09-07T09:00")));
    assert_eq!(world.journal, [(local("2026-09-07T08:30"), Entry::Began { cause, until })]);
}

#[test]
fn a_person_who_begins_shortly_before_the_bell_begins_that_lesson() {
    let mut world = morning();
    world.run_until(local("2026-09-07T08:17"));
    world.happens(Event::Start { info: a_lesson("x", 0, None) });
    world.run_until(local("2026-09-07T09:05"));
    assert_eq!(at_hours(&world), ["语文 08:17:00-09:00:00", "数学 09:00:00-"]);
    assert_eq!(world.disk.values().next().unwrap().info.trigger, Trigger::Hand);
}

#[test]
fn a_lesson_by_hand_ends_at_the_bell_of_a_planned_one() {
    let mut world = morning();
    world.happens(Event::Start { info: a_lesson("早读", 0, None) });
    world.run_until(local("2026-09-07T08:25"));
    assert_eq!(at_hours(&world), ["早读 07:00:00-08:20:00", "语文 08:20:00-"]);
}

#[test]
fn a_lesson_is_prolonged_up_to_the_next_bell_and_not_into_it() {
    let mut world = morning();
    world.run_until(local("2026-09-07T08:59"));
    world.happens(Event::Prolong { minutes: 10 });
    assert!(matches!(&world.answers[..], [Err(refusal)] if refusal.code == "next_lesson_follows"));
    world.run_until(local("2026-09-07T09:39:55"));
    world.happens(Event::Prolong { minutes: 10 });
    world.run_until(local("2026-09-07T10:00"));
    assert_eq!(at_hours(&world)[1], "数学 09:00:00-09:50:00");
}

#[test]
fn a_suspension_ends_everything_and_lets_nobody_begin() {
    let suspended = format!(
        "{}\n[[suspend]]\nfrom = 2026-09-07T08:30:00\nto = 2026-09-07T12:00:00\nreason = \"消防演练\"\n",
        day()
    );
    let mut world = morning();
    world.happens(Event::Start { info: a_lesson("早读", 0, None) });
    world.run_until(local("2026-09-07T07:30"));
    // The suspension takes the lesson out, but the one by hand would run on.
    world.set_plan(plan_of(&suspended));
    world.run_until(local("2026-09-07T08:31"));
    assert_eq!(at_hours(&world), ["早读 07:00:00-08:30:00"]);
    world.happens(Event::Start { info: a_lesson("y", 0, None) });
    let Some(Err(refusal)) = world.answers.last() else { panic!("{:?}", world.answers) };
    assert!(refusal.code == "suspended" && refusal.text.zh.contains("消防演练"), "{refusal:?}");
    world.run_until(local("2026-09-07T14:05"));
    assert_eq!(at_hours(&world).last().unwrap(), "美术 14:00:00-");
    let journal: Vec<_> = world.journal.iter().map(|(_, entry)| entry.clone()).collect();
    let cause = Cause::Suspended;
    assert_eq!(journal, [Entry::Began { cause, until: None }, Entry::Ended { cause }]);
}

#[test]
fn a_new_timetable_leaves_the_running_lesson_alone() {
    let mut world = morning();
    world.run_until(local("2026-09-07T08:30"));
    world.set_plan(plan_of(&day().replace("weekday = 1", "weekday = 2")));
    world.run_until(local("2026-09-07T10:00"));
    assert_eq!(at_hours(&world), ["语文 08:20:00-09:00:00"]);
}

#[test]
fn a_lesson_that_runs_when_a_person_confirms_a_timetable_ends_when_it_was_to_whatever_restarts() {
    let mut world = morning();
    world.run_until(local("2026-09-07T08:30"));
    // The first of the others begins in the middle of it.
    world.confirm(plan_of(&mondays(&[("08:45-09:25", "语文"), ("09:30-10:10", "数学")])));
    world.run_until(local("2026-09-07T08:40"));
    world.switch_off();
    world.now = local("2026-09-07T08:42");
    world.switch_on();
    world.run_until(local("2026-09-07T10:30"));
    let recorded = at_hours(&world);
    assert_eq!(recorded[0], "语文 08:20:00-08:40:00");
    assert!(recorded[1].starts_with("语文 08:42:00") && recorded[1].ends_with("-09:00:00"), "{recorded:?}");
    assert_eq!(recorded[2..], ["语文 09:00:00-09:25:00", "数学 09:30:00-10:10:00"]);
}

#[test]
fn a_lesson_that_is_cancelled_in_the_last_seconds_leaves_nothing() {
    let mut world = morning();
    world.run_until(local("2026-09-07T08:19:55"));
    assert_eq!(world.disk.len(), 1, "the recorder is told");
    world.set_plan(plan_of(&day().replace("weekday = 1", "weekday = 2")));
    world.run_until(local("2026-09-07T08:19:57"));
    assert_eq!(world.disk.len(), 0);
    assert!(!world.state.needs_room());
}

#[test]
fn an_unknown_hour_rings_no_bell_and_ends_no_lesson() {
    let mut world = morning();
    world.run_until(local("2026-09-07T08:30"));
    world.knows_the_hour = false;
    world.off_by = jiff::SignedDuration::from_hours(-40 * 365 * 24);
    world.run_until(local("2026-09-07T09:20"));
    assert_eq!(at_hours(&world), ["语文 08:20:00-09:00:00"], "by the monotonic clock");
    (world.knows_the_hour, world.off_by) = (true, jiff::SignedDuration::ZERO);
    world.happens(Event::Tick);
    assert_eq!(at_hours(&world)[1], "数学 09:20:00-");
}

#[test]
fn a_clock_that_is_set_right_moves_the_end_of_the_lesson() {
    let mut world = morning();
    // The box is five minutes fast when the lesson begins.
    world.off_by = jiff::SignedDuration::from_mins(5);
    world.run_until(local("2026-09-07T08:30"));
    world.off_by = jiff::SignedDuration::ZERO;
    world.run_until(local("2026-09-07T09:10"));
    assert_eq!(at_hours(&world)[0], "语文 08:15:00-09:00:00");
}

#[test]
fn a_clock_that_is_slewed_moves_no_bell() {
    let mut world = morning();
    world.run_until(local("2026-09-07T08:19:54"));
    for _ in 0..6 {
        world.off_by += jiff::SignedDuration::from_millis(20);
        let next = world.now + jiff::SignedDuration::from_millis(500);
        world.run_until(next);
    }
    world.run_until(local("2026-09-07T08:21"));
    assert_eq!(at_hours(&world).len(), 1);
    assert!(at_hours(&world)[0].starts_with("语文 08:20:00-") || at_hours(&world)[0].contains("08:19:59"));
}
