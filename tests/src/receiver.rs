//! A receiver of SRT that keeps what it gets.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::process::{self, Process};
use crate::readings::Container;
use crate::{Readings, ports};

/// Listens on a port of its own, for any number of callers one after another.
#[derive(Debug)]
pub struct Receiver {
    process: Option<Process>,
    port: u16,
    folder: TempDir,
}

/// The delay that both ends grant each other for repairs.
const LATENCY_MS: u32 = 120;

impl Receiver {
    /// A receiver that listens.
    ///
    /// # Panics
    /// When `gst-launch-1.0` is not installed.
    #[must_use]
    pub fn listening() -> Self {
        let mut this = Self::absent();
        this.listen();
        this
    }

    /// A receiver that does not listen yet.
    ///
    /// # Panics
    /// When there is no temporary folder.
    #[must_use]
    pub fn absent() -> Self {
        let folder = crate::folder::temporary("srt");
        Self { process: None, port: ports::udp(), folder }
    }

    /// Begins to listen.
    pub fn listen(&mut self) {
        let mut command = process::command("gst-launch-1.0", "gstreamer1.0-tools");
        command.args(["-q", "srtsrc"]);
        command.arg(format!("uri=srt://127.0.0.1:{}?mode=listener&latency={LATENCY_MS}", self.port));
        command.args(["keep-listening=true", "!", "filesink", "buffer-mode=unbuffered"]);
        command.arg(format!("location={}", self.file().display()));
        let log = self.folder.path().join("receiver.log");
        self.process = Some(Process::start("the SRT receiver", command, &log));
    }

    /// Where a box sends to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("srt://127.0.0.1:{}?latency={LATENCY_MS}", self.port)
    }

    /// Bytes received so far.
    #[must_use]
    pub fn received(&self) -> u64 {
        std::fs::metadata(self.file()).map(|meta| meta.len()).unwrap_or_default()
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        drop(self.process.take());
    }

    /// What was received, decoded.
    #[must_use]
    #[track_caller]
    pub fn readings(&self) -> Readings {
        Readings::decode(&self.file(), Container::Ts)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("received.ts")
    }
}
