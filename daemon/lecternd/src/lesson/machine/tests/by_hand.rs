//! Lessons that stand in no timetable.

use super::*;
use crate::lesson::resume::CutShort;

#[test]
fn a_lesson_is_durable_before_it_is_on_air() {
    let (_, effects) = start(State::default(), "a", 0, None);
    let [Effect::Persist(_), Effect::PutOnAir { entrance, .. }, Effect::Answer(Ok(_))] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(*entrance, Entrance::Fresh);
}

#[test]
fn a_second_start_is_refused_and_changes_nothing() {
    let (state, _) = start(State::default(), "a", 0, None);
    let (after, effects) = start(state.clone(), "b", 1, None);
    assert_eq!(after, state);
    assert!(matches!(&effects[..], [Effect::Answer(Err(refusal))] if refusal.code == "lesson_running"));
}

#[test]
fn a_lesson_can_begin_while_the_one_before_still_drains() {
    let (state, _) = start(State::default(), "a", 0, None);
    let (state, _) = step(state, Event::Stop, &at(10));
    let (state, effects) = start(state, "b", 10, None);
    assert!(effects.iter().any(|e| matches!(e, Effect::PutOnAir { .. })));
    let (state, effects) = step(state, Event::Drained { lesson: id("a") }, &at(11));
    assert_eq!(effects, [closes("a", 10)]);
    assert!(state.on_air.is_some());
    let (_, effects) = step(state, Event::Tick, &at(40));
    assert_eq!(effects, [], "closed once");
}

#[test]
fn a_stop_without_a_lesson_is_refused() {
    let (_, effects) = step(State::default(), Event::Stop, &at(0));
    assert!(matches!(&effects[..], [Effect::Answer(Err(refusal))] if refusal.code == "no_lesson_running"));
}

#[test]
fn a_lesson_with_an_end_ends_by_itself_and_the_recorder_is_told_before() {
    let (state, _) = start(State::default(), "a", 0, Some(1));
    let (state, effects) = step(state, Event::Tick, &at(51));
    assert_eq!(effects, []);
    let (state, effects) = step(state, Event::Tick, &at(52));
    assert_eq!(effects, [leaves("a", 60)]);
    let (state, effects) = step(state, Event::Tick, &at(59));
    assert_eq!(effects, []);
    let (state, effects) = step(state, Event::Tick, &at(61));
    assert_eq!(effects, [], "it was told the frame before");
    assert!(state.on_air.is_none());
    let (_, effects) = step(state, Event::Drained { lesson: id("a") }, &at(62));
    assert_eq!(effects, [closes("a", 60)]);
}

#[test]
fn a_recorder_that_is_faster_than_the_next_look_closes_the_lesson_at_once() {
    let (state, _) = start(State::default(), "a", 0, Some(1));
    let (state, _) = step(state, Event::Tick, &at(55));
    let (state, effects) = step(state, Event::Drained { lesson: id("a") }, &at(60));
    assert_eq!(effects, [closes("a", 60)]);
    assert!(state.on_air.is_none());
}

#[test]
fn a_lesson_that_is_prolonged_ends_so_much_later_even_in_its_last_seconds() {
    let (state, _) = start(State::default(), "a", 0, Some(1));
    let (state, _) = step(state, Event::Tick, &at(55));
    let (state, effects) = step(state, Event::Prolong { minutes: 2 }, &at(56));
    let until = Some(at(180).utc);
    let info = LessonInfo { planned_until: until, ..a_lesson("a", 0, Some(1)) };
    let done = Done { lesson: Some(id("a")), until };
    assert_eq!(effects, [Effect::Persist(info), leaves("a", 180), Effect::Answer(Ok(done))]);
    let (state, effects) = step(state, Event::Tick, &at(179));
    assert_eq!((effects, state.on_air.is_some()), (vec![], true));
    let (state, _) = step(state, Event::Tick, &at(180));
    assert!(state.on_air.is_none());
}

#[test]
fn what_has_no_end_cannot_be_prolonged() {
    for (state, code) in
        [(State::default(), "no_lesson_running"), (start(State::default(), "a", 0, None).0, "no_end")]
    {
        let (_, effects) = step(state, Event::Prolong { minutes: 5 }, &at(1));
        assert!(matches!(&effects[..], [Effect::Answer(Err(refusal))] if refusal.code == code));
    }
}

#[test]
fn a_lesson_whose_last_fragment_never_comes_is_closed_all_the_same() {
    let (state, _) = start(State::default(), "a", 0, None);
    let (state, _) = step(state, Event::Stop, &at(10));
    let (state, effects) = step(state, Event::Tick, &at(12));
    assert_eq!(effects, []);
    let (_, effects) = step(state, Event::Tick, &at(17));
    assert!(matches!(effects[..], [Effect::Close { .. }]));
}

#[test]
fn a_restart_of_the_daemon_leaves_the_lesson_open() {
    let (state, _) = start(State::default(), "a", 0, None);
    let (state, effects) = step(state, Event::Shutdown { end_lesson: false }, &at(5));
    assert_eq!(effects, [leaves("a", 5)]);
    let (_, effects) = step(state, Event::Drained { lesson: id("a") }, &at(6));
    assert_eq!(effects, [Effect::Finished], "not closed, but nothing to wait for");
}

#[test]
fn a_wall_clock_that_leaps_does_not_end_a_lesson() {
    let (state, _) = start(State::default(), "a", 0, Some(45));
    let leapt = Now { utc: at(50 * 365 * 86_400).utc, ..at(60) };
    let (state, effects) = step(state, Event::Tick, &leapt);
    assert_eq!(effects, []);
    let (_, effects) = step(state, Event::Tick, &Now { utc: at(0).utc, ..at(45 * 60) });
    assert_eq!(effects, [leaves("a", 45 * 60)]);
}

#[test]
fn the_daemon_waits_until_a_lessons_end_is_written() {
    let (state, _) = start(State::default(), "a", 0, None);
    let (state, _) = step(state, Event::Shutdown { end_lesson: true }, &at(5));
    let (state, effects) = step(state, Event::Drained { lesson: id("a") }, &at(6));
    assert!(matches!(effects[..], [Effect::Close { .. }]), "{effects:?}");
    let (_, effects) = step(state, Event::Closed { lesson: id("a") }, &at(6));
    assert_eq!(effects, [Effect::Finished]);
}

#[test]
fn nothing_begins_while_the_daemon_ends() {
    let (state, effects) = step(State::default(), Event::Shutdown { end_lesson: true }, &at(0));
    assert_eq!(effects, [Effect::Finished]);
    let (_, effects) = start(state, "a", 1, None);
    assert!(matches!(&effects[0], Effect::Answer(Err(refusal)) if refusal.code == "stopping"));
}

/// What becomes of a lesson after a restart: whether it goes on.
fn goes_on(info: &LessonInfo, last_media: i64, now: i64) -> bool {
    let cut_short = vec![CutShort { info: info.clone(), last_media: at(last_media).utc }];
    let found = Event::Found { cut_short, over: Vec::new(), shutter: None };
    let (state, effects) = step(State::default(), found, &at(now));
    assert_eq!(effects, [], "decided with the next look");
    let (state, effects) = step(state, Event::Tick, &at(now));
    let resumed = matches!(&effects[..], [Effect::PutOnAir { entrance: Entrance::Resumed, .. }]);
    assert_eq!(state.on_air.is_some(), resumed);
    assert!(resumed || matches!(&effects[..], [Effect::Close { .. }]), "{effects:?}");
    resumed
}

#[test]
fn a_lesson_goes_on_after_a_power_cut_but_not_the_next_morning() {
    let lesson = a_lesson("a", 0, None);
    assert!(goes_on(&lesson, 100, 160));
    assert!(!goes_on(&lesson, 100, 100 + 20 * 3600));
    assert!(!goes_on(&a_lesson("a", 0, Some(2)), 100, 160));
}

#[test]
fn what_a_lesson_lacks_that_does_not_go_on_is_missing_because_nothing_ran() {
    let cut_short = vec![CutShort { info: a_lesson("a", 0, Some(45)), last_media: at(100).utc }];
    let found = Event::Found { cut_short, over: Vec::new(), shutter: None };
    let (state, _) = step(State::default(), found, &at(7200));
    let (_, effects) = step(state, Event::Tick, &at(7200));
    let end = Some(Ticks(45 * 60 * Ticks::PER_SECOND));
    let gap = GapReason::NotRunning;
    assert_eq!(effects, [Effect::Close { lesson: id("a"), until: at(45 * 60).utc, at: end, gap }]);
}

#[test]
fn nothing_is_decided_about_a_lesson_that_was_cut_short_before_the_hour_is_known() {
    let cut_short = vec![CutShort { info: a_lesson("a", 0, Some(45)), last_media: at(100).utc }];
    let found = Event::Found { cut_short, over: Vec::new(), shutter: None };
    let lost = |second| Now { utc: Timestamp::UNIX_EPOCH, agenda: None, ..at(second) };
    let (state, _) = step(State::default(), found, &lost(0));
    let (state, effects) = step(state, Event::Tick, &lost(1));
    assert_eq!(effects, []);
    let (state, effects) = step(state, Event::Tick, &at(160));
    assert!(matches!(&effects[..], [Effect::PutOnAir { entrance: Entrance::Resumed, .. }]));
    assert!(state.on_air.is_some());
}

#[test]
fn a_lesson_belongs_to_the_local_date() {
    // 23:30 UTC is the morning of the next day in Shanghai.
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let late: Timestamp = "2026-03-01T23:30:00Z".parse().unwrap();
    let made = info(id("a"), None, None, Trigger::Hand, late, &zone);
    assert_eq!(made.date.to_string(), "2026-03-02");
    assert_eq!(made.title, "07:30");
}
