//! The classroom that every program captures: the same camera, the same
//! screen, each a process of its own that is not counted.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gst::prelude::*;

use crate::BenchError;
use crate::camera;
use crate::part::Part;
use crate::peers::{FPS, HEIGHT, WIDTH};

/// Film and screen, for the whole bench.
#[derive(Debug)]
pub(crate) struct Room {
    film: PathBuf,
    folder: PathBuf,
    display: String,
    _screen: Part,
}

/// What happens in it, from its beginning, so that every program sees the
/// same.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) camera: String,
    pub(crate) display: String,
    _parts: [Part; 2],
}

/// Until the server serves and the board shows.
const SETTLE: Duration = Duration::from_millis(1500);

impl Room {
    /// `seconds` is how long a class will last at most.
    pub(crate) fn new(folder: &Path, seconds: u32) -> Result<Self, BenchError> {
        let film = camera::film(folder, seconds)?;
        let mut command = Command::new("Xvfb");
        let screen = format!("{WIDTH}x{HEIGHT}x24");
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &screen]);
        let (screen, number) = Part::start_and_read_line("Xvfb", &mut command, folder)?;
        Ok(Self { film, folder: folder.to_owned(), display: format!(":{number}"), _screen: screen })
    }

    /// Begins it anew.
    pub(crate) fn class(&self) -> Result<Class, BenchError> {
        let (camera, address) = camera::serve(&self.film, &self.folder)?;
        let own = std::env::current_exe().map_err(BenchError::io("the bench itself"))?;
        let board = Part::start("board", Command::new(own).arg("board").arg(&self.display), &self.folder)?;
        let mut parts = [camera, board];
        std::thread::sleep(SETTLE);
        for part in &mut parts {
            part.must_run()?;
        }
        Ok(Class { camera: address, display: self.display.clone(), _parts: parts })
    }
}

/// The board's process: handwriting on an X display, until it is ended.
pub(crate) fn show_board(display: &str) -> Result<(), BenchError> {
    gst::init().map_err(BenchError::gst)?;
    gstlectern::plugin_register_static().map_err(BenchError::gst)?;
    let description = format!(
        "lecternroomsrc scene=board ! video/x-raw,width={WIDTH},height={HEIGHT},framerate={FPS}/1 ! \
         videoconvert ! ximagesink name=screen"
    );
    let pipeline = gst::parse::launch(&description).map_err(BenchError::gst)?;
    let pipeline = pipeline.downcast::<gst::Pipeline>().map_err(|_| BenchError::gst("not a pipeline"))?;
    if let Some(screen) = pipeline.by_name("screen") {
        screen.set_property("display", display);
    }
    pipeline.set_state(gst::State::Playing).map_err(BenchError::gst)?;
    let ends = [gst::MessageType::Eos, gst::MessageType::Error];
    let end = pipeline.bus().and_then(|bus| bus.timed_pop_filtered(gst::ClockTime::NONE, &ends));
    match end.as_ref().map(|message| message.view()) {
        Some(gst::MessageView::Error(error)) => Err(BenchError::gst(error.error())),
        _ => Ok(()),
    }
}
