//! TLS in front of a store, under an authority of one's own: nginx, as a school
//! puts it before MinIO.

use std::path::{Path, PathBuf};

use crate::nginx::Nginx;
use crate::process::faketime;
use crate::{ports, process};

/// The server and who has signed its certificate.
#[derive(Debug)]
pub struct TlsFront {
    nginx: Nginx,
    port: u16,
}

impl TlsFront {
    /// Opens one before a server of plain HTTP.
    ///
    /// # Panics
    /// When nginx or openssl is not installed.
    #[must_use]
    pub fn before(http_port: u16) -> Self {
        let port = ports::tcp();
        let nginx = Nginx::start(&[], "", |here| {
            certify(Path::new(here), Valid::FromNowOn);
            format!(
                "listen 127.0.0.1:{port} ssl; ssl_certificate {here}/own.pem; \
                 ssl_certificate_key {here}/own.key; \
                 location / {{ proxy_pass http://127.0.0.1:{http_port}; proxy_http_version 1.1; \
                 proxy_set_header Host $http_host; proxy_request_buffering off; }}"
            )
        });
        Self { nginx, port }
    }

    /// Gives the server another authority and another certificate.
    pub fn certify_anew(&mut self, valid: Valid) {
        self.nginx.kill();
        certify(&self.nginx.path(""), valid);
        self.nginx.launch();
    }

    /// The port that speaks TLS.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The authority's certificate.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.nginx.path("authority.pem")
    }
}

/// From when on a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Valid {
    /// As an authority signs it today.
    FromNowOn,
    /// For a machine that believes to be in 1970, too.
    Since1970,
}

/// An authority, and a certificate of 127.0.0.1 that it signs.
fn certify(folder: &Path, valid: Valid) {
    let authority = ["-keyout", "authority.key", "-out", "authority.pem", "-subj", "/CN=School"];
    let own = ["-keyout", "own.key", "-out", "own.pem", "-subj", "/CN=store", "-CA", "authority.pem"];
    let named = ["-CAkey", "authority.key", "-addext", "subjectAltName=IP:127.0.0.1"];
    for arguments in [&authority[..], &[&own[..], &named[..]].concat()] {
        let mut openssl = process::command("openssl", "openssl");
        openssl.current_dir(folder).args(["req", "-x509", "-newkey", "ec", "-pkeyopt"]);
        openssl.args(["ec_paramgen_curve:prime256v1", "-nodes"]).args(arguments);
        match valid {
            Valid::FromNowOn => openssl.args(["-days", "30"]),
            Valid::Since1970 => openssl
                .args(["-days", "40000"])
                .env("LD_PRELOAD", faketime())
                .env("FAKETIME", "@1970-01-01 00:00:01")
                .env("TZ", "UTC"),
        };
        let output = openssl.output().expect("openssl runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
