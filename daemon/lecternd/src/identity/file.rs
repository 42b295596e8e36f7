//! One key in one file: 64 hex digits and a line end, or 32 plain bytes, as
//! `systemd-creds` users tend to make them.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

use super::IdentityError;
use crate::durable;

/// Both kinds of key have this length.
pub(super) type Key = [u8; 32];

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> IdentityError {
    let path = path.to_owned();
    move |cause| IdentityError::Io { doing, path, cause }
}

/// What a file was found to hold.
#[derive(Debug)]
pub(super) enum Found {
    /// There is no such file.
    Nothing,
    /// A key.
    Key(Key),
    /// No key, and why.
    Damage(String),
}

/// The key in a file.
pub(super) fn read(path: &Path) -> Found {
    let content = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Nothing,
        Err(error) => return Found::Damage(error.to_string()),
        Ok(content) => content,
    };
    let of_digits = HEXLOWER_PERMISSIVE.decode(content.trim_ascii()).ok();
    let key = of_digits.and_then(|key| key.try_into().ok()).or_else(|| Key::try_from(&*content).ok());
    // Zeros are what some file systems leave after a power cut.
    match key.filter(|key| *key != [0; 32]) {
        Some(key) => Found::Key(key),
        None => Found::Damage(format!("64 hex digits are needed, and {} byte(s) are there", content.len())),
    }
}

/// Takes a file from everybody but its owner. Gives the mode that it had when
/// others could use it.
pub(super) fn close_to_others(path: &Path) -> Option<u32> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return None;
    }
    if let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(0o600)) {
        tracing::error!("{} cannot be closed to others: {error}", path.display());
    }
    Some(mode)
}

/// Gives a file the name `NAME.damaged-<n>`: what is damaged to us may be a key
/// to somebody with more time.
pub(super) fn set_aside(path: &Path) -> Result<PathBuf, IdentityError> {
    durable::set_aside(path).map_err(failed("set aside", path))
}

/// A new key from the system's randomness, durable when it returns.
pub(super) fn make(path: &Path) -> Result<Key, IdentityError> {
    let mut key = Key::default();
    getrandom::fill(&mut key).map_err(IdentityError::Random)?;
    write(path, &HEXLOWER.encode(&key))?;
    tracing::info!(path = %path.display(), "a key was made; keep a copy of it in a safe place");
    Ok(key)
}

/// Puts a line into a file that only its owner reads.
pub(super) fn write(path: &Path, line: &str) -> Result<(), IdentityError> {
    durable::write(path, &format!("{line}\n")).map_err(failed("written", path))
}
