//! Mains that are switched off every evening and for the holidays are no
//! alarm; a power cut in a lesson always is one.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use jiff::civil::{Date, Time, date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use lectern_account::habit::is_unexpected;
use lectern_account::{Concern, Evidence, Habit, History, Off, Power, Span, Stretch, account, attention};
use lectern_api::account::{Account, Cause, PlannedLesson};
use lectern_api::{LessonId, Text};
use proptest::prelude::*;

/// A Monday.
const MONDAY: Date = date(2026, 9, 7);

fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

fn at(day: i64, time: Time) -> Timestamp {
    let date = MONDAY.saturating_add(jiff::Span::new().days(day));
    date.to_datetime(time).to_zoned(zone()).unwrap().timestamp()
}

fn cut(from: Timestamp, until: Timestamp) -> Off {
    Off { span: Span { from, until }, same_boot: false, clean: false, ran_unknown: false }
}

/// Off from 17:30, a few minutes more or less, until 7:30 on the next school
/// day; from day 0 to before day `days`.
fn evenings(days: i64, jitter: &[i64]) -> Vec<Off> {
    let school_days = (0..days).filter(|day| day % 7 < 5);
    let minutes = |n: i64| SignedDuration::from_mins(n);
    school_days
        .map(|day| {
            let jitter = minutes(jitter[usize::try_from(day).unwrap() % jitter.len()]);
            let next = if day % 7 == 4 { day + 3 } else { day + 1 };
            cut(at(day, time(17, 30, 0, 0)) + jitter, at(next, time(7, 30, 0, 0)) + jitter)
        })
        .collect()
}

#[test]
fn hours_of_the_mains_are_learned_within_two_weeks_and_told_by_weekday() {
    let off = evenings(14, &[0]);
    let since = Some(at(0, time(0, 0, 0, 0)));
    let habit = Habit::learn(&off, since, at(14, time(9, 0, 0, 0)), &zone());
    assert_eq!(habit.hours(2), Some((time(7, 30, 0, 0), time(17, 30, 0, 0))));
    assert_eq!(habit.is_usual(at(15, time(17, 31, 0, 0)), &zone()), Some(true));
    assert_eq!(habit.is_usual(at(15, time(11, 0, 0, 0)), &zone()), Some(false));
    let new = Habit::learn(&off[..2], since, at(2, time(9, 0, 0, 0)), &zone());
    assert_eq!(new.is_usual(at(2, time(17, 31, 0, 0)), &zone()), None, "two days are no habit");
}

#[test]
fn a_box_that_knows_no_habit_yet_goes_by_the_timetable() {
    let (habit, zone) = (Habit::learn(&[], None, at(0, time(0, 0, 0, 0)), &zone()), zone());
    let lesson = Span { from: at(0, time(8, 0, 0, 0)), until: at(0, time(11, 0, 0, 0)) };
    let later = Span { from: at(0, time(14, 0, 0, 0)), until: at(0, time(16, 0, 0, 0)) };
    let noon = cut(at(0, time(12, 0, 0, 0)), at(0, time(12, 30, 0, 0)));
    let evening = cut(at(0, time(18, 0, 0, 0)), at(1, time(7, 0, 0, 0)));
    for (off, expected) in [(noon, true), (evening, false)] {
        assert_eq!(is_unexpected(&off, &[lesson, later], Power::Learned, &habit, &zone), expected);
        assert!(is_unexpected(&off, &[lesson, later], Power::Always, &habit, &zone));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn evenings_and_holidays_of_a_school_are_no_alarm(
        jitter in proptest::collection::vec(-20_i64..20, 5),
        weeks in 3_i64..9,
        holiday_days in 2_i64..40,
    ) {
        let day = weeks * 7 + 1;
        let off = evenings(day, &jitter);
        let habit = Habit::learn(&off, Some(at(0, time(0, 0, 0, 0))), at(day, time(17, 0, 0, 0)), &zone());
        let from = at(day, time(17, 30, 0, 0)) + SignedDuration::from_mins(jitter[0]);
        let evening = cut(from, at(day + 1, time(7, 30, 0, 0)));
        let holiday = cut(from, at(day + holiday_days, time(7, 30, 0, 0)));
        for power in [Power::Learned, Power::Evenings] {
            prop_assert!(!is_unexpected(&evening, &[], power, &habit, &zone()));
            prop_assert!(!is_unexpected(&holiday, &[], power, &habit, &zone()));
        }
    }

    #[test]
    fn no_habit_hides_a_power_cut_in_a_lesson(
        jitter in proptest::collection::vec(-600_i64..600, 5),
        weeks in 1_i64..6,
        begin in 0_i64..1_400,
        long in 1_i64..100,
        into in 0_i64..100,
        off_for in 1_i64..4_000,
        power in prop_oneof![Just(Power::Learned), Just(Power::Evenings), Just(Power::Always)],
    ) {
        let day = weeks * 7 + 1;
        let off = evenings(day, &jitter);
        let minutes = |n: i64| SignedDuration::from_mins(n);
        let midnight = at(day, time(0, 0, 0, 0));
        let lesson = Span { from: midnight + minutes(begin), until: midnight + minutes(begin + long) };
        let from = lesson.from + minutes(into.min(long - 1));
        let cut = cut(from, from + minutes(off_for));
        let habit = Habit::learn(&off, Some(at(0, time(0, 0, 0, 0))), from, &zone());
        prop_assert!(is_unexpected(&cut, &[lesson], power, &habit, &zone()));
    }

    #[test]
    fn one_odd_day_changes_no_habit(odd in 0_i64..14, hour in 0_i8..24) {
        let day = 21;
        let mut off = evenings(day, &[0]);
        let noon = at(odd, time(hour, 0, 0, 0));
        let before = Habit::learn(&off, Some(at(0, time(0, 0, 0, 0))), at(day, time(9, 0, 0, 0)), &zone());
        off.push(cut(noon, noon + SignedDuration::from_mins(50)));
        let after = Habit::learn(&off, Some(at(0, time(0, 0, 0, 0))), at(day, time(9, 0, 0, 0)), &zone());
        prop_assert_eq!(before, after);
    }
}

fn lesson(day: i64, number: i8) -> PlannedLesson {
    let begin = at(day, time(8 + number, 0, 0, 0));
    PlannedLesson {
        id: LessonId::new(format!("d{day}-p{number}")).unwrap(),
        date: MONDAY.saturating_add(jiff::Span::new().days(day)),
        week: Some(1),
        slot: Text { en: format!("period {number}"), zh: format!("第{number}节") },
        subject: "语文".into(),
        class: Some("三(2)班".into()),
        teacher: None,
        begin,
        end: begin + SignedDuration::from_mins(40),
    }
}

/// What the box owes for some lessons that it was off in.
fn missed(days: std::ops::Range<i64>, per_day: i8, off: &[Off], now: Timestamp) -> Vec<Account> {
    let stretches: Vec<_> = off.iter().map(|off| Stretch { span: off.span, cause: off.cause() }).collect();
    let evidence = Evidence { stretches, ..Evidence::default() };
    let lessons = days.flat_map(|day| (0..per_day).map(move |number| lesson(day, number)));
    lessons.map(|lesson| account(lesson, &evidence, &zone(), now)).collect()
}

#[test]
fn a_long_absence_is_one_summary_and_not_an_alarm_for_each_lesson() {
    let off = vec![cut(at(0, time(17, 0, 0, 0)), at(5, time(16, 0, 0, 0)))];
    let now = at(5, time(17, 0, 0, 0));
    let accounts = missed(1..5, 6, &off, now);
    assert_eq!(accounts.len(), 24);
    let history = History { since: Some(at(0, time(0, 0, 0, 0))), stretches: Vec::new(), off };
    let zone = zone();
    let concern = Concern {
        accounts: &accounts,
        history: &history,
        power: Power::Learned,
        noted: None,
        zone: &zone,
        now,
    };
    let status = attention(&concern);
    assert_eq!((status.missed_total, status.absent_days, status.missed.len()), (24, 5, 3));
    assert_eq!(status.missed_by_cause, [(Cause::PowerLost, 24)]);
    assert!(status.reboot.is_some());
}

#[test]
fn a_power_cut_in_a_lesson_tells_what_is_missing_to_the_second() {
    use lectern_account::Media;
    let zone = zone();
    let off = vec![cut(at(0, time(9, 10, 0, 0)), at(0, time(9, 15, 0, 0)))];
    let media = |from, until| Media {
        recording: LessonId::new("r").unwrap(),
        span: Span { from: at(0, from), until: at(0, until) },
    };
    let evidence = Evidence {
        media: vec![media(time(9, 0, 0, 0), time(9, 14, 2, 0)), media(time(9, 15, 31, 0), time(9, 40, 0, 0))],
        stretches: vec![Stretch { span: off[0].span, cause: Cause::PowerLost }],
        ..Evidence::default()
    };
    let now = at(0, time(10, 0, 0, 0));
    let mut accounts = vec![account(lesson(0, 1), &evidence, &zone, now)];
    let history = History { since: None, off, stretches: Vec::new() };
    let told = |accounts: &[Account], noted| {
        attention(&Concern { accounts, history: &history, power: Power::Learned, noted, zone: &zone, now })
            .reboot
    };
    let reboot = told(&accounts, None).unwrap();
    assert!(reboot.text.zh.contains("本节从〔9:14:02〕到〔9:15:31〕缺录"), "{}", reboot.text.zh);
    assert_eq!(told(&accounts, Some(now)), None, "taken note of");
    accounts[0].acknowledged =
        Some(lectern_api::account::Acknowledged { at: now, by: "administrator (uid 0)".into() });
    assert_eq!(told(&accounts, None), None, "taken note of");
}
