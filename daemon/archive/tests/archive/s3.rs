//! The S3 store against a real server.

use lectern_archive::store::{Credentials, Proxy, Store, StoreError, StoreOptions, Style};
use lectern_archive::verify::{read_manifest, verify};

use crate::lesson::put_synthetic;
use crate::relay::{cutting_relay, forgetful_relay, listening_relay, parrot};
use crate::s3_server::{DOMAIN, S3Server};
use crate::store::round_trip;

fn open(options: &StoreOptions) -> Store {
    Store::open_with(options).unwrap()
}

#[tokio::test]
async fn a_bucket_keeps_lists_and_deletes() {
    let server = S3Server::start();
    round_trip(&open(&server.options())).await;
}

#[tokio::test]
async fn a_lesson_in_a_bucket_is_proven_complete() {
    let server = S3Server::start();
    let lesson = open(&server.options()).within("LB-1/2026-03-02/a").unwrap();
    let manifest = put_synthetic(&lesson).await;
    assert!(server.on_disk("village/LB-1/2026-03-02/a/program/00000007.m4s").is_some());
    assert_eq!(read_manifest(&lesson).await.unwrap(), manifest);
    assert_eq!(verify(&lesson, &manifest, |_| {}).await.unwrap().problems, []);
}

#[tokio::test]
async fn a_bucket_in_the_hosts_name_is_reached_through_a_proxy() {
    let server = S3Server::start();
    // The host exists nowhere: only the proxy, here the server itself, leads there.
    let options = StoreOptions {
        endpoint: Some(format!("http://{DOMAIN}")),
        style: Style::Virtual,
        proxy: Proxy::Url(format!("http://127.0.0.1:{}", server.port)),
        ..server.options()
    };
    round_trip(&open(&options)).await;
    let direct = StoreOptions { proxy: Proxy::None, ..options };
    let error = open(&direct).get("a").await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_body_goes_whole_with_its_length_its_md5_and_the_session_token() {
    let server = S3Server::start();
    server.hold("teacher", "secret", Some("token-of-the-session"));
    let (port, heard) = listening_relay(server.port);
    open(&server.options_at(port)).put("00000001.m4s", "content").await.unwrap();
    let heard = String::from_utf8_lossy(&heard.lock().unwrap()).to_ascii_lowercase();
    for header in [
        "content-length: 7",
        "content-md5: mgnkuembtiddjehwkeyfvq==",
        "x-amz-security-token: token-of-the-session",
        // The payload's SHA-256, signed, since this is plain HTTP.
        "x-amz-content-sha256: ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73",
    ] {
        assert!(heard.contains(header), "no {header} in {heard}");
    }
    assert!(!heard.contains("aws-chunked") && !heard.contains("transfer-encoding"), "{heard}");
    assert!(heard.ends_with("\r\n\r\ncontent"), "{heard}");
}

#[tokio::test]
async fn keys_are_exchanged_under_a_running_store() {
    let server = S3Server::start();
    let store = open(&server.options());
    store.put("1.m4s", "one").await.unwrap();
    server.admit("teacher-2", "secret-2");
    let error = store.put("2.m4s", "two").await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("InvalidAccessKeyId"), "{error}");
    server.hold("teacher-2", "secret-2", None);
    store.put("2.m4s", "two").await.unwrap();
    server.hold("teacher-2", "wrong-secret", None);
    let error = store.put("3.m4s", "three").await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    let shown = format!("{error} {error:?} {store:?} {:?}", server.options());
    assert!(shown.contains("SignatureDoesNotMatch") && !shown.contains("wrong-secret"), "{shown}");
}

#[tokio::test]
async fn absent_keys_are_told_and_the_store_works_once_they_are_there() {
    let server = S3Server::start();
    let file = server.key_file().with_extension("later");
    let credentials = Some(Credentials::File(file.clone()));
    let store = open(&StoreOptions { credentials, ..server.options() });
    let error = store.put("1.m4s", "one").await.unwrap_err();
    assert!(matches!(error, StoreError::Credentials { .. }) && error.is_temporary(), "{error:?}");
    std::fs::copy(server.key_file(), file).unwrap();
    store.put("1.m4s", "one").await.unwrap();
    let without = Store::open_with(&StoreOptions { credentials: None, ..server.options() });
    assert!(matches!(without, Err(StoreError::Credentials { .. })));
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_not_an_absent_file() {
    let server = S3Server::start();
    let store = open(&StoreOptions { url: "s3://elsewhere/x".to_owned(), ..server.options() });
    let error = store.list("").await.unwrap_err();
    assert!(matches!(error, StoreError::NoBucket { .. }) && !error.is_temporary(), "{error:?}");
}

#[tokio::test]
async fn an_upload_whose_answer_was_lost_is_known_by_length_and_md5() {
    let server = S3Server::start();
    let store = open(&server.options_at(forgetful_relay(server.port)));
    // The MD5 tells it even of a file that is rewritten.
    store.put("manifest.json", "{}").await.unwrap();
    assert_eq!(server.on_disk("village/manifest.json").as_deref(), Some(&b"{}"[..]));
}

#[tokio::test]
async fn a_truncated_upload_is_never_taken_for_a_whole_one() {
    let server = S3Server::start();
    let cut = open(&server.options_at(cutting_relay(server.port, 50_000)));
    let error = cut.put("00000001.m4s", vec![7; 200_000]).await.unwrap_err();
    assert!(error.is_temporary(), "{error:?}");
    let store = open(&server.options());
    assert_eq!(store.size("00000001.m4s").await.unwrap(), None);
    store.put("00000001.m4s", vec![7; 200_000]).await.unwrap();
    assert_eq!(store.size("00000001.m4s").await.unwrap(), Some(200_000));
}

#[tokio::test]
async fn an_older_file_of_the_same_length_is_not_taken_for_the_new_one() {
    let server = S3Server::start();
    open(&server.options()).put("00000001.m4s", vec![1; 200_000]).await.unwrap();
    let cut = open(&server.options_at(cutting_relay(server.port, 100_000)));
    cut.put("00000001.m4s", vec![2; 200_000]).await.unwrap_err();
    assert_eq!(server.on_disk("village/00000001.m4s"), Some(vec![1; 200_000]));
}

#[tokio::test]
async fn a_wrong_clock_is_told_with_both_times() {
    let server = S3Server::start();
    for body in ["<Error><Code>RequestTimeTooSkewed</Code></Error>", ""] {
        let date = "Date: Mon, 02 Mar 2020 08:00:00 GMT\r\nConnection: close";
        let answer =
            format!("HTTP/1.1 403 Forbidden\r\n{date}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let store = open(&server.options_at(parrot(answer.leak())));
        let error = store.put("00000001.m4s", "x").await.unwrap_err();
        let StoreError::ClockSkew { server, here, .. } = &error else { panic!("{error:?}") };
        assert_eq!(server, "2020-03-02T08:00:00Z");
        assert!(here.starts_with("20") && here != server && error.is_temporary(), "{here}");
    }
}

#[tokio::test]
async fn what_answers_in_the_place_of_a_bucket_is_recognised() {
    let server = S3Server::start();
    let put = |answer| {
        let store = open(&server.options_at(parrot(answer)));
        async move { store.put("00000001.m4s", "x").await.unwrap_err() }
    };
    let portal =
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>";
    assert!(matches!(put(portal).await, StoreError::Portal { .. }));
    let full = "HTTP/1.1 507 Full\r\nContent-Length: 46\r\nConnection: close\r\n\r\n<Error><Code>XMinioStorageFull</Code></Error>\n";
    assert!(matches!(put(full).await, StoreError::NoRoom { .. }));
    let quota = "HTTP/1.1 403 No\r\nContent-Length: 40\r\nConnection: close\r\n\r\n<Error><Code>QuotaExceeded</Code></Error>";
    assert!(matches!(put(quota).await, StoreError::NoRoom { .. }));
    let moved = "HTTP/1.1 301 Moved\r\nContent-Length: 85\r\nConnection: close\r\n\r\n<Error><Code>PermanentRedirect</Code><Endpoint>oss-cn-x.aliyuncs.com</Endpoint></Error>";
    let StoreError::Moved { to, .. } = put(moved).await else { panic!("not moved") };
    assert_eq!(to, "oss-cn-x.aliyuncs.com");
    let broken = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    assert!(matches!(put(broken).await, StoreError::ServerFault { .. }));
}
