//! A server's process and its folder.

use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::s3::{KEY_ID, SECRET};
use crate::process::Process;
use crate::{eventually, ports};

const START_LIMIT: Duration = Duration::from_secs(20);

/// Starts the program over a folder, at a port, with a clock that may be off.
type Start = fn(&Path, u16, Option<&str>) -> Process;

/// A server that has its data in `data` and its keys in `keys.toml`.
#[derive(Debug)]
pub(super) struct Part {
    name: &'static str,
    start: Start,
    process: Option<Process>,
    port: u16,
    folder: TempDir,
}

impl Part {
    /// Its folder, without a process yet.
    pub(super) fn prepare(name: &'static str, start: Start) -> Self {
        let folder = crate::folder::temporary(name);
        std::fs::create_dir(folder.path().join("data")).expect("the folder of data can be made");
        let keys = std::fs::File::options()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(folder.path().join("keys.toml"));
        let text = format!(
            "access_key_id = \"{KEY_ID}\"\nsecret_access_key = \"{SECRET}\"\n\
             user = \"{KEY_ID}\"\npassword = \"{SECRET}\"\n"
        );
        keys.and_then(|mut keys| keys.write_all(text.as_bytes())).expect("the keys can be written");
        Self { name, start, process: None, port: ports::tcp(), folder }
    }

    /// Starts it and waits until it listens.
    pub(super) fn launch(&mut self, clock: Option<&str>) {
        assert!(self.process.is_none(), "{} runs already", self.name);
        let mut process = (self.start)(self.folder.path(), self.port, clock);
        eventually(&format!("{} listens", self.name), START_LIMIT, || {
            if let Some(status) = process.ended() {
                panic!("{} ended at its start ({status}):\n{}", self.name, process.log());
            }
            TcpStream::connect(("127.0.0.1", self.port)).ok()
        });
        self.process = Some(process);
    }

    pub(super) fn kill(&mut self) {
        drop(self.process.take());
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
