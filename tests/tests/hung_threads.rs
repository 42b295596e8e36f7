//! One thread of the daemon hangs, as in a driver that does not come back, and all
//! others go on. Needs root, to stop it from outside.

use std::path::Path;
use std::time::Duration;

use lectern_tests::process::{Process, command};
use lectern_tests::{ClassroomBox, Setup, eventually};

/// The unit looks every half second, has patience for 3 s, waits 2 s for what will
/// not stop, and needs a group of pictures; a loaded machine adds to it.
const LIMIT: Duration = Duration::from_secs(20);

/// Stops every thread of that name until it is dropped.
fn freeze(lectern: &ClassroomBox, thread: &str) -> Process {
    let mut freezing = command("python3", "python3");
    freezing.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("install/freeze.py"));
    freezing.args([&lectern.pid().to_string(), thread]);
    let mut freezer = Process::start("freeze.py", freezing, &lectern.path(&format!("{thread}.log")));
    eventually(&format!("{thread} is stopped"), LIMIT, || {
        assert!(freezer.ended().is_none(), "it needs root: {}", freezer.log());
        freezer.log().contains("frozen:").then_some(())
    });
    freezer
}

fn restarts(lectern: &ClassroomBox, unit: &str) -> u64 {
    let units = lectern.status().units;
    units.iter().find(|of| of.name == unit).map_or(0, |of| of.restarts)
}

/// Proves that the mixer is made anew beside one that hangs, its picture, its sound
/// or what takes a source's pictures, that the daemon is not, and that the lesson
/// lacks only the seconds between.
#[test]
fn a_mixer_that_hangs_is_made_anew_beside_it_and_the_lesson_goes_on() {
    let lectern = ClassroomBox::switch_on(Setup::test_room());
    lectern.start("physics");
    lectern.wait_recorded(2.0);
    let before = lectern.pid();
    for thread in ["mix:src", "sum:src", "in0:src"] {
        let so_far = restarts(&lectern, "program");
        let frozen = freeze(&lectern, thread);
        eventually(&format!("a mixer beside the one whose {thread} hangs"), LIMIT, || {
            (restarts(&lectern, "program") > so_far).then_some(())
        });
        let at = lectern.status().lesson.expect("it runs").fragments;
        eventually(&format!("fragments while {thread} hangs"), LIMIT, || {
            let lesson = lectern.status().lesson.expect("it runs");
            (lesson.fragments >= at + 2).then_some(())
        });
        drop(frozen);
    }
    assert_eq!(lectern.pid(), before);
    let archive = lectern.stop_and_archive();
    let gaps = archive.manifest().gaps;
    let lost: f64 = gaps.iter().map(|gap| (gap.to_90k - gap.from_90k).as_secs_f64()).sum();
    assert!(lost < 20.0, "{lost} s are missing: {gaps:?}");
    archive.assert_verified();
}
