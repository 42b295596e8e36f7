//! The time that a store's server tells.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use lectern_api::{Clock as _, SystemClock};
use lectern_archive::store::{Proxy, ServerTime, StoreError, StoreOptions, TlsFault, server_time};
use openssl::ssl::{SslAcceptor, SslFiletype, SslMethod};

use crate::certificates::Authority;
use crate::server::Nginx;

const LIMIT: Duration = Duration::from_secs(10);

fn ask(options: &StoreOptions) -> Result<Option<ServerTime>, StoreError> {
    server_time(options, &SystemClock::new(), LIMIT)
}

/// A server that answers once, with a date of the test's choice.
fn dated(certificate: &Path, date: &'static str) -> String {
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
    acceptor.set_certificate_chain_file(certificate).unwrap();
    acceptor.set_private_key_file(certificate, SslFiletype::PEM).unwrap();
    let (acceptor, listener) = (acceptor.build(), TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (tcp, _) = listener.accept().unwrap();
        // A peer that does not trust it hangs up.
        let Ok(mut stream) = acceptor.accept(tcp) else { return };
        let mut question = [0; 1024];
        if stream.read(&mut question).is_ok_and(|read| read > 0) {
            let answer = format!("HTTP/1.1 403 Forbidden\r\ndate: {date}\r\nContent-Length: 0\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("https://localhost:{port}/lessons")
}

fn trusting(url: String, authority: &Authority) -> StoreOptions {
    StoreOptions { ca: Some(authority.ca()), ..StoreOptions::new(url) }
}

#[test]
fn a_server_with_a_valid_certificate_proves_the_time_within_seconds() {
    let authority = Authority::new();
    let nginx = Nginx::start_tls(&authority.good(), None);
    let url = nginx.url("open").replace("http://127.0.0.1", "https://localhost");
    let told = ask(&trusting(url.clone(), &authority)).unwrap().unwrap();
    assert!(told.proved && told.bound < LIMIT, "{told:?}");
    let off = told.utc.duration_since(SystemClock::new().utc()).unsigned_abs();
    assert!(off < LIMIT, "{off:?}");
    let error = ask(&StoreOptions::new(url)).unwrap_err();
    assert!(matches!(error, StoreError::Tls { fault: TlsFault::UnknownIssuer, .. }), "{error:?}");
}

#[test]
fn a_certificate_of_another_time_is_a_hint_at_a_time_when_it_is_valid_and_nothing_at_others() {
    let authority = Authority::new();
    let url = dated(&authority.expired(), "Fri, 31 Jul 2020 08:00:00 GMT");
    let told = ask(&trusting(url, &authority)).unwrap().unwrap();
    assert!(!told.proved);
    let date: Timestamp = "2020-07-31T08:00:00Z".parse().unwrap();
    assert!(told.utc >= date && told.utc.duration_since(date).unsigned_abs() <= told.bound, "{told:?}");
    let url = dated(&authority.expired(), "Mon, 02 Mar 2026 08:00:00 GMT");
    let error = ask(&trusting(url, &authority)).unwrap_err();
    assert!(error.to_string().contains("not valid at the time"), "{error}");
    let url = dated(&authority.good(), "yesterday");
    let error = ask(&trusting(url, &authority)).unwrap_err();
    assert!(error.to_string().contains("no Date"), "{error}");
}

#[test]
fn another_name_another_issuer_or_no_tls_tells_no_time() {
    let authority = Authority::new();
    let url = dated(&authority.of_another(), "Mon, 02 Mar 2026 08:00:00 GMT");
    let error = ask(&trusting(url, &authority)).unwrap_err();
    assert!(matches!(error, StoreError::Tls { fault: TlsFault::WrongName, .. }), "{error:?}");
    let url = dated(&authority.expired(), "Fri, 31 Jul 2020 08:00:00 GMT");
    let error = ask(&StoreOptions::new(url)).unwrap_err();
    assert!(matches!(error, StoreError::Tls { fault: TlsFault::UnknownIssuer, .. }), "{error:?}");
    for url in ["http://localhost:1/a", "ftps://localhost:1/a", "file:///media/a", "s3://bucket/a"] {
        assert_eq!(ask(&StoreOptions::new(url)).unwrap(), None, "{url}");
    }
    let proxy = Proxy::Url("http://127.0.0.1:1".to_owned());
    assert_eq!(ask(&StoreOptions { proxy, ..StoreOptions::new("https://localhost:1/a") }).unwrap(), None);
}
