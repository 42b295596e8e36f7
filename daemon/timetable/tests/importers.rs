//! Files as schools send them.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use jiff::civil::date;
use lectern_api::Language;
use lectern_timetable::import::{Form, Import, Options, guess, read};
use lectern_timetable::*;

const VILLAGE: &[u8] = include_bytes!("data/village.toml");
const ICAL: &[u8] = include_bytes!("data/school.ics");
const CSES: &[u8] = include_bytes!("data/class.cses.yaml");
const LIST: &[u8] = include_bytes!("data/list.csv");
const LIST_GBK: &[u8] = include_bytes!("data/list.gbk.csv");
const LIST_XLSX: &[u8] = include_bytes!("data/list.xlsx");
const GRID: &[u8] = include_bytes!("data/grid.bom.csv");
const GRID_XLSX: &[u8] = include_bytes!("data/grid.xlsx");
const HOLIDAYS: &[u8] = include_bytes!("data/holidays-2026.json");

/// The village's school without its lessons' changes.
fn base() -> Timetable {
    let mut base = own::read(VILLAGE).unwrap().timetable;
    base.overrides = Overrides::default();
    base.holidays.clear();
    base.makeups.clear();
    base
}

fn with_base() -> Options {
    Options { base: Some(base()), ..Options::default() }
}

fn with_term() -> Options {
    let term = Term { name: String::new(), monday: date(2026, 8, 31), end: date(2027, 1, 22) };
    Options { term: Some(term), room: Some("101".to_owned()), ..Options::default() }
}

fn import(bytes: &[u8], options: &Options) -> Import {
    read(bytes, None, options).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

/// `1 p1 语文 三(2)班 王芳 三年级二班 every`
fn lessons(import: &Import) -> Vec<String> {
    let one = |lesson: &Lesson| {
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "-".to_owned());
        let (class, teacher, room) = (name(&lesson.class), name(&lesson.teacher), name(&lesson.room));
        let slot = lesson.slot.text().en.replace("periods ", "p").replace("period ", "p");
        format!("{} {slot} {} {class} {teacher} {room} {}", lesson.weekday, lesson.subject, lesson.weeks)
    };
    import.timetable.lessons.iter().map(one).collect()
}

fn refused(bytes: &[u8], form: Option<Form>, options: &Options) -> String {
    let mistakes = read(bytes, form, options).expect_err("accepted");
    mistakes.0.iter().map(|m| m.render("f", "", Language::En)).collect()
}

fn ignored(import: &Import) -> String {
    import.ignored.iter().map(|i| format!("{}: {}\n", i.place, i.why)).collect()
}

#[test]
fn every_form_is_known_by_its_content() {
    let forms = [
        (VILLAGE, Form::Own),
        (ICAL, Form::Ical),
        (CSES, Form::Cses),
        (LIST, Form::Table),
        (LIST_GBK, Form::Table),
        (LIST_XLSX, Form::Table),
        (GRID, Form::Table),
        (HOLIDAYS, Form::Holidays),
    ];
    for (bytes, form) in forms {
        assert_eq!(guess(bytes), Some(form));
    }
    assert_eq!(guess(b"hello"), None);
    assert!(refused(b"hello", None, &with_term()).contains("neither iCalendar"));
}

const LIST_LESSONS: [&str; 5] = [
    "1 p1 语文 三(2)班 王芳 三年级二班 every",
    "1 p5 美术 三(2)班 赵军 三年级二班 even",
    "1 p5 音乐 三(2)班 李梅 三年级二班 odd",
    "3 p3-4 科学 五(1)班 赵军 科学教室 every",
    "4 p2 数学 三(2)班 李梅 三年级二班 every",
];

#[test]
fn a_list_is_read_in_utf8_and_in_gbk_alike() {
    for bytes in [LIST, LIST_GBK] {
        let import = import(bytes, &with_base());
        assert_eq!(sorted(lessons(&import)), sorted(LIST_LESSONS.map(str::to_owned).to_vec()));
        let ignored = ignored(&import);
        assert!(ignored.contains("2: the column 学分 is not used"), "{ignored}");
        assert!(ignored.contains("9: a row without weekday and period: 制表：教务处"), "{ignored}");
    }
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(std::str::from_utf8(LIST).unwrap().encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(import(&utf16, &with_base()).timetable, import(LIST, &with_base()).timetable);
}

fn sorted(mut lessons: Vec<String>) -> Vec<String> {
    lessons.sort();
    lessons
}

#[test]
fn a_list_in_a_spreadsheet_survives_what_the_spreadsheet_made_of_it() {
    let import = import(LIST_XLSX, &with_base());
    let expected = [
        "1 p1 语文 三(2)班 王芳 三年级二班 every",
        "3 p3-4 科学 五(1)班 赵军 科学教室 1-8",
        "4 p2 数学 三(2)班 李梅 三年级二班 odd",
    ];
    assert_eq!(lessons(&import), expected);
}

#[test]
fn a_grid_is_read_with_its_bells_and_its_class() {
    let import = import(GRID, &with_term());
    let all = lessons(&import);
    assert_eq!(all.len(), 13, "{all:#?}");
    for expected in [
        "1 p1 语文 三（2）班 王芳 - every",
        "3 p1 语文 三（2）班 王芳 - every",
        "5 p1 英语 三（2）班 周芳 - every",
        "3 p2 科学 三（2）班 赵军 科学教室 every",
        "4 p2 音乐 三（2）班 - - odd",
        "4 p2 美术 三（2）班 - - even",
        "5 p3 班会 三（2）班 - - 1-8",
    ] {
        assert!(all.contains(&expected.to_owned()), "{expected}\n{all:#?}");
    }
    assert_eq!(import.timetable.bells[0].periods.len(), 3);
    assert_eq!(import.timetable.classes[0].grade, 3);
    assert!(ignored(&import).contains("names no period: 大课间"), "{}", ignored(&import));
}

#[test]
fn a_merged_cell_of_a_spreadsheet_is_a_lesson_of_two_periods() {
    let options = Options { room: Some("五年级一班".to_owned()), ..with_base() };
    let import = import(GRID_XLSX, &options);
    let all = lessons(&import);
    assert!(all.contains(&"3 p3-4 科学 五（1）班 赵军 科学教室 every".to_owned()), "{all:#?}");
    assert!(all.contains(&"5 p4 书法 五（1）班 - - 1-8".to_owned()), "{all:#?}");
    assert_eq!(all.len(), 15, "{all:#?}");
}

#[test]
fn a_bad_row_names_line_column_cause_and_remedy_and_nothing_is_applied() {
    let text = "课程,星期,节次,周次\n数学,1,2,1-8\n语文,0,1,1-8\n英语,2,99,\n科学,3,1,手\n,4,1,\n";
    let report = refused(text.as_bytes(), None, &with_base());
    for expected in [
        "f:3: 星期: `0` is not a weekday",
        "1 for Monday to 7 for Sunday",
        "f:4: 节次: `99` is not a period",
        "f:5: 周次: `手` names no weeks",
        "f:6: 课程: there is no 课程",
    ] {
        assert!(report.contains(expected), "{expected}\n{report}");
    }
    let report = refused("课程,教师,节次,地点\n数学,李,1,101\n".as_bytes(), None, &with_base());
    assert!(report.contains("there is no column 星期"), "{report}");
}

#[test]
fn two_lessons_at_once_in_one_room_are_refused_with_both_lines() {
    let text = "课程,星期,节次,地点\n数学,1,2,101\n语文,1,2,101\n";
    let report = refused(text.as_bytes(), None, &with_base());
    assert!(report.contains("f:3:") && report.contains("; 2)"), "{report}");
}

#[test]
fn an_old_spreadsheet_is_named_as_what_it_is() {
    let report = refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None, &with_base());
    assert!(report.contains("save it as .xlsx"), "{report}");
}

#[test]
fn a_spreadsheet_that_unpacks_to_gigabytes_is_refused() {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..80 {
        zip.write_all(&zeros).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    assert!(bytes.len() < MAX_BYTES / 10);
    let report = refused(&bytes, None, &with_base());
    assert!(report.contains("larger than a school's timetable"), "{report}");
}

#[test]
fn cses_is_read_leniently() {
    let options = Options { class: Some("三(2)班".to_owned()), ..with_term() };
    let import = import(CSES, &options);
    let expected = [
        "1 p1 数学 三(2)班 李梅 101 every",
        "1 p2 语文 三(2)班 王芳 - every",
        "2 p1 体育 三(2)班 - 操场 odd",
        "2 p1 美术 三(2)班 - - even",
        "4 p1 体育 三(2)班 - 操场 odd",
    ];
    assert_eq!(sorted(lessons(&import)), expected);
    assert_eq!(import.timetable.bells[0].periods[&2].to_string(), "08:50-09:30");
    assert!(ignored(&import).contains("美术 is not among the subjects"));
}

#[test]
fn cses_with_mistakes_names_their_lines() {
    let text = "version: 2\nschedules:\n  - enable_day: 8\n    weeks: some\n    classes:\n      - subject: 数学\n        start_time: 8\n        end_time: abc\n";
    let report = refused(text.as_bytes(), None, &with_term());
    for expected in ["f:1:10: version", "f:3:17: enable_day", "f:4:12: weeks", "f:8:19: end_time"] {
        assert!(report.contains(expected), "{expected}\n{report}");
    }
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nschedules: [*b]\n";
    assert!(refused(bomb.as_bytes(), None, &with_term()).contains("references (*name)"));
    let deep = format!("schedules: {}", "[".repeat(100));
    let report = refused(deep.as_bytes(), None, &with_term());
    assert!(report.contains("deeper or larger"), "{report}");
}

#[test]
fn a_calendar_is_read_with_its_rules_zones_and_exceptions() {
    let import = import(ICAL, &with_base());
    let expected = [
        // 14:30 is period 5 in summer; in winter the bells ring at other times.
        "1 14:30-15:10 音乐 三(2)班 李梅 三年级二班 7,9,11,13,15,17,19,21",
        "1 p1 语文 三(2)班 王芳 三年级二班 1-5,7-21",
        "1 p5 音乐 三(2)班 李梅 三年级二班 1,3,5",
        "3 p3-4 科学 五(1)班 赵军 科学教室 1-3,7",
        // UTC: 01:10 is 09:10 in Shanghai.
        "4 p2 数学 三(2)班 李梅 三年级二班 every",
    ];
    assert_eq!(sorted(lessons(&import)), expected);
    let moved = &import.timetable.overrides.moves[0];
    assert_eq!((moved.pick.date, moved.to_date), (date(2026, 9, 14), Some(date(2026, 9, 15))));
    assert_eq!((moved.to_slot, moved.to_room.as_deref()), (Some(Slot::period(2)), Some("科学教室")));
    assert_eq!(import.timetable.overrides.substitutes[0].by, "张伟");
    let ignored = ignored(&import);
    assert!(ignored.contains("whole days") && ignored.contains("is cancelled"), "{ignored}");
}

#[test]
fn a_holiday_left_out_of_a_rule_is_still_every_week() {
    let mut options = with_base();
    let days = vec![Holiday { name: "国庆节".to_owned(), from: date(2026, 10, 1), to: date(2026, 10, 7) }];
    options.base.as_mut().unwrap().holidays = days;
    assert!(lessons(&import(ICAL, &options)).contains(&"1 p1 语文 三(2)班 王芳 三年级二班 every".to_owned()));
}

#[test]
fn a_calendar_alone_makes_its_own_term_and_bells() {
    let import = import(ICAL, &Options::default());
    assert_eq!(import.timetable.term.monday, date(2026, 8, 31));
    assert_eq!(import.timetable.bells[0].periods.len(), 4);
    assert_eq!(import.timetable.lessons.len(), 4);
}

#[test]
fn an_event_that_repeats_without_an_end_ends_with_the_term() {
    let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:数学\nDTSTART:20250901T082000\nDTEND:20250901T090000\n\
                RRULE:FREQ=WEEKLY;INTERVAL=2\nEND:VEVENT\nEND:VCALENDAR\n";
    let options = Options { room: Some("101".to_owned()), ..with_base() };
    // Every second week since a year before: 31 August 2026 is one of them.
    assert_eq!(lessons(&import(text.as_bytes(), &options)), ["1 p1 数学 - - - odd"]);
    let report = refused(text.as_bytes(), None, &Options::default());
    assert!(report.contains("f:2: RRULE: this event repeats without an end"), "{report}");
}

#[test]
fn a_calendar_with_mistakes_names_their_lines() {
    let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:a\nDTSTART;TZID=Mars/Base:20260901T080000\nDTEND:20260901T090000\nEND:VEVENT\n\
                BEGIN:VEVENT\nSUMMARY:b\nDTSTART:2026\nEND:VEVENT\nBEGIN:VEVENT\nDTSTART:20260901T080000\nEND:VEVENT\nEND:VCALENDAR\n";
    let report = refused(text.as_bytes(), None, &with_term());
    for expected in ["f:4: DTSTART: the time zone `Mars/Base`", "f:9: DTSTART", "f:11: DTEND"] {
        assert!(report.contains(expected), "{expected}\n{report}");
    }
    let rule = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:a\nDTSTART:20260901T080000\nDTEND:20260901T090000\nRRULE:FREQ=SOMETIMES\nEND:VEVENT\nEND:VCALENDAR\n";
    assert!(refused(rule.as_bytes(), None, &with_term()).contains("f:6: RRULE"));
    let often = rule.replace("SOMETIMES", "SECONDLY");
    assert!(refused(often.as_bytes(), None, &with_term()).contains("f:6: RRULE"));
    let strange = rule.replace("FREQ=SOMETIMES", "FREQ=WEEKLY;BYDAY=M三");
    assert!(refused(strange.as_bytes(), None, &with_term()).contains("BYDAY=M三"));
}

#[test]
fn holidays_are_folded_and_answers_are_kept() {
    let mut options = with_base();
    let base = options.base.as_mut().unwrap();
    base.makeups.push(Makeup {
        date: date(2026, 9, 20),
        name: "国庆节".to_owned(),
        follows: Some(Follows::Weekday(4)),
    });
    base.holidays.push(Holiday {
        name: "校运会".to_owned(),
        from: date(2026, 10, 29),
        to: date(2026, 10, 30),
    });
    base.holidays
        .push(Holiday { name: "国庆节".to_owned(), from: date(2026, 10, 1), to: date(2026, 10, 3) });
    let import = import(HOLIDAYS, &options);
    let days: Vec<_> =
        import.timetable.holidays.iter().map(|h| (h.name.as_str(), h.from.day(), h.to.day())).collect();
    assert_eq!(days, [("中秋节", 25, 27), ("国庆节", 1, 7), ("校运会", 29, 30)]);
    let follows: Vec<_> = import.timetable.makeups.iter().map(|m| m.follows).collect();
    assert_eq!(follows, [Some(Follows::Weekday(4)), None]);
    assert!(import.notices[0].cause.en.contains("2026-10-10"));
    assert!(read(HOLIDAYS, None, &Options::default()).unwrap().only_days);
}

#[test]
fn holidays_with_mistakes_name_their_lines() {
    let text = "{\"days\": [\n{\"name\": \"a\", \"date\": \"2026-02-30\", \"isOffDay\": true},\n{\"name\": \"b\", \"date\": \"2026-03-01\"}\n]}";
    let report = refused(text.as_bytes(), None, &with_base());
    assert!(report.contains("f:2: date: `2026-02-30`"), "{report}");
    assert!(report.contains("f:3: days:") && report.contains("isOffDay"), "{report}");
    assert!(refused(b"{\"days\": [", None, &with_base()).contains("f:1:10:"));
    assert!(refused(b"{}", None, &with_base()).contains("no list of days"));
}

#[test]
fn importing_what_was_exported_changes_nothing() {
    for (bytes, options) in [
        (ICAL, with_base()),
        (LIST, with_base()),
        (GRID, with_term()),
        (LIST_XLSX, with_base()),
        (HOLIDAYS, with_base()),
    ] {
        let timetable = import(bytes, &options).timetable;
        let again = import(own::write(&timetable).as_bytes(), &Options::default());
        assert_eq!((again.form, &again.timetable), (Form::Own, &timetable));
    }
}

#[test]
fn importing_the_same_file_twice_changes_nothing() {
    let once = import(ICAL, &with_base()).timetable;
    let options = Options { base: Some(once.clone()), ..Options::default() };
    assert_eq!(import(ICAL, &options).timetable, once);
}

#[test]
fn a_change_of_the_base_that_names_no_lesson_any_more_is_left_out_and_told() {
    let options = Options { base: Some(own::read(VILLAGE).unwrap().timetable), ..Options::default() };
    // The calendar moves a lesson that the base cancels.
    let calendar = import(ICAL, &options);
    let changes = &calendar.timetable.overrides;
    assert_eq!((changes.cancels.len(), changes.moves.len()), (0, 2));
    assert!(ignored(&calendar).contains("2026-09-14"), "{}", ignored(&calendar));
    let table = import("课程,星期,节次,地点\n数学,5,1,101\n".as_bytes(), &options);
    assert_eq!(table.timetable.overrides.cancels, []);
    assert_eq!(table.timetable.overrides.extras.len(), 1, "an extra lesson names no other");
}

#[test]
fn periods_without_hours_are_refused_with_what_to_do() {
    assert!(refused(LIST, None, &with_term()).contains("write the hours into the table"));
}

#[test]
fn without_a_term_a_table_is_refused_with_what_to_do() {
    assert!(refused(LIST, None, &Options::default()).contains("--base"));
}

#[test]
fn a_changed_instance_of_a_calendar_has_names_that_can_be_written_down() {
    let calendar = String::from_utf8(ICAL.to_vec()).unwrap();
    let spoiled = calendar.replace("张伟", "张\u{1}伟");
    let read = import(spoiled.as_bytes(), &with_base());
    assert_eq!(read.timetable.overrides.substitutes[0].by, "张 伟");
    let text = own::write(&read.timetable);
    assert_eq!(own::read(text.as_bytes()).unwrap().timetable, read.timetable);
    let long = calendar.replace("张伟", &"长".repeat(200));
    assert!(refused(long.as_bytes(), None, &with_base()).contains("too long"));
}
