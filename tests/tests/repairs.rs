//! What the box mends by itself, and that it says so.

use std::time::Duration;

use lectern_api::fault::Fault;
use lectern_api::repair::{Outcome, Part, Repair};
use lectern_api::status::SourceState;
use lectern_tests::classroom_box::built;
use lectern_tests::process::owned;
use lectern_tests::room::{Camera, Sound};
use lectern_tests::{ClassroomBox, Setup, eventually};

const LIMIT: Duration = Duration::from_secs(40);

/// What `lecternctl faults` says of those that are over, too.
fn told(lectern: &ClassroomBox, language: &str) -> String {
    let mut command = owned(&built("lecternctl"));
    command.arg("--socket").arg(lectern.path("control.sock")).args(["faults", "--past", "9"]);
    let output = command.env("LC_ALL", language).output().expect("lecternctl runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[track_caller]
fn wait_tried(lectern: &ClassroomBox, code: &str) -> Fault {
    eventually(&format!("something is tried about {code}"), LIMIT, || {
        let faults = lectern.status().faults;
        faults.into_iter().find(|fault| fault.code == code && !fault.tried.is_empty())
    })
}

/// Proves that a microphone which delivers nothing but silence, and would for
/// ever, is opened anew, that this mends it, and that it is told afterwards.
#[test]
fn a_microphone_that_is_silent_until_it_is_opened_anew_is_opened_anew() {
    let sound = Sound::switch_on();
    let setup = Setup::bare()
        .variable("PULSE_SERVER", &sound.address())
        .source("board", "board", "test:board")
        .source("mic", "mic", &sound.uri());
    let lectern = ClassroomBox::switch_on(setup);
    lectern.start("music");
    lectern.wait_source("mic", SourceState::Running, LIMIT);

    sound.mute_the_listener();
    let tried = wait_tried(&lectern, "mic.silent");
    assert_eq!((tried.tried[0].what, tried.part), (Repair::RestartSource, Some(Part::Microphone)));
    lectern.wait_no_fault("mic.silent");
    assert!(lectern.source("mic").restarts > 0);

    let said = eventually("the fault is among the past ones", LIMIT, || {
        let said = told(&lectern, "C");
        said.contains("then it was over").then_some(said)
    });
    assert!(said.contains("closed and opened the source; then it was over"), "{said}");
    assert!(told(&lectern, "zh_CN.UTF-8").contains("重新打开了画面或声音的来源，之后恢复了"));
    // A gentle step, of which the lesson knows nothing.
    lectern.wait_more(4.0);
    let lesson = lectern.stop();
    let manifest = lectern.wait_complete(&lesson);
    assert_eq!((manifest.runs.len(), manifest.gaps.len()), (1, 0), "{:?}", manifest.gaps);
}

/// Proves that a camera which takes connections and sends nothing is opened anew,
/// that nothing rougher happens to a lesson that records, and that a crash does
/// not make the box begin from the front.
#[test]
fn a_camera_that_hangs_is_opened_anew_once_over_a_crash_too() {
    let camera = Camera::switch_on();
    let setup = Setup::bare()
        .source("board", "board", "test:board")
        .source("camera", "camera", &camera.uri())
        .source("mic", "mic", "test:mic");
    let mut lectern = ClassroomBox::switch_on(setup);
    lectern.start("physics");
    lectern.wait_source("camera", SourceState::Running, LIMIT);

    camera.freeze();
    let lost = wait_tried(&lectern, "camera.lost");
    assert_eq!(lost.tried[0].what, Repair::RestartSource);
    lectern.kill();
    lectern.launch();
    lectern.wait_more(2.0);
    let still = lectern.wait_fault("camera.lost");
    assert_eq!((still.id, still.tried.len(), still.tried[0].at), (lost.id, 1, lost.tried[0].at));

    camera.thaw();
    lectern.wait_no_fault("camera.lost");
    let past = told(&lectern, "C");
    assert!(past.contains("camera.lost (camera)"), "{past}");
    assert_eq!(past.matches("closed and opened the source").count(), 1, "{past}");
    assert_ne!(still.tried[0].outcome, Outcome::Running, "the daemon that began it is gone");
}
