//! What an FTP server's replies mean. The codes are those of RFC 959 and 4217;
//! where servers use one code for several things, their words decide.

use std::io;

use suppaftp::FtpError;
use suppaftp::types::Response;

use super::credentials::CredentialsError;
use super::error::{StoreError, TlsFault};
use super::transport::Place;

/// Why a call failed, before it has a name.
#[derive(Debug)]
pub(super) enum Trouble {
    /// No connection was made.
    Connecting(FtpError),
    /// A connection that was made.
    Ftp(FtpError),
    /// A time-out passed.
    NoAnswer,
    /// Not everything arrived.
    Truncated(String),
    /// More than any file of an archive has, in bytes.
    TooLarge(u64),
    /// A listing in no known form.
    Listing,
    /// No user or password.
    Credentials(CredentialsError),
}

impl From<FtpError> for Trouble {
    fn from(error: FtpError) -> Self {
        Self::Ftp(error)
    }
}

/// Whether a reply says that there is no such file or folder.
pub(super) fn is_absent(error: &FtpError) -> bool {
    let FtpError::UnexpectedResponse(reply) = error else { return false };
    let words = words(reply).to_ascii_lowercase();
    let is_about_rights = ["denied", "permission", "privileges", "not permitted"];
    matches!(reply.status.code(), 450 | 550 | 553)
        && !is_about_rights.iter().any(|right| words.contains(right))
        && !is_full(&words)
}

fn is_full(words: &str) -> bool {
    let full = ["no space", "disk full", "quota", "insufficient storage", "out of space"];
    full.iter().any(|word| words.contains(word))
}

/// The server's words without its code, shortened and on one line.
fn words(reply: &Response) -> String {
    let text = String::from_utf8_lossy(&reply.body);
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches([' ', '-']);
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

/// Gives an outcome's trouble its name.
pub(super) fn named<T>(at: &Place<'_>, outcome: Result<T, Trouble>) -> Result<T, StoreError> {
    let (store, path) = (at.store.to_owned(), at.path.to_owned());
    let trouble = match outcome {
        Ok(done) => return Ok(done),
        Err(trouble) => trouble,
    };
    Err(match trouble {
        Trouble::Connecting(FtpError::ConnectionError(error)) if !is_cut(&error) => {
            StoreError::Unreachable { store, why: error.to_string() }
        }
        Trouble::Connecting(error) | Trouble::Ftp(error) => of_ftp(at, store, path, error),
        Trouble::NoAnswer => at.timed_out(at.timeouts.answer),
        Trouble::Truncated(why) => StoreError::Interrupted { store, path, why },
        Trouble::TooLarge(bytes) => match at.refuse_absurd(bytes) {
            Err(error) => error,
            Ok(()) => StoreError::Interrupted { store, path, why: "its size is not known".to_owned() },
        },
        Trouble::Listing => {
            StoreError::Unsupported { store, path, why: "its listing has no known form".to_owned() }
        }
        Trouble::Credentials(cause) => StoreError::Credentials { store, cause },
    })
}

fn is_cut(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

fn of_ftp(at: &Place<'_>, store: String, path: String, error: FtpError) -> StoreError {
    let reply = match error {
        FtpError::UnexpectedResponse(reply) => reply,
        FtpError::ConnectionError(error) if error.kind() == io::ErrorKind::TimedOut => {
            return at.timed_out(at.timeouts.answer);
        }
        FtpError::ConnectionError(error) => {
            return StoreError::Interrupted { store, path, why: error.to_string() };
        }
        FtpError::SecureError(why) => return StoreError::Tls { store, fault: TlsFault::of(&why), why },
        other => return StoreError::ServerFault { store, path, why: other.to_string() },
    };
    let why = format!("{}, FTP {}", words(&reply), reply.status.code());
    match reply.status.code() {
        _ if is_full(&why.to_ascii_lowercase()) => StoreError::NoRoom { store, path, why },
        452 | 552 => StoreError::NoRoom { store, path, why },
        425 | 426 => StoreError::Interrupted { store, path, why },
        // 331 and 332 want more than a password; 534 and 522 less or more TLS.
        331 | 332 | 430 | 522 | 530 | 532 | 533 | 534 | 550 | 553 => StoreError::Refused { store, path, why },
        400..500 => StoreError::ServerFault { store, path, why },
        _ => StoreError::Rejected { store, path, why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: u32, words: &str) -> FtpError {
        FtpError::UnexpectedResponse(Response::new(code.into(), format!("{code} {words}\r\n").into_bytes()))
    }

    fn name(error: FtpError) -> StoreError {
        let (store, path, location, limit_bytes) = ("s", "p", "p", 0);
        let timeouts = crate::store::Timeouts::default();
        let at = Place { store, path, location, limit_bytes, timeouts };
        named::<()>(&at, Err(error.into())).unwrap_err()
    }

    #[test]
    fn one_code_means_what_its_words_say() {
        assert!(is_absent(&reply(550, "No such file or directory.")));
        assert!(is_absent(&reply(553, "Could not create file.")));
        assert!(!is_absent(&reply(550, "Permission denied.")));
        assert!(!is_absent(&reply(550, "Not enough privileges.")));
        assert!(!is_absent(&reply(530, "Please login.")));
        assert!(matches!(name(reply(550, "Permission denied.")), StoreError::Refused { .. }));
        assert!(matches!(name(reply(530, "Login incorrect.")), StoreError::Refused { .. }));
        assert!(matches!(name(reply(552, "Exceeded allocation.")), StoreError::NoRoom { .. }));
        assert!(matches!(name(reply(426, "No space left on device")), StoreError::NoRoom { .. }));
        assert!(matches!(name(reply(550, "Disk quota exceeded")), StoreError::NoRoom { .. }));
        assert!(matches!(name(reply(421, "Too many users.")), StoreError::ServerFault { .. }));
        assert!(matches!(name(reply(502, "Not implemented.")), StoreError::Rejected { .. }));
        let StoreError::Refused { why, .. } = name(reply(530, "Login\r incorrect.")) else { panic!() };
        assert_eq!(why, "Login incorrect., FTP 530");
    }
}
