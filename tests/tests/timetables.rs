//! A timetable on its way into the box and out again, by the real command line.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::path::Path;
use std::time::Duration;

use lectern_api::timetable::{OriginKind, PlanReport, TimetableReport};
use lectern_tests::command_line::{Said, lecternctl_in};
use lectern_tests::process::Signal;
use lectern_tests::{ClassroomBox, Setup, eventually};

const LIMIT: Duration = Duration::from_secs(30);

/// Two lessons on every Monday of a term that is over: nothing begins by itself.
fn school(second: &str) -> String {
    format!(
        "room = \"教室 Classroom\"\n[term]\nmonday = 2025-09-01\nend = 2026-01-23\n\
         [[bell]]\n[bell.periods]\n1 = \"08:20-09:00\"\n2 = \"09:10-09:50\"\n3 = \"10:20-11:00\"\n\
         [[lesson]]\nweekday = 1\nperiod = 1\nsubject = \"语文\"\n\
         [[lesson]]\nweekday = 1\nperiod = {second}\nsubject = \"数学\"\n"
    )
}

/// Exit code and what was said, in Chinese.
fn timetable(lectern: &ClassroomBox, args: &[&str]) -> (i32, String) {
    let Said { code, text } = lecternctl_in(lectern, "zh_CN.UTF-8", &[&["timetable"], args].concat());
    (code, text)
}

fn report(lectern: &ClassroomBox) -> TimetableReport {
    let (code, said) = timetable(lectern, &["versions", "--json"]);
    assert_eq!(code, 0, "{said}");
    serde_json::from_str(&said).unwrap()
}

fn write(file: &Path, text: &str) -> String {
    std::fs::write(file, text).unwrap();
    file.display().to_string()
}

#[test]
fn a_timetable_comes_is_refused_is_confirmed_and_outlives_the_daemon() {
    let mut lectern = ClassroomBox::prepare(Setup::test_room().timetable());
    lectern.launch();
    let missing = |lectern: &ClassroomBox| {
        lectern.status().faults.into_iter().any(|fault| fault.code == "timetable.missing")
    };
    eventually("the file is not there yet", LIMIT, || missing(&lectern).then_some(()));
    assert_eq!(timetable(&lectern, &["show"]).0, 1);

    let file = lectern.path("timetable.toml");
    write(&file, &school("2"));
    let first = eventually("the first one is in force", LIMIT, || report(&lectern).status.in_force);
    assert_eq!((first.number, first.origin.kind), (1, OriginKind::File));
    eventually("and is not missed any more", LIMIT, || (!missing(&lectern)).then_some(()));
    let (code, said) = timetable(&lectern, &["show", "--date", "2025-09-08"]);
    assert_eq!(code, 0);
    assert!(said.contains("第2节") && said.contains("数学"), "{said}");

    let mistaken = write(&lectern.path("mistaken.toml"), &school("9"));
    let (code, said) = timetable(&lectern, &["push", &mistaken]);
    assert_eq!(code, 1);
    assert!(said.contains("第16行 period"), "{said}");

    write(&file, &school("3"));
    eventually("another week is to come", LIMIT, || report(&lectern).status.pending.pop());
    assert_eq!(report(&lectern).status.in_force.map(|version| version.number), Some(1));
    let (code, said) = timetable(&lectern, &["confirm", "7"]);
    assert_eq!(code, 1, "{said}");
    let (code, said) = timetable(&lectern, &["confirm", "2"]);
    assert_eq!(code, 0, "{said}");

    lectern.kill();
    std::fs::remove_file(&file).unwrap();
    lectern.launch();
    let status = report(&lectern).status;
    assert_eq!(status.in_force.map(|version| version.number), Some(2));
    let (_, said) = timetable(&lectern, &["show", "--date", "2025-09-08", "--json"]);
    let plan: PlanReport = serde_json::from_str(&said).unwrap();
    assert_eq!(plan.days[0].lessons[1].hours, "10:20-11:00");
    let (code, said) = timetable(&lectern, &["rollback", "1"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(report(&lectern).status.in_force.map(|version| version.number), Some(1));
}

/// Proves that SIGHUP has the timetable read again from where it comes from,
/// although nothing there has changed.
#[test]
fn a_hangup_has_the_timetable_read_again() {
    let mut lectern = ClassroomBox::prepare(Setup::test_room().timetable());
    write(&lectern.path("timetable.toml"), &school("9"));
    lectern.launch();
    let reads = || lectern.log().matches("the timetable is not used").count();
    eventually("its mistakes are told", LIMIT, || (reads() == 1).then_some(()));
    lectern.signal(Signal::HUP);
    eventually("its mistakes are told again", LIMIT, || (reads() == 2).then_some(()));
}
