//! What stands between `object_store` and the network: our TLS, our rules on
//! redirects and sign-in pages, and two courtesies that WebDAV servers need.

use std::collections::HashSet;
use std::error::Error as StdError;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use http::{Method, StatusCode, Uri};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use object_store::http::{HttpBuilder, HttpStore};
use object_store::{ClientOptions, RetryConfig};
use url::Url;

use super::address::Secret;
use super::{StoreError, Timeouts};

/// An answer that ends the request, with a meaning of its own.
#[derive(Debug, thiserror::Error)]
pub(super) enum Answer {
    /// A status that is no success.
    #[error("HTTP {0}")]
    Status(StatusCode),
    /// A web page where none can be, or HTTP 511.
    #[error("a web page in place of an answer")]
    Portal,
    /// A redirect, and where to.
    #[error("a redirect to {0}")]
    Moved(String),
}

/// A WebDAV store over the whole server: the prefix is part of each path, so
/// that missing parents of the prefix are created like all others.
pub(super) fn store(
    origin: &Url,
    authorization: Option<&Secret>,
    timeouts: Timeouts,
    socket: Option<&std::path::Path>,
) -> Result<HttpStore, StoreError> {
    let fail = |why: String| StoreError::Url { url: origin.to_string(), why };
    let client = client(authorization, timeouts, socket).map_err(|error| fail(error.to_string()))?;
    let retry = RetryConfig { max_retries: 0, ..RetryConfig::default() };
    HttpBuilder::new()
        .with_url(origin.as_str())
        .with_retry(retry)
        .with_http_connector(Connector { client })
        .build()
        .map_err(|error| fail(error.to_string()))
}

fn client(
    authorization: Option<&Secret>,
    timeouts: Timeouts,
    socket: Option<&std::path::Path>,
) -> Result<reqwest::Client, reqwest::Error> {
    let mut headers = HeaderMap::new();
    if let Some(Ok(mut value)) = authorization.map(|secret| HeaderValue::from_str(&secret.0)) {
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    let builder = match socket {
        Some(path) => reqwest::Client::builder().unix_socket(path.to_owned()),
        None => reqwest::Client::builder(),
    };
    builder
        .user_agent(concat!("lectern/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(timeouts.connect)
        // The kernel alone knows whether the other side still takes bytes: a
        // fragment fits into the socket's buffer, so that this process sees no
        // progress between handing it over and the answer.
        .tcp_user_timeout(timeouts.answer)
        // Shorter than the keep-alive of the usual servers (60–75 s), so that a
        // request does not meet a connection that is just being closed.
        .pool_idle_timeout(Duration::from_secs(30))
        .build()
}

#[derive(Debug)]
struct Connector {
    client: reqwest::Client,
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Service { client: self.client.clone(), parents: Parents::default() }))
    }
}

#[derive(Debug)]
struct Service {
    client: reqwest::Client,
    parents: Parents,
}

/// nginx answers an upload into a folder that is not there with 500, and so
/// does every broken server. The first 500 for a folder is therefore passed on
/// as 409, upon which parents are created and the upload tried once more; the
/// next one counts as what it is.
#[derive(Debug, Default)]
struct Parents {
    suspected: Mutex<HashSet<String>>,
}

impl Parents {
    /// Folders remembered; beyond it all are forgotten and suspected anew.
    const REMEMBERED: usize = 256;

    /// Looks at the status of an upload to `path`.
    fn judge(&self, path: &str, status: &mut StatusCode) {
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let mut suspected = self.suspected.lock().unwrap_or_else(PoisonError::into_inner);
        if status.is_success() {
            suspected.remove(parent);
        } else if *status == StatusCode::INTERNAL_SERVER_ERROR && !suspected.contains(parent) {
            if suspected.len() >= Self::REMEMBERED {
                suspected.clear();
            }
            suspected.insert(parent.to_owned());
            *status = StatusCode::CONFLICT;
        }
    }
}

#[async_trait]
impl HttpService for Service {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let makes_folder = request.method().as_str() == "MKCOL";
        if makes_folder {
            // nginx takes MKCOL only with a slash at the end (RFC 4918, 5.2 asks for it).
            end_with_slash(request.uri_mut());
        }
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let upload = (request.method() == Method::PUT).then(|| request.uri().path().to_owned());
        let mut response = self.client.call(request).await?;
        if let Some(path) = upload {
            self.parents.judge(&path, response.status_mut());
        }
        if makes_folder && response.status() == StatusCode::METHOD_NOT_ALLOWED {
            // RFC 4918, 9.3.1: it exists. Two uploads may create it at once.
            *response.status_mut() = StatusCode::CREATED;
        }
        match judge(&response, reads) {
            None => Ok(response),
            Some(answer) => Err(HttpError::new(HttpErrorKind::Unknown, answer)),
        }
    }
}

fn end_with_slash(uri: &mut Uri) {
    if !uri.path().ends_with('/') {
        let with_slash = format!("{uri}/");
        if let Ok(changed) = with_slash.parse() {
            *uri = changed;
        }
    }
}

/// What an answer means when it is not for `object_store` to decide.
fn judge(response: &HttpResponse, reads: bool) -> Option<Answer> {
    let status = response.status();
    let header = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let is_page = header(CONTENT_TYPE).is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
    // An archive holds no web page, so none can be read from it. To an upload
    // some servers answer 201 with a page of their own; a portal says 200.
    if status == StatusCode::NETWORK_AUTHENTICATION_REQUIRED
        || (is_page && (status == StatusCode::OK || (reads && status.is_success())))
    {
        return Some(Answer::Portal);
    }
    if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
        return Some(Answer::Moved(origin_of(header(LOCATION).unwrap_or("an address it does not name"))));
    }
    // These decide what `object_store` does next: create parents, or say `None`.
    let is_known = matches!(status, StatusCode::NOT_FOUND | StatusCode::CONFLICT);
    (!status.is_success() && !is_known).then_some(Answer::Status(status))
}

/// Only scheme, host and port: the rest may carry a token.
fn origin_of(location: &str) -> String {
    match Url::parse(location) {
        Ok(url) => url.origin().ascii_serialization(),
        Err(_) => location.split(['?', '#']).next().unwrap_or_default().to_owned(),
    }
}

/// Names what `object_store` reports, whichever transport it used. `limit` is
/// the time-out of the connection itself.
pub(super) fn classify(store: &str, path: &str, limit: Duration, error: object_store::Error) -> StoreError {
    let (store, path) = (store.to_owned(), path.to_owned());
    let mut cause: Option<&(dyn StdError + 'static)> = Some(&error);
    while let Some(this) = cause {
        if let Some(answer) = this.downcast_ref::<Answer>() {
            return of_answer(store, path, answer);
        }
        if let Some(failure) = this.downcast_ref::<reqwest::Error>() {
            return of_transport(store, path, limit, failure);
        }
        if let Some(failure) = this.downcast_ref::<io::Error>() {
            return of_disk(store, path, failure);
        }
        cause = this.source();
    }
    match error {
        object_store::Error::NotFound { .. } => {
            StoreError::Rejected { store, path, why: "HTTP 404".to_owned() }
        }
        object_store::Error::AlreadyExists { .. } => {
            StoreError::Rejected { store, path, why: "HTTP 409".to_owned() }
        }
        other => StoreError::Io { store, path, source: io::Error::other(other) },
    }
}

fn of_answer(store: String, path: String, answer: &Answer) -> StoreError {
    let status = match answer {
        Answer::Portal => return StoreError::Portal { store },
        Answer::Moved(to) => return StoreError::Moved { store, to: to.clone() },
        Answer::Status(status) => *status,
    };
    let why = format!("HTTP {status}");
    match status.as_u16() {
        401 | 403 | 407 => StoreError::Refused { store, path, why },
        413 | 507 => StoreError::NoRoom { store, path, why },
        408 | 429 | 500.. => StoreError::ServerFault { store, path, why },
        _ => StoreError::Rejected { store, path, why },
    }
}

fn of_transport(store: String, path: String, limit: Duration, failure: &reqwest::Error) -> StoreError {
    let (mut deepest, mut tls, mut timed_out): (&(dyn StdError + 'static), _, _) = (failure, false, false);
    loop {
        tls |= deepest.is::<native_tls::Error>();
        timed_out |=
            deepest.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut);
        match deepest.source() {
            Some(next) => deepest = next,
            None => break,
        }
    }
    timed_out |= failure.is_timeout();
    let why = if timed_out { "no answer".to_owned() } else { deepest.to_string() };
    if tls {
        StoreError::Tls { store, why }
    } else if failure.is_connect() {
        StoreError::Unreachable { store, why }
    } else if timed_out {
        StoreError::TimedOut { store, path, limit_s: limit.as_secs() }
    } else {
        StoreError::Interrupted { store, path, why }
    }
}

fn of_disk(store: String, path: String, failure: &io::Error) -> StoreError {
    use io::ErrorKind::{
        FileTooLarge, NotADirectory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    let why = failure.to_string();
    match failure.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => StoreError::NoRoom { store, path, why },
        PermissionDenied | ReadOnlyFilesystem => StoreError::Refused { store, path, why },
        NotADirectory => StoreError::Rejected { store, path, why },
        kind => StoreError::Io { store, path, source: io::Error::new(kind, why) },
    }
}
