//! The faults of stores for people: no detail that only helps a technician, and
//! never a secret.

use lectern_api::{Text, messages};

use super::{StoreError, TlsFault};

impl StoreError {
    /// What happened and one thing to do, in both languages. The details are in
    /// the error's own text, for the log.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Url { url, .. } => messages::store_url(super::without_secrets(url)),
            Self::Path { path } => messages::store_path(path),
            Self::NotMounted { store } => messages::store_not_mounted(store),
            Self::Unreachable { store, .. } => messages::store_unreachable(store),
            Self::Interrupted { store, .. } => messages::store_interrupted(store),
            Self::TimedOut { store, .. } => messages::store_timed_out(store),
            Self::Tls { store, fault, .. } => match fault {
                TlsFault::Expired => messages::store_tls_expired(store),
                TlsFault::NotYetValid => messages::store_tls_not_yet_valid(store),
                TlsFault::WrongName => messages::store_tls_wrong_name(store),
                TlsFault::UnknownIssuer => messages::store_tls_unknown_issuer(store),
                TlsFault::ClientCertificate => messages::store_tls_client_certificate(store),
                TlsFault::NoTls => messages::store_tls_none(store),
                TlsFault::Other => messages::store_tls(store),
            },
            Self::ClockSkew { store, server, here } => messages::store_clock_skew(store, server, here),
            Self::NoBucket { store } => messages::store_no_bucket(store),
            Self::Credentials { store, .. } => messages::store_credentials(store),
            Self::Certificate { path, .. } => messages::store_certificate(path.display()),
            Self::Portal { store } => messages::store_portal(store),
            Self::Moved { store, to } => messages::store_moved(store, to),
            Self::Refused { store, .. } => messages::store_refused(store),
            Self::Rejected { store, .. } => messages::store_rejected(store),
            Self::Unsupported { store, .. } => messages::store_unsupported(store),
            Self::NoRoom { store, .. } => messages::store_no_room(store),
            Self::ServerFault { store, .. } => messages::store_server_fault(store),
            Self::TooLarge { store, path, .. } => messages::store_too_large(store, path),
            Self::Io { store, .. } => messages::store_io(store),
        }
    }
}
