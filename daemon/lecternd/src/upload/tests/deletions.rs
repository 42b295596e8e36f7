//! Lessons that are deleted on request.

use lectern_api::manifest::ManifestState;
use lectern_archive::signature::Standing;
use lectern_archive::verify;

use super::room::{Room, archive, id, signer};
use super::shelf::Shelf;

async fn deletes_everything_and_says_so(room: &Room, names: &[&str], disturb: impl FnOnce()) {
    room.begin("lesson-1");
    room.record("lesson-1", 320, 500);
    room.end("lesson-1");
    let running = room.start();
    room.until("the lesson is archived", |room| room.is_archived("lesson-1")).await;
    disturb();
    room.spool.delete(&id("lesson-1"), "zhang", "家长申请", true, &[archive()]).unwrap();
    room.tell();
    room.until("it is cleaned away", |room| room.spool.deletions_pending(&archive()).is_empty()).await;
    running.kill().await;
    let store = room.store().within("LB-1/2026-03-02/lesson-1").unwrap();
    for name in names {
        assert_eq!(store.size(name).await.unwrap(), None, "{name}");
    }
    let found = verify::read_lesson(&store).await.unwrap();
    assert_eq!(found.manifest.state, ManifestState::Deleted);
    assert_eq!(found.standing, Standing::Valid(signer().public_key()));
    assert_eq!(found.manifest.lesson.title, "");
    let report = verify::verify_found(&store, &found, None, |_| {}).await.unwrap();
    let deletion = found.manifest.deletion.unwrap();
    assert_eq!((deletion.by.as_str(), deletion.reason.as_str()), ("zhang", "家长申请"));
    assert_eq!(report.problems, [verify::Problem::Deleted { deletion }]);
}

const GONE: [&str; 6] = [
    "index.m3u8",
    "program/1/init.mp4",
    "program/00000001.m4s",
    "program/00000320.m4s",
    "ledger/0001.jsonl",
    "ledger/0002.jsonl",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_keeps_nothing_of_a_deleted_lesson_but_the_word_that_it_was_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let room = Room::new(&format!("file://{}", folder.path().display()));
    let track = folder.path().join("LB-1/2026-03-02/lesson-1/program");
    // As a power cut leaves it behind in the middle of a file.
    let disturb = || std::fs::write(track.join("00000321.m4s#1"), "half a fragment").unwrap();
    deletes_everything_and_says_so(&room, &GONE, disturb).await;
    assert!(!track.exists());
    let lesson = room.store().within("LB-1/2026-03-02/lesson-1").unwrap();
    let left: Vec<_> = lesson.list("").await.unwrap().into_iter().map(|file| file.path).collect();
    assert_eq!(left, ["manifest.json"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_cannot_list_is_cleaned_by_the_manifest() {
    let shelf = Shelf::open().await;
    let room = Room::new(&shelf.url);
    deletes_everything_and_says_so(&room, &GONE, || ()).await;
    assert_eq!(shelf.content().files.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_cannot_list_is_cleaned_although_its_manifest_and_many_files_are_gone() {
    let shelf = Shelf::open().await;
    let room = Room::new(&shelf.url);
    let there = shelf.clone();
    let disturb = move || {
        let mut content = there.content();
        content.files.retain(|path, _| !path.ends_with("manifest.json") && !path.contains("/program/000001"));
    };
    deletes_everything_and_says_so(&room, &GONE, disturb).await;
    assert_eq!(shelf.content().files.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lesson_that_is_deleted_while_it_is_brought_stops_and_is_cleaned_away() {
    let shelf = Shelf::open().await;
    let room = Room::new(&shelf.url);
    room.lesson("lesson-1", 400);
    room.lesson("lesson-2", 1);
    let running = room.start();
    room.until("some of it is there", |room| room.reached("lesson-1") > 50).await;
    room.spool.delete(&id("lesson-1"), "zhang", "家长申请", true, &[archive()]).unwrap();
    room.tell();
    room.until("it is cleaned away", |room| room.spool.deletions_pending(&archive()).is_empty()).await;
    running.kill().await;
    let content = shelf.content();
    let left: Vec<_> = content.files.keys().filter(|path| path.contains("lesson-1")).collect();
    assert_eq!(left, ["LB-1/2026-03-02/lesson-1/manifest.json"]);
}
