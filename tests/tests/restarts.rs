//! Ends of the daemon in the middle of a lesson: crash, restart, a person at
//! the keyboard.

use std::time::Duration;

use lectern_api::manifest::{GapReason, Manifest, ManifestState};
use lectern_api::status::LessonState;
use lectern_tests::archive::RunReadings;
use lectern_tests::numbers::assert_none_missing;
use lectern_tests::process::Signal;
use lectern_tests::readings::Container;
use lectern_tests::wait::throughout;
use lectern_tests::{Archive, ClassroomBox, Readings, Setup, Stopwatch, eventually};

/// Asserts that a lesson of two runs has exactly one gap between them, and
/// every picture beside it. Answers the gap's length in seconds.
#[track_caller]
fn assert_one_gap(manifest: &Manifest, runs: &[RunReadings]) -> f64 {
    assert_eq!(manifest.runs.len(), 2, "{:?}", manifest.runs);
    assert_eq!(manifest.gaps.len(), 1, "{:?}", manifest.gaps);
    let gap = &manifest.gaps[0];
    assert_eq!(gap.reason, GapReason::NotRunning);
    assert_eq!(runs.len(), 2);
    for run in runs {
        assert_none_missing(&run.readings.board());
        run.readings.assert_continuous();
        run.readings.assert_sounds_throughout();
    }
    assert_eq!(runs[1].begin, gap.to_90k, "the second run begins where the gap ends");
    (gap.to_90k - gap.from_90k).as_secs_f64()
}

/// Asserts that the export plays from the first to the last picture: both runs
/// behind one another, with the gap between them.
#[track_caller]
fn assert_export_plays(lectern: &ClassroomBox, archive: &Archive, runs: &[RunReadings], gap_s: f64) {
    let file = lectern.path("export.mp4");
    let exported = archive.export(&file);
    assert!(exported.flaws.is_empty(), "{:?}", exported.flaws);
    assert_eq!(exported.parts.len(), 1);
    let readings = Readings::decode(&file, Container::Mp4);
    let expected: Vec<u64> = runs.iter().flat_map(|run| run.readings.board()).collect();
    assert_eq!(readings.board(), expected);
    let step = readings.greatest_step_ns() as f64 / 1e9;
    assert!((step - gap_s).abs() < 0.1, "the longest picture stands for {step} s, the gap has {gap_s} s");
}

/// How much of a fragment is open when the power goes: less than the 2 s that a
/// fragment has.
const OPEN: Duration = Duration::from_millis(1_200);

/// Proves promise 1 against a crash: the same lesson goes on as one asset, every
/// fragment that was acknowledged is there, and what is missing is one dated gap
/// no longer than the open fragment and the time without a daemon.
#[test]
fn a_lesson_goes_on_after_a_crash_with_one_gap_and_every_acknowledged_fragment() {
    let mut lectern = ClassroomBox::switch_on(Setup::test_room());
    let lesson = lectern.start("chemistry");
    lectern.wait_recorded(6.0);
    // Into the middle of the next fragment, which cannot be saved.
    throughout("the lesson runs", OPEN, || lectern.status().lesson.is_some());
    let acknowledged = lectern.manifest(&lesson).tracks[0].fragments.clone();
    let dead = Stopwatch::start();
    lectern.kill();
    lectern.launch();
    let fragments = acknowledged.len() as u64;
    eventually("the lesson goes on", Duration::from_secs(30), || {
        lectern.status().lesson.filter(|now| now.id == lesson && now.fragments > fragments)
    });
    let dead = dead.elapsed().as_secs_f64();
    lectern.wait_more(4.0);

    let archive = lectern.stop_and_archive();
    archive.assert_verified();
    let manifest = archive.manifest();
    assert_eq!(lectern.lessons().len(), 1, "one asset");
    let kept = &manifest.tracks[0].fragments;
    for fragment in &acknowledged {
        assert!(kept.contains(fragment), "fragment {} was acknowledged and is gone", fragment.seq);
    }
    let runs = archive.runs();
    let gap = assert_one_gap(&manifest, &runs);
    eprintln!("dead for at most {dead:.2} s, the gap has {gap:.2} s");
    assert!(acknowledged.len() >= 3);
    let lost = gap - OPEN.as_secs_f64();
    // The time until the first new fragment includes that fragment's 2 s.
    assert!(lost > -0.1 && lost < dead, "a gap of {gap} s, dead for at most {dead} s");
    assert_export_plays(&lectern, &archive, &runs, gap);
}

/// Proves that a restart, as an update or systemd does it, continues the lesson
/// and loses nothing but the time without a daemon: the last fragment before it
/// was written whole.
#[test]
fn a_lesson_goes_on_after_a_termination() {
    let mut lectern = ClassroomBox::switch_on(Setup::test_room());
    let lesson = lectern.start("biology");
    lectern.wait_recorded(4.0);
    let away = Stopwatch::start();
    let status = lectern.terminate();
    assert!(status.success(), "{status}");
    lectern.launch();
    eventually("the lesson goes on", Duration::from_secs(30), || {
        lectern.status().lesson.filter(|now| now.id == lesson && now.state == LessonState::OnAir)
    });
    lectern.wait_recorded(10.0);
    let away = away.elapsed().as_secs_f64();
    let archive = lectern.stop_and_archive();
    archive.assert_verified();
    let manifest = archive.manifest();
    assert_eq!(manifest.lesson.id, lesson);
    let runs = archive.runs();
    let gap = assert_one_gap(&manifest, &runs);
    eprintln!("the gap of a termination: {gap:.2} s");
    assert!(gap > 0.0 && gap < away, "{gap} s");
    assert_export_plays(&lectern, &archive, &runs, gap);
}

/// Proves that a person who ends the daemon at the keyboard ends the lesson, and
/// that the archive has all of it when the process is gone.
#[test]
fn an_interrupt_ends_the_lesson_and_leaves_a_complete_archive() {
    let mut lectern = ClassroomBox::switch_on(Setup::test_room());
    let lesson = lectern.start("history");
    lectern.wait_recorded(4.0);
    let archive = lectern.archive(&lesson);
    let status = lectern.interrupt();
    assert!(status.success(), "{status}");
    archive.assert_verified();
    let manifest = archive.manifest();
    assert_eq!(manifest.state, ManifestState::Closed);
    let runs = archive.runs();
    assert_none_missing(&runs[0].readings.board());

    lectern.launch();
    assert!(lectern.status().lesson.is_none(), "the lesson is over");
    assert_eq!(lectern.lesson(&lesson).state, LessonState::Complete);
}

/// Proves that SIGHUP ends nothing, and that the log says then which tables of a
/// changed configuration wait for a restart, or that it has mistakes.
#[test]
fn a_hangup_says_what_of_a_changed_configuration_waits_and_ends_no_lesson() {
    let lectern = ClassroomBox::switch_on(Setup::test_room());
    let lesson = lectern.start("physics");
    lectern.wait_recorded(2.0);
    let file = lectern.path("lectern.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let hang_up_until = |line: &str| {
        lectern.signal(Signal::HUP);
        eventually(line, Duration::from_secs(10), || lectern.log().contains(line).then_some(()));
    };
    hang_up_until("the configuration is the one that the daemon runs with");
    let changed = text.replacen("bitrate_kbps = 1000", "bitrate_kbps = 900", 1).replacen("2GiB", "3GiB", 1);
    std::fs::write(&file, changed).unwrap();
    hang_up_until("these tables wait for a restart tables=\"[program], [spool]\"");
    std::fs::write(&file, text + "[projector]\n").unwrap();
    hang_up_until("the configuration cannot be used");
    lectern.wait_more(2.0);
    assert_eq!(lectern.status().lesson.map(|now| now.id), Some(lesson));
}
