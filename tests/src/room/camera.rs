//! A network camera that asks for a password.

use std::time::Duration;

use tempfile::TempDir;

use crate::process::{Process, Signal};
use crate::{eventually, ports};

/// The camera: H.264 at 25 pictures per second, numbered from 0 at each start.
#[derive(Debug)]
pub struct Camera {
    process: Option<Process>,
    port: u16,
    folder: TempDir,
    /// It can show something else than the room.
    may_fail: bool,
}

const USER: &str = "teacher";
/// With characters that an address must quote.
const PASSWORD: &str = "p@ss/wörd";
const PASSWORD_IN_URL: &str = "p%40ss%2Fw%C3%B6rd";
/// A first start may have to look at every plugin of GStreamer.
const START_LIMIT: Duration = Duration::from_secs(40);

impl Camera {
    /// Switches a camera on.
    ///
    /// # Panics
    /// When GStreamer's RTSP server is not installed.
    #[must_use]
    pub fn switch_on() -> Self {
        Self::new(false)
    }

    /// Switches one on whose picture can fail; it carries no numbers.
    ///
    /// # Panics
    /// As [`Self::switch_on`].
    #[must_use]
    pub fn that_may_fail() -> Self {
        Self::new(true)
    }

    fn new(may_fail: bool) -> Self {
        let folder = crate::folder::temporary("camera");
        let mut this = Self { process: None, port: ports::tcp(), folder, may_fail };
        this.restart();
        this
    }

    /// Switches it on again, at the same address.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn restart(&mut self) {
        let text = include_str!("../../assets/camera.py");
        let mut command = super::python(self.folder.path(), "camera.py", text);
        command.args([&self.port.to_string(), USER, PASSWORD]);
        if self.may_fail {
            command.arg(self.shown());
        }
        let log = self.folder.path().join("camera.log");
        let _ = std::fs::remove_file(&log);
        let mut process = Process::start("the camera", command, &log);
        eventually("the camera listens", START_LIMIT, || {
            if let Some(status) = process.ended() {
                panic!(
                    "the camera ended ({status}); it needs gir1.2-gst-rtsp-server-1.0 and python3-gi:\n{}",
                    process.log()
                );
            }
            process.log().contains("camera ready").then_some(())
        });
        self.process = Some(process);
    }

    /// Shows `room`, `frozen` or `black` from now on.
    ///
    /// # Panics
    /// When it cannot fail.
    pub fn shows(&self, what: &str) {
        assert!(self.may_fail, "this camera cannot fail");
        let new = self.folder.path().join("new");
        std::fs::write(&new, what).expect("the file can be written");
        std::fs::rename(&new, self.shown()).expect("and renamed");
    }

    fn shown(&self) -> std::path::PathBuf {
        self.folder.path().join("shown")
    }

    /// Pulls its plug.
    pub fn kill(&mut self) {
        drop(self.process.take());
    }

    /// Stops it in the middle of whatever it does: connections stay open, and
    /// nothing comes.
    ///
    /// # Panics
    /// When it is off.
    pub fn freeze(&self) {
        self.process.as_ref().expect("the camera is on").signal(Signal::STOP);
    }

    /// Lets it go on.
    ///
    /// # Panics
    /// When it is off.
    pub fn thaw(&self) {
        self.process.as_ref().expect("the camera is on").signal(Signal::CONT);
    }

    /// Where it is found, with user and password.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("rtsp://{USER}:{PASSWORD_IN_URL}@127.0.0.1:{}/stream", self.port)
    }
}
