//! A bucket behind TLS, under the district's own authority, and a lesson of
//! several tracks: through upload, proof and export.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be made fails the test")]

use std::path::Path;
use std::process::{Command, Output};

use lectern_api::manifest::{Anchor, Gap, GapReason, LessonInfo, Trigger};
use lectern_api::{LessonId, Name, Ticks};
use lectern_spool::{NewFragment, Spool};
use lectern_tests::classroom_box::built;
use lectern_tests::media::{Footage, probe};
use lectern_tests::recordings::in_spool;
use lectern_tests::setup::DEVICE;
use lectern_tests::store::TlsFront;
use lectern_tests::{ClassroomBox, Kind, Setup, StoreServer};

const LESSON: &str = "2026-03-02.1";
const SINCE: &str = "2026-03-02T00:00:00Z";

/// The program from the first second on, and a camera that came four seconds
/// later.
fn record(spool: &Spool) {
    let since: jiff::Timestamp = SINCE.parse().unwrap();
    let id = LessonId::new(LESSON).unwrap();
    let lesson = LessonInfo {
        id: id.clone(),
        title: "化学".to_owned(),
        date: jiff::civil::date(2026, 3, 2),
        since,
        until: None,
        planned_until: None,
        trigger: Trigger::Hand,
        planned: None,
    };
    spool.begin_lesson(&lesson).unwrap();
    let late = Ticks(2 * Footage::FRAGMENT.0);
    let (program, camera) = (Name::new("program").unwrap(), Name::new("camera").unwrap());
    let takes = [
        (&program, Ticks(0), Footage::record("640x360", true, 6)),
        (&camera, late, Footage::record("320x180", false, 4)),
    ];
    for (track, begin, footage) in &takes {
        let anchor = Anchor { pts_90k: *begin, utc: since, synced: true, uncertainty_ms: Some(10) };
        let run = spool.begin_run(&id, track, &footage.init, "avc1.42c01e,mp4a.40.2", anchor).unwrap();
        for (number, payload) in (0..).zip(&footage.fragments) {
            let pts_90k = *begin + Ticks(Footage::FRAGMENT.0 * number);
            let duration_90k = Footage::FRAGMENT;
            spool.append(NewFragment { lesson: &id, track, run, pts_90k, duration_90k, payload }).unwrap();
        }
    }
    let gap = Gap { track: camera, from_90k: Ticks(0), to_90k: late, reason: GapReason::PipelineRestarted };
    spool.record_gap(&id, &gap).unwrap();
    spool.end_lesson(&id, since + jiff::SignedDuration::from_secs(12)).unwrap();
}

fn lecternctl(arguments: &[&str], server: &StoreServer, front: &TlsFront, authority: bool) -> Output {
    let mut command = Command::new(built("lecternctl"));
    command.args(["--socket", "/nowhere/control.sock", "lesson"]).args(arguments);
    command.arg("--credentials").arg(server.credentials());
    command.args(["--path-style", "--endpoint", &format!("https://127.0.0.1:{}", front.port())]);
    if authority {
        command.arg("--ca").arg(front.authority());
    }
    command.env("LANG", "en").output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn two_tracks_reach_a_bucket_under_a_private_authority_and_are_proven_and_exported() {
    let server = StoreServer::open(Kind::S3);
    let front = TlsFront::before(server.port());
    let keys = format!(
        "endpoint = \"https://127.0.0.1:{}\"\nstyle = \"path\"\nproxy = \"none\"\nca = \"file:{}\"\n\
         credentials = \"file:{}\"\n",
        front.port(),
        front.authority().display(),
        server.credentials().display()
    );
    let setup = Setup::bare().source("board", "board", "test:board");
    let mut lectern = ClassroomBox::prepare(setup.archive_with("district", &server.url(front.port()), &keys));
    in_spool(&lectern, record);
    lectern.launch();
    lectern.wait_complete(&LessonId::new(LESSON).unwrap());

    let url = format!("{}/{DEVICE}/2026-03-02/{LESSON}", server.url(front.port()));
    let stranger = lecternctl(&["verify", &url], &server, &front, false);
    assert!(!stranger.status.success() && said(&stranger).contains("certificate"), "{}", said(&stranger));
    let proof = lecternctl(&["verify", &url], &server, &front, true);
    assert!(proof.status.success(), "{}", said(&proof));

    let out = lectern.path("out");
    for (track, streams, seconds) in
        [("program", &["h264,640,360", "aac"][..], 12.0), ("camera", &["h264,320,180"], 8.0)]
    {
        let folder = out.join(track);
        let export = ["export", &url, folder.to_str().unwrap(), "--track", track];
        let written = lecternctl(&export, &server, &front, true);
        assert!(written.status.success(), "{}", said(&written));
        let (found, length) = probe(&only_file(&folder));
        assert_eq!(found, streams, "{track}");
        assert!((length - seconds).abs() < 0.1, "{track}: {length} s");
    }
    let nothing = lecternctl(&["export", &url, ".", "--track", "board"], &server, &front, true);
    assert!(!nothing.status.success() && said(&nothing).contains("board"), "{}", said(&nothing));

    // What is not what was recorded is found in either track.
    let lesson = server.folder().join(format!("{DEVICE}/2026-03-02/{LESSON}"));
    let altered = lesson.join("camera/00000002.m4s");
    let mut bytes = std::fs::read(&altered).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&altered, bytes).unwrap();
    let proof = lecternctl(&["verify", &url], &server, &front, true);
    assert!(!proof.status.success() && said(&proof).contains("camera/00000002.m4s"), "{}", said(&proof));
}

/// The one file of an export.
fn only_file(folder: &Path) -> std::path::PathBuf {
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [file] = files.as_slice() else { panic!("{files:?}") };
    file.clone()
}
