//! Two daemons on one box.

use std::time::Duration;

use lectern_tests::classroom_box::built;
use lectern_tests::process::{Process, owned};
use lectern_tests::{ClassroomBox, Setup};

const LIMIT: Duration = Duration::from_secs(20);

/// A daemon on a configuration of its own; answers its exit code and what it
/// said.
fn refused(lectern: &ClassroomBox, name: &str, text: &str) -> (Option<i32>, String) {
    let config = lectern.path(&format!("{name}.toml"));
    std::fs::write(&config, text).expect("the configuration can be written");
    let mut command = owned(&built("lecternd"));
    command.arg("run").arg("--config").arg(&config).env("NO_COLOR", "1");
    let mut process = Process::start(name, command, &lectern.path(&format!("{name}.log")));
    let status = process.wait(LIMIT);
    (status.code(), process.log())
}

/// Proves that a second daemon cannot touch what a first one holds, says why it
/// does not start, and leaves the first one's lesson alone.
#[test]
fn a_second_daemon_on_the_same_spool_or_socket_is_refused_and_says_why() {
    let setup = Setup::test_room();
    let lectern = ClassroomBox::switch_on(setup.clone());
    let lesson = lectern.start("ethics");
    lectern.wait_recorded(2.0);
    let text = setup.text(lectern.path("").as_path());
    let pid = lectern.pid().to_string();

    let (code, log) = refused(&lectern, "same", &text);
    assert!(code.is_some_and(|code| code != 0), "{code:?}: {log}");

    let (code, log) = refused(&lectern, "spool", &text.replace("control.sock", "other.sock"));
    assert!(code.is_some_and(|code| code != 0), "{code:?}: {log}");
    let spool = lectern.path("spool").display().to_string();
    assert!(log.contains(&spool) && log.contains(&pid), "which spool, and who has it: {log}");
    assert!(!lectern.path("other.sock").exists(), "no socket of a daemon that did not start");

    let other_spool = format!("{}-other", spool);
    let (code, log) = refused(&lectern, "socket", &text.replace(&spool, &other_spool));
    assert!(code.is_some_and(|code| code != 0), "{code:?}: {log}");
    let socket = lectern.path("control.sock").display().to_string();
    assert!(log.contains(&socket) && log.contains("another lecternd"), "{log}");

    for log in ["same.log", "spool.log", "socket.log"] {
        let said = std::fs::read_to_string(lectern.path(log)).unwrap();
        assert!(!said.contains("panicked"), "{said}");
    }
    assert_eq!(lectern.status().lesson.map(|now| now.id), Some(lesson), "the first one goes on");
    lectern.wait_more(2.0);
    lectern.stop_and_archive().assert_verified();
}
