use super::*;

fn at(second: i64) -> Now {
    Now {
        utc: Timestamp::from_second(1_772_000_000 + second).unwrap(),
        monotonic: Duration::from_secs(u64::try_from(second).unwrap()),
    }
}

fn a_lesson(name: &str, second: i64, minutes: Option<u32>) -> LessonInfo {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    info(LessonId::new(name).unwrap(), Some(name.to_owned()), minutes, Trigger::Hand, at(second).utc, &zone)
}

fn start(state: State, name: &str, second: i64, minutes: Option<u32>) -> (State, Vec<Effect>) {
    step(state, Event::Start { info: a_lesson(name, second, minutes) }, at(second))
}

#[test]
fn a_lesson_is_durable_before_it_is_on_air() {
    let (_, effects) = start(State::default(), "a", 0, None);
    assert!(matches!(
        effects[..],
        [Effect::Persist(_), Effect::GoOnAir { resumed: false, .. }, Effect::Answer(Ok(_))]
    ));
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
    let (state, _) = step(state, Event::Stop, at(10));
    let (state, effects) = start(state, "b", 10, None);
    assert!(effects.iter().any(|e| matches!(e, Effect::GoOnAir { .. })));
    let (state, effects) = step(state, Event::Drained { lesson: LessonId::new("a").unwrap() }, at(11));
    assert_eq!(effects, [Effect::Close { lesson: LessonId::new("a").unwrap(), until: at(10).utc }]);
    assert!(state.on_air.is_some());
    let (_, effects) = step(state, Event::Tick, at(40));
    assert_eq!(effects, [], "closed once");
}

#[test]
fn a_stop_without_a_lesson_is_refused() {
    let (_, effects) = step(State::default(), Event::Stop, at(0));
    assert!(matches!(&effects[..], [Effect::Answer(Err(refusal))] if refusal.code == "no_lesson_running"));
}

#[test]
fn a_lesson_with_an_end_ends_by_itself() {
    let (state, _) = start(State::default(), "a", 0, Some(1));
    let (state, effects) = step(state, Event::Tick, at(59));
    assert_eq!(effects, []);
    let (state, effects) = step(state, Event::Tick, at(60));
    assert_eq!(effects, [Effect::LeaveAir(LessonId::new("a").unwrap())]);
    assert!(state.on_air.is_none());
}

#[test]
fn a_lesson_whose_last_fragment_never_comes_is_closed_all_the_same() {
    let (state, _) = start(State::default(), "a", 0, None);
    let (state, _) = step(state, Event::Stop, at(10));
    let (state, effects) = step(state, Event::Tick, at(12));
    assert_eq!(effects, []);
    let (_, effects) = step(state, Event::Tick, at(17));
    assert!(matches!(effects[..], [Effect::Close { .. }]));
}

#[test]
fn a_restart_of_the_daemon_leaves_the_lesson_open() {
    let (state, _) = start(State::default(), "a", 0, None);
    let (state, effects) = step(state, Event::Shutdown { end_lesson: false }, at(5));
    assert_eq!(effects, [Effect::LeaveAir(LessonId::new("a").unwrap())]);
    let (_, effects) = step(state, Event::Drained { lesson: LessonId::new("a").unwrap() }, at(6));
    assert_eq!(effects, [Effect::Finished], "not closed, but nothing to wait for");
}

#[test]
fn a_wall_clock_that_leaps_does_not_end_a_lesson() {
    let (state, _) = start(State::default(), "a", 0, Some(45));
    let leapt = Now { utc: at(50 * 365 * 86_400).utc, ..at(60) };
    let (state, effects) = step(state, Event::Tick, leapt);
    assert_eq!(effects, []);
    let (_, effects) = step(state, Event::Tick, Now { utc: at(0).utc, ..at(45 * 60) });
    assert_eq!(effects, [Effect::LeaveAir(LessonId::new("a").unwrap())]);
}

#[test]
fn the_daemon_waits_until_a_lessons_end_is_written() {
    let (state, _) = start(State::default(), "a", 0, None);
    let (state, _) = step(state, Event::Shutdown { end_lesson: true }, at(5));
    let lesson = LessonId::new("a").unwrap();
    let (state, effects) = step(state, Event::Drained { lesson: lesson.clone() }, at(6));
    assert!(matches!(effects[..], [Effect::Close { .. }]), "{effects:?}");
    let (_, effects) = step(state, Event::Closed { lesson }, at(6));
    assert_eq!(effects, [Effect::Finished]);
}

#[test]
fn nothing_begins_while_the_daemon_ends() {
    let (state, effects) = step(State::default(), Event::Shutdown { end_lesson: true }, at(0));
    assert_eq!(effects, [Effect::Finished]);
    let (_, effects) = start(state, "a", 1, None);
    assert!(matches!(&effects[0], Effect::Answer(Err(refusal)) if refusal.code == "stopping"));
}

#[test]
fn a_lesson_goes_on_after_a_power_cut_but_not_the_next_morning() {
    let lesson = a_lesson("a", 0, None);
    assert!(resumes(&lesson, at(100).utc, at(160).utc));
    assert!(!resumes(&lesson, at(100).utc, at(100 + 20 * 3600).utc));
    let planned = a_lesson("a", 0, Some(2));
    assert!(!resumes(&planned, at(100).utc, at(160).utc));
}

#[test]
fn a_lesson_belongs_to_the_local_date() {
    // 2026-02-25 06:13:20 UTC is the afternoon in Shanghai, 23:30 UTC the next day.
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let late: Timestamp = "2026-03-01T23:30:00Z".parse().unwrap();
    let made = info(LessonId::new("a").unwrap(), None, None, Trigger::Hand, late, &zone);
    assert_eq!(made.date.to_string(), "2026-03-02");
    assert_eq!(made.title, "07:30");
}
