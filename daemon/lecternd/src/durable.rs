//! Small files of the box's own that a power cut must not spoil.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Puts a text into a file that only its owner reads: there with everything or
/// not at all, also after a power cut.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let temporary = path.with_extension("new");
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let _ = fs::remove_file(&temporary);
    let mut file = File::create_new(&temporary)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    File::open(folder)?.sync_all()?;
    // The folder's own entry, when it is new.
    folder.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

/// Gives a file the name `NAME.damaged-<n>`, durably. It is never deleted: what
/// is damaged to us may be of use to somebody with more time.
pub(crate) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut names = (1_u64..).map(|n| path.with_file_name(format!("{name}.damaged-{n}")));
    let free = names.find(|aside| aside.symlink_metadata().is_err());
    let aside = free.ok_or(io::ErrorKind::AlreadyExists)?;
    fs::rename(path, &aside)?;
    File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()?;
    Ok(aside)
}
