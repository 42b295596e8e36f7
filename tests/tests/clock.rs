//! A box that wakes up in 1970, with neither time server nor clock chip.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_api::fault::Severity;
use lectern_api::status::ClockStatus;
use lectern_api::{TimeSource, Verdict};
use lectern_tests::classroom_box::built;
use lectern_tests::process::owned;
use lectern_tests::{ClassroomBox, Setup, eventually};

/// Debian's place of the library that shows a process another time.
const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
const TOLD: &str = "2026-09-07T08:00:00+08:00";

/// In 1970 at each start; the monotonic clock is left alone.
fn in_1970() -> Setup {
    assert!(Path::new(LIBRARY).is_file(), "no {LIBRARY}: `apt-get install faketime`, or `make deps`");
    Setup::test_room()
        .variable("LD_PRELOAD", LIBRARY)
        .variable("FAKETIME", "@1970-01-01 00:00:10")
        .variable("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .variable("NO_FAKE_STAT", "1")
        .variable("TZ", "UTC")
}

fn ctl(lectern: &ClassroomBox, args: &[&str]) -> Output {
    let mut command = owned(&built("lecternctl"));
    command.arg("--socket").arg(lectern.path("control.sock")).args(args).env("LC_ALL", "C");
    command.output().expect("lecternctl runs")
}

fn clock(lectern: &ClassroomBox) -> (TimeSource, Option<Verdict>) {
    let ClockStatus { source, verdict, .. } = lectern.status().clock;
    (source, verdict)
}

fn severity(lectern: &ClassroomBox) -> Option<Severity> {
    lectern.status().faults.iter().find(|fault| fault.code == "clock.unsynced").map(|fault| fault.severity)
}

fn said(lectern: &ClassroomBox) -> Timestamp {
    lectern.status().clock.utc.expect("the box tells its time")
}

/// Proves that a box in 1970 knows that it does not know the time, records by
/// hand all the same, takes a person's word, dates what follows by it, and
/// keeps it across a restart of the daemon although the system goes on in 1970.
#[test]
fn a_box_in_1970_is_told_the_time_by_a_person_and_keeps_it() {
    let mut lectern = ClassroomBox::switch_on(in_1970());
    assert_eq!(clock(&lectern), (TimeSource::None, Some(Verdict::Unknown)));
    assert_eq!(severity(&lectern), Some(Severity::Critical));
    let shown = ctl(&lectern, &["clock"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("UNKNOWN"), "{shown:?}");
    lectern.start("by hand");
    lectern.wait_recorded(2.0);
    lectern.stop();

    assert_eq!(ctl(&lectern, &["clock", "set", "yesterday"]).status.code(), Some(2));
    assert_eq!(ctl(&lectern, &["clock", "set", "1999-09-07T08:00:00+08:00"]).status.code(), Some(1));
    assert_eq!(clock(&lectern), (TimeSource::None, Some(Verdict::Unknown)));
    let set = ctl(&lectern, &["clock", "set", TOLD]);
    assert!(set.status.success(), "{set:?}");
    assert_eq!(clock(&lectern), (TimeSource::Person, Some(Verdict::Believed)));
    assert_eq!(severity(&lectern), None);

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
