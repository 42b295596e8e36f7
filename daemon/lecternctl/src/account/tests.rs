use jiff::civil::date;
use lectern_account::{Evidence, Media, Span, Stretch, account, not_owed, report};
use lectern_api::account::{Cause, PlannedLesson};
use lectern_api::{DeviceId, LessonId};
use unicode_width::UnicodeWidthStr as _;

use super::*;

fn at(hour: i8, minute: i8) -> Timestamp {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    date(2026, 9, 7).at(hour, minute, 0, 0).to_zoned(zone).unwrap().timestamp()
}

fn lesson(number: i8, subject: &str, teacher: &str) -> PlannedLesson {
    PlannedLesson {
        id: LessonId::new(format!("20260907-p{number:02}-1f0c9a2b")).unwrap(),
        date: date(2026, 9, 7),
        week: Some(2),
        slot: Text { en: format!("period {number}"), zh: format!("第{number}节") },
        subject: subject.to_owned(),
        class: Some("三(2)班".to_owned()),
        teacher: Some(teacher.to_owned()),
        begin: at(7 + number, 0),
        end: at(7 + number, 40),
    }
}

/// A day with one of each: whole, with a gap, missed, not owed, to come.
pub(crate) fn a_report() -> Report {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let now = at(12, 0);
    let media = |from: Timestamp, until: Timestamp| Media {
        recording: LessonId::new("20260907-p01-1f0c9a2b").unwrap(),
        span: Span { from, until },
    };
    let off = Stretch { span: Span { from: at(9, 7), until: at(11, 0) }, cause: Cause::PowerLost };
    let evidence = Evidence {
        media: vec![media(at(8, 0), at(8, 40)), media(at(9, 0), at(9, 7))],
        stretches: vec![off],
        live: Span { from: at(8, 0), until: at(8, 30) }.into(),
    };
    let cancelled = Text { en: "cancelled (sports day)".into(), zh: "已停课（运动会）".into() };
    let mut lessons = vec![
        account(lesson(1, "语文", "王老师"), &evidence, &zone, now),
        account(lesson(2, "数学", "李老师"), &evidence, &zone, now),
        account(lesson(3, "=cmd|' /C calc'!A0", "+8613800000000"), &evidence, &zone, now),
        not_owed(lesson(4, "-体育", "@赵老师"), &cancelled, &evidence),
        account(lesson(6, "道德与法治和一个长得放不进一行的科目名称", "欧阳老师"), &evidence, &zone, now),
    ];
    lessons[0].settled = Some(now);
    Report {
        device: DeviceId::new("LB-1").unwrap(),
        place: "301".to_owned(),
        from: date(2026, 9, 7),
        to: date(2026, 9, 7),
        made: now,
        since: Some(at(7, 30)),
        time_zone: Some("Asia/Shanghai".to_owned()),
        sums: report::sums(&lessons),
        lessons,
    }
}

#[test]
fn a_day_tells_outcome_and_reason_of_every_lesson_in_80_columns() {
    let report = a_report();
    let zh = planned(&report, Language::ZhCn);
    let en = planned(&report, Language::En);
    for line in zh.lines().chain(en.lines()) {
        assert!(line.width() <= COLUMNS, "{} columns: {line}", line.width());
    }
    for part in [
        "2026-09-07 星期一  第2周",
        "第1节  08:00-08:40  语文 三(2)班 王老师",
        "缺 33 分钟：9:07–9:40 断电或被强行重启",
        "未录：10:00–10:40 断电或被强行重启",
        "20260907-p03-1f0c9a2b",
        "不用录：已停课（运动会）",
        "共 4 节：已录 2，缺录 1，未上 1；不用录 1",
    ] {
        assert!(zh.contains(part), "{part} is not in\n{zh}");
    }
    assert!(en.contains("33 min missing: 9:07-9:40 no power, or reset"), "{en}");
    assert!(en.contains("not owed: cancelled (sports day)"), "{en}");
}

#[test]
fn lines_break_at_spaces_or_between_chinese_characters_and_lose_nothing() {
    assert_eq!(wrapped("not recorded: no power", 12), ["not", "recorded: no", "power"]);
    assert_eq!(wrapped("断电或被强行重启", 6), ["断电或", "被强行", "重启"]);
    assert_eq!(wrapped("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    let long = "缺 8 分 50 秒：8:31:10–8:40:00 断电或被强行重启，9:00–9:10 no picture and no sound";
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    for columns in 8..90 {
        let lines = wrapped(long, columns);
        assert!(lines.iter().all(|line| line.width() <= columns), "{lines:?}");
        assert_eq!(letters(&lines.concat()), letters(long));
    }
}

#[test]
fn days_are_those_that_were_named() {
    let today = date(2026, 9, 9);
    let of = |choice: Choice| choice.days(today).unwrap();
    assert_eq!(of(Choice::default()), None);
    assert_eq!(of(Choice { term: true, ..Choice::default() }), Some((None, None)));
    assert_eq!(of(Choice { missed: true, ..Choice::default() }), Some((None, None)));
    let week = (Some(date(2026, 9, 7)), Some(date(2026, 9, 13)));
    assert_eq!(of(Choice { week: true, ..Choice::default() }), Some(week));
    let day = Some(date(2026, 9, 1));
    assert_eq!(of(Choice { date: Some("2026-09-01".into()), ..Choice::default() }), Some((day, day)));
    assert!(Choice { date: Some("1.9.".into()), ..Choice::default() }.days(today).is_err());
}
