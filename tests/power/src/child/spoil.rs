//! The index, destroyed behind the spool's back, and durably so.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::model::{Spoil, payload};

/// An index that is not there, or half, is as good as destroyed.
pub(crate) fn spoil(index: &Path, how: Spoil) -> io::Result<()> {
    match destroy(index, how) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn destroy(index: &Path, how: Spoil) -> io::Result<()> {
    let db = index.join("sled/db");
    match how {
        Spoil::Removed => fs::remove_dir_all(index)?,
        Spoil::Emptied => File::create(&db)?.sync_all()?,
        Spoil::Garbled => {
            let file = OpenOptions::new().write(true).open(&db)?;
            file.write_all_at(&payload(1, 600_000), 0)?;
            file.sync_all()?;
        }
    }
    match index.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}
