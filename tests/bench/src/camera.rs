//! The camera on the network: encoded once, served by a process of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use gst::prelude::*;

use crate::BenchError;
use crate::part::Part;
use crate::peers::{FPS, HEIGHT, WIDTH};

const SERVER: &str = include_str!("camera.py");
/// Debian's, which has the bindings; another one in PATH may not.
const PYTHON: &str = "/usr/bin/python3";

/// Encodes what the camera will show.
pub(crate) fn film(folder: &Path, seconds: u32) -> Result<PathBuf, BenchError> {
    let path = folder.join("camera.mp4");
    let pictures = seconds * FPS;
    let description = format!(
        "lecternroomsrc scene=camera is-live=false num-buffers={pictures} ! \
         video/x-raw,width={WIDTH},height={HEIGHT},framerate={FPS}/1 ! \
         x264enc speed-preset=superfast bitrate=2000 key-int-max={} bframes=0 ! \
         video/x-h264,profile=high ! h264parse ! mp4mux ! filesink name=file",
        FPS * 2
    );
    let pipeline = gst::parse::launch(&description).map_err(BenchError::gst)?;
    let pipeline = pipeline.downcast::<gst::Pipeline>().map_err(|_| BenchError::gst("not a pipeline"))?;
    if let Some(file) = pipeline.by_name("file") {
        file.set_property("location", path.to_string_lossy().as_ref());
    }
    pipeline.set_state(gst::State::Playing).map_err(BenchError::gst)?;
    let ends = [gst::MessageType::Eos, gst::MessageType::Error];
    let end = pipeline.bus().and_then(|bus| bus.timed_pop_filtered(gst::ClockTime::NONE, &ends));
    let _ = pipeline.set_state(gst::State::Null);
    match end.as_ref().map(|message| message.view()) {
        Some(gst::MessageView::Eos(_)) => Ok(path),
        Some(gst::MessageView::Error(error)) => Err(BenchError::gst(error.error())),
        _ => Err(BenchError::gst("the camera's film did not end")),
    }
}

/// Serves a film; the process, and the camera's address.
pub(crate) fn serve(film: &Path, folder: &Path) -> Result<(Part, String), BenchError> {
    let script = folder.join("camera.py");
    std::fs::write(&script, SERVER).map_err(BenchError::io(script.display()))?;
    let mut command = Command::new(PYTHON);
    command.arg(script).arg(film);
    let (part, port) = Part::start_and_read_line("camera", &mut command, folder)?;
    Ok((part, format!("rtsp://127.0.0.1:{port}/camera")))
}
