//! Lessons that a signal or sound begins.

use super::world::{World, local, mondays, plan_of};
use super::*;

fn at_seven() -> World {
    World::new(plan_of(&mondays(&[("08:20-09:00", "语文")])), local("2026-09-07T07:00"))
}

/// A signal comes up; answers the code of the refusal.
fn signal(world: &mut World) -> Option<String> {
    let trigger = Trigger::Signal;
    world.happens(Event::Start { info: LessonInfo { trigger, ..a_lesson("signal", 0, None) } });
    world.answers.pop().unwrap().err().map(|refusal| refusal.code)
}

#[test]
fn a_signal_begins_a_lesson_only_where_the_timetable_wants_none() {
    for (hour, refusal) in [
        ("2026-09-07T07:30", None),
        ("2026-09-07T08:16", Some("planned_lesson_near")),
        ("2026-09-07T08:30", Some("lesson_running")),
        ("2026-09-07T09:05", None),
    ] {
        let mut world = at_seven();
        world.run_until(local(hour));
        assert_eq!(signal(&mut world).as_deref(), refusal, "{hour}");
    }
}

#[test]
fn a_planned_lesson_that_a_person_has_ended_is_not_begun_again_by_a_signal() {
    let mut world = at_seven();
    world.run_until(local("2026-09-07T08:30"));
    world.happens(Event::Stop);
    assert_eq!(signal(&mut world).as_deref(), Some("planned_lesson_near"));
}

#[test]
fn a_signals_lesson_ends_at_the_bell_of_a_planned_one_and_its_going_away_ends_no_other() {
    let mut world = at_seven();
    assert_eq!(signal(&mut world), None);
    let lesson = world.is_on_air().unwrap().clone();
    world.run_until(local("2026-09-07T08:21"));
    assert_eq!(world.stretches()[0].2, Some(local("2026-09-07T08:20")));
    world.happens(Event::Gone { lesson });
    assert!(world.is_on_air().is_some(), "the planned lesson goes on");
}

#[test]
fn a_signal_that_goes_away_ends_its_lesson() {
    let mut world = at_seven();
    assert_eq!(signal(&mut world), None);
    let lesson = world.is_on_air().unwrap().clone();
    world.run_until(local("2026-09-07T07:40"));
    world.happens(Event::Gone { lesson });
    world.run_until(local("2026-09-07T07:41"));
    assert_eq!(world.stretches()[0].2, Some(local("2026-09-07T07:40")));
    assert_eq!(world.is_on_air(), None);
}

#[test]
fn nothing_begins_by_itself_while_nobody_knows_what_is_allowed() {
    let mut world = at_seven();
    world.knows_the_hour = false;
    assert_eq!(signal(&mut world).as_deref(), Some("hour_unknown"));
}
