//! The privacy shutter.

use lectern_timetable::RoomPlan;

use super::world::{World, local, mondays, plan_of};
use super::*;

fn day() -> RoomPlan {
    plan_of(&mondays(&[("08:20-09:00", "语文"), ("09:00-09:40", "数学")]))
}

fn close(world: &mut World, today: bool) {
    world.happens(Event::Shutter { closed: true, today });
}

fn moves(world: &World) -> Vec<(String, bool)> {
    let clock = |moment: Timestamp| moment.to_zoned(super::world::zone()).strftime("%d %H:%M").to_string();
    world.shutter.iter().map(|(at, closed)| (clock(*at), *closed)).collect()
}

#[test]
fn the_shutter_lifts_at_the_end_of_the_lesson() {
    let mut world = World::new(day(), local("2026-09-07T08:30"));
    world.run_until(local("2026-09-07T08:40"));
    close(&mut world, false);
    world.run_until(local("2026-09-07T10:00"));
    assert_eq!(moves(&world), [("07 08:40".to_owned(), true), ("07 09:00".to_owned(), false)]);
}

#[test]
fn one_that_is_closed_in_a_break_stays_so_until_the_next_lesson_has_ended() {
    let mut world = World::new(day(), local("2026-09-07T08:00"));
    close(&mut world, false);
    world.run_until(local("2026-09-07T10:00"));
    assert_eq!(moves(&world), [("07 08:00".to_owned(), true), ("07 09:00".to_owned(), false)]);
}

#[test]
fn a_long_press_means_today_and_survives_a_power_cut() {
    let mut world = World::new(day(), local("2026-09-07T08:30"));
    close(&mut world, true);
    world.run_until(local("2026-09-07T09:50"));
    world.switch_off();
    world.now = local("2026-09-07T11:00");
    world.switch_on();
    world.run_until(local("2026-09-08T07:00"));
    let moved: Vec<_> = moves(&world).into_iter().map(|(at, closed)| format!("{at} {closed}")).collect();
    assert_eq!(moved, ["07 08:30 true", "07 11:00 true", "08 00:00 false"]);
}

#[test]
fn a_person_opens_it_and_is_told_when_it_is_open() {
    let mut world = World::new(day(), local("2026-09-07T08:30"));
    close(&mut world, false);
    world.happens(Event::Shutter { closed: false, today: false });
    world.happens(Event::Shutter { closed: false, today: false });
    assert_eq!(world.shutter.len(), 2);
    let Some(Err(refusal)) = world.answers.last() else { panic!("{:?}", world.answers) };
    assert_eq!(refusal.code, "shutter_open");
}

#[test]
fn a_restart_with_an_unknown_hour_leaves_it_closed() {
    let mut world = World::new(day(), local("2026-09-07T08:30"));
    close(&mut world, true);
    world.switch_off();
    world.knows_the_hour = false;
    world.off_by = jiff::SignedDuration::from_hours(40 * 365 * 24);
    world.switch_on();
    world.run_until(local("2026-09-07T20:00"));
    assert_eq!(world.shutter.last().map(|(_, closed)| *closed), Some(true));
}
