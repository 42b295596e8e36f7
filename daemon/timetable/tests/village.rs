//! One small school, day by day.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use lectern_timetable::plan::{Change, Reason, Why};
use lectern_timetable::*;

const FILE: &str = include_str!("data/village.toml");

fn plan() -> Plan {
    Plan::new(own::read(FILE.as_bytes()).unwrap().timetable)
}

fn third() -> RoomPlan {
    plan().for_room("三年级二班")
}

fn subjects(plan: &RoomPlan, date: Date) -> Vec<String> {
    plan.occurrences(date, date).into_iter().map(|o| o.subject).collect()
}

fn reason(plan: &RoomPlan, date: Date, period: u8) -> String {
    match plan.why(date, Slot::period(period)) {
        Why::Not(reason) => reason.text().zh,
        Why::Planned(occurrence) => panic!("planned: {}", occurrence.title()),
    }
}

fn at(moment: &str) -> jiff::Timestamp {
    let local: jiff::civil::DateTime = moment.parse().unwrap();
    TimeZone::get("Asia/Shanghai").unwrap().to_ambiguous_timestamp(local).compatible().unwrap()
}

#[test]
fn the_example_is_accepted_and_asks_about_its_open_make_up_day() {
    let checked = own::read(FILE.as_bytes()).unwrap();
    assert_eq!(checked.notices.len(), 1, "{:#?}", checked.notices);
    assert!(checked.notices[0].cause.zh.contains("2026-10-10"));
}

#[test]
fn odd_and_even_weeks_count_from_the_first_monday() {
    let room = third();
    assert_eq!(subjects(&room, date(2026, 8, 31)), ["语文", "音乐"]);
    assert_eq!(subjects(&room, date(2026, 9, 7)), ["语文", "美术"]);
    // Over the year's end the count goes on: 4 January is in week 19.
    assert_eq!(subjects(&room, date(2027, 1, 4)), ["语文", "音乐"]);
    assert_eq!(reason(&room, date(2026, 9, 8), 5), "课表上这一节没有课");
}

#[test]
fn a_lesson_of_other_weeks_says_which() {
    // Without the art of the even weeks, music leaves an empty period in them.
    let from =
        FILE.find("[[lesson]]\nweekday = 1\nperiod = 5\nclass = \"三(2)班\"\nsubject = \"美术\"").unwrap();
    let to = from + FILE[from..].find("\n\n").unwrap();
    let school = own::read([&FILE[..from], &FILE[to..]].concat().as_bytes()).unwrap().timetable;
    let room = Plan::new(school).for_room("三年级二班");
    assert_eq!(reason(&room, date(2026, 9, 7), 5), "这节课只在单周上，本周是第2周");
    assert!(matches!(room.why(date(2026, 9, 14), Slot::period(5)), Why::Planned(_)));
}

#[test]
fn the_season_changes_the_afternoon_and_not_the_morning() {
    let room = third();
    let hours = |date| room.occurrences(date, date).iter().map(|o| o.hours.to_string()).collect::<Vec<_>>();
    assert_eq!(hours(date(2026, 9, 28)), ["08:20-09:00", "14:30-15:10"]);
    assert_eq!(hours(date(2026, 10, 12)), ["08:20-09:00", "14:00-14:40"]);
}

#[test]
fn a_holiday_is_empty_and_says_so() {
    let room = third();
    assert_eq!(subjects(&room, date(2026, 10, 5)), Vec::<String>::new());
    assert_eq!(room.why_empty(date(2026, 10, 5)), Some(Reason::Holiday("国庆节".to_owned())));
    assert_eq!(room.why_empty(date(2026, 9, 6)).unwrap().text().zh, "星期日没有课");
    assert_eq!(room.why_empty(date(2026, 8, 30)).unwrap().text().en, "the term begins on 2026-08-31");
    assert_eq!(room.why_empty(date(2027, 1, 25)), Some(Reason::AfterTerm(date(2027, 1, 22))));
}

#[test]
fn a_make_up_day_follows_the_date_that_was_named() {
    // Sunday 20 September has the lessons of Thursday 1 October.
    assert_eq!(subjects(&third(), date(2026, 9, 20)), ["数学"]);
}

#[test]
fn an_open_make_up_day_has_no_lessons_and_is_asked_about_from_three_days_ahead() {
    let plan = plan();
    let room = third();
    assert_eq!(subjects(&room, date(2026, 10, 10)), Vec::<String>::new());
    assert!(matches!(room.why_empty(date(2026, 10, 10)), Some(Reason::Ambiguous(_))));
    let asked = |day| plan.ambiguous(date(2026, 10, day)).len();
    assert_eq!([asked(6), asked(7), asked(10), asked(11)], [0, 1, 1, 0]);
}

#[test]
fn a_move_to_another_room_shows_in_both() {
    let day = date(2026, 9, 10);
    assert!(
        reason(&third(), day, 2).contains("已调到 2026-09-10 第2节 科学教室"),
        "{}",
        reason(&third(), day, 2)
    );
    let lab = plan().for_room("科学教室");
    let moved = lab.occurrences(day, day);
    assert!(
        matches!(&moved[0].change, Some(Change::Moved(from)) if from.room.as_deref() == Some("三年级二班"))
    );
    assert!(lab.why(day, Slot::period(2)).text().zh.contains("由 2026-09-10 第2节 三年级二班 调来"));
}

#[test]
fn a_swap_changes_dates_and_keeps_ids() {
    let room = third();
    let ids = |d| room.occurrences(d, d).into_iter().map(|o| (o.subject, o.id)).collect::<Vec<_>>();
    let monday = ids(date(2026, 9, 21));
    let thursday = ids(date(2026, 9, 24));
    assert_eq!(monday[0].0, "数学");
    assert_eq!(thursday[0].0, "语文");
    assert!(monday[0].1.as_str().starts_with("20260924-p02-"), "{}", monday[0].1);
    assert!(thursday[0].1.as_str().starts_with("20260921-p01-"), "{}", thursday[0].1);
}

#[test]
fn a_substitute_teaches_every_lesson_of_the_one_who_is_away() {
    let day = date(2026, 9, 16);
    let lesson = plan().for_room("科学教室").occurrences(day, day).remove(0);
    assert_eq!((lesson.teacher.as_deref(), lesson.instead_of.as_deref()), (Some("张伟"), Some("赵军")));
    assert_eq!(lesson.hours.to_string(), "10:20-11:50");
}

#[test]
fn an_exam_takes_its_grades_and_its_rooms_and_says_until_when() {
    let room = third();
    assert!(reason(&room, date(2026, 11, 9), 1).contains("2026-11-11 00:00"));
    assert!(room.suspended_at(at("2026-11-10T20:00")).is_some(), "no start by hand either");
    assert!(room.suspended_at(at("2026-11-11T00:00")).is_none());
    let fifth = plan().for_room("五年级一班");
    assert!(fifth.suspended_at(at("2026-11-10T20:00")).is_none());
    let tuesday = date(2026, 11, 10);
    assert_eq!(subjects(&fifth, tuesday), ["晚辅导"]);
}

#[test]
fn an_exam_suspends_an_extra_lesson_too() {
    let extra = "[[extra]]\ndate = 2026-11-09\nperiod = 3\nclass = \"三(2)班\"\nsubject = \"数学\"\n";
    let school = own::read(format!("{FILE}{extra}").as_bytes()).unwrap().timetable;
    let day = date(2026, 11, 9);
    assert_eq!(Plan::new(school).for_room("三年级二班").occurrences(day, day), Vec::new());
}

#[test]
fn an_extra_lesson_takes_the_place_of_another() {
    let extra = "[[extra]]\ndate = 2026-09-07\nperiod = 1\nclass = \"三(2)班\"\nsubject = \"数学\"\n";
    let school = own::read(format!("{FILE}{extra}").as_bytes()).unwrap().timetable;
    let room = Plan::new(school).for_room("三年级二班");
    let day = date(2026, 9, 7);
    assert_eq!(subjects(&room, day), ["数学", "美术"]);
    assert!(
        room.fallen(day)
            .iter()
            .any(|(_, name, why)| name == "语文" && *why == Reason::Displaced("数学".to_owned()))
    );
}

#[test]
fn half_a_day_off_leaves_the_afternoon() {
    assert_eq!(subjects(&third(), date(2026, 12, 7)), ["音乐"]);
    assert!(reason(&third(), date(2026, 12, 7), 1).contains("防汛停课"));
}

#[test]
fn a_late_boot_joins_the_running_lesson() {
    let state = third().state_at(at("2026-09-07T08:59:59"), Margins::default());
    assert_eq!(state.running.unwrap().occurrence.subject, "语文");
    assert_eq!(state.next.unwrap().occurrence.subject, "美术");
    let state = third().state_at(at("2026-09-07T09:00:00"), Margins::default());
    assert_eq!(state.running, None);
    assert_eq!(state.why.zh, "现在没有课，下一节 14:30 开始");
}

#[test]
fn a_cancelled_lesson_says_why_while_it_would_have_run() {
    let state = third().state_at(at("2026-09-14T08:30:00"), Margins::default());
    assert_eq!(state.why.zh, "这节课停上 (全校体检)");
}

#[test]
fn an_id_survives_a_correction_of_subject_class_and_teacher() {
    let day = date(2026, 9, 7);
    let before = third().occurrences(day, day);
    let corrected =
        FILE.replace("语文", "语文（书法）").replace("王芳", "王 芳").replace("三(2)班", "三年级2班");
    let school = own::read(corrected.as_bytes()).unwrap().timetable;
    let after = Plan::new(school).for_room("三年级二班").occurrences(day, day);
    let ids = |all: &[Occurrence]| all.iter().map(|o| o.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(&before), ids(&after));
}

#[test]
fn a_leap_day_has_its_lessons() {
    let moved = FILE
        .replace("monday = 2026-08-31", "monday = 2028-02-14")
        .replace("end = 2027-01-22", "end = 2028-06-30");
    let base = &moved[..moved.find("[[holiday]]").unwrap()];
    let leap = base.replace("weekday = 2\n", "weekday = 2\nweeks = \"3\"\n");
    let school = own::read(leap.as_bytes()).unwrap().timetable;
    let day = date(2028, 2, 29);
    assert_eq!(subjects(&Plan::new(school).for_room("五年级一班"), day), ["晚辅导"]);
}

#[test]
fn a_lesson_lasts_as_long_as_its_bells_when_the_clock_changes() {
    // Berlin puts the clock back at 03:00 on 25 October 2026.
    let file = "[term]\nmonday = 2026-10-19\nend = 2026-10-25\n[[lesson]]\nweekday = 7\ntime = \"01:30-03:30\"\nsubject = \"x\"\n";
    let school = own::read(format!("time_zone = \"Europe/Berlin\"\nroom = \"1\"\n{file}").as_bytes())
        .unwrap()
        .timetable;
    let day = date(2026, 10, 25);
    let lesson = Plan::new(school).for_room("1").occurrences(day, day).remove(0);
    assert_eq!(lesson.end.duration_since(lesson.begin).as_hours(), 3);
    // And forward at 02:00 on 29 March: 02:30 does not exist.
    let file = "[term]\nmonday = 2026-03-23\nend = 2026-03-29\n[[lesson]]\nweekday = 7\ntime = \"02:30-03:10\"\nsubject = \"x\"\n";
    let school = own::read(format!("time_zone = \"Europe/Berlin\"\nroom = \"1\"\n{file}").as_bytes())
        .unwrap()
        .timetable;
    let day = date(2026, 3, 29);
    let lesson = Plan::new(school).for_room("1").occurrences(day, day).remove(0);
    assert_eq!(lesson.end.duration_since(lesson.begin).as_mins(), 40);
}

#[test]
fn a_timetable_of_twice_as_many_lessons_by_night_and_on_sundays_is_doubted() {
    let old = own::read(FILE.as_bytes()).unwrap().timetable;
    assert_eq!(compare(&old, &old, None), Vec::new());
    let mut new = old.clone();
    for lesson in &old.lessons {
        new.lessons.push(Lesson {
            weekday: 7,
            slot: Slot::Hours(Hours::parse("05:30-06:10").unwrap()),
            ..lesson.clone()
        });
    }
    let doubts = compare(&old, &new, None);
    assert_eq!(doubts.len(), 3, "{doubts:?}");
    assert_eq!(doubts[0], Doubt::Count { old: 5, new: 10 });
    assert_eq!(compare(&old, &new, Some("科学教室")).len(), 3);
    assert_eq!(compare(&new, &new, None), Vec::new(), "what was so before is no doubt");
}
