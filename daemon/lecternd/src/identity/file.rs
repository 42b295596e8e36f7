//! One key in one file: 64 hex digits and a line end, or 32 plain bytes, as
//! `systemd-creds` users tend to make them.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

use lectern_archive::signature::{hex, unhex};

use super::IdentityError;

/// Both kinds of key have this length.
pub(super) type Key = [u8; 32];

/// Who sees to it that nobody else reads a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// The file's mode.
    Mode,
    /// systemd, which gave it.
    Systemd,
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> IdentityError {
    let path = path.to_owned();
    move |cause| IdentityError::Io { doing, path, cause }
}

/// The key in a file; nothing when there is no such file.
pub(super) fn read(path: &Path, guard: Guard) -> Result<Option<Key>, IdentityError> {
    let content = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        content => content.map_err(failed("read", path))?,
    };
    if guard == Guard::Mode {
        let mode = fs::metadata(path).map_err(failed("read", path))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(IdentityError::TooOpen { path: path.to_owned(), mode });
        }
    }
    let text = std::str::from_utf8(&content).ok();
    let key = text.and_then(|text| unhex::<32>(text.trim())).or_else(|| Key::try_from(&*content).ok());
    // Zeros are what some file systems leave after a power cut.
    let key = key.filter(|key| *key != [0; 32]);
    let damaged = || IdentityError::Damaged { path: path.to_owned(), found: content.len() };
    key.map(Some).ok_or_else(damaged)
}

/// A new key from the system's randomness, durable when it returns.
pub(super) fn make(path: &Path) -> Result<Key, IdentityError> {
    let mut key = Key::default();
    getrandom::fill(&mut key).map_err(IdentityError::Random)?;
    write(path, &hex(&key))?;
    tracing::info!(path = %path.display(), "a key was made; keep a copy of it in a safe place");
    Ok(key)
}

/// A file's text; nothing when there is no such file.
pub(super) fn read_text(path: &Path) -> Result<Option<String>, IdentityError> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        text => text.map(Some).map_err(failed("read", path)),
    }
}

/// Puts a line into a file that only its owner reads: there with everything or
/// not at all, also after a power cut.
pub(super) fn write(path: &Path, line: &str) -> Result<(), IdentityError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let temporary = path.with_extension("new");
    let put = || {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let _ = fs::remove_file(&temporary);
        let mut file = File::create_new(&temporary)?;
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        File::open(folder)?.sync_all()?;
        // The folder's own entry, when it is new.
        folder.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
    };
    put().map_err(failed("written", path))
}
