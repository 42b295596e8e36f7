//! Processor and memory of whole programs that do the same work, in turn.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};

use crate::daemon::{Daemon, Setup};
use crate::line::{progress, round};
use crate::part::Part;
use crate::peers::{self, FPS, HEIGHT, WIDTH};
use crate::receiver::{self, Pictures, Received, Receiver};
use crate::room::{Class, Room};
use crate::{BenchError, Name, comparison, proc};

pub(crate) const WARM_UP: Duration = Duration::from_secs(5);
/// ffmpeg looks at a camera for 5 s before it begins.
const FIRST_PICTURE_LIMIT: Duration = Duration::from_secs(20);
const SAMPLE: Duration = Duration::from_millis(500);
const MIB: f64 = 1_048_576.0;
/// A bare pipeline sometimes dies at its start; that is its affair.
const START_TRIES: u32 = 4;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    Lecternd,
    GstLaunch,
    Ffmpeg,
}

/// In the order in which they take turns.
pub(crate) const ALL: [Program; 3] = [Program::Lecternd, Program::GstLaunch, Program::Ffmpeg];

impl Program {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lecternd => "lecternd",
            Self::GstLaunch => "gst-launch-1.0",
            Self::Ffmpeg => "ffmpeg",
        }
    }
}

/// One program at work.
enum Running {
    Daemon(Daemon),
    Peer(Part, PathBuf),
}

/// One program's window.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) cores: f64,
    pub(crate) peak_mb: f64,
    pub(crate) anon_mb: f64,
    pub(crate) threads: usize,
    pub(crate) record_kbps: f64,
    pub(crate) live_kbps: f64,
    pub(crate) fps: f64,
}

impl Running {
    fn start(
        program: Program,
        class: &Class,
        receiver: &str,
        folder: &Path,
        clock: SystemClock,
    ) -> Result<Self, BenchError> {
        let record = folder.join("record.mp4");
        let peer = |command: &mut std::process::Command| Part::start(program.name(), command, folder);
        match program {
            Program::GstLaunch => {
                peer(&mut peers::gst_launch(class, receiver, &record)).map(|p| Self::Peer(p, record))
            }
            Program::Ffmpeg => {
                peer(&mut peers::ffmpeg(class, receiver, &record)).map(|p| Self::Peer(p, record))
            }
            Program::Lecternd => {
                let daemon = Daemon::start(&captures(class, receiver), folder, clock)?;
                daemon.command("start")?;
                Ok(Self::Daemon(daemon))
            }
        }
    }

    fn part(&mut self) -> &mut Part {
        match self {
            Self::Daemon(daemon) => &mut daemon.part,
            Self::Peer(part, _) => part,
        }
    }

    fn idle(&self, what: impl std::fmt::Display) -> BenchError {
        match self {
            Self::Daemon(daemon) => daemon.part.idle(what),
            Self::Peer(part, _) => part.idle(what),
        }
    }

    /// Bytes of the record that are on the disk.
    fn recorded(&self) -> Result<u64, BenchError> {
        match self {
            Self::Daemon(daemon) => {
                let lessons = daemon.get("/api/v1/lessons")?;
                Ok(lessons[0]["bytes"].as_u64().unwrap_or(0))
            }
            Self::Peer(_, record) => {
                std::fs::metadata(record).map(|file| file.len()).map_err(BenchError::io(record.display()))
            }
        }
    }

    /// A slate costs less than a picture: the sources must be there.
    fn must_see(&self) -> Result<(), BenchError> {
        let Self::Daemon(daemon) = self else { return Ok(()) };
        let status = daemon.get("/api/v1/status")?;
        let all = status["sources"].as_array().into_iter().flatten();
        let lost: Vec<_> = all.filter(|source| source["state"] != "running").collect();
        if lost.is_empty() { Ok(()) } else { Err(self.idle(format_args!("has not {lost:?}"))) }
    }
}

/// The same work for the daemon.
pub(crate) fn captures(class: &Class, receiver: &str) -> Setup {
    Setup {
        board: format!("x11:{}", class.display),
        camera: class.camera.clone(),
        mic: "test:noise".to_owned(),
        live: Some(receiver.to_owned()),
        size: (WIDTH, HEIGHT),
        standby: false,
        archive: None,
    }
}

/// Runs all three in turn and prints what was asked for.
pub(crate) fn measure(
    folder: &Path,
    clock: SystemClock,
    rounds: u32,
    seconds: u32,
    asked: &impl Fn(Name) -> bool,
) -> Result<(), BenchError> {
    progress("encoding the camera's film");
    let room = Room::new(folder, seconds + 30)?;
    let mut samples: Vec<[Sample; 3]> = Vec::new();
    for round in 0..rounds {
        let mut of_round = Vec::new();
        for program in ALL {
            let own = folder.join(format!("{}-{round}", program.name()));
            std::fs::create_dir_all(&own).map_err(BenchError::io(own.display()))?;
            let sample = run(program, &room, &own, clock, seconds)?;
            progress(format_args!("round {}: {}: {sample:?}", round + 1, program.name()));
            of_round.push(sample);
        }
        samples.extend(<[Sample; 3]>::try_from(of_round));
    }
    comparison::print(&samples, seconds, asked);
    Ok(())
}

fn run(
    program: Program,
    room: &Room,
    folder: &Path,
    clock: SystemClock,
    seconds: u32,
) -> Result<Sample, BenchError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let class = room.class()?;
        let port = receiver::free_port()?;
        let receiver = Receiver::listen(port, Pictures::Counted, clock)?;
        let mut running = Running::start(program, &class, &receiver::address(port), folder, clock)?;
        match begin(&mut running, &receiver, clock) {
            Err(error) if program == Program::GstLaunch && tries < START_TRIES => {
                progress(format_args!("once more: {error}"));
            }
            begun => {
                begun?;
                return window(&mut running, &receiver, clock, seconds);
            }
        }
    }
}

/// Waits until pictures come, and then until caches and pools are full.
fn begin(running: &mut Running, receiver: &Receiver, clock: SystemClock) -> Result<(), BenchError> {
    let begun = clock.monotonic();
    while receiver.received().pictures == 0 {
        running.part().must_run()?;
        if clock.monotonic() - begun > FIRST_PICTURE_LIMIT {
            return Err(running.idle("sent no picture"));
        }
        std::thread::sleep(SAMPLE);
    }
    std::thread::sleep(WARM_UP);
    running.part().must_run()
}

fn window(
    running: &mut Running,
    receiver: &Receiver,
    clock: SystemClock,
    seconds: u32,
) -> Result<Sample, BenchError> {
    running.must_see()?;
    let pid = running.part().pid();
    let (begun, cpu) = (clock.monotonic(), proc::cpu(pid)?);
    let (received, recorded) = (receiver.received(), running.recorded()?);
    let mut anon = Vec::new();
    while clock.monotonic() - begun < Duration::from_secs(seconds.into()) {
        std::thread::sleep(SAMPLE);
        running.part().must_run()?;
        anon.push(mb(proc::memory(pid)?.anon));
    }
    let cpu = proc::cpu(pid)? - cpu;
    let wall = (clock.monotonic() - begun).as_secs_f64();
    let Received { pictures, sounds, bytes } = receiver.received();
    let kbps = |bytes: u64| round(bytes as f64 * 8.0 / 1000.0 / wall);
    let sample = Sample {
        cores: cpu.as_secs_f64() / wall,
        peak_mb: mb(proc::memory(pid)?.peak),
        anon_mb: anon.iter().sum::<f64>() / anon.len() as f64,
        threads: proc::threads(pid)?.len(),
        record_kbps: kbps(running.recorded()?.saturating_sub(recorded)),
        live_kbps: kbps(bytes - received.bytes),
        fps: round((pictures - received.pictures) as f64 / wall),
    };
    running.must_see()?;
    let sounds = (sounds - received.sounds) as f64 / wall;
    let wrong = |what: String| Err(running.idle(what));
    if (sample.fps - f64::from(FPS)).abs() > 1.0 {
        return wrong(format!("sent {} pictures per second instead of {FPS}", sample.fps));
    }
    // 48 000 samples in pieces of 1024.
    if !(45.0..49.0).contains(&sounds) {
        return wrong(format!("sent {sounds:.1} pieces of sound per second instead of 46.9"));
    }
    // Less than its sound alone: nothing is recorded.
    if sample.record_kbps < 150.0 {
        return wrong(format!("recorded only {} kbit/s", sample.record_kbps));
    }
    Ok(sample)
}

pub(crate) fn mb(bytes: u64) -> f64 {
    bytes as f64 / MIB
}
