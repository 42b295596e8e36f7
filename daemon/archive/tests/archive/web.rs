//! The WebDAV store against a real server.

use std::time::Duration;

use lectern_api::Kbps;
use lectern_archive::store::{Store, StoreError, StoreOptions, Timeouts};
use lectern_archive::verify::{read_manifest, verify};

use crate::lesson::put_synthetic;
use crate::relay::{cutting_relay, forgetful_relay, slow_relay};
use crate::server::Nginx;

fn within(url: &str, timeouts: Timeouts) -> Store {
    Store::open_with(&StoreOptions { timeouts, ..StoreOptions::new(url) }).unwrap()
}

fn hasty(url: &str) -> Store {
    let timeouts = Timeouts {
        connect: Duration::from_secs(2),
        answer: Duration::from_millis(500),
        slowest: Kbps(100_000),
    };
    within(url, timeouts)
}

#[tokio::test]
async fn a_lesson_put_on_a_server_is_there_and_proven_complete() {
    let nginx = Nginx::start();
    // Neither the prefix nor the lesson's folders are there yet.
    let store = Store::open(&nginx.url("open/dorf/%E8%AF%BE")).unwrap();
    let lesson = store.within("LB-1/2026-03-02/a").unwrap();
    assert_eq!(lesson.size("manifest.json").await.unwrap(), None);
    assert_eq!(lesson.get("manifest.json").await.unwrap(), None);
    let manifest = put_synthetic(&lesson).await;
    assert!(nginx.on_disk("open/dorf/课/LB-1/2026-03-02/a/program/00000007.m4s").is_some());
    assert_eq!(read_manifest(&lesson).await.unwrap(), manifest);
    let report = verify(&lesson, &manifest, |_| {}).await.unwrap();
    assert_eq!(report.problems, []);
    // Once more, over what is there.
    put_synthetic(&lesson).await;
    assert!(verify(&lesson, &manifest, |_| {}).await.unwrap().is_complete());
}

#[tokio::test]
async fn two_uploads_may_create_the_same_folders_at_once() {
    let nginx = Nginx::start();
    let store = Store::open(&nginx.url("open/a/b/c")).unwrap();
    let puts = (0..8).map(|n| {
        let store = &store;
        async move { store.put(&format!("d/e/{n}/x.m4s"), "x").await }
    });
    for outcome in futures_util::future::join_all(puts).await {
        outcome.unwrap();
    }
}

#[tokio::test]
async fn user_and_password_are_sent_and_never_shown() {
    let nginx = Nginx::start();
    let url = |pair: &str| nginx.url("secret").replace("http://", &format!("http://{pair}@"));
    let store = Store::open(&url("teacher:ge%20h%40im%2F")).unwrap();
    store.put("a/1.m4s", "content").await.unwrap();
    assert_eq!(store.get("a/1.m4s").await.unwrap().as_deref(), Some(&b"content"[..]));
    for pair in ["teacher:wrong", "nobody:geheim"] {
        let store = Store::open(&url(pair)).unwrap();
        let error = store.put("a/1.m4s", "content").await.unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }), "{error}");
        assert!(!error.is_temporary());
        let shown = format!("{error} {error:?} {store:?} {}", store.describe());
        assert!(!shown.contains("wrong") && !shown.contains("geheim"), "{shown}");
    }
}

#[tokio::test]
async fn every_refusal_of_a_server_has_its_own_name() {
    let nginx = Nginx::start();
    let small = vec![7; 1_000];
    let put = |path: &str, bytes: &[u8]| {
        let (store, bytes) = (Store::open(&nginx.url(path)).unwrap(), bytes.to_vec());
        async move { store.put("program/00000001.m4s", bytes).await.unwrap_err() }
    };
    let full = put("full", &small).await;
    assert!(matches!(full, StoreError::NoRoom { .. }) && full.is_temporary(), "{full:?}");
    let large = put("open", &vec![7; 3_000_000]).await;
    // Of this one file: others may pass.
    assert!(matches!(large, StoreError::Rejected { .. }), "{large:?}");
    let broken = put("broken", &small).await;
    assert!(matches!(broken, StoreError::ServerFault { .. }) && broken.is_temporary(), "{broken:?}");
    let forbidden = put("forbidden", &small).await;
    assert!(matches!(forbidden, StoreError::Refused { .. }) && !forbidden.is_temporary(), "{forbidden:?}");
    for path in ["odd", "read-only"] {
        let odd = put(path, &small).await;
        assert!(matches!(odd, StoreError::Rejected { .. }) && !odd.is_temporary(), "{path}: {odd:?}");
    }
    for path in ["portal", "gate"] {
        let portal = put(path, &small).await;
        assert!(matches!(portal, StoreError::Portal { .. }) && portal.is_temporary(), "{path}: {portal:?}");
    }
    let StoreError::Moved { to, .. } = put("moved", &small).await else { panic!("not moved") };
    assert_eq!(to, "http://portal.example");
    let portal = Store::open(&nginx.url("portal")).unwrap();
    assert!(matches!(portal.get("manifest.json").await, Err(StoreError::Portal { .. })));
    assert!(matches!(portal.size("manifest.json").await, Err(StoreError::Portal { .. })));
}

#[tokio::test]
async fn a_server_that_stands_still_is_a_temporary_time_out_and_recovers() {
    let nginx = Nginx::start();
    let store = hasty(&nginx.url("open"));
    store.put("a/1.m4s", "before").await.unwrap();
    nginx.freeze();
    let error = store.put("a/2.m4s", vec![1; 400_000]).await.unwrap_err();
    assert!(matches!(error, StoreError::TimedOut { .. }), "{error:?}");
    assert!(error.is_temporary());
    assert!(matches!(store.get("a/1.m4s").await, Err(StoreError::TimedOut { .. })));
    nginx.thaw();
    store.put("a/2.m4s", vec![1; 400_000]).await.unwrap();
    assert_eq!(store.size("a/2.m4s").await.unwrap(), Some(400_000));
}

#[tokio::test]
async fn nobody_listening_is_unreachable_and_no_tls_is_told_apart() {
    let nginx = Nginx::start();
    let tls = Store::open(&nginx.url("open").replace("http:", "https:")).unwrap();
    let error = tls.put("a/1.m4s", "x").await.unwrap_err();
    assert!(matches!(error, StoreError::Tls { .. }), "{error:?}");
    let url = nginx.url("open");
    drop(nginx);
    let error = Store::open(&url).unwrap().put("a/1.m4s", "x").await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }) && error.is_temporary(), "{error:?}");
    let error = Store::open("http://no-such-host.invalid/a").unwrap().get("x").await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn an_upload_whose_answer_was_lost_is_looked_up_and_not_repeated() {
    let nginx = Nginx::start();
    let relay = forgetful_relay(nginx.port);
    let store = Store::open(&format!("http://127.0.0.1:{relay}/open")).unwrap();
    store.put("00000001.m4s", "arrived").await.unwrap();
    assert_eq!(nginx.on_disk("open/00000001.m4s").as_deref(), Some(&b"arrived"[..]));
}

#[tokio::test]
async fn a_rewritten_file_is_believed_by_its_content_and_never_by_its_length() {
    let nginx = Nginx::start();
    let direct = Store::open(&nginx.url("open")).unwrap();
    let relayed = || Store::open(&format!("http://127.0.0.1:{}/open", forgetful_relay(nginx.port))).unwrap();
    relayed().put("manifest.json", "{}").await.unwrap();
    assert_eq!(nginx.on_disk("open/manifest.json").as_deref(), Some(&b"{}"[..]));
    // The same length, and cut before the end: the old one is still there.
    direct.put("index.m3u8", vec![1; 200_000]).await.unwrap();
    let cut = format!("http://127.0.0.1:{}/open", cutting_relay(nginx.port, 100_000));
    let error = Store::open(&cut).unwrap().put("index.m3u8", vec![2; 200_000]).await.unwrap_err();
    assert!(matches!(error, StoreError::Interrupted { .. }) && error.is_temporary(), "{error:?}");
    assert_eq!(nginx.on_disk("open/index.m3u8"), Some(vec![1; 200_000]));
}

#[tokio::test]
async fn a_slow_link_that_moves_is_not_taken_for_a_dead_one() {
    let nginx = Nginx::start();
    let timeouts = Timeouts {
        connect: Duration::from_secs(2),
        answer: Duration::from_millis(500),
        slowest: Kbps(1_000),
    };
    let url = format!("http://127.0.0.1:{}/open", slow_relay(nginx.port));
    // 1.5 MB take about 3 s, six times as long as an answer may.
    let store = within(&url, timeouts);
    store.put("00000001.m4s", vec![1; 1_500_000]).await.unwrap();
    assert_eq!(nginx.on_disk("open/00000001.m4s").map(|bytes| bytes.len()), Some(1_500_000));
}

#[tokio::test]
async fn a_check_against_a_dead_store_ends_without_a_verdict() {
    let nginx = Nginx::start();
    let store = hasty(&nginx.url("open/lesson"));
    let manifest = put_synthetic(&store).await;
    drop(nginx);
    assert!(verify(&store, &manifest, |_| {}).await.is_err());
}
