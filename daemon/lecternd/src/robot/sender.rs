//! One message over HTTP. An error never shows the address: it is a secret.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use lectern_archive::store::{Credentials, Proxy};
use reqwest::{Client, header, redirect};

use super::secret::{self, SecretError};
use super::vendor::{Kind, accepted, wire};

/// Where the robot is and how it is reached.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) kind: Kind,
    /// The file with its URL, and its secret where it has one.
    pub(crate) credentials: Credentials,
    pub(crate) ca: Option<PathBuf>,
    pub(crate) proxy: Proxy,
}

/// Why a message is not out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    /// Its address cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The certificates beside the system's cannot be used.
    #[error("the certificates in {path} cannot be used ({why}); put PEM certificates there")]
    Certificates { path: PathBuf, why: String },
    /// The server cannot be reached, or breaks off.
    #[error("{host} cannot be reached ({why}); check the network and `[robot] proxy`")]
    Unreachable { host: String, why: String },
    /// The server says no.
    #[error("{host} refuses the message ({status}); check the robot's address")]
    Status { host: String, status: reqwest::StatusCode },
    /// The robot says no.
    #[error(
        "the robot refuses the message (code {code}: {words}); check its address, its secret and its keywords"
    )]
    Refused { code: i64, words: String },
}

const LIMIT: Duration = Duration::from_secs(30);
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// An answer is a line; a login page of the network is more.
const MOST_ANSWER: usize = 64 * 1024;

impl Address {
    /// Sends a text; when this returns without error, it is in the group.
    pub(super) async fn send(&self, text: &str, now: Timestamp) -> Result<(), SendError> {
        let secret = secret::read(&self.credentials)?;
        let host = secret.url.host_str().unwrap_or_default().to_owned();
        let failed =
            |error: reqwest::Error| SendError::Unreachable { host: host.clone(), why: deepest(error) };
        let wire = wire(self.kind, secret.url.clone(), secret.secret.as_deref(), text, now);
        let request = self
            .client(&host)?
            .post(wire.url)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .body(wire.body.to_string());
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status();
        if !status.is_success() {
            return Err(SendError::Status { host, status });
        }
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            answer.extend_from_slice(&chunk);
            if answer.len() > MOST_ANSWER {
                break;
            }
        }
        accepted(&answer).map_err(|(code, words)| SendError::Refused { code, words: secret.hidden_in(words) })
    }

    /// Made anew each time: certificates come and are renewed.
    fn client(&self, host: &str) -> Result<Client, SendError> {
        let failed =
            |error: reqwest::Error| SendError::Unreachable { host: host.to_owned(), why: deepest(error) };
        let mut builder = Client::builder()
            .user_agent(concat!("lectern/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_LIMIT)
            .timeout(LIMIT);
        if let Some(path) = &self.ca {
            let unusable = |why: String| SendError::Certificates { path: path.clone(), why };
            let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
            let found =
                reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| unusable(error.to_string()))?;
            builder = builder.tls_certs_merge(found);
        }
        builder = match &self.proxy {
            Proxy::Environment => builder,
            Proxy::None => builder.no_proxy(),
            Proxy::Url(url) => builder.proxy(reqwest::Proxy::all(url).map_err(failed)?),
        };
        builder.build().map_err(failed)
    }
}

/// The cause, without the URL that stands in what reqwest says first.
fn deepest(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut deepest: &dyn std::error::Error = &error;
    while let Some(deeper) = deepest.source() {
        deepest = deeper;
    }
    deepest.to_string()
}
