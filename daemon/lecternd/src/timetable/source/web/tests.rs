//! A source against a real HTTP server, in everything that servers do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap as Headers, Request};
use axum::response::{IntoResponse, Redirect, Response as Answer};
use axum::routing::get;

use super::*;

const TIMETABLE: &str = "school = \"张村小学\"\n";

/// What was asked, and how often.
#[derive(Debug, Default)]
struct Served {
    whole: AtomicUsize,
    unchanged: AtomicUsize,
}

async fn tagged(State(served): State<Arc<Served>>, asked: Headers) -> Answer {
    if asked.get("if-none-match").is_some_and(|tag| tag == "\"v1\"") {
        served.unchanged.fetch_add(1, Ordering::SeqCst);
        return StatusCode::NOT_MODIFIED.into_response();
    }
    served.whole.fetch_add(1, Ordering::SeqCst);
    ([("etag", "\"v1\"")], TIMETABLE).into_response()
}

async fn dated(asked: Headers) -> Answer {
    let day = "Fri, 09 Oct 2026 00:00:00 GMT";
    if asked.get("if-modified-since").is_some_and(|since| since == day) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([("last-modified", day)], TIMETABLE).into_response()
}

async fn secret(asked: Headers) -> Answer {
    match asked.get("authorization") {
        Some(who) if who == "Basic c2Nob29sOmdlaGVpbQ==" => TIMETABLE.into_response(),
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}

fn page() -> Answer {
    ([("content-type", "text/html; charset=utf-8")], "\n<!DOCTYPE html><html>请登录</html>").into_response()
}

/// Chunks for ever, as many bytes as somebody takes.
fn endless() -> Body {
    let chunks = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 1 << 16]));
    Body::from_stream(chunks)
}

/// The address of a server, and what it counts. It ends with the runtime.
#[expect(clippy::disallowed_methods, reason = "a server of a test")]
async fn serve() -> (Url, Arc<Served>) {
    let served = Arc::new(Served::default());
    let router = Router::new()
        .route("/tagged", get(tagged))
        .route("/dated", get(dated))
        .route("/secret", get(secret))
        .route("/always-304", get(|| async { StatusCode::NOT_MODIFIED }))
        .route("/broken", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/portal", get(|| async { page() }))
        .route("/to-portal", get(|| async { Redirect::temporary("/portal") }))
        .route("/moved", get(|| async { Redirect::permanent("/tagged") }))
        .route("/circle", get(|| async { Redirect::temporary("/circle") }))
        .route("/to-file", get(|| async { Redirect::temporary("file:///etc/passwd") }))
        .route("/slow", get(std::future::pending::<&'static str>))
        .route("/endless", get(|| async { endless() }))
        .route("/large", get(|_: Request<Body>| async { vec![b' '; MAX_BYTES + 1] }))
        .with_state(Arc::clone(&served));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap(), served)
}

fn source(url: Url) -> WebSource {
    let refresh = Duration::from_secs(900);
    let address = Address { url, credentials: None, ca: None, proxy: Proxy::None, refresh };
    WebSource::new(address, Duration::from_secs(20))
}

fn whole() -> Found {
    Found::Bytes(TIMETABLE.as_bytes().to_vec())
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let (url, served) = serve().await;
    let mut tagged = source(url.join("tagged").unwrap());
    assert_eq!((tagged.ask().await, tagged.ask().await), (whole(), Found::Same));
    assert_eq!((served.whole.load(Ordering::SeqCst), served.unchanged.load(Ordering::SeqCst)), (1, 1));
    let mut dated = source(url.join("dated").unwrap());
    assert_eq!((dated.ask().await, dated.ask().await), (whole(), Found::Same));
    let mut moved = source(url.join("moved").unwrap());
    assert_eq!(moved.ask().await, whole());
}

#[tokio::test]
async fn every_trouble_of_a_server_has_its_own_name() {
    let (url, _) = serve().await;
    let host = "127.0.0.1";
    for (path, why) in [
        ("broken", words::web_status(host, "500 Internal Server Error")),
        ("nothing", words::web_status(host, "404 Not Found")),
        ("always-304", words::web_status(host, "304 Not Modified")),
        ("portal", words::web_portal(host)),
        ("to-portal", words::web_portal(host)),
        ("large", words::source_large(host, MAX_BYTES)),
        ("endless", words::source_large(host, MAX_BYTES)),
        ("secret", words::web_unauthorised(host, "401 Unauthorized")),
        ("to-file", words::web_moved(host, without_secrets("file:///etc/passwd"))),
        ("circle", words::web_moved(host, without_secrets(url.join("circle").unwrap().as_str()))),
    ] {
        assert_eq!(source(url.join(path).unwrap()).ask().await, Found::Failed(why), "{path}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_left_after_a_while() {
    let (url, _) = serve().await;
    let mut slow = source(url.join("slow").unwrap());
    slow.limit = Duration::from_millis(300);
    assert_eq!(slow.ask().await, Found::Failed(words::web_slow("127.0.0.1", 1)));
}

#[tokio::test]
async fn a_server_that_is_not_there_or_speaks_no_tls_is_named() {
    let (mut url, _) = serve().await;
    url.set_scheme("https").unwrap();
    let Found::Failed(why) = source(url).ask().await else { panic!("without TLS") };
    assert!(why.zh.contains("证书") || why.zh.contains("连不上"), "{why}");
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = Url::parse(&format!("http://127.0.0.1:{}/", free.local_addr().unwrap().port())).unwrap();
    drop(free);
    let Found::Failed(why) = source(gone).ask().await else { panic!("nobody is there") };
    assert!(why.zh.contains("连不上 127.0.0.1"), "{why}");
}

#[tokio::test]
async fn a_password_comes_from_its_file_and_goes_to_its_server_only() {
    let (url, _) = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "user = \"school\"\npassword = \"geheim\"\n").unwrap();
    let mut known = source(url.join("secret").unwrap());
    known.address.credentials = Some(Credentials::File(file.clone()));
    assert_eq!(known.ask().await, whole());
    known.address.credentials = Some(Credentials::File(folder.path().join("nothing")));
    assert!(matches!(known.ask().await, Found::Failed(_)));
    let mut elsewhere = source(Url::parse("http://another.example/t").unwrap());
    elsewhere.address.credentials = Some(Credentials::File(file));
    let request = elsewhere.request(&Client::new(), &url.join("secret").unwrap()).unwrap().build().unwrap();
    assert!(!request.headers().contains_key("authorization"));
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a unit of a test")]
async fn a_server_is_asked_for_all_of_it_again_when_somebody_wants_it() {
    let (url, served) = serve().await;
    let (deliveries, mut told) = tokio::sync::mpsc::channel(1);
    let again = tokio::sync::watch::Sender::default();
    let address = source(url.join("tagged").unwrap()).address;
    tokio::spawn(run(address, Ends { deliveries, again: again.subscribe() }));
    assert_eq!(told.recv().await.unwrap().found, whole());
    again.send_replace(());
    assert_eq!(told.recv().await.unwrap().found, whole());
    assert_eq!((served.whole.load(Ordering::SeqCst), served.unchanged.load(Ordering::SeqCst)), (2, 0));
}
