//! Which broker, and how it is reached.

use std::fmt;
use std::path::PathBuf;

use http::Uri;
use lectern_archive::store::{Credentials, Proxy, without_secrets};

/// How bytes travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `mqtt://`
    Tcp,
    /// `mqtts://`
    Tls,
    /// `ws://`
    WebSocket,
    /// `wss://`
    WebSocketTls,
}

impl Scheme {
    fn of(text: &str) -> Option<Self> {
        match text {
            "mqtt" | "tcp" => Some(Self::Tcp),
            "mqtts" | "ssl" => Some(Self::Tls),
            "ws" => Some(Self::WebSocket),
            "wss" => Some(Self::WebSocketTls),
            _ => None,
        }
    }

    fn port(self) -> u16 {
        match self {
            Self::Tcp => 1883,
            Self::Tls => 8883,
            Self::WebSocket => 80,
            Self::WebSocketTls => 443,
        }
    }

    pub(super) fn is_encrypted(self) -> bool {
        matches!(self, Self::Tls | Self::WebSocketTls)
    }

    pub(super) fn is_web_socket(self) -> bool {
        matches!(self, Self::WebSocket | Self::WebSocketTls)
    }
}

/// A broker's address, and what it takes to get there.
#[derive(Clone)]
pub struct Broker {
    /// How bytes travel.
    pub scheme: Scheme,
    /// Name or address; an IPv6 address without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Of a WebSocket, such as `/mqtt`; with the query.
    pub path: String,
    /// Who the box is to the broker; read again for each connection.
    pub credentials: Option<Credentials>,
    /// Certificates (PEM) that are trusted beside the system's; read likewise.
    pub ca: Option<PathBuf>,
    /// The box's own certificate with its private key (PEM, in one file).
    pub client_certificate: Option<PathBuf>,
    /// The HTTP proxy in between.
    pub proxy: Proxy,
}

/// Why a URL is no broker's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokerError {
    /// Not one of the schemes, or no URL at all.
    #[error("`{0}` is no broker; write mqtt://host, mqtts://host or wss://host/mqtt")]
    Url(String),
    /// A password stands in the URL.
    #[error("the broker's password must not stand in the URL; name a file with `credentials`")]
    Password,
}

impl Broker {
    /// Reads a URL; everything else is as without a word.
    ///
    /// # Errors
    /// [`BrokerError`], never with a secret of the URL.
    pub fn parse(text: &str) -> Result<Self, BrokerError> {
        let wrong = || BrokerError::Url(without_secrets(text));
        let url = url::Url::parse(text).map_err(|_| wrong())?;
        let scheme = Scheme::of(url.scheme()).ok_or_else(wrong)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BrokerError::Password);
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
        let path = match (url.path(), url.query()) {
            (path, _) if !scheme.is_web_socket() && !matches!(path, "" | "/") => return Err(wrong()),
            ("" | "/", None) => "/mqtt".to_owned(),
            (path, None) => path.to_owned(),
            (path, Some(query)) => format!("{path}?{query}"),
        };
        Ok(Self {
            scheme,
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: url.port().unwrap_or(scheme.port()),
            path,
            credentials: None,
            ca: None,
            client_certificate: None,
            proxy: Proxy::default(),
        })
    }

    fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// Where to connect to, as HTTP writes it; the scheme decides by which
    /// variable of the environment a proxy is found.
    pub(super) fn uri(&self) -> Result<Uri, http::Error> {
        let scheme = if self.scheme.is_encrypted() { "https" } else { "http" };
        Uri::builder().scheme(scheme).authority(self.authority()).path_and_query("/").build()
    }

    /// The address of the WebSocket.
    pub(super) fn web_socket(&self) -> String {
        let scheme = if self.scheme.is_encrypted() { "wss" } else { "ws" };
        format!("{scheme}://{}{}", self.authority(), self.path)
    }
}

impl fmt::Display for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.authority())
    }
}

impl fmt::Debug for Broker {
    /// Without a path, whose query may hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {self}", self.scheme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_how_and_where() {
        for (text, scheme, host, port) in [
            ("mqtt://127.0.0.1", Scheme::Tcp, "127.0.0.1", 1883),
            ("mqtts://broker.example.cn", Scheme::Tls, "broker.example.cn", 8883),
            ("mqtts://[::1]:443", Scheme::Tls, "::1", 443),
            ("wss://broker.example.cn/mqtt", Scheme::WebSocketTls, "broker.example.cn", 443),
        ] {
            let broker = Broker::parse(text).unwrap();
            assert_eq!((broker.scheme, broker.host.as_str(), broker.port), (scheme, host, port), "{text}");
            assert!(broker.uri().is_ok());
        }
        let web = Broker::parse("wss://[2001:db8::1]/x?token=geheim").unwrap();
        assert_eq!(web.web_socket(), "wss://[2001:db8::1]:443/x?token=geheim");
        assert!(!format!("{web:?} {web}").contains("geheim"));
    }

    #[test]
    fn what_is_no_broker_is_refused_without_its_secrets() {
        for text in
            ["", "broker", "http://h", "mqtt://", "mqtt://h/geheim", "mqtts://u:geheim@h", "mqtt://u@h"]
        {
            let error = Broker::parse(text).unwrap_err().to_string();
            assert!(!error.contains("geheim"), "{error}");
        }
    }
}
