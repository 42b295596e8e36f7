//! A board: an X server with a browser in full screen.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use crate::process::{self, Process, Signal};
use crate::{eventually, readings};

/// The board's computer. Its page numbers what it draws, about six numbers a
/// second, from 0 at each start, and flashes at each second of wall time.
#[derive(Debug)]
pub struct Screen {
    browser: Option<Process>,
    server: Option<Process>,
    display: String,
    folder: TempDir,
}

const START_LIMIT: Duration = Duration::from_secs(20);
const SIZE: &str = "640x360x24";

impl Screen {
    /// Switches the board's computer on.
    ///
    /// # Panics
    /// When Xvfb or Chromium is not installed.
    #[must_use]
    pub fn switch_on() -> Self {
        let folder = crate::folder::temporary("screen");
        let mut this = Self { browser: None, server: None, display: String::new(), folder };
        this.restart();
        this
    }

    /// Switches it on again, with the same display.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn restart(&mut self) {
        let log = self.path("xvfb.log");
        let _ = std::fs::remove_file(&log);
        let mut command = process::command("Xvfb", "xvfb");
        if self.display.is_empty() {
            // The server finds a free display and says which.
            command.args(["-displayfd", "1"]);
        } else {
            command.arg(&self.display);
        }
        command.args(["-screen", "0", SIZE, "-nolisten", "tcp", "-ac", "-noreset"]);
        let mut server = Process::start("Xvfb", command, &log);
        if self.display.is_empty() {
            self.display = eventually("the display's number", START_LIMIT, || {
                assert!(server.ended().is_none(), "Xvfb ended:\n{}", server.log());
                server.log().lines().find_map(|line| line.trim().parse::<u32>().ok().map(|n| format!(":{n}")))
            });
        }
        let socket = format!("/tmp/.X11-unix/X{}", self.display.trim_start_matches(':'));
        eventually("the X server answers", START_LIMIT, || {
            assert!(server.ended().is_none(), "Xvfb ended:\n{}", server.log());
            std::os::unix::net::UnixStream::connect(&socket).ok()
        });
        self.server = Some(server);
        self.open_browser();
    }

    fn open_browser(&mut self) {
        let page = self.path("board.html");
        std::fs::write(&page, include_str!("../../assets/board.html")).expect("the page can be written");
        let mut command = process::command("chromium", "chromium");
        command.env("DISPLAY", &self.display).env("HOME", self.folder.path());
        command.env("XDG_RUNTIME_DIR", self.folder.path()).env_remove("DBUS_SESSION_BUS_ADDRESS");
        command.arg(format!("--user-data-dir={}", self.path("profile").display()));
        command.args([
            "--no-sandbox",
            "--test-type",
            "--kiosk",
            "--disable-gpu",
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-extensions",
            "--disable-sync",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
            "--disable-features=Translate,MediaRouter,OptimizationHints",
            "--password-store=basic",
            "--hide-crash-restore-bubble",
            "--window-position=0,0",
            "--window-size=640,360",
            "--force-device-scale-factor=1",
        ]);
        command.arg(format!("file://{}", page.display()));
        let mut browser = Process::start("chromium", command, &self.path("chromium.log"));
        eventually("the page is on the screen", START_LIMIT, || {
            assert!(browser.ended().is_none(), "chromium ended:\n{}", browser.log());
            readings::shows_a_number(&self.display).then_some(())
        });
        self.browser = Some(browser);
    }

    /// Covers all that is on the screen with one colour, `black` or `blue`, until
    /// the answer is dropped.
    ///
    /// # Panics
    /// When GStreamer's tools are not installed.
    #[must_use]
    pub fn cover(&self, colour: &str) -> Process {
        let mut command = process::command("gst-launch-1.0", "gstreamer1.0-tools gstreamer1.0-x");
        command.args(["-q", "videotestsrc", &format!("pattern={colour}"), "is-live=true", "!"]);
        command.args(["video/x-raw,width=640,height=360,framerate=5/1", "!", "ximagesink"]);
        command.arg(format!("display={}", self.display));
        Process::start("the cover", command, &self.path("cover.log"))
    }

    /// Ends the X server at once; the browser goes down with it.
    pub fn kill(&mut self) {
        drop(self.server.take());
        drop(self.browser.take());
    }

    /// Stops the X server in the middle of whatever it does.
    ///
    /// # Panics
    /// When it is off.
    pub fn freeze(&self) {
        self.server.as_ref().expect("the screen is on").signal(Signal::STOP);
    }

    /// Lets it go on.
    ///
    /// # Panics
    /// When it is off.
    pub fn thaw(&self) {
        self.server.as_ref().expect("the screen is on").signal(Signal::CONT);
    }

    /// The display, as an X program is given it.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }

    /// As a source of a box.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("x11:{}", self.display)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Screen {
    /// An X server that is killed leaves its lock behind; asked to end, it
    /// takes it away.
    fn drop(&mut self) {
        drop(self.browser.take());
        if let Some(mut server) = self.server.take()
            && server.ended().is_none()
        {
            server.signal(Signal::TERM);
            let stopwatch = crate::Stopwatch::start();
            while server.ended().is_none() && stopwatch.elapsed() < Duration::from_secs(3) {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}
