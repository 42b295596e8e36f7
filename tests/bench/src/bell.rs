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
/// Longer than what a broadcast bridges: each lesson connects anew.
const PERIOD_S: i64 = 16;
const LOOK: Duration = Duration::from_millis(100);
const LIMIT: Duration = Duration::from_secs(30);

/// What is measured at each bell, in seconds.
#[derive(Debug, Default)]
struct Bells {
    frame: Vec<f64>,
    socket: Vec<f64>,
    bell_to_socket: Vec<f64>,
}

/// So many bells for each kind of source, and for the peer.
pub(crate) fn measure(folder: &Path, clock: SystemClock, bells: u32) -> Result<(), BenchError> {
    let seconds = u32::try_from(FIRST_BELL_S + PERIOD_S * (i64::from(bells) + 1)).unwrap_or(u32::MAX);
    let room = Room::new(folder, seconds)?;
    for (source, names) in [
        ("x11", ["bell_to_frame_x11", "frame_to_socket_x11", "bell_to_socket_x11"]),
        ("rtsp", ["bell_to_frame_rtsp", "frame_to_socket_rtsp", "bell_to_socket_rtsp"]),
    ] {
        let class = room.class()?;
        let ours = lecternd(source, &class, &folder.join(source), clock, bells)?;
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

/// The daemon by its timetable.
fn lecternd(
    source: &str,
    class: &Class,
    folder: &Path,
    clock: SystemClock,
    bells: u32,
) -> Result<Bells, BenchError> {
    let port = receiver::free_port()?;
    let _receiver = Receiver::listen(port, Pictures::Counted, clock)?;
    let far = FarLine::to(port, clock)?;
    std::fs::create_dir_all(folder).map_err(BenchError::io(folder.display()))?;
    let rung: Vec<Timestamp> = (0..i64::from(bells))
        .scan(soon(FIRST_BELL_S), |next, _| {
            let bell = *next;
            *next += SignedDuration::from_secs(PERIOD_S);
            Some(bell)
        })
        .collect();
    let day = rung.iter().fold(Day::today(), |day, bell| day.lesson(&bell.to_string(), *bell, LESSON_S));
    let timetable = folder.join("timetable.toml");
    std::fs::write(&timetable, day.text()).map_err(BenchError::io(timetable.display()))?;
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
    let mut measured = Bells::default();
    for bell in rung {
        let title = bell.to_string();
        let manifest = loop {
            if let Some(manifest) = closed(&archive, &title) {
                break manifest;
            }
            daemon.part.must_run()?;
            if clock.utc().duration_since(bell) > SignedDuration::try_from(LIMIT).unwrap_or_default() {
                return Err(daemon.part.idle(format!("archived no lesson of {title}")));
            }
            std::thread::sleep(LOOK);
        };
        let anchor = manifest.runs.first().and_then(|run| run.anchors.first());
        let missing = || daemon.part.idle("sent nothing, or has no anchor");
        let (captured, sent) =
            anchor.map(|anchor| anchor.utc).zip(far.first_picture_from(bell)).ok_or_else(missing)?;
        let seconds = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs_f64();
        progress(format_args!(
            "{source}: frame {:.3} s after the bell, at the socket {:.3} s later",
            seconds(bell, captured),
            seconds(captured, sent)
        ));
        measured.frame.push(seconds(bell, captured));
        measured.socket.push(seconds(captured, sent));
        measured.bell_to_socket.push(seconds(bell, sent));
    }
    Ok(measured)
}

/// The manifest of a lesson, once it is closed.
fn closed(archive: &Path, title: &str) -> Option<Manifest> {
    let mut folders = vec![archive.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).ok()?.flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if entry.file_name() == "manifest.json" {
                let manifest = std::fs::read(entry.path()).ok()?;
                let manifest: Option<Manifest> = serde_json::from_slice(&manifest).ok();
                let fits = |manifest: &Manifest| {
                    manifest.state == ManifestState::Closed && manifest.lesson.title == title
                };
                if let Some(manifest) = manifest.filter(fits) {
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
