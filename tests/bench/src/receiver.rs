//! The far end of the broadcast: counts what comes and throws it away.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use gst::prelude::*;
use lectern_api::{Clock as _, SystemClock};

use crate::BenchError;

/// An SRT listener.
#[derive(Debug)]
pub(crate) struct Receiver {
    pipeline: gst::Pipeline,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    pictures: AtomicU64,
    sounds: AtomicU64,
    bytes: AtomicU64,
    first_picture: OnceLock<Duration>,
}

/// What has come so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Received {
    pub(crate) pictures: u64,
    pub(crate) sounds: u64,
    /// Of pictures and sound, without what wraps them.
    pub(crate) bytes: u64,
}

/// Whether pictures are only told apart, or decoded too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pictures {
    Counted,
    Decoded,
}

/// SRT's buffer against lost packets, at both ends.
pub(crate) const LATENCY_MS: u32 = 20;

/// A port where nobody listens.
pub(crate) fn free_port() -> Result<u16, BenchError> {
    let free = std::net::UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    free.map(|address| address.port()).map_err(BenchError::io("a free port"))
}

/// Where to send to, to reach who listens there.
pub(crate) fn address(port: u16) -> String {
    format!("srt://127.0.0.1:{port}?mode=caller&latency={LATENCY_MS}")
}

impl Receiver {
    /// Listens.
    pub(crate) fn listen(port: u16, pictures: Pictures, clock: SystemClock) -> Result<Self, BenchError> {
        let decoder = match pictures {
            Pictures::Counted => "",
            Pictures::Decoded => "! avdec_h264 max-threads=1",
        };
        let sink = "fakesink sync=false async=false enable-last-sample=false";
        let description = format!(
            "srtsrc uri=srt://127.0.0.1:{port}?mode=listener&latency={LATENCY_MS} keep-listening=true ! \
             tsdemux name=demux \
             demux. ! video/x-h264 ! h264parse {decoder} ! {sink} name=pictures \
             demux. ! audio/mpeg ! aacparse ! {sink} name=sounds"
        );
        let pipeline = gst::parse::launch(&description).map_err(BenchError::gst)?;
        let pipeline = pipeline.downcast::<gst::Pipeline>().map_err(|_| BenchError::gst("not a pipeline"))?;
        let counts = Arc::new(Counts::default());
        for (sink, sound) in [("pictures", false), ("sounds", true)] {
            let pad = pipeline.by_name(sink).and_then(|sink| sink.static_pad("sink"));
            let pad = pad.ok_or_else(|| BenchError::gst("a sink without a pad"))?;
            let counts = Arc::clone(&counts);
            pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
                let size = info.buffer().map_or(0, |buffer| buffer.size());
                counts.bytes.fetch_add(size as u64, Ordering::Relaxed);
                if sound {
                    counts.sounds.fetch_add(1, Ordering::Relaxed);
                } else {
                    counts.first_picture.get_or_init(|| clock.monotonic());
                    counts.pictures.fetch_add(1, Ordering::Relaxed);
                }
                gst::PadProbeReturn::Ok
            });
        }
        pipeline.set_state(gst::State::Playing).map_err(BenchError::gst)?;
        Ok(Self { pipeline, counts })
    }

    pub(crate) fn received(&self) -> Received {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Received {
            pictures: count(&self.counts.pictures),
            sounds: count(&self.counts.sounds),
            bytes: count(&self.counts.bytes),
        }
    }

    /// When the first picture came, on the clock it was given.
    pub(crate) fn first_picture(&self) -> Option<Duration> {
        self.counts.first_picture.get().copied()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}
