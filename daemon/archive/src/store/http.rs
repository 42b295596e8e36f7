//! The one HTTP client of WebDAV and S3 stores: our TLS, proxy and time-outs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use object_store::client::{HttpClient, HttpConnector};
use object_store::{ClientOptions, RetryConfig};
use reqwest::{Certificate, Identity};

use super::options::{OwnCertificate, Proxy, StoreOptions, unusable};
use super::{StoreError, address};

/// A client after the options. No redirect is followed: an upload that becomes
/// a download on the way would look like a success.
pub(super) fn client(options: &StoreOptions, socket: Option<&Path>) -> Result<reqwest::Client, StoreError> {
    let timeouts = options.timeouts;
    let mut builder = match socket {
        Some(path) => reqwest::Client::builder().unix_socket(path.to_owned()),
        None => reqwest::Client::builder(),
    };
    for der in options.read_ca()? {
        let certificate = Certificate::from_der(&der);
        let certificate = certificate.map_err(|error| unusable(path_of(&options.ca), &error))?;
        builder = builder.tls_certs_merge([certificate]);
    }
    if let Some(OwnCertificate { chain, key }) = options.read_client_certificate()? {
        let identity = Identity::from_pkcs8_pem(&chain, &key);
        let path = path_of(&options.client_certificate);
        builder = builder.identity(identity.map_err(|error| unusable(path, &error))?);
    }
    builder = match &options.proxy {
        Proxy::Environment => builder,
        Proxy::None => builder.no_proxy(),
        Proxy::Url(url) => builder.proxy(proxy(url)?),
    };
    builder
        .user_agent(concat!("lectern/", env!("CARGO_PKG_VERSION")))
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
        .map_err(|error| bad(&options.url, &error))
}

fn proxy(url: &str) -> Result<reqwest::Proxy, StoreError> {
    let wrong = || bad(url, &"a proxy is `http://host:port`");
    let parsed = url::Url::parse(url).map_err(|_| wrong())?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
        return Err(wrong());
    }
    reqwest::Proxy::all(url).map_err(|_| wrong())
}

fn bad(url: &str, why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Url { url: address::without_secrets(url), why: why.to_string() }
}

fn path_of(path: &Option<PathBuf>) -> &Path {
    path.as_deref().unwrap_or(Path::new(""))
}

/// Hands `object_store` the client that was made.
#[derive(Debug)]
pub(super) struct Connector(pub(super) HttpClient);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(self.0.clone())
    }
}

/// Nothing is tried twice down here: pace and patience belong to the caller.
pub(super) fn once() -> RetryConfig {
    RetryConfig { max_retries: 0, ..RetryConfig::default() }
}
