//! One connection: TCP, a proxy, TLS, WebSocket.

use std::io;
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use lectern_archive::store::{Proxy, StoreError, StoreOptions};
use tokio::net::TcpStream;
use tower_service::Service;

use super::{Broker, Scheme, Stream, socket};

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The address cannot be written for HTTP.
    #[error("the broker's address cannot be used: {0}; correct `url`")]
    Address(#[from] http::Error),
    /// Nobody answers there.
    #[error("the broker {broker} does not answer: {cause}; check network and address")]
    Connect {
        /// Host and port.
        broker: String,
        /// The system's words.
        cause: String,
    },
    /// The proxy does not let it through.
    #[error("the proxy {proxy} does not lead to the broker {broker}: {cause}; ask the network's owner")]
    Proxy {
        /// Host and port of the proxy.
        proxy: String,
        /// Host and port.
        broker: String,
        /// What the proxy said.
        cause: String,
    },
    /// A certificate of ours cannot be read.
    #[error(transparent)]
    Certificate(#[from] StoreError),
    /// No trust between here and the broker.
    #[error("TLS with the broker {broker} failed: {cause}; check its certificate, `ca` and this clock")]
    Tls {
        /// Host and port.
        broker: String,
        /// OpenSSL's words.
        cause: native_tls::Error,
    },
    /// What answers speaks no MQTT over WebSocket.
    #[error("the broker {broker} takes no WebSocket: {cause}; check the path of `url`")]
    WebSocket {
        /// Host and port.
        broker: String,
        /// What it said.
        cause: String,
    },
}

/// Nobody waits longer for one address of a name.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Connects. The caller bounds the whole time.
///
/// # Errors
/// [`DialError`], which says where it ended.
pub async fn dial(broker: &Broker) -> Result<Box<dyn Stream>, DialError> {
    let tcp = tcp(broker).await?;
    let stream: Box<dyn Stream> = if broker.scheme.is_encrypted() {
        let connector = tokio_native_tls::TlsConnector::from(connector(broker)?);
        let tls = connector.connect(&broker.host, tcp).await;
        Box::new(tls.map_err(|cause| DialError::Tls { broker: broker.to_string(), cause })?)
    } else {
        Box::new(tcp)
    };
    if !broker.scheme.is_web_socket() {
        return Ok(stream);
    }
    let opened = socket::open(&broker.web_socket(), stream).await;
    opened.map_err(|cause| DialError::WebSocket { broker: broker.to_string(), cause })
}

async fn tcp(broker: &Broker) -> Result<TcpStream, DialError> {
    let uri = broker.uri()?;
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT_LIMIT));
    let stream = match proxy(broker, &uri) {
        None => connector
            .call(uri)
            .await
            .map_err(|error| DialError::Connect { broker: broker.to_string(), cause: innermost(&error) })?,
        Some(proxy) => {
            let mut tunnel = Tunnel::new(proxy.uri().clone(), connector);
            if let Some(auth) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(auth.clone());
            }
            tunnel.call(uri).await.map_err(|error| DialError::Proxy {
                proxy: proxy.uri().authority().map(ToString::to_string).unwrap_or_default(),
                broker: broker.to_string(),
                cause: innermost(&error),
            })?
        }
    };
    Ok(stream.into_inner())
}

fn proxy(broker: &Broker, uri: &Uri) -> Option<Intercept> {
    let matcher = match &broker.proxy {
        Proxy::None => return None,
        // No variable speaks of plain MQTT, and few proxies let it through.
        Proxy::Environment if broker.scheme == Scheme::Tcp => return None,
        Proxy::Environment => Matcher::from_env(),
        Proxy::Url(url) => Matcher::builder().all(url.as_str()).build(),
    };
    matcher.intercept(uri)
}

/// What lies at the bottom: the words around it are ours.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    match error.downcast_ref::<io::Error>() {
        Some(error) if error.kind() == io::ErrorKind::TimedOut => "it takes too long".to_owned(),
        _ => error.to_string(),
    }
}

/// Made anew for each connection: certificates come and are renewed.
fn connector(broker: &Broker) -> Result<native_tls::TlsConnector, DialError> {
    let options = StoreOptions {
        ca: broker.ca.clone(),
        client_certificate: broker.client_certificate.clone(),
        ..StoreOptions::default()
    };
    let builder = options.tls()?;
    builder.build().map_err(|cause| DialError::Tls { broker: broker.to_string(), cause })
}
