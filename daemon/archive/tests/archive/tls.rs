//! Trust between the box and an HTTPS store, and what stands in between.

use lectern_archive::store::{Credentials, Proxy, Store, StoreError, StoreOptions, TlsFault};

use crate::certificates::Authority;
use crate::relay::{listening_relay, tunnel};
use crate::server::Nginx;

fn options(nginx: &Nginx, authority: &Authority) -> StoreOptions {
    let url = nginx.url("open").replace("http://127.0.0.1", "https://localhost");
    StoreOptions { ca: Some(authority.ca()), ..StoreOptions::new(url) }
}

async fn fault(options: &StoreOptions) -> TlsFault {
    let error = Store::open_with(options).unwrap().put("1.m4s", "x").await.unwrap_err();
    assert!(error.is_temporary());
    match error {
        StoreError::Tls { fault, .. } => fault,
        other => panic!("no TLS fault: {other:?}"),
    }
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_it_is_named() {
    let authority = Authority::new();
    let nginx = Nginx::start_tls(&authority.good(), None);
    let trusting = options(&nginx, &authority);
    Store::open_with(&trusting).unwrap().put("1.m4s", "x").await.unwrap();
    assert_eq!(nginx.on_disk("open/1.m4s").as_deref(), Some(&b"x"[..]));
    assert_eq!(fault(&StoreOptions { ca: None, ..trusting }).await, TlsFault::UnknownIssuer);
}

#[tokio::test]
async fn each_fault_of_a_certificate_has_its_own_name() {
    let authority = Authority::new();
    let faults = [
        (authority.expired(), TlsFault::Expired),
        (authority.not_begun(), TlsFault::NotYetValid),
        (authority.of_another(), TlsFault::WrongName),
    ];
    for (certificate, expected) in faults {
        let nginx = Nginx::start_tls(&certificate, None);
        assert_eq!(fault(&options(&nginx, &authority)).await, expected);
    }
    let plain = Nginx::start();
    assert_eq!(fault(&options(&plain, &authority)).await, TlsFault::NoTls);
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_gets_the_boxs() {
    let authority = Authority::new();
    let nginx = Nginx::start_tls(&authority.good(), Some(&authority.ca()));
    let client_certificate = Some(authority.good());
    let known = StoreOptions { client_certificate, ..options(&nginx, &authority) };
    Store::open_with(&known).unwrap().put("1.m4s", "x").await.unwrap();
    let unknown = Store::open_with(&options(&nginx, &authority)).unwrap();
    let error = unknown.put("1.m4s", "x").await.unwrap_err();
    assert!(matches!(error, StoreError::Rejected { .. }), "{error:?}");
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (absent, garbage) = (folder.path().join("absent.pem"), folder.path().join("garbage.pem"));
    std::fs::write(&garbage, "nothing").unwrap();
    for path in [absent, garbage] {
        for url in ["https://host/a", "ftps://host/a"] {
            let identity = StoreOptions { client_certificate: Some(path.clone()), ..StoreOptions::new(url) };
            let error = Store::open_with(&identity).unwrap_err();
            assert!(matches!(error, StoreError::Certificate { .. }), "{url} {error:?}");
            let ca = StoreOptions { ca: Some(path.clone()), ..StoreOptions::new(url) };
            let error = Store::open_with(&ca).unwrap_err();
            assert!(matches!(error, StoreError::Certificate { .. }), "{url} {error:?}");
        }
    }
}

#[tokio::test]
async fn a_proxy_is_used_and_sees_only_names() {
    let authority = Authority::new();
    let nginx = Nginx::start_tls(&authority.good(), None);
    let (port, heard) = listening_relay(tunnel());
    let proxy = Proxy::Url(format!("http://127.0.0.1:{port}"));
    let through = StoreOptions { proxy, ..options(&nginx, &authority) };
    Store::open_with(&through).unwrap().put("secret-name.m4s", "x").await.unwrap();
    assert!(nginx.on_disk("open/secret-name.m4s").is_some());
    let heard = String::from_utf8_lossy(&heard.lock().unwrap()).into_owned();
    assert!(heard.starts_with("CONNECT localhost:") && !heard.contains("secret-name"), "{heard}");
}

#[test]
fn a_proxy_that_is_no_url_is_refused_without_its_password() {
    for proxy in ["proxy:3128", "socks9://u:geheim@host", "http://"] {
        let options =
            StoreOptions { proxy: Proxy::Url(proxy.to_owned()), ..StoreOptions::new("https://host/a") };
        let error = Store::open_with(&options).unwrap_err().to_string();
        assert!(error.contains("http://host:port") && !error.contains("geheim"), "{error}");
    }
}

#[tokio::test]
async fn a_password_of_a_file_is_used_and_exchanged() {
    let nginx = Nginx::start();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "user = \"teacher\"\npassword = \"wrong\"\n").unwrap();
    let credentials = Some(Credentials::File(file.path().to_owned()));
    let options = StoreOptions { credentials, ..StoreOptions::new(nginx.url("secret")) };
    let store = Store::open_with(&options).unwrap();
    let error = store.put("a/1.m4s", "x").await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    std::fs::write(file.path(), "user = \"teacher\"\npassword = \"ge h@im/\"\n").unwrap();
    store.put("a/1.m4s", "x").await.unwrap();
}
