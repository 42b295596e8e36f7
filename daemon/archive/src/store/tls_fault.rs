//! Why there is no trust between here and a server.

use std::fmt;

/// Why there is no trust between here and a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFault {
    /// Its certificate has ended, or this clock is ahead.
    Expired,
    /// Its certificate has not begun, which almost always means that this clock
    /// is behind.
    NotYetValid,
    /// Its certificate is for another name.
    WrongName,
    /// Nobody that this machine trusts has signed its certificate: a private
    /// authority, or somebody in between.
    UnknownIssuer,
    /// It asks for a certificate of this side, or refuses it.
    ClientCertificate,
    /// What answers speaks no TLS.
    NoTls,
    /// Anything else.
    Other,
}

impl TlsFault {
    /// After OpenSSL's words.
    pub(super) fn of(why: &str) -> Self {
        let why = why.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| why.contains(word));
        if says(&["certificate has expired"]) {
            Self::Expired
        } else if says(&["not yet valid"]) {
            Self::NotYetValid
        } else if says(&["hostname mismatch", "ip address mismatch", "name mismatch"]) {
            Self::WrongName
        } else if says(&["local issuer", "self-signed", "self signed", "unable to verify the first"]) {
            Self::UnknownIssuer
        } else if says(&[
            "certificate required",
            "alert bad certificate",
            "alert unknown ca",
            "handshake failure",
        ]) {
            Self::ClientCertificate
        } else if says(&["wrong version number", "unknown protocol", "http request", "packet length"]) {
            Self::NoTls
        } else {
            Self::Other
        }
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "its certificate has ended; renew it there, or set this clock right",
            Self::NotYetValid => "its certificate has not begun; this clock is probably behind, set it right",
            Self::WrongName => "its certificate is for another name; correct the address",
            Self::UnknownIssuer => "nobody known has signed its certificate; set `ca` when it is your own",
            Self::ClientCertificate => "it wants a certificate of this box; check `client_certificate`",
            Self::NoTls => "what answers speaks no TLS; check port and scheme",
            Self::Other => "TLS failed; check its certificate and this clock",
        })
    }
}
