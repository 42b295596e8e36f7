//! What became of planned lessons: over the control socket, as a spreadsheet,
//! and taken note of.

use std::path::Path;
use std::time::Duration;

use calamine::{Data, Reader as _, Xlsx};
use lectern_api::account::{NoteTaken, Outcome, Report};
use lectern_api::command::Refusal;
use lectern_api::status::LessonState;
use lectern_tests::command_line::{carried_out, lecternctl_in};
use lectern_tests::{ClassroomBox, Setup, eventually};

const LIMIT: Duration = Duration::from_secs(30);
/// A Monday. The box is told the time, so that no test waits for a bell and none
/// runs into midnight.
const DAY: &str = "2026-09-07";

/// Two lessons: the names of the second are those of somebody who means harm.
fn school() -> String {
    format!(
        "room = \"教室 Classroom\"\n[term]\nmonday = {DAY}\nend = 2027-01-22\n\
         [[class]]\nname = \"三(2)班\"\ngrade = 3\n\
         [[lesson]]\nweekday = 1\ntime = \"08:00:00-08:00:06\"\nclass = \"三(2)班\"\nsubject = \"语文\"\n\
         teacher = \"王芳\"\n\
         [[lesson]]\nweekday = 1\ntime = \"09:00-09:40\"\nclass = \"三(2)班\"\nsubject = \"=1+1\"\n\
         teacher = \"@李梅\"\n"
    )
}

#[track_caller]
fn tell(lectern: &ClassroomBox, time: &str) {
    carried_out(lectern, &["clock", "set", &format!("{DAY}T{time}+08:00")]);
}

/// Status and body of a request without one.
#[track_caller]
fn ask(lectern: &ClassroomBox, method: &str, path: &str) -> (u16, Vec<u8>) {
    let answer = lectern.request(method, path, None).expect("the box answers");
    (answer.status, answer.body)
}

#[track_caller]
fn report(lectern: &ClassroomBox, days: &str) -> Report {
    let (status, body) = ask(lectern, "GET", &format!("/api/v1/report{days}"));
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).expect("a report")
}

#[track_caller]
fn refused(lectern: &ClassroomBox, method: &str, path: &str) -> (u16, String) {
    let (status, body) = ask(lectern, method, path);
    let refusal: Refusal = serde_json::from_slice(&body).expect("a refusal in words");
    assert!(!refusal.text.zh.is_empty());
    (status, refusal.code)
}

/// Whether a missed lesson is a fault now.
fn is_told(lectern: &ClassroomBox) -> bool {
    lectern.status().faults.iter().any(|fault| fault.code == "lesson.missed")
}

/// The rows of the first sheet of a spreadsheet, every cell as its text.
fn spreadsheet(file: &Path) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = calamine::open_workbook(file).expect("a spreadsheet");
    let first = book.sheet_names()[0].clone();
    assert!(book.worksheet_formula(&first).expect("a sheet").is_empty(), "a formula");
    let sheet = book.worksheet_range(&first).expect("a sheet");
    sheet.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
}

/// The rows of a CSV as spreadsheets take it.
#[track_caller]
fn table(file: &Path) -> Vec<Vec<String>> {
    let bytes = std::fs::read(file).expect("the report is written");
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").expect("a byte order mark, for Excel");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    reader.records().map(|row| row.expect("CSV").iter().map(str::to_owned).collect()).collect()
}

/// Proves on a real box that a lesson that was recorded and one that was not are
/// accounted for, that the report opens in spreadsheets with Chinese intact and
/// without a formula, and that the fault of the missing one goes when a person
/// has taken note of it, who is remembered.
#[test]
fn a_missed_lesson_is_reported_in_every_form_until_somebody_takes_note_of_it() {
    let mut lectern = ClassroomBox::prepare(Setup::test_room().timetable().in_1970());
    std::fs::write(lectern.path("timetable.toml"), school()).unwrap();
    lectern.launch();
    tell(&lectern, "07:59:56");
    eventually("the first lesson is recorded", LIMIT, || {
        lectern.lessons().into_iter().find(|entry| entry.state == LessonState::Complete)
    });
    let before = report(&lectern, "");
    assert_eq!((before.sums.total.complete, before.sums.total.missed), (1, 0), "{:?}", before.sums.total);
    assert!(!is_told(&lectern));

    tell(&lectern, "11:00:00");
    let acknowledge = |id: &str| format!("/api/v1/lessons/{id}/acknowledge");
    // Settled each minute, and whenever somebody takes note of anything.
    let nobody = refused(&lectern, "POST", &acknowledge("20260907-nobody"));
    assert_eq!(nobody, (404, "no_account".to_owned()));
    eventually("the missed lesson is told", Duration::from_secs(90), || is_told(&lectern).then_some(()));
    let days = format!("?from={DAY}&to={DAY}");
    let told = report(&lectern, &days);
    let outcomes: Vec<(&str, Outcome)> =
        told.lessons.iter().map(|account| (account.lesson.subject.as_str(), account.outcome)).collect();
    assert_eq!(outcomes, [("语文", Outcome::Complete), ("=1+1", Outcome::Missed)]);
    let [first, missed] = told.lessons.as_slice() else { panic!("{:?}", told.lessons) };
    // How much of it was recorded is another scenario's matter; every second is accounted for.
    assert!((first.recorded_s + first.missing_s() - 6.0).abs() < 0.01 && first.recorded_s > 1.0, "{first:?}");
    assert!((missed.missing_s() - 2400.0).abs() < 0.01 && missed.recordings.is_empty(), "{missed:?}");
    assert_eq!(told.sums.by_class.len(), 1);
    assert_eq!((told.sums.by_class[0].name.as_str(), told.sums.by_class[0].lessons), ("三(2)班", 2));
    for wrong in ["?from=yesterday", "?from=2026-09-08&to=2026-09-07", "?from=2020-01-01&to=2026-01-01"] {
        assert_eq!(refused(&lectern, "GET", &format!("/api/v1/report{wrong}")).0, 400, "{wrong}");
    }

    for format in ["csv", "xlsx"] {
        let file = lectern.path(&format!("report.{format}"));
        let out = file.display().to_string();
        let arguments = ["report", "--from", DAY, "--to", DAY, "--format", format, "--out", &out];
        let said = lecternctl_in(&lectern, "zh_CN.UTF-8", &arguments);
        assert!(said.code == 0 && said.text.contains("2 节课"), "{said:?}");
        let rows = if format == "csv" { table(&file) } else { spreadsheet(&file) };
        assert_eq!(rows.len(), 3, "{rows:?}");
        assert_eq!(rows[0][5..9], ["班级", "科目", "教师", "结果"]);
        assert_eq!(rows[1][5..9], ["三(2)班", "语文", "王芳", "已录"]);
        // A spreadsheet that reads CSV would take it for a formula.
        let names = if format == "csv" { ["'=1+1", "'@李梅"] } else { ["=1+1", "@李梅"] };
        assert_eq!(rows[2][6..8], names, "{format}");
        assert_eq!((rows[2][8].as_str(), rows[2][12].as_str()), ("缺录", "40"));
    }

    assert!(is_told(&lectern), "who looks has not taken note");
    let id = missed.lesson.id.clone();
    let (status, body) = ask(&lectern, "POST", &acknowledge(id.as_str()));
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let noted: NoteTaken = serde_json::from_slice(&body).expect("what was taken note of");
    assert_eq!(noted.lessons, [id]);
    eventually("the fault is gone", LIMIT, || (!is_told(&lectern)).then_some(()));
    lectern.kill();
    lectern.launch();
    let after = report(&lectern, &days);
    let by = after.lessons[1].acknowledged.as_ref().map(|noted| noted.by.as_str());
    assert_eq!((by, after.lessons[1].outcome), (Some("administrator (uid 0)"), Outcome::Missed));
}
