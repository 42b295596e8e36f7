//! What a server, a connection or a disk said, by its name.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use http::StatusCode;

use super::credentials::CredentialsError;
use super::error::{StoreError, TlsFault};
use super::refusal;

/// An answer that ends the request, with a meaning of its own.
#[derive(Debug, thiserror::Error)]
pub(super) enum Answer {
    /// A status that is no success.
    #[error("HTTP {0}")]
    Status(StatusCode),
    /// S3's refusal with its code; empty where there was none.
    #[error("{code} (HTTP {status})")]
    Coded {
        /// The status.
        status: StatusCode,
        /// Such as `AccessDenied`.
        code: String,
    },
    /// A signature of another time.
    #[error("the clocks differ: {server} there, {here} here")]
    Skewed {
        /// The server's time.
        server: String,
        /// Ours.
        here: String,
    },
    /// A web page where none can be, or HTTP 511.
    #[error("a web page in place of an answer")]
    Portal,
    /// A question that this server does not know.
    #[error("HTTP {0}")]
    Unsupported(StatusCode),
    /// A redirect, and where to.
    #[error("a redirect to {0}")]
    Moved(String),
}

/// Names what `object_store` reports, whichever transport it used. `limit` is
/// the time-out of the connection itself.
pub(super) fn classify(store: &str, path: &str, limit: Duration, error: object_store::Error) -> StoreError {
    let (store, path) = (store.to_owned(), path.to_owned());
    let mut cause: Option<&(dyn StdError + 'static)> = Some(&error);
    while let Some(this) = cause {
        if let Some(answer) = this.downcast_ref::<Answer>() {
            return of_answer(store, path, answer);
        }
        if let Some(error) = this.downcast_ref::<CredentialsError>() {
            return StoreError::Credentials { store, cause: error.clone() };
        }
        if let Some(failure) = this.downcast_ref::<reqwest::Error>() {
            return of_transport(store, path, limit, failure);
        }
        if let Some(failure) = this.downcast_ref::<io::Error>() {
            return of_disk(store, path, failure);
        }
        cause = this.source();
    }
    match error {
        object_store::Error::NotFound { .. } => {
            StoreError::Rejected { store, path, why: "HTTP 404".to_owned() }
        }
        object_store::Error::AlreadyExists { .. } => {
            StoreError::Rejected { store, path, why: "HTTP 409".to_owned() }
        }
        other => StoreError::Io { store, path, source: io::Error::other(other) },
    }
}

fn of_answer(store: String, path: String, answer: &Answer) -> StoreError {
    let status = match answer {
        Answer::Portal => return StoreError::Portal { store },
        Answer::Moved(to) => return StoreError::Moved { store, to: to.clone() },
        Answer::Coded { status, code } => return refusal::named(store, path, *status, code),
        Answer::Skewed { server, here } => {
            return StoreError::ClockSkew { store, server: server.clone(), here: here.clone() };
        }
        Answer::Unsupported(status) => {
            return StoreError::Unsupported { store, path, why: format!("HTTP {status}") };
        }
        Answer::Status(status) => *status,
    };
    refusal::by_status(store, path, status, format!("HTTP {status}"))
}

fn of_transport(store: String, path: String, limit: Duration, failure: &reqwest::Error) -> StoreError {
    let (mut deepest, mut tls, mut timed_out): (&(dyn StdError + 'static), _, _) = (failure, None, false);
    loop {
        // Its own words name the fault; below it stands only "verify failed".
        tls = deepest.downcast_ref::<native_tls::Error>().map(ToString::to_string).or(tls);
        timed_out |=
            deepest.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut);
        match deepest.source() {
            Some(next) => deepest = next,
            None => break,
        }
    }
    timed_out |= failure.is_timeout();
    let why = if timed_out { "no answer".to_owned() } else { deepest.to_string() };
    if let Some(why) = tls {
        let fault = TlsFault::of(&why);
        StoreError::Tls { store, fault, why }
    } else if failure.is_connect() {
        StoreError::Unreachable { store, why }
    } else if timed_out {
        StoreError::TimedOut { store, path, limit_s: limit.as_secs() }
    } else {
        StoreError::Interrupted { store, path, why }
    }
}

pub(super) fn of_disk(store: String, path: String, failure: &io::Error) -> StoreError {
    use io::ErrorKind::{
        FileTooLarge, NotADirectory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    let why = failure.to_string();
    match failure.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => StoreError::NoRoom { store, path, why },
        PermissionDenied | ReadOnlyFilesystem => StoreError::Refused { store, path, why },
        NotADirectory => StoreError::Rejected { store, path, why },
        kind => StoreError::Io { store, path, source: io::Error::new(kind, why) },
    }
}
