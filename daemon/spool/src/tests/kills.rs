//! The real thing: a process that is killed while it appends.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::*;

const FOLDER: &str = "LECTERN_SPOOL_KILL_TEST";
const KILLS: u64 = 24;

/// Not a test: what the killed process runs. It appends until it is killed, and
/// tells each number after it was acknowledged.
#[test]
#[ignore = "the process that the next test kills"]
fn append_until_killed() {
    let Some(dir) = std::env::var_os(FOLDER) else { return };
    let clock = Arc::new(lectern_api::SystemClock::new());
    let (spool, _) = Spool::open(Path::new(&dir), SMALL, keyring(), clock).unwrap();
    spool.begin_lesson(&info(1)).unwrap();
    let run = spool.begin_run(&id(1), &program(), b"init", "avc1", anchor(Ticks(0))).unwrap();
    loop {
        let seq = spool.tracks(&id(1)).unwrap()[0].last_seq + 1;
        let stored = append(&spool, &id(1), run, &payload(seq, 60_000));
        println!("acknowledged {}", stored.seq);
    }
}

#[test]
fn what_was_acknowledged_survives_any_kill() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::kills::append_until_killed", "--ignored", "--nocapture"])
            .env(FOLDER, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (started, start) = std::sync::mpsc::sync_channel(1);
        let reader = std::thread::spawn(move || {
            let mut last = 0;
            for line in lines.map_while(Result::ok) {
                if let Some((_, seq)) = line.split_once("acknowledged ") {
                    last = seq.parse().unwrap();
                    let _ = started.try_send(());
                }
            }
            last
        });
        // Every third one dies while it still opens.
        if kill % 3 == 2 {
            std::thread::sleep(Duration::from_millis(kill * 2));
        } else {
            start.recv_timeout(Duration::from_secs(20)).unwrap();
            std::thread::sleep(Duration::from_millis(kill * 7 % 60));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged = acknowledged.max(reader.join().unwrap());

        let (spool, report) = open(dir.path());
        assert!(!report.lost_something(), "kill {kill}: {report:?}");
        let Some(record) = spool.lesson(&id(1)) else { continue };
        assert!(record.fragments >= acknowledged, "kill {kill}: {} of {acknowledged}", record.fragments);
        assert_reads(&spool, &id(1), 1..=record.fragments);
    }
    assert!(acknowledged > KILLS, "only {acknowledged} fragments were appended");
}
