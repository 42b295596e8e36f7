//! Stores that refuse, and what is said about it.

use axum::http::StatusCode;
use lectern_api::status::ArchiveState;

use super::room::{Room, archive, id};
use super::shelf::Shelf;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lesson_that_fails_holds_up_no_other() {
    let shelf = Shelf::open().await;
    shelf.refuse(|path| path.contains("lesson-1/").then_some(StatusCode::UNPROCESSABLE_ENTITY));
    let room = Room::new(&shelf.url);
    for lesson in ["lesson-1", "lesson-2", "lesson-3"] {
        room.lesson(lesson, 4);
    }
    let running = room.start();
    room.until("the others are archived", |room| {
        room.is_archived("lesson-2") && room.is_archived("lesson-3")
    })
    .await;
    room.until("the trouble is told", |room| room.state.borrow().backlog.last_error.is_some()).await;
    assert!(!room.is_archived("lesson-1"));
    // Its next try comes by the clock.
    shelf.refuse(|_| None);
    room.clock.advance(120);
    room.tell();
    room.until("the lesson is archived", |room| room.is_archived("lesson-1")).await;
    room.until("the trouble is over", |room| room.state.borrow().last_error().is_none()).await;
    running.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_credentials_are_told_and_tried_again() {
    let shelf = Shelf::open().await;
    shelf.refuse(|_| Some(StatusCode::UNAUTHORIZED));
    let room = Room::new(&shelf.url);
    room.lesson("lesson-1", 4);
    let running = room.start();
    room.until("it is told", |room| room.state.borrow().state() == ArchiveState::Retrying).await;
    let text = room.state.borrow().last_error().unwrap().clone();
    assert!(text.en.contains("refus"), "{text}");
    shelf.refuse(|_| None);
    room.until("the lesson is archived", |room| room.is_archived("lesson-1")).await;
    room.until("nothing is wrong", |room| room.state.borrow().state() == ArchiveState::Idle).await;
    running.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_lets_nobody_look_gets_everything_all_the_same() {
    let shelf = Shelf::open().await;
    let looks =
        |request: &str| ["HEAD ", "GET ", "PROPFIND "].iter().any(|method| request.starts_with(method));
    shelf.refuse(move |request| looks(request).then_some(StatusCode::FORBIDDEN));
    let room = Room::new(&shelf.url);
    room.lesson("lesson-1", 12);
    room.lesson("lesson-2", 4);
    let running = room.start();
    room.until("both are archived", |room| room.is_archived("lesson-1") && room.is_archived("lesson-2"))
        .await;
    assert_eq!(shelf.media("lesson-1").len(), 12);
    running.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_lets_nobody_delete_still_takes_lessons() {
    let shelf = Shelf::open().await;
    shelf.refuse(|request| request.starts_with("DELETE ").then_some(StatusCode::FORBIDDEN));
    let room = Room::new(&shelf.url);
    room.lesson("lesson-1", 4);
    let running = room.start();
    room.until("it is archived", |room| room.is_archived("lesson-1")).await;
    let by = "administrator";
    room.spool.delete(&id("lesson-1"), by, "家长申请", false, &[archive()]).unwrap();
    room.tell();
    room.until("the trouble is told", |room| room.state.borrow().backlog.last_error.is_some()).await;
    for lesson in ["lesson-2", "lesson-3"] {
        room.lesson(lesson, 4);
    }
    room.tell();
    room.until("newer and older lessons arrive", |room| {
        room.is_archived("lesson-2") && room.is_archived("lesson-3")
    })
    .await;
    running.kill().await;
}
