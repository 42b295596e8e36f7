//! A web server that keeps files in memory, media only by their size, notes
//! every request and refuses what it is told to. It cannot list.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Semaphore;

#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    /// Below the lesson's folder.
    pub(super) file: String,
    pub(super) lesson: String,
    pub(super) bytes: u64,
    pub(super) status: StatusCode,
}

impl Request {
    pub(super) fn is_media(&self) -> bool {
        self.file.ends_with(".m4s")
    }
}

type Refusal = Box<dyn Fn(&str) -> Option<StatusCode> + Send>;
type Watcher = Box<dyn Fn(&Request) + Send>;

/// Holds up a lesson's media; as many are let in as it has permits.
#[derive(Debug)]
struct Gate {
    permits: Arc<Semaphore>,
    held: usize,
}

#[derive(Default)]
pub(super) struct Content {
    pub(super) files: BTreeMap<String, (u64, Option<Bytes>)>,
    pub(super) log: Vec<Request>,
    refusal: Option<Refusal>,
    watcher: Option<Watcher>,
    gates: BTreeMap<String, Gate>,
}

#[derive(Clone)]
pub(super) struct Shelf {
    pub(super) url: String,
    content: Arc<Mutex<Content>>,
}

impl Shelf {
    pub(super) async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let content = Arc::<Mutex<Content>>::default();
        let router = Router::new()
            .fallback(answer)
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&content));
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        tokio::task::spawn(async move { axum::serve(listener, router.into_make_service()).await });
        Self { url, content }
    }

    pub(super) fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap()
    }

    /// Refuses requests (`PUT path`) by a rule; the rule before is forgotten.
    pub(super) fn refuse(&self, rule: impl Fn(&str) -> Option<StatusCode> + Send + 'static) {
        self.content().refusal = Some(Box::new(rule));
    }

    pub(super) fn watch(&self, watcher: impl Fn(&Request) + Send + 'static) {
        self.content().watcher = Some(Box::new(watcher));
    }

    /// From now on a lesson's media wait until they are let in.
    pub(super) fn hold(&self, lesson: &str) {
        let gate = Gate { permits: Arc::new(Semaphore::new(0)), held: 0 };
        self.content().gates.insert(lesson.to_owned(), gate);
    }

    /// Lets so many of a held lesson's media in, now or when they come.
    pub(super) fn let_in(&self, lesson: &str, fragments: usize) {
        self.content().gates[lesson].permits.add_permits(fragments);
    }

    /// How many of a lesson's media wait to be let in.
    pub(super) fn held(&self, lesson: &str) -> usize {
        self.content().gates[lesson].held
    }

    /// What was put and taken, in order.
    pub(super) fn puts(&self) -> Vec<Request> {
        let is_put = |request: &&Request| request.method == Method::PUT && request.status.is_success();
        self.content().log.iter().filter(is_put).cloned().collect()
    }

    pub(super) fn media(&self, lesson: &str) -> Vec<String> {
        let puts = self.puts().into_iter().filter(|put| put.is_media() && put.lesson == lesson);
        puts.map(|put| put.file).collect()
    }
}

async fn answer(
    State(content): State<Arc<Mutex<Content>>>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response {
    let path = uri.path().trim_start_matches('/').to_owned();
    // <device>/<date>/<lesson>/<file>
    let mut parts = path.splitn(4, '/').skip(2);
    let mut part = || parts.next().unwrap_or_default().to_owned();
    let (lesson, file) = (part(), part());
    if method == Method::PUT && file.ends_with(".m4s") {
        pass_gate(&content, &lesson).await;
    }
    let mut content = content.lock().unwrap();
    let refused = content.refusal.as_ref().and_then(|rule| rule(&format!("{method} {path}")));
    let (status, answer) = match (refused, method.as_str()) {
        (Some(status), _) => (status, Bytes::new()),
        (None, "PUT") => {
            let kept = (!file.ends_with(".m4s")).then(|| body.clone());
            if file.ends_with(".m3u8") {
                lists_only_what_is_there(&content, &path, &body);
            }
            content.files.insert(path, (body.len() as u64, kept));
            (StatusCode::CREATED, Bytes::new())
        }
        (None, "GET" | "HEAD") => match content.files.get(&path) {
            // The length is what counts of media.
            Some((bytes, None)) => (StatusCode::OK, Bytes::from(vec![0; usize::try_from(*bytes).unwrap()])),
            Some((_, Some(kept))) => (StatusCode::OK, kept.clone()),
            None => (StatusCode::NOT_FOUND, Bytes::new()),
        },
        (None, "DELETE") => match content.files.remove(&path) {
            Some(_) => (StatusCode::NO_CONTENT, Bytes::new()),
            None => (StatusCode::NOT_FOUND, Bytes::new()),
        },
        (None, "MKCOL") => (StatusCode::CREATED, Bytes::new()),
        (None, _) => (StatusCode::METHOD_NOT_ALLOWED, Bytes::new()),
    };
    let request = Request { bytes: body.len() as u64, method, file, lesson, status };
    if let Some(watcher) = &content.watcher {
        watcher(&request);
    }
    content.log.push(request);
    (status, answer).into_response()
}

async fn pass_gate(content: &Mutex<Content>, lesson: &str) {
    let permits = {
        let mut content = content.lock().unwrap();
        let Some(gate) = content.gates.get_mut(lesson) else { return };
        gate.held += 1;
        Arc::clone(&gate.permits)
    };
    permits.acquire().await.unwrap().forget();
    content.lock().unwrap().gates.get_mut(lesson).unwrap().held -= 1;
}

/// A player that reads this playlist now finds everything in it.
fn lists_only_what_is_there(content: &Content, path: &str, playlist: &Bytes) {
    let folder = path.trim_end_matches("index.m3u8");
    let text = std::str::from_utf8(playlist).unwrap();
    for line in text.lines() {
        let map = line.strip_prefix("#EXT-X-MAP:URI=\"").map(|rest| rest.trim_end_matches('"'));
        if let Some(file) = map.or((!line.starts_with('#')).then_some(line)) {
            let is_there = content.files.contains_key(&format!("{folder}{file}"));
            assert!(is_there, "{path} lists {file}, which is not there");
        }
    }
}
