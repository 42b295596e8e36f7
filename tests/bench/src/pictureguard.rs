//! What watching a picture costs: pictureguard against videoanalyse, in one
//! process that does nothing else.
//!
//! The pictures lie in memory and are pushed as fast as they are taken, so
//! that processor time and not the load of the machine is measured. There are
//! more of them than a processor's cache holds, as when a camera brings them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gst::prelude::*;

use crate::line::{Line, median, progress, round, spread};
use crate::{BenchError, proc};

const WIDTH: usize = 1920;
const HEIGHT: usize = 1080;
const FPS: u64 = 30;
const CAPS: &str = "video/x-raw,format=I420,width=1920,height=1080,framerate=30/1";
/// Different pictures: 150 MB.
const RING: usize = 48;
/// Three minutes of them.
const PICTURES: u64 = 180 * FPS;
const PEER: &str = "videoanalyse";
/// Of one core, and of what the peer uses.
const CORES_TARGET: f64 = 0.015;
const RATIO_TARGET: f64 = 0.25;

/// Processor time of one second of pictures, in cores.
struct Costs {
    guard: f64,
    every_picture: f64,
    peer: f64,
}

/// Measures in rounds and prints the result.
pub(crate) fn measure(rounds: u32) -> Result<(), BenchError> {
    let ring: Vec<gst::Buffer> = (0..RING).map(noise).collect();
    let mut costs = Vec::new();
    for _ in 0..rounds {
        let bare = cores("identity", &ring)?;
        let beyond = |description| Ok::<f64, BenchError>(cores(description, &ring)? - bare);
        let of_round = Costs {
            guard: beyond("pictureguard")?,
            every_picture: beyond("pictureguard interval=0")?,
            peer: beyond(PEER)?,
        };
        progress(format_args!("pictureguard: {:.4} cores, {PEER}: {:.4}", of_round.guard, of_round.peer));
        costs.push(of_round);
    }
    let all = |get: fn(&Costs) -> f64| costs.iter().map(get).collect::<Vec<f64>>();
    let cores = median(&all(|costs| costs.guard));
    let ratio = median(&all(|costs| costs.guard / costs.peer));
    let line = Line {
        name: "pictureguard",
        value: round(cores),
        unit: "cores",
        peer: Some(PEER),
        peer_value: Some(round(median(&all(|costs| costs.peer)))),
        ratio: Some(round(ratio)),
        target: Some(RATIO_TARGET),
        met: Some(ratio <= RATIO_TARGET && cores <= CORES_TARGET),
        details: serde_json::json!({
            "cores_target": CORES_TARGET,
            "spread": spread(&all(|costs| costs.guard)),
            "peer_spread": spread(&all(|costs| costs.peer)),
            "interval_0_cores": round(median(&all(|costs| costs.every_picture))),
            "rounds": costs.len(),
            "pictures": PICTURES,
            "work": "1920x1080 I420 at 30/s with noise, beyond a pipeline without either",
        }),
    };
    line.print();
    Ok(())
}

/// A picture of a grey room with noise.
fn noise(number: usize) -> gst::Buffer {
    let mut random = number as u64 + 1;
    let mut planes = vec![128_u8; WIDTH * HEIGHT * 3 / 2];
    for points in planes[..WIDTH * HEIGHT].chunks_mut(8) {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        for (point, byte) in points.iter_mut().zip(random.to_be_bytes()) {
            *point = 96 + byte % 64;
        }
    }
    gst::Buffer::from_slice(planes)
}

/// Processor time of this process per second of pictures that go through an
/// element.
fn cores(description: &str, ring: &[gst::Buffer]) -> Result<f64, BenchError> {
    let line = format!("{description} name=watcher ! fakesink sync=false");
    let pipeline = gst::parse::launch(&line).map_err(BenchError::gst)?;
    let pipeline = pipeline.downcast::<gst::Pipeline>().map_err(|_| BenchError::gst("not a pipeline"))?;
    // The peer posts with every picture; nobody keeps what it says.
    let said = Arc::new(AtomicU64::new(0));
    if let Some(bus) = pipeline.bus() {
        let said = Arc::clone(&said);
        bus.set_sync_handler(move |_, message| {
            said.fetch_add(u64::from(message.type_() == gst::MessageType::Element), Ordering::Relaxed);
            gst::BusSyncReply::Drop
        });
    }
    let entry = pipeline.find_unlinked_pad(gst::PadDirection::Sink);
    let entry = entry.ok_or_else(|| BenchError::gst(format!("{description} takes no pictures")))?;
    let pad = gst::Pad::builder(gst::PadDirection::Src).name("pictures").build();
    pad.set_active(true).map_err(BenchError::gst)?;
    pipeline.set_state(gst::State::Playing).map_err(BenchError::gst)?;
    pad.link(&entry).map_err(BenchError::gst)?;
    let caps: gst::Caps = CAPS.parse().map_err(BenchError::gst)?;
    pad.push_event(gst::event::StreamStart::new("pictures"));
    pad.push_event(gst::event::Caps::new(&caps));
    pad.push_event(gst::event::Segment::new(&gst::FormattedSegment::<gst::ClockTime>::new()));
    // The first ones fill what is filled once.
    push(&pad, ring, 0..FPS)?;
    let pid = std::process::id();
    let before = proc::cpu(pid)?;
    push(&pad, ring, FPS..FPS + PICTURES)?;
    let used = proc::cpu(pid)? - before;
    if !has_watched(&pipeline, said.load(Ordering::Relaxed)) {
        return Err(BenchError::gst(format!("{description} did not look at the pictures")));
    }
    pipeline.set_state(gst::State::Null).map_err(BenchError::gst)?;
    Ok(used.as_secs_f64() / Duration::from_secs(PICTURES / FPS).as_secs_f64())
}

/// Whether the element did its work: the guard knows the last second, the peer spoke of every picture.
fn has_watched(pipeline: &gst::Pipeline, said: u64) -> bool {
    let Some(watcher) = pipeline.by_name("watcher") else { return false };
    match watcher.factory().map(|factory| factory.name()).as_deref() {
        Some("identity") => true,
        Some(PEER) => said >= PICTURES,
        _ => {
            let verdict = watcher.property::<gst::Structure>("verdict");
            let last_second = gst::ClockTime::from_seconds(PICTURES / FPS).nseconds();
            verdict.get::<u64>("pts").is_ok_and(|pts| pts >= last_second)
        }
    }
}

fn push(pad: &gst::Pad, ring: &[gst::Buffer], numbers: std::ops::Range<u64>) -> Result<(), BenchError> {
    for (number, picture) in numbers.zip(ring.iter().cycle()) {
        // The times are another's, the bytes are the same.
        let mut picture = picture.copy();
        let pts = gst::ClockTime::SECOND.mul_div_floor(number, FPS);
        picture.make_mut().set_pts(pts);
        pad.push(picture).map_err(BenchError::gst)?;
    }
    Ok(())
}
