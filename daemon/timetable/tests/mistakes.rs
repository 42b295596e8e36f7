//! Every mistake is named at once, with its line and a remedy.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use lectern_api::Language;
use lectern_timetable::own;

const FILE: &str = include_str!("data/village.toml");

fn mistakes(text: &str) -> String {
    let mistakes = own::read(text.as_bytes()).expect_err("accepted");
    mistakes.0.iter().map(|m| m.render("t.toml", text, Language::En)).collect()
}

/// The number of the line that begins with `begin`, after the heading `after`.
fn line(text: &str, after: &str, begin: &str) -> usize {
    let heading = text.lines().position(|l| l.starts_with(after)).unwrap();
    let found = text.lines().skip(heading).position(|l| l.starts_with(begin)).unwrap();
    heading + found + 1
}

#[test]
fn every_mistake_is_reported_at_once_with_its_line() {
    let text = "schol = \"x\"\n[term]\nmonday = 2026-09-01T08:00:00\nend = \"morgen\"\n[[bell]]\n[bell.periods]\n\
                99 = \"08:00-08:40\"\n1 = \"9-8\"\n[[lesson]]\nweekday = 0\nweeks = \"手\"\n[[move]]\ndate = 1\nto_periode = 2\n";
    let report = mistakes(text);
    for line in [1, 3, 4, 7, 8, 9, 10, 11, 13, 14] {
        assert!(report.contains(&format!("t.toml:{line}:")), "no mistake in line {line}\n{report}");
    }
    assert!(report.contains("did you mean `to_period`?"), "{report}");
    assert!(report.contains("lesson]] lacks `subject`"), "{report}");
}

#[test]
fn what_does_not_fit_together_is_reported_with_its_line() {
    let cases = [
        ("monday = 2026-08-31", "monday = 2026-09-01", "[term]", "monday", "the one before is 2026-08-31"),
        ("end = 2027-01-22", "end = 2026-01-22", "[term]", "end", "the wrong way round"),
        ("2 = \"09:10-09:50\"", "2 = \"08:10-09:50\"", "[[bell]]", "[bell.periods]", "before period 1"),
        (
            "period = 1\nclass = \"三(2)班\"\nsubject = \"语文\"",
            "period = 12\nclass = \"三(2)班\"\nsubject = \"语文\"",
            "[[lesson]]",
            "period",
            "no bell schedule has period 12",
        ),
        ("weeks = \"单周\"", "weeks = \"40\"", "[[lesson]]", "weeks", "none of the term's 21 weeks"),
        (
            "weeks = \"双周\"",
            "weeks = \"7\"",
            "[[lesson]]\nweekday = 1\nperiod = 5\nclass = \"三(2)班\"\nsubject = \"美术\"",
            "",
            "another lesson at the same time",
        ),
        ("follows = 2026-10-01", "follows = 2025-10-01", "[[makeup]]", "follows", "not in the term"),
        ("date = 2026-09-20\nname", "date = 2026-10-03\nname", "[[makeup]]", "date", "and a holiday"),
        ("date = 2026-09-14", "date = 2026-09-15", "[[cancel]]", "date", "no such lesson"),
        ("date = 2026-09-14", "date = 2026-10-05", "[[cancel]]", "date", "holiday: 国庆节"),
        ("to_room = \"科学教室\"", "", "[[move]]", "[[move]]", "does not say to where"),
        ("with_period = 2", "with_period = 3", "[[swap]]", "with_date", "no such lesson"),
        ("to = 2026-11-10", "to = 2026-11-01", "[[exam]]", "to", "not after the beginning"),
        (
            "to = 2026-12-07T12:00:00",
            "to = 2026-12-07T12:00:00Z",
            "[[suspend]]",
            "to",
            "time zone of its own",
        ),
    ];
    for (from, to, heading, begin, expected) in cases {
        assert!(FILE.contains(from), "{from}");
        let text = FILE.replacen(from, to, 1);
        let report = mistakes(&text);
        assert!(report.contains(expected), "{to}: {expected}\n{report}");
        if !heading.contains('\n') {
            let line = line(&text, heading, begin);
            let place = format!("t.toml:{line}:");
            let anywhere = heading == "[[lesson]]" && text.contains("40\"");
            assert!(anywhere || report.contains(&place), "{to}: not at {line}\n{report}");
        }
    }
}

#[test]
fn one_lesson_is_not_changed_twice() {
    let twice = format!("{FILE}\n[[cancel]]\ndate = 2026-09-10\nperiod = 2\nclass = \"三(2)班\"\n");
    assert!(mistakes(&twice).contains("already cancelled, moved or swapped"));
}

#[test]
fn a_change_that_fits_several_lessons_is_refused_where_one_is_meant() {
    let vague = format!("{FILE}\n[[move]]\ndate = 2026-09-07\nclass = \"三(2)班\"\nto_date = 2026-09-08\n");
    assert!(mistakes(&vague).contains("2 lessons fit this"));
}

#[test]
fn a_class_without_a_grade_has_no_bells_of_grades() {
    let text = FILE
        .replace("name = \"夏季作息\"", "grades = [3, 5]")
        .replace("name = \"冬季作息\"", "grades = [3, 5]");
    let text = text.replacen("grade = 5", "grade = 6", 1);
    assert!(mistakes(&text).contains("no bell schedule"));
    let text = text.replacen("[[class]]\nname = \"五(1)班\"", "[[class]]\nname = \"六(1)班\"", 1);
    assert!(mistakes(&text).contains("the grade of 五(1)班 is not known"));
}

#[test]
fn another_encoding_is_named() {
    let mut bytes = b"school = \"".to_vec();
    bytes.extend([0xd5, 0xc5, 0xb4, 0xe5]);
    assert!(own::read(&bytes).unwrap_err().0[0].remedy.zh.contains("GBK"));
}

#[test]
fn nothing_large_is_read() {
    let large = vec![b'\n'; lectern_timetable::MAX_BYTES + 1];
    assert!(own::read(&large).unwrap_err().0[0].cause.en.contains("at most"));
    let many = "[[lesson]]\n".repeat(lectern_timetable::MAX_LESSONS + 1);
    assert!(mistakes(&many).contains("times [[lesson]]"));
    let deep = format!("school = {}", "[".repeat(100_000));
    assert!(own::read(deep.as_bytes()).is_err());
}

#[test]
fn syntax_errors_do_not_hide_each_other() {
    let report = mistakes("[term]\nmonday = \nend = = 3\n[[lesson]\n");
    for line in [2, 3, 4] {
        assert!(report.contains(&format!("t.toml:{line}:")), "{line}\n{report}");
    }
}

#[test]
fn a_date_of_chinese_characters_is_a_mistake_and_no_panic() {
    let text = FILE.replacen("to = 2026-10-07", "to = \"20双双单26-10-01\"", 1);
    assert!(mistakes(&text).contains("is not a date"));
}
