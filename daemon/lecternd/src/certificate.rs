//! Until when a certificate of the box counts.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use openssl::asn1::Asn1Time;
use openssl::x509::X509;

/// Why nobody knows.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificateError {
    /// The file cannot be read.
    #[error("the certificate {path} cannot be read: {cause}; check path and rights")]
    Read { path: String, cause: std::io::Error },
    /// It holds no certificate.
    #[error("{path} holds no certificate: {cause}; it has to be PEM")]
    Form { path: String, cause: String },
}

/// When the first certificate of a PEM file expires; that is the box's own, those
/// that follow are of its issuers. Waits for the disk.
pub(crate) fn expires(path: &Path) -> Result<Timestamp, CertificateError> {
    let named = || path.display().to_string();
    let pem = std::fs::read(path).map_err(|cause| CertificateError::Read { path: named(), cause })?;
    expiry(&pem).map_err(|cause| CertificateError::Form { path: named(), cause })
}

fn expiry(pem: &[u8]) -> Result<Timestamp, String> {
    let words = |error: openssl::error::ErrorStack| error.to_string();
    let chain = X509::stack_from_pem(pem).map_err(words)?;
    let own = chain.first().ok_or("nothing between BEGIN and END")?;
    let since = Asn1Time::from_unix(0).and_then(|begin| begin.diff(own.not_after())).map_err(words)?;
    let since = SignedDuration::from_secs(i64::from(since.days) * 86_400 + i64::from(since.secs));
    Timestamp::UNIX_EPOCH.checked_add(since).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `openssl req -x509 -newkey ed25519 -days 36500 -subj /CN=box`.
    const PEM: &str = include_str!("certificate/box.pem");

    #[test]
    fn a_certificate_tells_when_it_expires_whatever_follows_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("box.pem");
        std::fs::write(&path, format!("{PEM}{PEM}")).unwrap();
        assert_eq!(expires(&path).unwrap().to_string(), "2126-10-29T10:47:26Z");
    }

    #[test]
    fn what_is_no_certificate_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("box.pem");
        assert!(matches!(expires(&path), Err(CertificateError::Read { .. })));
        for text in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            std::fs::write(&path, text).unwrap();
            let error = expires(&path).unwrap_err();
            assert!(matches!(&error, CertificateError::Form { .. }), "{error}");
        }
    }
}
