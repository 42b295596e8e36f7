//! What a box is configured with.

use std::fmt::Write as _;
use std::path::Path;

use crate::process::faketime;

/// A configuration, as scenarios need it: small pictures, one archive in a
/// folder unless others are named.
#[derive(Debug, Clone)]
pub struct Setup {
    sources: Vec<[String; 3]>,
    live: Vec<[String; 2]>,
    archives: Vec<[String; 3]>,
    environment: Vec<[String; 2]>,
    width: u32,
    height: u32,
    fps: u32,
    live_kbps: u32,
    timetable: bool,
    broker: Option<String>,
    commands: Vec<String>,
    machine: Option<String>,
    signal: Option<String>,
    sound: Option<String>,
    tables: String,
}

/// A machine with which nothing is wrong: what tests run on may be hot, slow or
/// full, and is no box.
const CALM: &str = r#"
[start.machine]
model = "Lectern test box"

[start.sensors.thermal]
zones = [{ name = "cpu", millidegrees = 45_000, critical_millidegrees = 105_000 }]
coolers = [{ name = "cpufreq-cpu0", slows = true, state = 0, most = 4 }]

[start.sensors.power]
undervoltage = false

[start.sensors.memory]
total_bytes = 4_000_000_000
available_bytes = 3_000_000_000
memory_pressure = { full_percent_10s = 0.0 }

[start.sensors.storage]
places = [{ name = "spool", total_bytes = 64_000_000_000, available_bytes = 40_000_000_000, device = "mmcblk0p2" }]

[[start.sensors.storage.disks]]
name = "mmcblk0"
model = "SDCIT2"
total_bytes = 64_000_000_000
wear = { used_percent = 10, reserve = "normal" }
counters = { writes = 1000, write_ms = 4000, flushes = 100, flush_ms = 1000 }

[start.sensors.network]
interfaces = [{ name = "eth0", kind = "wired", mac = "02:00:00:00:00:01", is_up = true, carrier = true, megabits = 1000 }]

[start.devices]
cameras = [{ name = "video0", label = "HD Pro Webcam C920", usb = { port = "1-1.3" } }]
"#;

/// The script of the machine, in the box's folder.
const MACHINE: &str = "machine.toml";

/// The box's asset number.
pub const DEVICE: &str = "LB-2026-000317";

impl Setup {
    /// A box without sources.
    #[must_use]
    pub fn bare() -> Self {
        Self {
            sources: Vec::new(),
            live: Vec::new(),
            archives: Vec::new(),
            environment: Vec::new(),
            width: 640,
            height: 360,
            fps: 25,
            live_kbps: 800,
            timetable: false,
            broker: None,
            commands: Vec::new(),
            machine: Some(CALM.to_owned()),
            signal: None,
            sound: None,
            tables: String::new(),
        }
    }

    /// A box in the built-in test room.
    #[must_use]
    pub fn test_room() -> Self {
        Self::bare()
            .source("board", "board", "test:board")
            .source("camera", "camera", "test:camera")
            .source("mic", "mic", "test:mic")
    }

    /// Adds a source.
    #[must_use]
    pub fn source(mut self, name: &str, role: &str, uri: &str) -> Self {
        self.sources.push([name, role, uri].map(str::to_owned));
        self
    }

    /// Adds a live target.
    #[must_use]
    pub fn live(mut self, name: &str, url: &str) -> Self {
        self.live.push([name, url].map(str::to_owned));
        self
    }

    /// Adds an archive; without one, the box has a folder.
    #[must_use]
    pub fn archive(self, name: &str, url: &str) -> Self {
        self.archive_with(name, url, "")
    }

    /// Adds an archive with other keys of its table, as they stand in the file.
    #[must_use]
    pub fn archive_with(mut self, name: &str, url: &str, keys: &str) -> Self {
        self.archives.push([name, url, keys].map(str::to_owned));
        self
    }

    /// Sets a variable of the daemon's environment.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push([name, value].map(str::to_owned));
        self
    }

    /// Sets the size of the program; 640 × 360 otherwise.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        (self.width, self.height) = (width, height);
        self
    }

    /// Sets the rate of the broadcast's picture; 800 kbit/s otherwise.
    #[must_use]
    pub fn live_rate(mut self, kbps: u32) -> Self {
        self.live_kbps = kbps;
        self
    }

    /// Lets this happen to the machine: events of a simulation, on top of a machine
    /// with which nothing is wrong.
    #[must_use]
    pub fn machine(mut self, events: &str) -> Self {
        self.machine = Some(format!("{CALM}{events}"));
        self
    }

    /// On the machine that the test runs on, hot and slow as it may be.
    #[must_use]
    pub fn real_machine(mut self) -> Self {
        self.machine = None;
        self
    }

    /// With a broker that hears of it.
    #[must_use]
    pub fn broker(mut self, url: &str) -> Self {
        self.broker = Some(url.to_owned());
        self
    }

    /// With these commands allowed from the broker, and no others.
    #[must_use]
    pub fn commands(mut self, kinds: &[&str]) -> Self {
        self.commands = kinds.iter().map(ToString::to_string).collect();
        self
    }

    /// Lets the box follow the timetable in its folder, `timetable.toml`, which
    /// must be there when it starts.
    #[must_use]
    pub fn timetable(mut self) -> Self {
        self.timetable = true;
        self
    }

    /// Lets a picture that comes up at this source begin a lesson.
    #[must_use]
    pub fn signal(mut self, source: &str) -> Self {
        self.signal = Some(source.to_owned());
        self
    }

    /// Lets somebody who is heard at this source begin a lesson.
    #[must_use]
    pub fn sound(mut self, source: &str) -> Self {
        self.sound = Some(source.to_owned());
        self
    }

    /// Adds tables, as they stand in the file.
    #[must_use]
    pub fn tables(mut self, text: &str) -> Self {
        self.tables.push_str(text);
        self
    }

    /// Lets each start of the daemon wake up in 1970, whatever the machine knows;
    /// the monotonic clock is left alone.
    ///
    /// # Panics
    /// When libfaketime is not installed.
    #[must_use]
    pub fn in_1970(self) -> Self {
        self.variable("LD_PRELOAD", &faketime().display().to_string())
            .variable("FAKETIME", "@1970-01-01 00:00:10")
            .variable("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .variable("NO_FAKE_STAT", "1")
            .variable("TZ", "UTC")
    }

    /// Whether more runs than the test room and its record.
    pub(crate) fn is_heavy(&self) -> bool {
        !self.live.is_empty() || self.sources.iter().any(|[_, _, uri]| !uri.starts_with("test:"))
    }

    pub(crate) fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.environment.iter().map(|[name, value]| (name.as_str(), value.as_str()))
    }

    /// Puts beside `lectern.toml` what it names.
    pub(crate) fn write_files(&self, folder: &Path) -> std::io::Result<()> {
        self.machine.as_ref().map_or(Ok(()), |script| std::fs::write(folder.join(MACHINE), script))
    }

    /// The text of `lectern.toml` for a box that lives in `folder`.
    #[must_use]
    pub fn text(&self, folder: &Path) -> String {
        let own_folder =
            [["folder".to_owned(), format!("file://{}", folder.join("archive").display()), String::new()]];
        let archives = if self.archives.is_empty() { &own_folder[..] } else { &self.archives };
        let mut out = format!("[device]\nid = {DEVICE:?}\nplace = \"教室 Classroom\"\n");
        // Writing to a string cannot fail.
        for [name, role, uri] in &self.sources {
            let _ = write!(out, "\n[[source]]\nname = {name:?}\nrole = {role:?}\nuri = {uri:?}\n");
        }
        let Self { width, height, fps, live_kbps, .. } = self;
        let _ = write!(
            out,
            "\n[program]\nwidth = {width}\nheight = {height}\nfps = {fps}\nbitrate_kbps = 1000\n\
             live_bitrate_kbps = {live_kbps}\n"
        );
        for [name, url] in &self.live {
            let _ = write!(out, "\n[[live]]\nname = {name:?}\nurl = {url:?}\n");
        }
        for [name, url, keys] in archives {
            let _ = write!(out, "\n[[archive]]\nname = {name:?}\nurl = {url:?}\n{keys}");
        }
        if self.timetable {
            let url = format!("file://{}", folder.join("timetable.toml").display());
            let _ = write!(out, "\n[timetable]\nurl = {url:?}\n");
        }
        if let Some(url) = &self.broker {
            let _ = write!(out, "\n[mqtt]\nurl = {url:?}\nspread_s = 0\n");
            if !self.commands.is_empty() {
                let _ = writeln!(out, "commands = {:?}", self.commands);
            }
        }
        if self.machine.is_some() {
            let _ = write!(out, "\n[hardware]\nsimulation = {:?}\n", folder.join(MACHINE));
        }
        let triggers = [("signal", &self.signal), ("sound", &self.sound)];
        let triggers = triggers.iter().filter_map(|(key, source)| Some((key, source.as_ref()?)));
        for (first, (key, source)) in std::iter::once(true).chain(std::iter::repeat(false)).zip(triggers) {
            let table = if first { "\n[trigger]\n" } else { "" };
            let _ = writeln!(out, "{table}{key} = {source:?}");
        }
        out.push_str(&self.tables);
        let [spool, keys, socket] = ["spool", "keys", "control.sock"].map(|name| folder.join(name));
        let _ = write!(
            out,
            "\n[spool]\npath = {spool:?}\nquota = \"2GiB\"\n\n[keys]\npath = {keys:?}\n\n\
             [clock]\nrtc = \"none\"\n\n[control]\nsocket = {socket:?}\n"
        );
        out
    }
}
