//! A disk that is really full when it is full: a file system in memory.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::process;

/// A mounted file system of a bounded size. It is unmounted when this is
/// dropped, whoever still uses it.
#[derive(Debug)]
pub struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// Mounts one of so many bytes over a folder, which is made when it is not
    /// there. Needs root.
    ///
    /// # Panics
    /// When it cannot be mounted.
    #[must_use]
    pub fn mount(folder: &Path, bytes: u64) -> Self {
        std::fs::create_dir_all(folder).expect("the folder can be made");
        let size = format!("size={bytes},mode=0777");
        run(
            "mount",
            &[
                "-t".as_ref(),
                "tmpfs".as_ref(),
                "-o".as_ref(),
                size.as_ref(),
                "small".as_ref(),
                folder.as_ref(),
            ],
        );
        Self { folder: folder.to_owned() }
    }

    /// Gives it another size.
    ///
    /// # Panics
    /// When the kernel refuses.
    pub fn resize(&self, bytes: u64) {
        let size = format!("remount,size={bytes}");
        run("mount", &["-o".as_ref(), size.as_ref(), self.folder.as_ref()]);
    }

    /// What is left on it.
    ///
    /// # Panics
    /// When it is gone.
    #[must_use]
    pub fn free_bytes(&self) -> u64 {
        let stat = rustix::fs::statvfs(&self.folder).expect("it is mounted");
        stat.f_bavail * stat.f_frsize
    }
}

fn run(program: &str, arguments: &[&OsStr]) {
    let status = process::command(program, "mount").args(arguments).status();
    assert!(status.is_ok_and(|status| status.success()), "{program} {arguments:?} failed: it needs root");
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = process::command("umount", "mount").arg("--lazy").arg(&self.folder).status();
    }
}
