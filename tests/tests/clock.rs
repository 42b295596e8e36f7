//! A box that wakes up in 1970, with neither time server nor clock chip.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_api::fault::Severity;
use lectern_api::status::ClockStatus;
use lectern_api::{TimeSource, Verdict};
use lectern_tests::command_line::{carried_out, lecternctl};
use lectern_tests::store::{TlsFront, Valid};
use lectern_tests::{ClassroomBox, Setup, WebArchive, eventually};

const SOON: Duration = Duration::from_secs(30);
const TOLD: &str = "2026-09-07T08:00:00+08:00";

fn clock(lectern: &ClassroomBox) -> (TimeSource, Option<Verdict>) {
    let ClockStatus { source, verdict, .. } = lectern.status().clock;
    (source, verdict)
}

/// Waits until the clock is a fault, so bad, or none.
#[track_caller]
fn wait_severity(lectern: &ClassroomBox, severity: Option<Severity>) {
    eventually(&format!("the clock is a fault: {severity:?}"), SOON, || {
        let faults = lectern.status().faults;
        let told = faults.iter().find(|fault| fault.code == "clock.unsynced").map(|fault| fault.severity);
        (told == severity).then_some(())
    });
}

fn said(lectern: &ClassroomBox) -> Timestamp {
    lectern.status().clock.utc.expect("the box tells its time")
}

/// Proves that a box in 1970 knows that it does not know the time, records by
/// hand all the same, takes a person's word, dates what follows by it, and
/// keeps it across a restart of the daemon although the system goes on in 1970.
#[test]
fn a_box_in_1970_is_told_the_time_by_a_person_and_keeps_it() {
    let mut lectern = ClassroomBox::switch_on(Setup::test_room().in_1970());
    assert_eq!(clock(&lectern), (TimeSource::None, Some(Verdict::Unknown)));
    wait_severity(&lectern, Some(Severity::Critical));
    let shown = carried_out(&lectern, &["clock"]);
    assert!(shown.contains("UNKNOWN"), "{shown}");
    lectern.start("by hand");
    lectern.wait_recorded(2.0);
    lectern.stop();

    let set = |time: &str| lecternctl(&lectern, &["clock", "set", time]).code;
    assert_eq!(set("yesterday"), 2);
    assert_eq!(set("1999-09-07T08:00:00+08:00"), 1);
    assert_eq!(clock(&lectern), (TimeSource::None, Some(Verdict::Unknown)));
    assert_eq!(set(TOLD), 0);
    assert_eq!(clock(&lectern), (TimeSource::Person, Some(Verdict::Believed)));
    wait_severity(&lectern, None);

    let told: Timestamp = TOLD.parse().expect("a time");
    let lesson = lectern.start("dated");
    lectern.wait_recorded(2.0);
    lectern.stop();
    let manifest = lectern.wait_complete(&lesson);
    assert_eq!(manifest.lesson.date, jiff::civil::date(2026, 9, 7));
    let anchor = &manifest.runs[0].anchors[0];
    assert!(anchor.utc >= told && anchor.utc < told + SignedDuration::from_mins(5), "{anchor:?}");
    assert!(!anchor.synced && anchor.uncertainty_ms.is_some_and(|ms| ms >= 30_000), "{anchor:?}");

    let before = said(&lectern);
    assert!(lectern.terminate().success());
    lectern.launch();
    assert_eq!(clock(&lectern), (TimeSource::Person, Some(Verdict::Believed)));
    let after = said(&lectern);
    assert!(after > before && after < before + SignedDuration::from_mins(5), "{before} {after}");
    assert_eq!(lectern.status().clock.boots, 1, "the machine itself ran on");

    lectern.kill();
    lectern.launch();
    assert_eq!(clock(&lectern), (TimeSource::Person, Some(Verdict::Believed)), "after a crash too");
    eventually("time runs on", Duration::from_secs(10), || (said(&lectern) > after).then_some(()));
}

/// Waits for the source of the time, and asserts that the time is right.
#[track_caller]
fn wait_believed(lectern: &ClassroomBox, source: TimeSource, verdict: Verdict) {
    eventually(&format!("{source:?}, {verdict:?}"), SOON, || {
        (clock(lectern) == (source, Some(verdict))).then_some(())
    });
    let off = said(lectern).duration_since(Timestamp::now()).abs();
    assert!(off < SignedDuration::from_secs(10), "{off:#} off by {source:?}");
}

/// Proves that a box in 1970, which no time server reaches, takes the time from
/// the server that it brings lessons to: not from one whose authority it does
/// not know, as a hint where the certificate cannot be valid yet by its own
/// clock, and as the truth where nothing is wrong with it.
#[test]
fn a_box_in_1970_believes_a_server_as_far_as_it_can_prove_who_that_is() {
    let (web, stranger) = (WebArchive::open(), TlsFront::before(9));
    let mut front = TlsFront::before(web.port());
    let url = format!("https://127.0.0.1:{}/lessons", front.port());
    let folder = lectern_tests::folder::temporary("school");
    let authority = folder.path().join("authority.pem");
    std::fs::copy(stranger.authority(), &authority).unwrap();
    let keys = format!("proxy = \"none\"\nca = \"file:{}\"\n", authority.display());
    let setup = Setup::bare().source("board", "board", "test:board").archive_with("district", &url, &keys);
    let mut lectern = ClassroomBox::switch_on(setup.in_1970());
    eventually("a stranger was asked", SOON, || {
        lectern.log().contains("a server tells no time").then_some(())
    });
    assert_eq!(clock(&lectern), (TimeSource::None, Some(Verdict::Unknown)), "nobody believes a stranger");

    lectern.kill();
    std::fs::copy(front.authority(), &authority).unwrap();
    lectern.launch();
    wait_believed(&lectern, TimeSource::ServerHint, Verdict::Unsure);
    wait_severity(&lectern, Some(Severity::Warning));

    lectern.kill();
    front.certify_anew(Valid::Since1970);
    std::fs::copy(front.authority(), &authority).unwrap();
    lectern.launch();
    wait_believed(&lectern, TimeSource::Server, Verdict::Believed);
    wait_severity(&lectern, None);
}
