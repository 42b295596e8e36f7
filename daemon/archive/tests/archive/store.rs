//! What every kind of store does alike.

use lectern_archive::store::{Entry, Store, StoreError};

use crate::lesson;
use crate::server::Nginx;

fn paths(entries: &[Entry]) -> Vec<(&str, u64)> {
    entries.iter().map(|entry| (entry.path.as_str(), entry.bytes)).collect()
}

/// Put, size, get, list and delete, through and beside a narrowed store.
pub(crate) async fn round_trip(store: &Store) {
    let lesson = store.within("LB-1/2026-03-02/a").unwrap();
    assert_eq!(lesson.list("").await.unwrap(), []);
    assert_eq!(lesson.size("manifest.json").await.unwrap(), None);
    assert_eq!(lesson.get("manifest.json").await.unwrap(), None);
    lesson.delete("manifest.json").await.unwrap();
    store.delete_folder("LB-1/2026-03-02/a").await.unwrap();

    let large: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    lesson.put("manifest.json", "first").await.unwrap();
    lesson.put("manifest.json", "second").await.unwrap();
    lesson.put("program/1/init.mp4", "init").await.unwrap();
    lesson.put("program/00000001.m4s", large.clone()).await.unwrap();
    lesson.put("program/00000002.m4s", "").await.unwrap();
    store.put("LB-1/2026-03-02/b/manifest.json", "neighbour").await.unwrap();

    assert_eq!(lesson.get("manifest.json").await.unwrap().as_deref(), Some(&b"second"[..]));
    assert!(lesson.get("program/00000001.m4s").await.unwrap() == Some(large));
    assert_eq!(lesson.get("program/00000002.m4s").await.unwrap().as_deref(), Some(&b""[..]));
    assert_eq!(lesson.size("program/00000001.m4s").await.unwrap(), Some(300_000));
    assert_eq!(lesson.size("program/00000003.m4s").await.unwrap(), None);
    assert_eq!(
        paths(&lesson.list("").await.unwrap()),
        [
            ("manifest.json", 6),
            ("program/00000001.m4s", 300_000),
            ("program/00000002.m4s", 0),
            ("program/1/init.mp4", 4)
        ]
    );
    assert_eq!(paths(&lesson.list("program/1").await.unwrap()), [("program/1/init.mp4", 4)]);
    assert_eq!(store.list("LB-1").await.unwrap().len(), 5);

    lesson.delete("program/00000002.m4s").await.unwrap();
    assert_eq!(lesson.size("program/00000002.m4s").await.unwrap(), None);
    store.delete_folder("LB-1/2026-03-02/a").await.unwrap();
    assert_eq!(lesson.list("").await.unwrap(), []);
    assert_eq!(lesson.get("manifest.json").await.unwrap(), None);
    assert_eq!(paths(&store.list("LB-1").await.unwrap()), [("LB-1/2026-03-02/b/manifest.json", 9)]);
    // The same lesson can be put again where it was deleted.
    lesson.put("program/00000001.m4s", "again").await.unwrap();
    assert_eq!(lesson.size("program/00000001.m4s").await.unwrap(), Some(5));
}

#[tokio::test]
async fn a_folder_keeps_lists_and_deletes() {
    let folder = tempfile::tempdir().unwrap();
    round_trip(&lesson::store(folder.path())).await;
}

#[tokio::test]
async fn a_webdav_server_keeps_lists_and_deletes() {
    let nginx = Nginx::start();
    round_trip(&Store::open(&nginx.url("listed/dorf/%E8%AF%BE")).unwrap()).await;
}

#[tokio::test]
async fn a_server_that_cannot_list_says_so_and_still_deletes() {
    let nginx = Nginx::start();
    let store = Store::open(&nginx.url("open")).unwrap();
    store.put("a/b/1.m4s", "x").await.unwrap();
    let error = store.list("a").await.unwrap_err();
    assert!(matches!(error, StoreError::Unsupported { .. }) && !error.is_temporary(), "{error:?}");
    store.delete_folder("a").await.unwrap();
    assert_eq!(store.size("a/b/1.m4s").await.unwrap(), None);
    // Once more, and with nothing there.
    store.delete_folder("a").await.unwrap();
}

#[tokio::test]
async fn a_portal_in_front_of_a_server_is_no_empty_listing() {
    let nginx = Nginx::start();
    let store = Store::open(&nginx.url("portal")).unwrap();
    assert!(matches!(store.list("a").await, Err(StoreError::Portal { .. })));
    assert!(matches!(store.delete_folder("a").await, Err(StoreError::Portal { .. })));
    let forbidden = Store::open(&nginx.url("forbidden")).unwrap();
    assert!(matches!(forbidden.list("a").await, Err(StoreError::Refused { .. })));
    assert!(matches!(forbidden.delete("a/1.m4s").await, Err(StoreError::Refused { .. })));
}

#[cfg(unix)]
#[tokio::test]
async fn a_hung_medium_holds_one_thread_and_later_calls_are_told_at_once() {
    use std::time::Duration;
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("hung.m4s");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status().unwrap();
    assert!(made.success());
    let timeouts = lectern_archive::store::Timeouts {
        connect: Duration::from_millis(50),
        answer: Duration::from_millis(150),
        ..Default::default()
    };
    let url = format!("file://{}", folder.path().display());
    let options = lectern_archive::store::StoreOptions { url, timeouts, ..Default::default() };
    let store = Store::open_with(&options).unwrap();
    store.put("fine.m4s", "fine").await.unwrap();
    // Opening a pipe that nobody writes to hangs as a dead medium does.
    assert!(matches!(store.get("hung.m4s").await, Err(StoreError::TimedOut { .. })));
    let many = (0..200).map(|_| store.get("fine.m4s"));
    let at_once = tokio::time::timeout(Duration::from_millis(100), futures_util::future::join_all(many));
    for outcome in at_once.await.expect("calls waited behind the hung one") {
        assert!(matches!(outcome, Err(StoreError::TimedOut { .. })), "{outcome:?}");
    }
    // The medium comes back.
    let writer = tokio::task::spawn_blocking(move || std::fs::OpenOptions::new().write(true).open(fifo));
    drop(writer.await.unwrap().unwrap());
    loop {
        match store.get("fine.m4s").await {
            Ok(found) => return assert_eq!(found.as_deref(), Some(&b"fine"[..])),
            Err(error) => assert!(matches!(error, StoreError::TimedOut { .. }), "{error:?}"),
        }
        tokio::task::yield_now().await;
    }
}
