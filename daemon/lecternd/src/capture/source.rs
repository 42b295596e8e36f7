//! From a source's URI to a pipeline that ends in raw frames of the mixer's
//! format. Each source is a pipeline of its own, so that whatever happens in
//! one of them stays there.

use gst::prelude::*;
use gst_app::{AppSink, AppSinkCallbacks};
use lectern_api::source::SoundStatus;
use lectern_api::status::Role;
use std::sync::Arc;
use std::time::Duration;

use super::gauge::Gauge;
use super::input::MixerInput;
use super::layout::Rect;
use super::practice;
use super::stage::{Stage, StageError};
use super::time::ClockPoint;
use crate::config::{SourceUri, TestSource};

/// The mixer's sound: what every sound source is turned into.
pub(crate) const AUDIO_CAPS: &str = "audio/x-raw,format=F32LE,rate=48000,channels=2,layout=interleaved";

/// The mixer's pictures: what every picture source is turned into, of any
/// size. Without the colours written out, each pipeline would guess them from
/// the size, and the mixer would convert every picture from one guess to
/// another: a sixth of all processor time, and shades that shift.
pub(crate) fn picture_caps(width: u32, height: u32) -> String {
    format!(
        "video/x-raw,format=I420,width={width},height={height},pixel-aspect-ratio=1/1,\
         colorimetry=bt709,chroma-site=mpeg2"
    )
}

/// The sound of record and broadcast, AAC-LC.
pub(crate) const AUDIO_KBPS: u32 = 128;

/// What a source is turned into.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// Pictures that fill a rectangle of the program.
    Picture { rect: Rect, fps: u32 },
    /// Sound in [`AUDIO_CAPS`].
    Sound,
}

/// How a kind of source behaves in time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// How much later than captured a frame may arrive at the mixer.
    pub(crate) latency: Duration,
    /// Without a frame for so long, the source counts as lost.
    pub(crate) patience: Duration,
}

/// The figures of a kind of source.
pub(crate) fn pace(uri: &SourceUri) -> Pace {
    let ms = Duration::from_millis;
    match uri {
        // Over TCP nothing waits for what may be lost: the jitter of a wired
        // network, and a decoder.
        SourceUri::Rtsp(_) => Pace { latency: ms(45), patience: ms(2_500) },
        SourceUri::Test(..) => Pace { latency: ms(45), patience: ms(2_000) },
        // A screen is read in 5 ms and scaled in 8; the rest is for a busy machine.
        SourceUri::X11(_) => Pace { latency: ms(45), patience: ms(2_000) },
        SourceUri::File(_) => Pace { latency: ms(60), patience: ms(2_000) },
        SourceUri::V4l2(_) | SourceUri::Auto => Pace { latency: ms(80), patience: ms(2_000) },
        SourceUri::Pipewire(_) | SourceUri::Pulse(_) | SourceUri::Alsa(_) => {
            Pace { latency: ms(60), patience: ms(2_000) }
        }
    }
}

/// What the jitter buffer holds at most.
const RTSP_LATENCY_MS: u32 = 100;

/// The name of the element that says what is to be seen or heard.
pub(super) const WATCH: &str = "watch";

/// Who looks at the pictures or listens to the sound. Pictures are looked at as
/// the source delivers them, before they are scaled; formats that the guard does
/// not know are converted, and only those.
fn watch(uri: &SourceUri, role: Role) -> String {
    let convert = match uri {
        SourceUri::Test(..) | SourceUri::X11(_) => "",
        _ => "videoconvert n-threads=1 ! ",
    };
    match role {
        // A slide stands still, and is white.
        Role::Board => format!("{convert}pictureguard name={WATCH} check-frozen=false check-exposure=false"),
        Role::Camera => {
            let quiet_ms = still_time(uri).as_millis();
            format!("{convert}pictureguard name={WATCH} frozen-quiet-time={quiet_ms}")
        }
        Role::Mic => {
            format!("soundguard name={WATCH} silent-level={} clear-time=1500", SoundStatus::MUTE_DB)
        }
        // A computer is silent, or as loud as can be, as its film is.
        Role::Line => "identity silent=true".to_owned(),
    }
}

/// For how long a living picture without noise may stand still: longer than
/// keyframes are apart, where there are any.
fn still_time(uri: &SourceUri) -> Duration {
    match uri {
        // Each picture for itself, raw or as JPEG.
        SourceUri::V4l2(_) | SourceUri::Auto | SourceUri::Test(..) => Duration::from_secs(2),
        _ => Duration::from_secs(12),
    }
}

/// Builds the pipeline of a source; its frames go past `gauge` to `input`.
pub(crate) fn build(
    name: &str,
    role: Role,
    uri: &SourceUri,
    shape: Shape,
    gauge: Arc<Gauge>,
    input: Arc<MixerInput>,
) -> Result<Stage, StageError> {
    let (head, watch) = (head(uri, role, shape), watch(uri, role));
    let tail = match shape {
        Shape::Picture { rect: Rect { width, height, .. }, .. } => {
            format!(
                "{watch} ! videoconvertscale method=bilinear2 add-borders=true n-threads=1 ! {}",
                picture_caps(width, height)
            )
        }
        Shape::Sound => format!("audioconvert ! audioresample ! {AUDIO_CAPS} ! {watch}"),
    };
    let sink = "appsink name=out sync=false async=false max-buffers=4 drop=true enable-last-sample=false";
    let stage = Stage::parse(format!("source {name}"), &format!("{head} ! {tail} ! {sink}"))?;
    address(&stage, uri)?;
    if let SourceUri::Test(_, practice) = uri {
        // Flash and beep come at full seconds of running time: one for all.
        stage.count_from_clock_zero();
        let first = stage.element::<gst::Element>(if role == Role::Line { "out" } else { WATCH })?;
        if let (Some(file), Some(pad)) = (practice, first.static_pad("sink")) {
            practice::begin(&stage, &pad, file)?;
        }
    }
    let pipeline = stage.pipeline().downgrade();
    stage.element::<AppSink>("out")?.set_callbacks(
        AppSinkCallbacks::builder()
            .new_sample(move |sink| {
                let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
                let base = pipeline.upgrade().and_then(|p| p.base_time());
                let (Some(buffer), Some(segment), Some(base)) =
                    (sample.buffer_owned(), sample.segment(), base)
                else {
                    return Ok(gst::FlowSuccess::Ok);
                };
                match shape {
                    _ if input.is_shut() => gauge.hidden(),
                    Shape::Picture { .. } => gauge.picture(&buffer),
                    Shape::Sound => gauge.sound(&buffer),
                }
                if let Some(at) = ClockPoint::of(&buffer, segment, base) {
                    drop(sample);
                    input.push(buffer, at);
                }
                Ok(gst::FlowSuccess::Ok)
            })
            .build(),
    );
    Ok(stage)
}

/// The first half: from the device or network to raw frames. No value that a
/// user wrote stands in it; see [`address`].
fn head(uri: &SourceUri, role: Role, shape: Shape) -> String {
    let (width, height, fps) = match shape {
        Shape::Picture { rect, fps } => (rect.width, rect.height, fps),
        Shape::Sound => (0, 0, 0),
    };
    let raw = format!("{},framerate={fps}/1", picture_caps(width, height));
    // Sound comes in pieces of `latency-time`; `buffer-time` is how long this
    // process may be kept from fetching them before some are lost.
    match (uri, role.is_video()) {
        // USB cameras offer 1080p at full rate only as JPEG; take that, or raw
        // pictures, whichever comes at 15 fps or more.
        (SourceUri::V4l2(_) | SourceUri::Auto, _) => "v4l2src name=src ! \
             image/jpeg,framerate=[15/1,60/1];video/x-raw,framerate=[15/1,60/1];image/jpeg;video/x-raw ! \
             decodebin"
            .to_owned(),
        (SourceUri::Rtsp(_), video) => {
            let media = if video { "video" } else { "audio" };
            format!(
                "rtspsrc name=src latency={RTSP_LATENCY_MS} protocols=tcp drop-on-latency=true \
                 tcp-timeout=3000000 ! application/x-rtp,media={media} ! decodebin"
            )
        }
        // What stands before it is made by [`address`].
        (SourceUri::X11(_), _) => format!("capsfilter name=screen caps=video/x-raw,framerate={fps}/1"),
        (SourceUri::Pipewire(_), _) => "pipewiresrc name=src do-timestamp=true".to_owned(),
        (SourceUri::Pulse(_), _) => {
            "pulsesrc name=src client-name=lectern buffer-time=500000 latency-time=10000".to_owned()
        }
        (SourceUri::Alsa(_), _) => "alsasrc name=src buffer-time=500000 latency-time=10000".to_owned(),
        (SourceUri::File(_), _) => "uridecodebin name=src ! clocksync".to_owned(),
        (SourceUri::Test(TestSource::Board, _), _) => {
            format!("lecternroomsrc scene=board ! {raw} ! lecternstamp")
        }
        (SourceUri::Test(TestSource::Camera, _), _) => {
            format!("lecternroomsrc scene=camera ! {raw} ! lecternstamp preset=wide")
        }
        (SourceUri::Test(TestSource::Noise, _), true) => {
            format!("videotestsrc is-live=true pattern=snow ! {raw}")
        }
        (SourceUri::Test(TestSource::Noise, _), false) => {
            "audiotestsrc is-live=true wave=white-noise volume=0.2 samplesperbuffer=480".to_owned()
        }
        (SourceUri::Test(TestSource::Mic, _), _) => {
            "lecternvoicesrc ! audio/x-raw,format=F32LE,rate=48000 ! lecternbeep".to_owned()
        }
    }
}

/// Sets what the user wrote as properties of the head's element.
fn address(stage: &Stage, uri: &SourceUri) -> Result<(), StageError> {
    let set = |property: &str, value: &str| {
        stage.element::<gst::Element>("src").map(|src| src.set_property_from_str(property, value))
    };
    match uri {
        SourceUri::V4l2(device) => set("device", &device.to_string_lossy()),
        SourceUri::Rtsp(url) => {
            // User and password go apart: in the location they would be shown
            // in every message that names it.
            let mut bare = url.clone();
            let _ = bare.set_username("");
            let _ = bare.set_password(None);
            if !url.username().is_empty() {
                set("user-id", &decoded(url.username()))?;
                set("user-pw", &decoded(url.password().unwrap_or_default()))?;
            }
            set("location", bare.as_str())
        }
        SourceUri::X11(display) => screen(stage, display),
        SourceUri::Pipewire(Some(target)) => set("target-object", target),
        SourceUri::Pulse(Some(device)) | SourceUri::Alsa(device) => set("device", device),
        SourceUri::File(path) => match url::Url::from_file_path(path) {
            Ok(url) => set("uri", url.as_str()),
            Err(()) => Ok(()),
        },
        SourceUri::Pipewire(None) | SourceUri::Pulse(None) | SourceUri::Test(..) | SourceUri::Auto => Ok(()),
    }
}

/// ximagesrc opens its display as soon as it is linked, and then stays with
/// it: it must know which one before.
fn screen(stage: &Stage, display: &str) -> Result<(), StageError> {
    let failed = |cause: gst::glib::BoolError| StageError::Build {
        stage: stage.name().to_owned(),
        cause: cause.to_string(),
    };
    let source = gst::ElementFactory::make("ximagesrc")
        .name("src")
        .property("display-name", display)
        .property("use-damage", false)
        .property("show-pointer", true)
        .build()
        .map_err(failed)?;
    stage.pipeline().add(&source).map_err(failed)?;
    source.link(&stage.element::<gst::Element>("screen")?).map_err(failed)
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests;
