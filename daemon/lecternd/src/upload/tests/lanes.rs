//! What goes first, what goes on, and what is not sent twice.

use std::collections::HashSet;

use lectern_api::{Kbps, Ticks};
use lectern_archive::{layout, ledger, verify};

use super::room::{Room, signer, track};
use super::shelf::Shelf;
use crate::upload::hours::{Hours, Stretch};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_lesson_does_not_wait_behind_the_backlog() {
    let shelf = Shelf::open().await;
    let room = Room::new(&shelf.url);
    shelf.hold("lesson-1");
    shelf.hold("lesson-2");
    room.lesson("lesson-1", 120);
    room.begin("lesson-2");
    let (running, store) = (room.start(), room.store());
    for round in 1..=10 {
        let old = room.reached("lesson-1");
        // The store is slow with an old fragment: new ones go all the same.
        room.until("an old fragment is on its way", |_| shelf.held("lesson-1") == 1).await;
        room.record("lesson-2", 3, 1_000);
        shelf.let_in("lesson-2", 2);
        // Two are on their way at a time and may overtake each other.
        let arrived = || shelf.media("lesson-2").len();
        room.until("two of the new are there", |_| arrived() == 3 * round - 1).await;
        room.until("the third is on its way", |_| shelf.held("lesson-2") == 1).await;

        // It is slow with the new one: the old one arrives, and no other sets off.
        shelf.let_in("lesson-1", 10);
        room.until("the old fragment is there", |room| room.reached("lesson-1") > old).await;
        for _ in 0..10 {
            // What sets off now is at the store before the last of these.
            store.size("LB-1/2026-03-02/lesson-1/manifest.json").await.unwrap();
        }
        assert_eq!(shelf.media("lesson-1").len() as u64, old + 1, "the new fragment is not there yet");

        shelf.let_in("lesson-2", 1);
        room.until("the new fragment is there", |_| arrived() == 3 * round).await;
        room.until("the backlog goes on", |room| room.reached("lesson-1") == old + 10).await;
    }
    room.end("lesson-2");
    shelf.let_in("lesson-1", 20);
    room.until("both are archived", |room| room.is_archived("lesson-1") && room.is_archived("lesson-2"))
        .await;
    for (lesson, fragments) in [("lesson-1", 120), ("lesson-2", 30)] {
        let expected: Vec<_> = (1..=fragments).map(|seq| layout::fragment(&track(), seq)).collect();
        let mut sent = shelf.media(lesson);
        sent.sort();
        assert_eq!(sent, expected, "each once");
    }
    running.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_lesson_is_brought_before_a_newer_one() {
    let shelf = Shelf::open().await;
    let room = Room::new(&shelf.url);
    for lesson in ["lesson-1", "lesson-2", "lesson-3"] {
        room.lesson(lesson, 12);
    }
    let running = room.start();
    room.until("all are archived", |room| (1..=3).all(|n| room.is_archived(&format!("lesson-{n}")))).await;
    let older = shelf.puts().into_iter().filter(|put| put.is_media() && put.lesson != "lesson-3");
    let order: Vec<_> = older.map(|put| put.lesson).collect();
    assert!(order.is_sorted(), "{order:?}");
    running.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_it_goes_on_where_it_stopped() {
    let shelf = Shelf::open().await;
    let room = Room::new(&shelf.url);
    room.begin("lesson-1");
    room.record("lesson-1", 200, 1_000);
    room.begin_run("lesson-1", Ticks(200 * 2 * Ticks::PER_SECOND));
    room.record("lesson-1", 200, 1_000);
    for stop in [40, 170, 390] {
        let running = room.start();
        room.until("some of it is there", |room| room.reached("lesson-1") >= stop).await;
        running.kill().await;
    }
    let running = room.start();
    room.end("lesson-1");
    room.until("the lesson is archived", |room| room.is_archived("lesson-1")).await;
    running.kill().await;

    let sent = shelf.media("lesson-1");
    let different: HashSet<_> = sent.iter().collect();
    assert_eq!(different.len(), 400);
    assert!(sent.len() <= 400 + 3 * 2, "{} sent: only what was on its way goes twice", sent.len());
    let parts: Vec<_> = shelf.puts().into_iter().filter(|put| put.file.starts_with("ledger/")).collect();
    assert_eq!(parts.len(), 2, "each part once, across restarts");
    let store = room.store().within("LB-1/2026-03-02/lesson-1").unwrap();
    let head = ledger::newest(&store).await.unwrap().unwrap();
    assert_eq!((head.part, head.up_to[0].seq), (2, 300));
    let found = verify::read_lesson(&store).await.unwrap();
    assert_eq!(found.standing, lectern_archive::signature::Standing::Valid(signer().public_key()));
    assert_eq!(found.manifest.runs.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_that_burns_leaves_a_lesson_that_can_be_verified() {
    let folder = tempfile::tempdir().unwrap();
    let room = Room::new(&format!("file://{}", folder.path().display()));
    room.begin("lesson-1");
    room.record("lesson-1", 320, 500);
    let running = room.start();
    room.until("everything is there", |room| room.reached("lesson-1") == 320).await;
    // The ledger follows what has arrived.
    let part = folder.path().join("LB-1/2026-03-02/lesson-1/ledger/0002.jsonl");
    room.until("the ledger tells of it", |_| part.is_file()).await;
    running.kill().await;
    let store = room.store().within("LB-1/2026-03-02/lesson-1").unwrap();
    let found = verify::read_lesson(&store).await.unwrap();
    assert_eq!(found.manifest.tracks[0].fragments.len(), 300);
    let report = verify::verify_found(&store, &found, None, |_| {}).await.unwrap();
    assert!(report.problems.iter().all(verify::Problem::is_of_growth), "{:?}", report.problems);
    assert_eq!(report.fragments, 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outside_its_hours_the_backlog_waits_and_the_running_lesson_goes() {
    let shelf = Shelf::open().await;
    let stretches = vec![Stretch::parse("18:00-06:00").unwrap()];
    let room = Room::new(&shelf.url).with_hours(Hours { stretches, fresh_outside: true });
    room.clock.set_utc("2026-03-02T02:00:00Z");
    room.lesson("lesson-1", 5);
    room.lesson("lesson-2", 5);
    let running = room.start();
    room.until("the newest is archived", |room| room.is_archived("lesson-2")).await;
    room.until("the other waits", |room| room.state.borrow().backlog.waits_for_hours).await;
    assert_eq!(shelf.media("lesson-1").len(), 0);
    room.clock.set_utc("2026-03-02T10:00:00Z");
    room.tell();
    room.until("the evening has come", |room| room.is_archived("lesson-1")).await;
    running.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broadcast_that_leaves_nothing_stops_the_archive_until_it_leaves_something() {
    let shelf = Shelf::open().await;
    let room = Room::new(&shelf.url);
    room.uplink.send_replace(Some(Kbps(0)));
    room.lesson("lesson-1", 5);
    let running = room.start();
    room.until("the opening is there", |_| !shelf.puts().is_empty()).await;
    assert_eq!(shelf.media("lesson-1").len(), 0);
    room.uplink.send_replace(None);
    room.until("the lesson is archived", |room| room.is_archived("lesson-1")).await;
    running.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_store_has_lost_is_brought_once_more_before_the_lesson_closes() {
    let shelf = Shelf::open().await;
    let room = Room::new(&shelf.url);
    room.begin("lesson-1");
    room.record("lesson-1", 20, 1_000);
    let running = room.start();
    room.until("everything is there", |room| room.reached("lesson-1") == 20).await;
    let lost = ["program/00000007.m4s", "program/1/init.mp4"];
    for file in lost {
        shelf.content().files.remove(&format!("LB-1/2026-03-02/lesson-1/{file}")).unwrap();
    }
    room.end("lesson-1");
    room.until("the lesson is archived", |room| room.is_archived("lesson-1")).await;
    running.kill().await;
    let content = shelf.content();
    for file in lost {
        assert!(content.files.contains_key(&format!("LB-1/2026-03-02/lesson-1/{file}")), "{file}");
    }
}

/// The answers to uploads of both tracks may have been lost before a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrived_unheard_of_a_second_track_is_not_sent_again_either() {
    let shelf = Shelf::open().await;
    let room = Room::new(&shelf.url);
    room.begin("lesson-1");
    room.record("lesson-1", 4, 1_000);
    room.record_camera("lesson-1", 4, 900);
    room.end("lesson-1");
    for file in ["camera/00000001.m4s", "camera/00000002.m4s"] {
        let path = format!("LB-1/2026-03-02/lesson-1/{file}");
        shelf.content().files.insert(path, (900, None));
    }
    let running = room.start();
    room.until("the lesson is archived", |room| room.is_archived("lesson-1")).await;
    running.kill().await;
    let mut sent = shelf.media("lesson-1");
    // Two are on their way at a time and may overtake each other.
    sent.sort();
    let camera: Vec<_> = sent.iter().filter(|file| file.starts_with("camera/")).collect();
    assert_eq!(camera, ["camera/00000003.m4s", "camera/00000004.m4s"]);
    assert_eq!(sent.len(), 6);
}
