//! What time a store's server says it is, and whether that is proved.
//!
//! A certificate is only valid at a time, so a clock that is wrong cannot check
//! one. A chain with no other fault is therefore checked against the time that
//! the server itself tells: whoever wants to lie needs a key whose certificate
//! was valid at the very time of the lie. Such an answer is no proof, and says
//! so. A server without TLS is not asked.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use lectern_api::Clock;
use openssl::asn1::Asn1Time;
use openssl::ssl::{HandshakeError, SslConnector, SslMethod, SslStream, SslVerifyMode};
use openssl::x509::{X509, X509VerifyResult};
use url::Url;

use super::refusal::http_date;
use super::{Proxy, StoreError, StoreOptions, TlsFault, without_secrets};

/// A server's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerTime {
    /// The time when the answer came.
    pub utc: Timestamp,
    /// When that was, on the monotonic clock.
    pub at: Duration,
    /// How far it may be off.
    pub bound: Duration,
    /// Whether the certificate is valid by this machine's clock too. Otherwise
    /// it is valid at the time that the server tells, which is a hint.
    pub proved: bool,
}

/// What an ordinary server is off by itself.
const OF_THE_SERVER: Duration = Duration::from_secs(2);
/// More than any answer's head.
const HEAD_BYTES: usize = 16 * 1024;
/// X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
const OF_TIME: [i32; 2] = [9, 10];

/// Asks the server of an HTTPS or S3 store; nothing where the store is no such
/// server, or is behind a proxy. Blocks, for `limit` in each of its steps.
///
/// # Errors
/// No connection, no trust for another reason than the time, or no time.
pub fn server_time(
    options: &StoreOptions,
    clock: &dyn Clock,
    limit: Duration,
) -> Result<Option<ServerTime>, StoreError> {
    let Some(url) = server(options) else { return Ok(None) };
    let store = url.to_string();
    let doubted = Arc::new(AtomicBool::new(false));
    let mut stream = connect(options, &url, limit, &doubted)?;
    let chain = stream.ssl().peer_cert_chain().map(|chain| chain.iter().map(|one| one.to_owned()).collect());
    let chain: Vec<X509> = chain.unwrap_or_default();
    let asked = clock.monotonic();
    let head = head(&mut stream, &url).map_err(|why| StoreError::Interrupted {
        store: store.clone(),
        path: "/".to_owned(),
        why: why.to_string(),
    })?;
    let at = clock.monotonic();
    let rejected =
        |why: &str| StoreError::Rejected { store: store.clone(), path: "/".to_owned(), why: why.to_owned() };
    let date = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("date").then(|| http_date(value.trim()))?
    });
    let date = date.ok_or_else(|| rejected("its answer has no Date"))?;
    if !valid_at(&chain, date) {
        return Err(rejected("its certificate is not valid at the time that it tells"));
    }
    // Somewhere between the question and the answer, in a second of its own.
    let half = (Duration::from_secs(1) + at.saturating_sub(asked)) / 2;
    let utc = date.checked_add(half).map_err(|_| rejected("its Date cannot be"))?;
    Ok(Some(ServerTime { utc, at, bound: half + OF_THE_SERVER, proved: !doubted.load(Ordering::Relaxed) }))
}

/// The server to ask.
fn server(options: &StoreOptions) -> Option<Url> {
    if matches!(options.proxy, Proxy::Url(_)) {
        return None;
    }
    let text = options.endpoint.as_deref().unwrap_or(&options.url);
    let mut url = Url::parse(text).ok().filter(|url| url.scheme() == "https")?;
    url.set_path("");
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url)
}

fn connect(
    options: &StoreOptions,
    url: &Url,
    limit: Duration,
    doubted: &Arc<AtomicBool>,
) -> Result<SslStream<TcpStream>, StoreError> {
    let store = without_secrets(url.as_str());
    let unreachable =
        |why: std::io::Error| StoreError::Unreachable { store: store.clone(), why: why.to_string() };
    let untrusted = |why: String| StoreError::Tls { store: store.clone(), fault: TlsFault::of(&why), why };
    let broken = |error: openssl::error::ErrorStack| untrusted(error.to_string());
    let mut builder = SslConnector::builder(SslMethod::tls_client()).map_err(broken)?;
    for der in options.read_ca()? {
        let certificate = X509::from_der(&der).map_err(broken)?;
        builder.cert_store_mut().add_cert(certificate).map_err(broken)?;
    }
    let doubted = Arc::clone(doubted);
    builder.set_verify_callback(SslVerifyMode::PEER, move |fine, context| {
        let of_time = OF_TIME.contains(&context.error().as_raw());
        if !fine && of_time {
            doubted.store(true, Ordering::Relaxed);
        }
        fine || of_time
    });
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    let mut tcp = None;
    for address in url.socket_addrs(|| None).map_err(unreachable)? {
        match TcpStream::connect_timeout(&address, limit) {
            Ok(connected) => {
                tcp = Some(connected);
                break;
            }
            Err(error) => last = error,
        }
    }
    let tcp = tcp.ok_or(last).map_err(unreachable)?;
    tcp.set_read_timeout(Some(limit)).map_err(unreachable)?;
    tcp.set_write_timeout(Some(limit)).map_err(unreachable)?;
    builder.build().connect(&host, tcp).map_err(|error| match error {
        HandshakeError::Failure(failed) | HandshakeError::WouldBlock(failed) => {
            let verdict = failed.ssl().verify_result();
            let why = if verdict == X509VerifyResult::OK {
                failed.error().to_string()
            } else {
                verdict.error_string().to_owned()
            };
            untrusted(why)
        }
        HandshakeError::SetupFailure(error) => untrusted(error.to_string()),
    })
}

/// The head of the server's answer to a harmless question.
fn head(stream: &mut SslStream<TcpStream>, url: &Url) -> std::io::Result<String> {
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let agent = concat!("lectern/", env!("CARGO_PKG_VERSION"));
    let question =
        format!("HEAD / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nConnection: close\r\n\r\n");
    // In one record: a server need not read on after it knows what to answer.
    stream.write_all(question.as_bytes())?;
    let (mut head, mut piece) = (Vec::new(), [0; 2048]);
    while head.len() < HEAD_BYTES && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece)? {
            0 => break,
            read => head.extend_from_slice(&piece[..read]),
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Whether every certificate that the server showed is valid then.
fn valid_at(chain: &[X509], date: Timestamp) -> bool {
    let Ok(date) = Asn1Time::from_unix(date.as_second()) else { return false };
    !chain.is_empty() && chain.iter().all(|one| *one.not_before() <= *date && *date <= *one.not_after())
}
