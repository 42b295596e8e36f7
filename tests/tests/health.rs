//! What is wrong, told once and remembered, and what a district's tools make of
//! it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use lectern_api::fault::Fault;
use lectern_tests::classroom_box::built;
use lectern_tests::process::owned;
use lectern_tests::room::Camera;
use lectern_tests::{ClassroomBox, Receiver, Setup, eventually};

const LIMIT: std::time::Duration = std::time::Duration::from_secs(40);

fn ctl(lectern: &ClassroomBox, args: &[&str]) -> (Option<i32>, String) {
    let mut command = owned(&built("lecternctl"));
    command.arg("--socket").arg(lectern.path("control.sock")).args(args).env("LC_ALL", "C");
    let Output { status, stdout, .. } = command.output().expect("lecternctl runs");
    (status.code(), String::from_utf8(stdout).expect("UTF-8"))
}

fn faults(lectern: &ClassroomBox) -> Vec<Fault> {
    serde_json::from_str(&ctl(lectern, &["--json", "faults", "--past", "9"]).1).expect("faults as JSON")
}

/// Documents about many boxes.
fn fleet(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/fleet").join(name)
}

/// What a box tells Prometheus is what `promtool` expects; every name that the
/// dashboard and the rules ask for is among it.
#[track_caller]
fn assert_understood(metrics: &str) {
    // promtool reads the older form, which has no end mark, units or infos.
    let older: String = metrics
        .lines()
        .filter(|line| !line.starts_with("# EOF") && !line.starts_with("# UNIT"))
        .map(|line| line.replace(" info", " gauge") + "\n")
        .collect();
    let mut promtool = Command::new("promtool");
    let mut promtool = promtool
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is installed (`make deps`)");
    let mut stdin = promtool.stdin.take().expect("it is piped");
    std::io::Write::write_all(&mut stdin, older.as_bytes()).expect("promtool reads");
    drop(stdin);
    let said = promtool.wait_with_output().expect("promtool ends");
    let complaints = String::from_utf8_lossy(&said.stderr).into_owned();
    let complaints: Vec<&str> =
        complaints.lines().filter(|line| !line.contains("_info") && !line.contains("_total")).collect();
    assert_eq!(complaints, [""; 0], "{older}");

    let told: BTreeSet<&str> = metrics
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['{', ' ']).next())
        .collect();
    for file in ["grafana.json", "alerts.yml"] {
        let text = std::fs::read_to_string(fleet(file)).expect("the document is there");
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        for (at, _) in text.match_indices("lectern_") {
            let name: String = text[at..].chars().take_while(|c| is_name(*c)).collect();
            assert!(told.contains(name.as_str()), "{file} asks for {name}, which no box tells");
        }
    }
}

/// Proves that a camera that dies is one fault: told in words, with its number,
/// through the break and a restart after a crash, until the camera delivers
/// again, and that it is among the past ones then.
#[test]
fn a_fault_is_told_kept_over_a_crash_and_ends_on_evidence_only() {
    let (mut camera, receiver) = (Camera::switch_on(), Receiver::listening());
    let setup = Setup::bare()
        .source("board", "board", "test:board")
        .source("camera", "camera", &camera.uri())
        .source("mic", "mic", "test:mic")
        .live("district", &receiver.url())
        .live("nowhere", "srt://127.0.0.1:9");
    let mut lectern = ClassroomBox::switch_on(setup);
    lectern.start("physics");
    lectern.wait_source("camera", lectern_api::status::SourceState::Running, LIMIT);

    camera.kill();
    let lost = lectern.wait_fault("camera.lost");
    assert!(lost.id > 0 && lost.until.is_none());
    lectern.wait_fault("live.refused");
    let (code, said) = ctl(&lectern, &["faults"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("MAJOR  camera.lost (camera)  since ") && said.contains("→ "), "{said}");
    let metrics = eventually("a round trip is known", LIMIT, || {
        let metrics = lectern.request("GET", "/metrics", None).expect("metrics");
        let metrics = String::from_utf8(metrics.body).expect("UTF-8");
        metrics.contains("lectern_live_round_trip_seconds{").then_some(metrics)
    });
    assert!(metrics.contains(r#"lectern_fault{code="camera.lost",severity="major",unit="camera"} 1"#));
    assert!(metrics.contains(r#"lectern_source_up{role="camera",source="camera"} 0"#), "{metrics}");
    assert_understood(&metrics);

    let lesson = lectern.stop();
    lectern.wait_complete(&lesson);
    let still = lectern.wait_fault("camera.lost");
    assert_eq!((still.id, still.since), (lost.id, lost.since), "a closed camera is no evidence");
    lectern.kill();
    lectern.launch();
    let after = lectern.wait_fault("camera.lost");
    assert_eq!((after.id, after.since), (lost.id, lost.since), "a restart is no evidence");

    camera.restart();
    lectern.start("chemistry");
    lectern.wait_no_fault("camera.lost");
    let past = eventually("the camera's fault is among the past ones", LIMIT, || {
        faults(&lectern).into_iter().find(|fault| fault.id == lost.id)
    });
    assert!(past.until.is_some_and(|until| until >= past.since), "{past:?}");
    let newest = faults(&lectern).into_iter().map(|fault| fault.id).max();
    assert!(newest >= Some(lost.id));
}

/// The rules for Prometheus are rules, and ring when they are meant to.
#[test]
fn the_alert_rules_ring_when_they_are_meant_to() {
    for (what, file) in [("check", "alerts.yml"), ("test", "alerts.test.yml")] {
        let output = Command::new("promtool").args([what, "rules"]).arg(fleet(file)).output();
        let output = output.expect("promtool is installed (`make deps`)");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
