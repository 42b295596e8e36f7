//! Which encoder, and how it is told what is wanted. The names of properties
//! differ from encoder to encoder: they stand here and nowhere else.

use std::time::Duration;

use gst::prelude::*;
use lectern_api::Kbps;
use lectern_api::hardware::EncoderStatus;
use tokio::sync::{mpsc, watch};

use super::source::{AUDIO_KBPS, picture_caps};
use super::stage::{BusEvent, Stage, StageError};
use super::time::ClockPoint;

/// One H.264 encoder and how to speak to it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EncoderKind {
    /// GStreamer's name of it.
    pub(crate) factory: &'static str,
    /// Whether a chip does the work.
    pub(crate) hardware: bool,
    /// The property that holds the rate, and how many of its units one kbit/s is.
    rate: (&'static str, u32),
    /// Properties with fixed values. Common to all: no B-frames (WebRTC players
    /// stutter on them), no scene-cut keyframes and a keyframe interval beyond
    /// reach (the schedule is ours), lowest delay.
    fixed: &'static [(&'static str, &'static str)],
    /// What stands behind it in the pipeline, to ask for the profile.
    caps: &'static str,
}

/// In the order of preference: chips, then x264, then openh264. openh264 is
/// last because asked for 1 Mbit/s of noise it gave 12.
static KINDS: [EncoderKind; 8] = [
    EncoderKind {
        factory: "mpph264enc",
        hardware: true,
        rate: ("bps", 1000),
        fixed: &[("gop", "1000"), ("rc-mode", "cbr"), ("profile", "high"), ("header-mode", "each-idr")],
        caps: "video/x-h264",
    },
    EncoderKind {
        factory: "vah264enc",
        hardware: true,
        rate: ("bitrate", 1),
        fixed: &[("key-int-max", "1000"), ("b-frames", "0"), ("rate-control", "cbr")],
        caps: "video/x-h264,profile=high",
    },
    EncoderKind {
        factory: "nvh264enc",
        hardware: true,
        rate: ("bitrate", 1),
        fixed: &[("gop-size", "-1"), ("bframes", "0"), ("rc-mode", "cbr"), ("zerolatency", "true")],
        caps: "video/x-h264,profile=high",
    },
    EncoderKind {
        factory: "qsvh264enc",
        hardware: true,
        rate: ("bitrate", 1),
        fixed: &[("gop-size", "1000"), ("b-frames", "0"), ("rate-control", "cbr"), ("low-latency", "true")],
        caps: "video/x-h264,profile=high",
    },
    EncoderKind {
        factory: "vaapih264enc",
        hardware: true,
        rate: ("bitrate", 1),
        fixed: &[("keyframe-period", "1000"), ("max-bframes", "0"), ("rate-control", "cbr")],
        caps: "video/x-h264,profile=high",
    },
    EncoderKind {
        factory: "v4l2h264enc",
        hardware: true,
        rate: ("", 1000),
        fixed: &[],
        caps: "video/x-h264,profile=high,level=(string)4",
    },
    EncoderKind {
        factory: "x264enc",
        hardware: false,
        rate: ("bitrate", 1),
        fixed: &[
            ("speed-preset", "superfast"),
            ("tune", "zerolatency"),
            ("key-int-max", "1000"),
            ("bframes", "0"),
            ("option-string", "scenecut=0"),
        ],
        caps: "video/x-h264,profile=high",
    },
    EncoderKind {
        factory: "openh264enc",
        hardware: false,
        rate: ("bitrate", 1000),
        fixed: &[("gop-size", "1000"), ("rate-control", "bitrate"), ("scene-change-detection", "false")],
        caps: "video/x-h264,profile=high",
    },
];

/// A chip with one session, as a test plays it.
#[cfg(test)]
pub(crate) static SINGLE_SESSION: EncoderKind = EncoderKind {
    factory: "lecternsingleenc",
    hardware: true,
    rate: ("chip::bitrate", 1),
    fixed: &[],
    caps: "video/x-h264,profile=high",
};

/// No encoder of the table encodes here.
#[derive(Debug, thiserror::Error)]
#[error("no H.264 encoder works here; install gstreamer1.0-plugins-ugly for x264")]
pub(crate) struct NoEncoder;

impl EncoderKind {
    /// The part of a pipeline description from raw pictures to H.264.
    pub(crate) fn description(&self, rate: Kbps) -> String {
        let (property, per_kbps) = self.rate;
        let rate = rate.0 * per_kbps;
        let mut out = format!("videoconvert n-threads=1 ! {} name=encoder", self.factory);
        if property.is_empty() {
            // V4L2 stateful encoders take everything as a control structure.
            out.push_str(&format!(
                " extra-controls=\"controls,video_bitrate={rate},video_bitrate_mode=1,\
                 video_gop_size=1000,video_b_frames=0,repeat_sequence_header=1\""
            ));
        } else {
            out.push_str(&format!(" {property}={rate}"));
        }
        for (property, value) in self.fixed {
            out.push_str(&format!(" {property}=\"{value}\""));
        }
        out.push_str(" ! ");
        out.push_str(self.caps);
        out
    }

    /// Whether GStreamer knows it.
    fn is_installed(&self) -> bool {
        gst::ElementFactory::find(self.factory).is_some()
    }
}

const PROBE_LIMIT: Duration = Duration::from_secs(5);

/// Finds the first encoder that really encodes and tells it to `found`. A
/// factory alone proves nothing: drivers register elements for chips that are
/// absent or busy. When the record fails twice in a row with the one that was
/// found, the next is looked for: a chip can die in the middle of a lesson.
pub(crate) async fn choose(
    width: u32,
    height: u32,
    fps: u32,
    found: &watch::Sender<Option<&'static EncoderKind>>,
    told: &watch::Sender<EncoderStatus>,
    failed: &mut mpsc::Receiver<&'static EncoderKind>,
) -> Result<(), NoEncoder> {
    told.send_modify(|told| {
        *told = EncoderStatus { none_works: told.none_works, ..EncoderStatus::default() }
    });
    for kind in KINDS.iter().filter(|kind| kind.is_installed()) {
        if let Err(error) = proves_itself(kind, width, height, fps).await {
            tracing::warn!(encoder = kind.factory, %error, "does not encode: trying the next");
            told.send_modify(|told| give_up(told, kind));
            continue;
        }
        tracing::info!(encoder = kind.factory, hardware = kind.hardware, "encoder found");
        found.send_replace(Some(kind));
        told.send_modify(|told| {
            (told.name, told.hardware) = (Some(kind.factory.to_owned()), kind.hardware);
            told.none_works = false;
        });
        let mut failures = FailureCount::default();
        loop {
            let Some(with) = failed.recv().await else { return Ok(()) };
            if with == kind && failures.add(ClockPoint::now()) {
                tracing::error!(encoder = kind.factory, "the record keeps failing with this encoder");
                told.send_modify(|told| give_up(told, kind));
                break;
            }
        }
    }
    told.send_modify(|told| told.none_works = true);
    // The unit is started again, and with it the table from its beginning.
    Err(NoEncoder)
}

fn give_up(told: &mut EncoderStatus, kind: &EncoderKind) {
    told.name = None;
    told.given_up.push(kind.factory.to_owned());
    told.chip_given_up |= kind.hardware;
}

/// Two failures within a minute are no accident.
#[derive(Debug, Default)]
struct FailureCount(Option<ClockPoint>);

impl FailureCount {
    /// Whether this was one too many.
    fn add(&mut self, now: ClockPoint) -> bool {
        let before = self.0.replace(now);
        before.is_some_and(|before| now.duration_since(before) < Duration::from_secs(60))
    }
}

/// A chip must manage two streams at once, record and broadcast. One that
/// cannot is passed over: which of the two got it would be chance.
async fn proves_itself(kind: &EncoderKind, width: u32, height: u32, fps: u32) -> Result<(), StageError> {
    if !kind.hardware {
        return encodes(kind, width, height, fps).await;
    }
    let (one, other) = tokio::join!(encodes(kind, width, height, fps), encodes(kind, width, height, fps));
    one.and(other)
}

/// Encodes half a second and looks whether anything comes out.
async fn encodes(kind: &EncoderKind, width: u32, height: u32, fps: u32) -> Result<(), StageError> {
    let frames = (fps / 2).max(5);
    let encoder = kind.description(Kbps(500));
    let description = format!(
        "videotestsrc num-buffers={frames} ! \
         {},framerate={fps}/1 ! {encoder} ! fakesink name=out sync=false async=false",
        picture_caps(width, height)
    );
    let mut stage = Stage::parse(format!("probe {}", kind.factory), &description)?;
    let out = stage.element::<gst::Element>("out")?;
    let pad = out.static_pad("sink");
    let encoded = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    if let Some(pad) = pad {
        let encoded = std::sync::Arc::clone(&encoded);
        pad.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
            encoded.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            gst::PadProbeReturn::Ok
        });
    }
    let end = match stage.play(PROBE_LIMIT).await {
        Ok(()) => tokio::time::timeout(PROBE_LIMIT, stage.next_event()).await,
        Err(error) => return Err(error),
    };
    let name = stage.name().to_owned();
    stage.stop().await;
    match end {
        Ok(BusEvent::Eos) if encoded.load(std::sync::atomic::Ordering::Relaxed) > 0 => Ok(()),
        Ok(BusEvent::Error { element, message }) => {
            Err(StageError::Element { stage: name, element, message })
        }
        Ok(BusEvent::Eos) => Err(StageError::Ended { stage: name }),
        Err(_) => Err(StageError::Stalled { stage: name, limit: PROBE_LIMIT }),
    }
}

/// From raw sound to AAC-LC.
pub(crate) fn audio_description() -> String {
    format!("audioconvert ! avenc_aac bitrate={}", AUDIO_KBPS * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoder_is_given_up_after_the_second_failure_within_a_minute() {
        let at = |seconds| ClockPoint(gst::ClockTime::from_seconds(seconds));
        let mut failures = FailureCount::default();
        assert!(!failures.add(at(10)));
        assert!(!failures.add(at(100)), "long ago");
        assert!(failures.add(at(130)));
    }
}
