//! Deleting, holding and keeping lessons, by people who may and people who may
//! not, through the control socket.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use lectern_api::LessonId;
use lectern_api::command::Refusal;
use lectern_api::manifest::ManifestState;
use lectern_archive::signature::Standing;
use lectern_archive::{Store, verify};
use lectern_tests::command_line::{Said, lecternctl};
use lectern_tests::recordings::in_spool;
use lectern_tests::{ClassroomBox, Recording, Setup, eventually, process};

const SOON: Duration = Duration::from_secs(60);

/// A box whose two lessons are in its archive.
fn archived() -> (ClassroomBox, Recording, Recording) {
    let mut lectern = ClassroomBox::prepare(Setup::bare().source("board", "board", "test:board"));
    let first = Recording::of("LB-1", "2026-03-02T00:00:00Z", 1, 2_000);
    let second = Recording::of("LB-2", "2026-03-02T01:00:00Z", 1, 2_000);
    in_spool(&lectern, |spool| [&first, &second].into_iter().for_each(|lesson| lesson.record(spool)));
    lectern.launch();
    for lesson in [&first, &second] {
        lectern.wait_archived(&lesson.lesson.id).assert_verified();
    }
    // For people of the socket's group.
    std::fs::set_permissions(lectern.path(""), Permissions::from_mode(0o750)).expect("its folder opens");
    (lectern, first, second)
}

/// Somebody who is neither root nor the box's own user, and of the socket's
/// group. Needs root. Gives the status and the body.
fn teacher(lectern: &ClassroomBox, uid: u32, command: &str) -> (u16, String) {
    let mut person = process::command("setpriv", "util-linux");
    person.args(["--reuid", &uid.to_string(), "--regid", "0", "--clear-groups", "curl", "-sS"]);
    person.arg("--unix-socket").arg(lectern.path("control.sock"));
    person.args(["-w", "\n%{http_code}", "-H", "content-type: application/json", "-d", command]);
    let output = person.arg("http://box/api/v1/commands").output().expect("curl runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, status) = said.rsplit_once('\n').unwrap_or_else(|| panic!("{output:?}"));
    (status.parse().expect("a status"), body.to_owned())
}

fn code(body: &str) -> String {
    serde_json::from_str::<Refusal>(body).unwrap_or_else(|error| panic!("{error}: {body}")).code
}

/// The administrator at the command line: exit code and what was said.
fn administrator(lectern: &ClassroomBox, arguments: &[&str]) -> (i32, String) {
    let Said { code, text } = lecternctl(lectern, &[&["lesson"], arguments].concat());
    (code, text)
}

fn audit(lectern: &ClassroomBox) -> Vec<(String, String, String)> {
    let text = std::fs::read_to_string(lectern.path("spool/audit.jsonl")).expect("there is an audit");
    let line = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        ["what", "by", "reason"].map(|key| line[key].as_str().unwrap_or_default().to_owned()).into()
    };
    text.lines().map(line).collect()
}

fn files_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the lesson's folder").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_teacher_asks_and_an_administrator_decides() {
    let (mut lectern, lesson, other) = archived();
    let id = &lesson.lesson.id;
    let delete = r#"{"command":"delete","lesson":"LB-1","reason":"家长申请","now":true}"#;
    let (status, body) = teacher(&lectern, 12_345, delete);
    assert_eq!(status, 200, "{body}");
    let entry = lectern.lesson(id);
    let request = entry.deletion_request.expect("it is a request");
    assert_eq!((request.by.as_str(), request.reason.as_str()), ("teacher (uid 12345)", "家长申请"));
    assert!(entry.held && entry.deletion.is_none(), "nothing was deleted");

    // What is not theirs to decide.
    for (uid, command) in [
        (12_345, r#"{"command":"hold","lesson":"LB-1","reason":"x"}"#),
        (12_345, r#"{"command":"release","lesson":"LB-1"}"#),
        (12_346, r#"{"command":"keep","lesson":"LB-1"}"#),
    ] {
        let (status, body) = teacher(&lectern, uid, command);
        assert_eq!((status, code(&body).as_str()), (403, "not_allowed"), "{command}: {body}");
    }
    let (status, body) = teacher(&lectern, 12_345, r#"{"command":"keep","lesson":"LB-1"}"#);
    assert_eq!(status, 200, "one's own request: {body}");
    assert!(lectern.lesson(id).deletion_request.is_none());
    teacher(&lectern, 12_345, delete);

    let (exit, said) = administrator(&lectern, &["hold", "LB-1", "--reason", "事故调查"]);
    assert_eq!(exit, 0, "{said}");
    let (exit, said) = administrator(&lectern, &["delete", "LB-1", "--reason", "家长申请", "--now"]);
    assert!(exit == 1 && said.contains("held by administrator") && said.contains("事故调查"), "{said}");
    lesson.assert_is_in(&lectern.path("archive"));
    let (exit, said) = administrator(&lectern, &["release", "LB-1"]);
    assert_eq!(exit, 0, "{said}");
    let (exit, said) = administrator(&lectern, &["delete", "LB-1", "--reason", "家长申请"]);
    assert!(exit == 1 && said.contains("--now"), "the seven days are not over: {said}");
    let (exit, said) = administrator(&lectern, &["delete", "LB-1", "--reason", "家长申请", "--now"]);
    assert_eq!(exit, 0, "{said}");

    let folder = lectern.path("archive").join(lesson.folder());
    eventually("the archive is cleaned", SOON, || (files_in(&folder) == ["manifest.json"]).then_some(()));
    assert_deleted(&lectern, id, &folder);
    eventually("the audit has it", SOON, || (audit(&lectern).len() == 7).then_some(()));
    let what: Vec<_> = audit(&lectern).into_iter().map(|(what, by, _)| format!("{what}: {by}")).collect();
    let [one, two] = ["teacher (uid 12345)", "administrator (uid 0)"];
    assert_eq!(
        what,
        [
            format!("deletion_requested: {one}"),
            format!("kept: {one}"),
            format!("deletion_requested: {one}"),
            format!("held: {two}"),
            format!("released: {two}"),
            format!("deleted: {two}"),
            "store_cleaned: folder".to_owned(),
        ]
    );

    lectern.kill();
    lectern.launch();
    assert_deleted(&lectern, id, &folder);
    other.assert_is_in(&lectern.path("archive"));
    assert!(lectern.lesson(&other.lesson.id).held);
}

/// Here only dates are left, there a signed word that it was deleted.
#[track_caller]
fn assert_deleted(lectern: &ClassroomBox, id: &LessonId, folder: &Path) {
    let entry = lectern.lesson(id);
    let deletion = entry.deletion.expect("it was deleted");
    assert_eq!((deletion.by.as_str(), deletion.reason.as_str()), ("administrator (uid 0)", "家长申请"));
    assert!(!entry.held && entry.lesson.title.is_empty());
    let store = Store::open(&format!("file://{}", folder.display())).expect("a folder is a store");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let found = runtime.block_on(verify::read_lesson(&store)).expect("a manifest");
    assert_eq!((found.manifest.state, found.manifest.deletion), (ManifestState::Deleted, Some(deletion)));
    assert!(matches!(found.standing, Standing::Valid(_)) && found.manifest.lesson.title.is_empty());
}

#[test]
fn decisions_that_cannot_be_read_stop_deletions_and_nothing_else() {
    let (mut lectern, lesson, _) = archived();
    let (exit, said) = administrator(&lectern, &["hold", "LB-1", "--reason", "事故调查"]);
    assert_eq!(exit, 0, "{said}");
    lectern.kill();
    let decisions = lectern.path("spool/decisions.jsonl");
    std::fs::remove_file(&decisions).expect("it is there");
    std::fs::create_dir(&decisions).expect("something that cannot be read takes its place");
    lectern.launch();
    let fault = lectern.wait_fault("spool.damaged");
    assert!(fault.text.en.contains("decisions.jsonl.damaged-1"), "{}", fault.text);
    let (exit, said) = administrator(&lectern, &["delete", "LB-1", "--reason", "x", "--now"]);
    assert!(exit == 1 && said.contains("damaged-1"), "{said}");
    lesson.assert_is_in(&lectern.path("archive"));
    let running = lectern.start("history");
    lectern.wait_recorded(2.0);
    assert_eq!(lectern.stop(), running);
    lectern.wait_archived(&running).assert_verified();

    lectern.kill();
    std::fs::remove_dir(lectern.path("spool/decisions.jsonl.damaged-1")).expect("somebody takes it away");
    lectern.launch();
    lectern.wait_no_fault("spool.damaged");
    let (exit, said) = administrator(&lectern, &["delete", "LB-1", "--reason", "x", "--now"]);
    assert_eq!(exit, 0, "{said}");
}
