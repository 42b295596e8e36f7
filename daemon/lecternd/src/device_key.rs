//! The key of this device, in a file beside the spool. The identity of the
//! device owns it where there is one; this is what a box without has.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use lectern_spool::{DeviceKey, Keyring, SpoolError};

fn io_error(doing: &'static str, path: &Path, source: std::io::Error) -> SpoolError {
    SpoolError::Io { doing, path: path.to_owned(), source }
}

/// Reads `device.key` in the spool's parent; makes it at the first start.
pub(crate) fn keyring(spool: &Path) -> Result<Keyring, SpoolError> {
    let folder = spool.parent().unwrap_or(Path::new("."));
    let path = folder.join("device.key");
    let device = match fs::read(&path) {
        Ok(bytes) => {
            let bytes = bytes.try_into();
            let wrong = |_| SpoolError::Invalid(format!("{} does not hold 32 bytes", path.display()));
            DeviceKey::from_bytes(bytes.map_err(wrong)?)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => make(folder, &path)?,
        Err(error) => return Err(io_error("reading", &path, error)),
    };
    Ok(Keyring { device, recovery: None })
}

/// Durable under its name before anything is encrypted with it.
fn make(folder: &Path, path: &Path) -> Result<DeviceKey, SpoolError> {
    let key = DeviceKey::generate()?;
    fs::create_dir_all(folder).map_err(|e| io_error("creating", folder, e))?;
    let temporary = path.with_extension("new");
    let write = || {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(key.to_bytes().as_slice())?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        fs::File::open(folder)?.sync_all()
    };
    write().map_err(|e| io_error("writing", path, e))?;
    Ok(key)
}
