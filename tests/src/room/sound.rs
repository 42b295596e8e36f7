//! Sound: a private PulseAudio server, and a voice that speaks into it.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use crate::eventually;
use crate::process::{self, Process};

/// The sound of the room: speech with a beep at each second of wall time.
#[derive(Debug)]
pub struct Sound {
    voice: Option<Process>,
    server: Option<Process>,
    folder: TempDir,
}

const START_LIMIT: Duration = Duration::from_secs(40);

impl Sound {
    /// Lets somebody speak.
    ///
    /// # Panics
    /// When PulseAudio is not installed.
    #[must_use]
    pub fn switch_on() -> Self {
        let mut this = Self::of_an_empty_room();
        this.speak();
        this
    }

    /// Sound of a room in which nobody is.
    ///
    /// # Panics
    /// When PulseAudio is not installed.
    #[must_use]
    pub fn of_an_empty_room() -> Self {
        let folder = crate::folder::temporary("sound");
        let mut this = Self { voice: None, server: None, folder };
        this.start_server();
        this
    }

    /// The same, while `meanwhile` makes the rest of the room ready: a voice takes
    /// seconds until it is steady.
    pub(super) fn switch_on_beside<T>(meanwhile: impl FnOnce() -> T) -> (Self, T) {
        let mut this = Self::of_an_empty_room();
        this.begin_to_speak();
        let rest = meanwhile();
        this.wait_steady();
        (this, rest)
    }

    /// Starts server and voice again; nobody waits until the voice is steady.
    ///
    /// # Panics
    /// When the server does not come up.
    pub fn restart(&mut self) {
        self.start_server();
        self.begin_to_speak();
    }

    fn start_server(&mut self) {
        let mut command = process::command("pulseaudio", "pulseaudio");
        command.env("HOME", self.folder.path()).env("XDG_RUNTIME_DIR", self.folder.path());
        command.env_remove("DBUS_SESSION_BUS_ADDRESS");
        command.args([
            "--daemonize=no",
            "-n",
            "--exit-idle-time=-1",
            "--use-pid-file=no",
            "--disable-shm=yes",
        ]);
        command.args(["--realtime=no", "--high-priority=no"]);
        command.arg("--load=module-null-sink sink_name=room rate=48000");
        let socket = self.socket().display().to_string();
        command.arg(format!("--load=module-native-protocol-unix socket={socket} auth-anonymous=1"));
        let mut server = Process::start("PulseAudio", command, &self.folder.path().join("pulse.log"));
        eventually("PulseAudio answers", START_LIMIT, || {
            assert!(server.ended().is_none(), "PulseAudio ended:\n{}", server.log());
            std::os::unix::net::UnixStream::connect(self.socket()).ok()
        });
        self.server = Some(server);
    }

    /// Lets somebody speak from now on, and waits until the voice is steady.
    ///
    /// # Panics
    /// When the voice does not come up.
    pub fn speak(&mut self) {
        self.begin_to_speak();
        self.wait_steady();
    }

    fn begin_to_speak(&mut self) {
        let text = include_str!("../../assets/teacher.py");
        let mut command = super::python(self.folder.path(), "teacher.py", text);
        command.arg("room").env("PULSE_SERVER", self.address()).env("HOME", self.folder.path());
        let log = self.folder.path().join("voice.log");
        let _ = std::fs::remove_file(&log);
        self.voice = Some(Process::start("the voice", command, &log));
    }

    fn wait_steady(&mut self) {
        let voice = self.voice.as_mut().expect("somebody speaks");
        eventually("the voice is steady", START_LIMIT, || {
            assert!(voice.ended().is_none(), "the voice ended:\n{}", voice.log());
            voice.log().contains("voice ready").then_some(())
        });
    }

    /// Whoever speaks stops in the middle of a word.
    pub fn fall_silent(&mut self) {
        drop(self.voice.take());
    }

    /// Mutes whoever listens now, by the stream: one that is opened later hears.
    ///
    /// # Panics
    /// When nobody listens, or `pactl` is not installed.
    pub fn mute_the_listener(&self) {
        let listeners = self.pactl(&["list", "short", "source-outputs"]);
        let listener = listeners.split_whitespace().next().expect("somebody listens");
        self.pactl(&["set-source-output-mute", listener, "1"]);
    }

    /// Switches the microphone of whoever speaks off or on.
    ///
    /// # Panics
    /// When nobody speaks, or `pactl` is not installed.
    pub fn mute_the_voice(&self, is_off: bool) {
        let voices = self.pactl(&["list", "short", "sink-inputs"]);
        let voice = voices.split_whitespace().next().expect("somebody speaks");
        self.pactl(&["set-sink-input-mute", voice, if is_off { "1" } else { "0" }]);
    }

    fn pactl(&self, args: &[&str]) -> String {
        let mut command = process::command("pactl", "pulseaudio-utils");
        command.args(args).env("PULSE_SERVER", self.address()).env("HOME", self.folder.path());
        let output = command.output().expect("pactl runs");
        assert!(output.status.success(), "pactl {args:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Ends the sound server at once, and the voice with it.
    pub fn kill(&mut self) {
        drop(self.server.take());
        drop(self.voice.take());
        let _ = std::fs::remove_file(self.socket());
    }

    /// For the variable `PULSE_SERVER`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("unix:{}", self.socket().display())
    }

    /// As a source of a box.
    #[must_use]
    pub fn uri(&self) -> String {
        "pulse:room.monitor".to_owned()
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("pulse.sock")
    }
}
