//! What stands between `object_store` and the network: our TLS, our rules on
//! redirects and sign-in pages, and two courtesies that WebDAV servers need.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Method, StatusCode, Uri};
use object_store::client::{
    HttpClient, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpService,
};
use object_store::http::{HttpBuilder, HttpStore};
use url::Url;

use super::address::Login;
use super::answer::{Answer, classify};
use super::credentials::Keyring;
use super::http::{Connector, client, once};
use super::options::StoreOptions;
use super::transport::{Entry, Found, Place, Transport};
use super::{StoreError, objects};

/// A WebDAV store over the whole server: the prefix is part of each path, so
/// that missing parents of the prefix are created like all others.
pub(super) struct Web {
    inner: HttpStore,
    http: HttpClient,
    origin: Url,
}

impl Web {
    pub(super) fn new(
        origin: &Url,
        authorization: Authorization,
        options: &StoreOptions,
        socket: Option<&std::path::Path>,
    ) -> Result<Self, StoreError> {
        let client = client(options, socket)?;
        let http = HttpClient::new(Service { client, authorization, parents: Parents::default() });
        let inner = HttpBuilder::new()
            .with_url(origin.as_str())
            .with_retry(once())
            .with_http_connector(Connector(http.clone()))
            .build()
            .map_err(|error| StoreError::Url { url: origin.to_string(), why: error.to_string() })?;
        Ok(Self { inner, http, origin: origin.clone() })
    }

    /// RFC 4918, 9.6.1: a folder goes with everything in it.
    async fn delete_collection(&self, at: &Place<'_>) -> Result<(), StoreError> {
        let failed = |error: HttpError| {
            let (store, source) = ("WebDAV", Box::new(error) as _);
            classify(at.store, at.path, at.timeouts.answer, object_store::Error::Generic { store, source })
        };
        let mut url = self.origin.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.extend(at.location.split('/')).push("");
        }
        let mut request = HttpRequest::new(HttpRequestBody::empty());
        *request.method_mut() = Method::DELETE;
        *request.uri_mut() =
            url.as_str().parse().map_err(|_| StoreError::Path { path: at.path.to_owned() })?;
        match self.http.execute(request).await.map_err(failed)?.status() {
            // Some of it is still there.
            StatusCode::MULTI_STATUS | StatusCode::CONFLICT => {
                let (store, path) = (at.store.to_owned(), at.path.to_owned());
                Err(StoreError::Rejected { store, path, why: "it deleted only a part".to_owned() })
            }
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Transport for Web {
    async fn put(&self, at: &Place<'_>, bytes: Bytes) -> Result<(), StoreError> {
        let limit = at.timeouts.total(bytes.len() as u64);
        let put = tokio::time::timeout(limit, objects::put(&self.inner, at, bytes));
        put.await.unwrap_or_else(|_| Err(at.timed_out(limit))).map(drop)
    }

    async fn get(&self, at: &Place<'_>) -> Result<Option<Vec<u8>>, StoreError> {
        objects::get(&self.inner, at).await
    }

    async fn find(&self, at: &Place<'_>) -> Result<Option<Found>, StoreError> {
        // A WebDAV server's ETag is its own affair, whatever its form.
        Ok(objects::find(&self.inner, at).await?.map(|found| Found { md5: None, ..found }))
    }

    async fn list(&self, at: &Place<'_>) -> Result<Vec<Entry>, StoreError> {
        objects::list_by_folder(&self.inner, at).await
    }

    async fn delete(&self, at: &Place<'_>) -> Result<(), StoreError> {
        objects::delete(&self.inner, at).await
    }

    async fn delete_folder(&self, at: &Place<'_>) -> Result<(), StoreError> {
        at.bounded(self.delete_collection(at)).await
    }
}

#[derive(Debug)]
struct Service {
    client: reqwest::Client,
    authorization: Authorization,
    parents: Parents,
}

/// Who the box is to a server: HTTP's basic authentication.
#[derive(Debug)]
pub(super) struct Authorization {
    /// User and password of the URL.
    pub(super) login: Login,
    /// Instead of these, or the password beside the URL's user.
    pub(super) keyring: Option<Keyring>,
}

impl Authorization {
    fn header(&self) -> Result<Option<HeaderValue>, HttpError> {
        use base64::Engine as _;
        let unknown = |error: BoxError| HttpError::new_boxed(HttpErrorKind::Unknown, error);
        let user = self.login.user.as_ref().map(|user| user.0.clone());
        let password = self.login.password.as_ref().map(|password| password.0.clone());
        let (user, password) = match &self.keyring {
            Some(keyring) => keyring.login(user).map_err(|error| unknown(error.into()))?,
            None if user.is_none() && password.is_none() => return Ok(None),
            None => (user.unwrap_or_default(), password.unwrap_or_default()),
        };
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        let value = HeaderValue::from_str(&format!("Basic {pair}"));
        let mut value = value.map_err(|error| unknown(error.into()))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

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
        if let Some(value) = self.authorization.header()? {
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let makes_folder = request.method().as_str() == "MKCOL";
        let lists = request.method().as_str() == "PROPFIND";
        if makes_folder || lists {
            // nginx takes MKCOL only with a slash at the end, and others answer a
            // PROPFIND without it by a redirect (RFC 4918, 5.2 asks for it).
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
            // A server without WebDAV's listings, or one that was told to hide them.
            Some(Answer::Status(StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED)) if lists => {
                Err(HttpError::new(HttpErrorKind::Unknown, Answer::Unsupported(response.status())))
            }
            None if lists
                && response.status().is_success()
                && response.status() != StatusCode::MULTI_STATUS =>
            {
                Err(HttpError::new(HttpErrorKind::Unknown, Answer::Unsupported(response.status())))
            }
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
pub(super) fn judge(response: &HttpResponse, reads: bool) -> Option<Answer> {
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
pub(super) fn origin_of(location: &str) -> String {
    match Url::parse(location) {
        Ok(url) => url.origin().ascii_serialization(),
        Err(_) => location.split(['?', '#']).next().unwrap_or_default().to_owned(),
    }
}
