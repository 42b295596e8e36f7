//! A timetable on a server, asked for at intervals with what tells whether it
//! changed.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use lectern_api::Text;
use lectern_api::messages::book as words;
use lectern_api::timetable::{Origin, OriginKind};
use lectern_archive::store::{Credentials, Proxy, without_secrets};
use lectern_timetable::MAX_BYTES;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Client, Response, StatusCode, redirect};
use url::Url;

use super::{Delivery, Ends, Found, asked};
use crate::backoff::Backoff;

/// The longest that a server may take for all of it.
const LIMIT: Duration = Duration::from_secs(60);
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
const FIRST_PAUSE: Duration = Duration::from_secs(20);
const MOST_REDIRECTS: usize = 5;

/// Where, and how it is reached.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) url: Url,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) ca: Option<std::path::PathBuf>,
    pub(crate) proxy: Proxy,
    pub(crate) refresh: Duration,
}

impl fmt::Debug for Address {
    /// Without the secrets that a URL may hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_secrets(self.url.as_str()))
    }
}

/// Asks until nobody wants to know any more.
pub(crate) async fn run(address: Address, Ends { deliveries, mut again }: Ends) {
    let origin = Origin { kind: OriginKind::Web, place: without_secrets(address.url.as_str()) };
    let backoff = Backoff::new(FIRST_PAUSE.min(address.refresh), address.refresh);
    let mut source = WebSource::new(address, LIMIT);
    let mut failures = 0;
    loop {
        let found = source.ask().await;
        let failed = matches!(found, Found::Failed(_));
        if deliveries.send(Delivery { origin: origin.clone(), found }).await.is_err() {
            return;
        }
        // Five hundred boxes that start together do not come back together.
        let chance = getrandom::u32().unwrap_or(u32::MAX / 2);
        let pause = if failed {
            backoff.pause_about(failures, chance)
        } else {
            Backoff::new(source.address.refresh, source.address.refresh).pause_about(0, chance / 4)
        };
        failures = if failed { failures.saturating_add(1) } else { 0 };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = asked(&mut again) => {
                source.forget();
                failures = 0;
            }
        }
    }
}

/// A server, and what it said about the timetable that came last.
#[derive(Debug)]
pub(crate) struct WebSource {
    address: Address,
    limit: Duration,
    etag: Option<HeaderValue>,
    modified: Option<HeaderValue>,
}

impl WebSource {
    pub(crate) fn new(address: Address, limit: Duration) -> Self {
        Self { address, limit, etag: None, modified: None }
    }

    /// Whatever is there is new.
    fn forget(&mut self) {
        (self.etag, self.modified) = (None, None);
    }

    /// Asks once.
    pub(crate) async fn ask(&mut self) -> Found {
        match tokio::time::timeout(self.limit, self.fetch()).await {
            Ok(Ok(found)) => found,
            Ok(Err(why)) => Found::Failed(why),
            Err(_) => Found::Failed(words::web_slow(self.host(), self.limit.as_secs_f32().ceil())),
        }
    }

    fn host(&self) -> String {
        self.address.url.host_str().unwrap_or_default().to_owned()
    }

    async fn fetch(&mut self) -> Result<Found, Text> {
        let client = self.client()?;
        let mut url = self.address.url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.request(&client, &url)?.send().await.map_err(|error| self.broken(&error))?;
            let status = response.status();
            if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
                url = self.follow(&url, &response)?;
                continue;
            }
            return self.answer(response).await;
        }
        Err(words::web_moved(self.host(), without_secrets(url.as_str())))
    }

    /// Made anew each time: certificates come and are renewed.
    fn client(&self) -> Result<Client, Text> {
        let mut builder = Client::builder()
            .user_agent(concat!("lectern/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_LIMIT);
        if let Some(path) = &self.address.ca {
            let certificates = certificates(path).map_err(words::config_timetable_ca)?;
            builder = builder.tls_certs_merge(certificates);
        }
        builder = match &self.address.proxy {
            Proxy::Environment => builder,
            Proxy::None => builder.no_proxy(),
            Proxy::Url(url) => builder.proxy(reqwest::Proxy::all(url).map_err(|error| self.broken(&error))?),
        };
        builder.build().map_err(|error| self.broken(&error))
    }

    fn request(&self, client: &Client, url: &Url) -> Result<reqwest::RequestBuilder, Text> {
        let mut request = client.get(url.clone());
        let is_same = url.origin() == self.address.url.origin();
        if let Some(credentials) = self.address.credentials.as_ref().filter(|_| is_same) {
            let (user, password) = credentials.login().map_err(words::web_credentials)?;
            request = request.basic_auth(user, Some(password));
        }
        for (name, value) in
            [(header::IF_NONE_MATCH, &self.etag), (header::IF_MODIFIED_SINCE, &self.modified)]
        {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        Ok(request)
    }

    /// Where a redirect leads; never from a trusted server to one that is not.
    fn follow(&self, from: &Url, response: &Response) -> Result<Url, Text> {
        let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
        let moved = || words::web_moved(self.host(), without_secrets(to));
        let next = from.join(to).map_err(|_| moved())?;
        let is_safe = next.scheme() == "https" || (next.scheme() == "http" && from.scheme() == "http");
        if is_safe { Ok(next) } else { Err(moved()) }
    }

    async fn answer(&mut self, mut response: Response) -> Result<Found, Text> {
        let (host, status) = (self.host(), response.status());
        let knows = self.etag.is_some() || self.modified.is_some();
        match status {
            StatusCode::NOT_MODIFIED if knows => return Ok(Found::Same),
            StatusCode::NETWORK_AUTHENTICATION_REQUIRED => return Err(words::web_portal(host)),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(words::web_unauthorised(host, status));
            }
            StatusCode::OK => {}
            _ => return Err(words::web_status(host, status)),
        }
        let large = || words::source_large(&host, MAX_BYTES);
        if response.content_length().is_some_and(|bytes| bytes > MAX_BYTES as u64) {
            return Err(large());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.broken(&error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_BYTES {
                return Err(large());
            }
        }
        if is_page(response.headers(), &bytes) {
            return Err(words::web_portal(host));
        }
        self.etag = response.headers().get(header::ETAG).cloned();
        self.modified = response.headers().get(header::LAST_MODIFIED).cloned();
        Ok(Found::Bytes(bytes))
    }

    /// What happened on the way, by its name.
    fn broken(&self, error: &reqwest::Error) -> Text {
        let mut deepest: &dyn std::error::Error = error;
        let mut is_tls = false;
        while let Some(deeper) = deepest.source() {
            deepest = deeper;
            let words = deepest.to_string();
            is_tls |= words.contains("certificate") || words.contains("SSL") || words.contains("TLS");
        }
        let (host, cause) = (self.host(), deepest.to_string());
        if is_tls {
            words::web_tls(host, cause)
        } else if error.is_connect() || error.is_builder() {
            words::web_unreachable(host, cause)
        } else if error.is_timeout() {
            words::web_slow(host, CONNECT_LIMIT.as_secs())
        } else {
            words::web_interrupted(host, cause)
        }
    }
}

/// A login page of the network, or the page around the file.
fn is_page(headers: &HeaderMap, bytes: &[u8]) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let begin = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).trim_start().to_ascii_lowercase();
    let begin = begin.trim_start_matches('\u{feff}').trim_start();
    // A table may be sent as anything, but no timetable begins with a tag.
    let has_tag = begin.starts_with("<!doctype") || begin.starts_with("<html") || begin.starts_with("<head");
    has_tag || (kind.starts_with("text/html") && begin.starts_with('<'))
}

fn certificates(path: &Path) -> Result<Vec<reqwest::Certificate>, String> {
    let unusable = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let pem = std::fs::read(path).map_err(|error| unusable(&error))?;
    let found = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| unusable(&error))?;
    if found.is_empty() { Err(unusable(&"there is no certificate in it")) } else { Ok(found) }
}

#[cfg(test)]
mod tests;
