//! `lecternctl timetable` on files, without a daemon: answers and exit codes.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../timetable/tests/data").join(name)
}

/// Exit code, standard output, standard error.
fn run(language: &str, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_lecternctl"))
        .args(["--socket", "/nonexistent/lectern.sock", "timetable"])
        .args(args)
        .env("LC_ALL", language)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_timetable_without_mistakes_is_fine_and_one_with_mistakes_is_not() {
    let village = data("village.toml");
    let (code, out, _) = run("en", &["check", village.to_str().unwrap()]);
    assert_eq!(code, 0, "{out}");
    let folder = tempfile::tempdir().unwrap();
    let spoiled = folder.path().join("t.toml");
    let text = std::fs::read_to_string(&village).unwrap().replacen("weekday = 1", "weekday = 9", 1);
    std::fs::write(&spoiled, text).unwrap();
    let (code, out, _) = run("zh_CN.UTF-8", &["check", spoiled.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(out.contains("t.toml:44:11: weekday: 9 超出范围") && out.contains("共 1 处要改"), "{out}");
    let (code, out, _) = run("en", &["check", spoiled.to_str().unwrap(), "--json"]);
    assert_eq!(code, 1);
    assert!(out.contains("\"line\": 44"), "{out}");
    let (code, _, err) = run("en", &["check", "/nonexistent.toml"]);
    assert_eq!((code, err.contains("cannot read")), (2, true), "{err}");
}

#[test]
fn a_day_is_shown_with_why_it_is_empty() {
    let village = data("village.toml");
    let show = |more: &[&str]| run("zh_CN.UTF-8", &[&["show", village.to_str().unwrap()], more].concat());
    let (code, out, _) = show(&["--room", "三年级二班", "--date", "2026-10-05"]);
    assert_eq!(code, 0);
    assert!(out.contains("放假：国庆节"), "{out}");
    let (_, out, _) = show(&["--date", "2026-09-10"]);
    assert!(out.contains("已调到 2026-09-10 第2节 科学教室") && out.contains("[调课]"), "{out}");
    let (_, out, _) = show(&["--week", "--date", "2026-09-23", "--room", "三年级二班"]);
    assert!(out.contains("星期一 09-21") && out.contains("数学 李梅 [对调]"), "{out}");
    let (code, _, err) = show(&["--room", "四年级"]);
    assert_eq!((code, err.contains("没有教室 四年级")), (1, true), "{err}");
}

#[test]
fn an_import_shows_what_it_understood_and_writes_what_can_be_checked() {
    let folder = tempfile::tempdir().unwrap();
    let out_file = folder.path().join("new.toml");
    let (base, calendar) = (data("village.toml"), data("school.ics"));
    let (base, calendar) = (base.to_str().unwrap(), calendar.to_str().unwrap());
    let (code, out, err) =
        run("en", &["import", calendar, "--base", base, "--out", out_file.to_str().unwrap()]);
    assert_eq!(code, 1, "it has fewer lessons than the one in force: {out}{err}");
    assert!(out.contains("about 3 lessons a week instead of 5"), "{out}");
    assert!(out.contains("Read as    iCalendar") && out.contains("Monday 3, Wednesday 1"), "{out}");
    let (code, out, _) = run("en", &["check", out_file.to_str().unwrap()]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn a_refused_import_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("t.csv");
    let out_file = folder.path().join("new.toml");
    std::fs::write(&table, "课程,星期,节次,地点\n数学,0,1,101\n").unwrap();
    let base = data("village.toml");
    let args = ["import", table.to_str().unwrap(), "--base", base.to_str().unwrap(), "--out"];
    let (code, out, _) = run("en", &[&args[..], &[out_file.to_str().unwrap()]].concat());
    assert_eq!((code, out_file.exists()), (1, false), "{out}");
    assert!(out.contains("t.csv:2: 星期: `0` is not a weekday"), "{out}");
}

#[test]
fn a_doubtful_import_is_told_beside_the_one_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("t.csv");
    std::fs::write(&table, "课程,星期,节次,地点\n数学,7,1,101\n").unwrap();
    let base = data("village.toml");
    let (code, out, _) = run("en", &["import", table.to_str().unwrap(), "--base", base.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(out.contains("DOUBTFUL   a lesson on a Sunday"), "{out}");
    let (code, _, err) = run("en", &["import", table.to_str().unwrap(), "--monday", "2026-08-31"]);
    assert_eq!((code, err.contains("belong together")), (2, true), "{err}");
}
