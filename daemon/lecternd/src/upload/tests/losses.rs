//! Lessons that make way on a full disk.

use lectern_api::manifest::{GapReason, ManifestState};
use lectern_api::{Kbps, Ticks};
use lectern_archive::signature::Standing;
use lectern_archive::verify::{self, Found, Report};

use super::room::{Room, archive, id, signer};
use super::shelf::Shelf;

/// What somebody finds who has only the store.
async fn found(room: &Room, lesson: &str) -> (Found, Report) {
    let store = room.store().within(&format!("LB-1/2026-03-02/{lesson}")).unwrap();
    let found = verify::read_lesson(&store).await.unwrap();
    let report = verify::verify_found(&store, &found, Some(signer().public_key()), |_| {}).await.unwrap();
    (found, report)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lesson_that_made_way_closes_in_the_store_with_what_arrived_and_the_true_reason() {
    let folder = tempfile::tempdir().unwrap();
    let room = Room::small(&format!("file://{}", folder.path().display()));
    room.begin("lesson-1");
    room.record("lesson-1", 10, 10_000);
    room.end("lesson-1");
    room.begin("lesson-2");
    // One fragment goes; the clock stands, so there is no second.
    room.uplink.send_replace(Some(Kbps(64)));
    let running = room.start();
    room.until("the first fragment is there", |room| room.reached("lesson-1") == 1).await;
    running.kill().await;
    room.fill("lesson-2");
    room.clock.advance(61);
    assert_eq!(room.make_way(), [id("lesson-1")]);

    room.uplink.send_replace(None);
    let running = room.start();
    room.until("the loss is told", |room| room.spool.losses_untold(&archive()).is_empty()).await;
    running.kill().await;
    let (found, report) = found(&room, "lesson-1").await;
    assert_eq!(
        (found.manifest.state, found.standing),
        (ManifestState::Closed, Standing::Valid(signer().public_key()))
    );
    assert_eq!((report.problems, report.fragments), (vec![], 1));
    let [gap] = found.manifest.gaps.as_slice() else { panic!("{:?}", found.manifest.gaps) };
    let second = Ticks::PER_SECOND;
    assert_eq!(
        (gap.reason, gap.from_90k, gap.to_90k),
        (GapReason::MadeWay, Ticks(2 * second), Ticks(20 * second))
    );
    assert!(!room.is_archived("lesson-1"), "nobody may take it for archived");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lesson_of_which_nothing_arrived_is_told_all_the_same_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let room = Room::small(&format!("file://{}", folder.path().display()));
    room.lesson("lesson-1", 10);
    room.begin("lesson-2");
    room.fill("lesson-2");
    assert_eq!(room.make_way(), [id("lesson-1")]);
    let running = room.start();
    room.until("the loss is told", |room| room.spool.losses_untold(&archive()).is_empty()).await;
    running.kill().await;
    let (found, report) = found(&room, "lesson-1").await;
    assert_eq!((report.problems, report.fragments), (vec![], 0));
    assert_eq!(found.manifest.gaps[0].reason, GapReason::MadeWay);
    let manifest = folder.path().join("LB-1/2026-03-02/lesson-1/manifest.json");
    std::fs::remove_file(&manifest).unwrap();
    let running = room.start();
    room.until("the other lesson is begun", |room| room.reached("lesson-2") > 0).await;
    running.kill().await;
    assert!(!manifest.exists(), "it is not told again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lesson_that_is_being_brought_does_not_make_way_however_long_a_fragment_takes() {
    let shelf = Shelf::open().await;
    let room = Room::small(&shelf.url);
    room.lesson("lesson-1", 10);
    room.begin("lesson-2");
    room.uplink.send_replace(Some(Kbps(64)));
    let running = room.start();
    room.until("it is being brought", |room| room.reached("lesson-1") == 1).await;
    // The next fragment stands still, longer than an archive counts as receiving.
    room.uplink.send_replace(Some(Kbps(0)));
    room.clock.advance(3_600);
    room.fill("lesson-2");
    assert_eq!(room.make_way(), []);
    running.kill().await;
    assert_eq!(room.make_way(), [id("lesson-1")]);
}
