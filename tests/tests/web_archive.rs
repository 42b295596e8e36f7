//! An archive on a web server.

use std::time::Duration;

use lectern_api::manifest::{Manifest, ManifestState};
use lectern_api::status::ArchiveState;
use lectern_tests::numbers::assert_none_missing;
use lectern_tests::{ClassroomBox, Setup, WebArchive, eventually};

const LIMIT: Duration = Duration::from_secs(40);

/// Proves that a lesson reaches a web server by PUT, once and whole, although
/// the server dies in the middle of it: the proof is made over HTTP, from the
/// server alone.
#[test]
fn a_web_server_that_dies_during_the_lesson_has_all_of_it_in_the_end() {
    let mut web = WebArchive::open();
    let lectern = ClassroomBox::switch_on(Setup::test_room().archive("district", &web.url()));
    let lesson = lectern.start("politics");
    let archived = |state| lectern.status().archive.iter().any(|archive| archive.state == state);
    lectern.wait_recorded(4.0);
    let date = lectern.lesson(&lesson).lesson.date.to_string();
    eventually("a fragment is on the server", LIMIT, || {
        web.lesson(&date, lesson.as_str()).file("program/00000001.m4s")
    });

    web.kill();
    eventually("the archive is retried", LIMIT, || archived(ArchiveState::Retrying).then_some(()));
    lectern.wait_fault("archive.unreachable");
    lectern.wait_more(6.0);
    let status = lectern.status();
    assert!(status.spool.pending_s >= 4.0, "what the server lacks waits here: {:?}", status.spool);
    web.restart();
    eventually("nothing is pending but the newest", LIMIT, || {
        (lectern.status().spool.pending_s <= 2.5).then_some(())
    });
    lectern.wait_no_fault("archive.unreachable");

    assert_eq!(lectern.stop(), lesson);
    let local = lectern.wait_complete(&lesson);
    let archive = web.lesson(&date, lesson.as_str());
    archive.assert_verified();
    let manifest = archive.manifest();
    assert_eq!(manifest.state, ManifestState::Closed);
    assert!(manifest.gaps.is_empty());
    assert!(manifest.signature.is_some(), "a closed lesson is signed");
    assert_eq!(Manifest { signature: None, ..manifest }, local, "server and box tell the same");
    let runs = archive.runs();
    assert_none_missing(&runs[0].readings.board());
    assert_eq!(unfinished(&web.folder()), Vec::<String>::new(), "nothing half-written stays on the server");
}

/// Files that belong to no lesson.
fn unfinished(folder: &std::path::Path) -> Vec<String> {
    let mut out = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() {
                folders.push(path);
            } else if ![".m4s", ".mp4", ".json", ".m3u8"].iter().any(|end| name.ends_with(end)) {
                out.push(name);
            }
        }
    }
    out
}
