//! The FTP store against a real server.

use lectern_archive::store::{Credentials, Store, StoreError, StoreOptions, TlsFault};
use lectern_archive::verify::verify;

use crate::certificates::Authority;
use crate::disk::Tiny;
use crate::ftp_server::FtpServer;
use crate::lesson::put_synthetic;
use crate::store::round_trip;

#[tokio::test]
async fn an_ftp_server_keeps_lists_and_deletes() {
    let server = FtpServer::start("none", None);
    round_trip(&Store::open(&server.url("ftp", "dorf/%E8%AF%BE")).unwrap()).await;
}

#[tokio::test]
async fn an_old_ftp_server_without_machine_listings_does_too() {
    let server = FtpServer::start("no-mlsd", None);
    round_trip(&Store::open(&server.url("ftp", "")).unwrap()).await;
}

#[tokio::test]
async fn an_ftp_server_over_ipv6_does_too() {
    let server = FtpServer::over(tempfile::tempdir().unwrap(), "none", "::1", None);
    let url = server.url("ftp", "a").replace("localhost", "[::1]");
    round_trip(&Store::open(&url).unwrap()).await;
}

#[tokio::test]
async fn both_kinds_of_tls_keep_list_and_delete() {
    let authority = Authority::new();
    for (security, scheme) in [("explicit", "ftpes"), ("implicit", "ftps")] {
        let server = FtpServer::start(security, Some(&authority.good()));
        let trusting =
            StoreOptions { ca: Some(authority.ca()), ..StoreOptions::new(server.url(scheme, "lessons")) };
        round_trip(&Store::open_with(&trusting).unwrap()).await;
        let error = Store::open(&server.url(scheme, "a")).unwrap().put("1.m4s", "x").await.unwrap_err();
        assert!(matches!(error, StoreError::Tls { fault: TlsFault::UnknownIssuer, .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_password_is_never_sent_in_clear_text_where_tls_was_asked_for() {
    let server = FtpServer::start("none", None);
    let error = Store::open(&server.url("ftpes", "a")).unwrap().put("1.m4s", "x").await.unwrap_err();
    assert!(!error.is_temporary(), "{error:?}");
    assert_eq!(server.on_disk("a/1.m4s"), None);
}

#[tokio::test]
async fn a_lesson_on_an_ftp_server_is_proven_complete() {
    let server = FtpServer::start("none", None);
    let lesson = Store::open(&server.url("ftp", "")).unwrap().within("LB-1/2026-03-02/a").unwrap();
    let manifest = put_synthetic(&lesson).await;
    assert!(server.on_disk("LB-1/2026-03-02/a/program/00000007.m4s").is_some());
    assert!(server.on_disk("LB-1/2026-03-02/a/program/00000007.m4s.part").is_none());
    assert_eq!(verify(&lesson, &manifest, |_| {}).await.unwrap().problems, []);
}

#[tokio::test]
async fn who_may_not_is_refused_and_no_password_is_shown() {
    let server = FtpServer::start("none", None);
    let open = |login: &str| Store::open(&format!("ftp://{login}@localhost:{}/a", server.port)).unwrap();
    for login in ["teacher:wrong-secret", "guest:guest"] {
        let store = open(login);
        let error = store.put("1.m4s", "x").await.unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }) && !error.is_temporary(), "{error:?}");
        let shown = format!("{error} {error:?} {store:?}");
        assert!(!shown.contains("wrong-secret") && !shown.contains("guest"), "{shown}");
    }
}

#[tokio::test]
async fn a_password_is_read_from_its_file_and_again_when_it_changes() {
    let server = FtpServer::start("none", None);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "password = \"wrong\"\n").unwrap();
    let credentials = Some(Credentials::File(file.path().to_owned()));
    let url = format!("ftp://teacher@localhost:{}/a", server.port);
    let store = Store::open_with(&StoreOptions { credentials, ..StoreOptions::new(url) }).unwrap();
    let error = store.put("1.m4s", "x").await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    std::fs::write(file.path(), "password = \"ge h@im/\"\n").unwrap();
    store.put("1.m4s", "x").await.unwrap();
}

#[tokio::test]
async fn a_full_ftp_server_is_tried_again_and_leaves_no_half_file() {
    let Some(tiny) = Tiny::mount() else {
        println!("not tested: a full disk needs root and the right to mount a tmpfs");
        return;
    };
    let server = FtpServer::over(tempfile::tempdir_in(tiny.0.path()).unwrap(), "none", "127.0.0.1", None);
    let store = Store::open(&server.url("ftp", "")).unwrap();
    store.put("1.m4s", vec![1; 100_000]).await.unwrap();
    let error = store.put("2.m4s", vec![2; 300_000]).await.unwrap_err();
    // This server does not say why it gave up.
    assert!(matches!(error, StoreError::Interrupted { .. }) && error.is_temporary(), "{error:?}");
    assert_eq!(store.size("2.m4s").await.unwrap(), None);
}

#[tokio::test]
async fn a_server_that_is_gone_after_an_upload_is_unreachable() {
    let server = FtpServer::start("none", None);
    let store = Store::open(&server.url("ftp", "")).unwrap();
    store.put("1.m4s", "one").await.unwrap();
    drop(server);
    let error = store.put("2.m4s", "two").await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }) && error.is_temporary(), "{error:?}");
}
