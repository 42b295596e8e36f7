//! At the bell: from the planned second to the first captured frame, and from
//! there to the socket, with 60 ms to the receiver and back. Beside it a peer
//! that looks at the clock once a second and then starts ffmpeg.
//!
//! When the first frame was captured is what the box writes into the manifest
//! (the anchor of the first run); when a picture began to come out of its socket is what
//! the line to the receiver notes, on the same clock.

use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_api::manifest::{Manifest, ManifestState};
use lectern_api::{Clock as _, SystemClock};
use lectern_tests::timetable::{Day, soon};

use crate::BenchError;
use crate::daemon::{Daemon, Setup};
use crate::far::{FarLine, ROUND_TRIP_MS};
use crate::line::{Line, median, progress, round, spread};
use crate::part::Part;
use crate::peers;
use crate::receiver::{self, Pictures, Receiver};
use crate::room::{Class, Room};

/// One frame at 25 pictures per second.
const FRAME_TARGET_S: f64 = 0.04;
const SOCKET_TARGET_S: f64 = 0.1;
/// Sources are open and the encoder is found long before.
const FIRST_BELL_S: i64 = 15;
const LESSON_S: i64 = 4;
/// From the start of a daemon to the archived lesson, generously.
const START_S: u32 = 40;
const LOOK: Duration = Duration::from_millis(100);
const LIMIT: Duration = Duration::from_secs(30);

/// One bell, by one clock.
#[derive(Debug)]
struct Bell {
    rung: Timestamp,
    captured: Timestamp,
    sent: Timestamp,
}

impl Bell {
    fn to_frame(&self) -> f64 {
        self.captured.duration_since(self.rung).as_secs_f64()
    }

    fn to_socket(&self) -> f64 {
        self.sent.duration_since(self.captured).as_secs_f64()
    }
}

/// What is measured at each bell, in seconds.
#[derive(Debug, Default)]
struct Bells {
    frame: Vec<f64>,
    socket: Vec<f64>,
    bell_to_socket: Vec<f64>,
}

impl Bells {
    fn add(&mut self, bell: &Bell) {
        self.frame.push(bell.to_frame());
        self.socket.push(bell.to_socket());
        self.bell_to_socket.push(bell.to_frame() + bell.to_socket());
    }
}

/// So many bells for each kind of source, and for the peer. Each is that of a
/// daemon of its own: when within a frame a source delivers, and the mixer
/// mixes, stays the same as long as a daemon runs.
pub(crate) fn measure(folder: &Path, clock: SystemClock, bells: u32) -> Result<(), BenchError> {
    let room = Room::new(folder, START_S.saturating_mul(bells))?;
    for (source, names) in [
        ("x11", ["bell_to_frame_x11", "frame_to_socket_x11", "bell_to_socket_x11"]),
        ("rtsp", ["bell_to_frame_rtsp", "frame_to_socket_rtsp", "bell_to_socket_rtsp"]),
    ] {
        let class = room.class()?;
        let mut ours = Bells::default();
        for number in 0..bells {
            ours.add(&lecternd(source, &class, &folder.join(format!("{source}-{number}")), clock)?);
        }
        drop(class);
        let theirs = polling(&room, folder, clock, bells)?;
        print(names, source, &ours, &theirs);
    }
    Ok(())
}

fn print(names: [&'static str; 3], source: &str, ours: &Bells, theirs: &[f64]) {
    let details = |values: &[f64]| {
        serde_json::json!({
            "spread": spread(values), "bells": values.len(), "source": source,
            "round_trip_ms": ROUND_TRIP_MS, "room": "one source as named, the others of the test room",
        })
    };
    let plain = [(names[0], &ours.frame, FRAME_TARGET_S), (names[1], &ours.socket, SOCKET_TARGET_S)];
    for (name, values, target) in plain {
        let [_, worst] = spread(values);
        let met = Some(worst <= target);
        let (value, target) = (round(median(values)), Some(target));
        Line { name, value, unit: "s", target, met, details: details(values), ..Line::default() }.print();
    }
    let (value, peer_value) = (median(&ours.bell_to_socket), median(theirs));
    let line = Line {
        name: names[2],
        value: round(value),
        unit: "s",
        peer: Some("ffmpeg, started by a look at the clock once a second"),
        peer_value: Some(round(peer_value)),
        ratio: Some(round(value / peer_value)),
        details: serde_json::json!({
            "spread": spread(&ours.bell_to_socket), "peer_spread": spread(theirs), "source": source,
            "round_trip_ms": ROUND_TRIP_MS,
        }),
        ..Line::default()
    };
    line.print();
}

/// A daemon by its timetable.
fn lecternd(source: &str, class: &Class, folder: &Path, clock: SystemClock) -> Result<Bell, BenchError> {
    let port = receiver::free_port()?;
    let _receiver = Receiver::listen(port, Pictures::Counted, clock)?;
    let far = FarLine::to(port, clock)?;
    std::fs::create_dir_all(folder).map_err(BenchError::io(folder.display()))?;
    let bell = soon(FIRST_BELL_S);
    let timetable = folder.join("timetable.toml");
    std::fs::write(&timetable, Day::today().lesson("bell", bell, LESSON_S).text())
        .map_err(BenchError::io(timetable.display()))?;
    let archive = folder.join("archive");
    std::fs::create_dir_all(&archive).map_err(BenchError::io(archive.display()))?;
    let mut setup = Setup::test_room(Some(receiver::address(far.port)), true);
    match source {
        "x11" => setup.board = format!("x11:{}", class.display),
        _ => setup.camera = class.camera.clone(),
    }
    setup.archive = Some(format!(
        "[[archive]]\nname = \"folder\"\nurl = \"file://{}\"\n[timetable]\nurl = \"file://{}\"\n",
        archive.display(),
        timetable.display()
    ));
    let mut daemon = Daemon::start(&setup, folder, clock)?;
    let manifest = loop {
        if let Some(manifest) = closed(&archive) {
            break manifest;
        }
        daemon.part.must_run()?;
        if clock.utc().duration_since(bell) > SignedDuration::try_from(LIMIT).unwrap_or_default() {
            return Err(daemon.part.idle("archived no lesson"));
        }
        std::thread::sleep(LOOK);
    };
    let anchor = manifest.runs.first().and_then(|run| run.anchors.first());
    let measured = anchor.map(|anchor| anchor.utc).zip(far.first_picture_from(bell));
    let (captured, sent) = measured.ok_or_else(|| daemon.part.idle("sent nothing, or has no anchor"))?;
    let measured = Bell { rung: bell, captured, sent };
    progress(format_args!(
        "{source}: frame {:.3} s after the bell, at the socket {:.3} s later",
        measured.to_frame(),
        measured.to_socket()
    ));
    Ok(measured)
}

/// The manifest of a lesson, once it is closed.
fn closed(archive: &Path) -> Option<Manifest> {
    let mut folders = vec![archive.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).ok()?.flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if entry.file_name() == "manifest.json" {
                let manifest = std::fs::read(entry.path()).ok()?;
                let manifest: Option<Manifest> = serde_json::from_slice(&manifest).ok();
                let is_closed = |manifest: &Manifest| manifest.state == ManifestState::Closed;
                if let Some(manifest) = manifest.filter(is_closed) {
                    return Some(manifest);
                }
            }
        }
    }
    None
}

/// Somebody who looks at the clock once a second, and starts ffmpeg when the
/// bell has rung: screen, camera and noise, to the same receiver.
fn polling(room: &Room, folder: &Path, clock: SystemClock, bells: u32) -> Result<Vec<f64>, BenchError> {
    let mut seconds = Vec::new();
    for number in 0..bells {
        let class = room.class()?;
        let port = receiver::free_port()?;
        let _receiver = Receiver::listen(port, Pictures::Counted, clock)?;
        let far = FarLine::to(port, clock)?;
        let bell = soon(1);
        // Looks are spread evenly over the second.
        std::thread::sleep(Duration::from_millis(u64::from(number * 1000 / bells)));
        while clock.utc() < bell {
            std::thread::sleep(Duration::from_secs(1));
        }
        let record = folder.join(format!("peer-{number}.mp4"));
        let mut command = peers::ffmpeg(&class, &receiver::address(far.port), &record);
        let mut part = Part::start("ffmpeg", &mut command, folder)?;
        let sent = loop {
            if let Some(sent) = far.first_picture_from(bell) {
                break sent;
            }
            part.must_run()?;
            if clock.utc().duration_since(bell) > SignedDuration::try_from(LIMIT).unwrap_or_default() {
                return Err(part.idle("sent nothing"));
            }
            std::thread::sleep(LOOK);
        };
        seconds.push(sent.duration_since(bell).as_secs_f64());
        progress(format_args!(
            "ffmpeg: at the socket {:.3} s after the bell",
            sent.duration_since(bell).as_secs_f64()
        ));
    }
    Ok(seconds)
}
