//! The same work for programs that everybody has: one camera, one screen,
//! noise as sound; picture in picture; one encode to a file, one to SRT.
//!
//! Each is written as somebody who knows it well would: scaled before it is
//! mixed, no format that must be converted twice, x264 with lecternd's options
//! and, as there, as many threads as it chooses.

use std::path::Path;
use std::process::Command;

use crate::receiver::LATENCY_MS;
use crate::room::Class;

pub(crate) const WIDTH: u32 = 1280;
pub(crate) const HEIGHT: u32 = 720;
pub(crate) const FPS: u32 = 25;
/// Of the picture, recorded and live.
const RECORD_KBPS: u32 = 2500;
const LIVE_KBPS: u32 = 1500;
const SOUND_BPS: u32 = 128_000;
/// Where lecternd puts the camera in a program of this size.
const INSET: Rect = Rect { x: 944, y: 524, width: 320, height: 180 };

struct Rect {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

/// The bare pipeline: GStreamer's own elements, nothing around them.
pub(crate) fn gst_launch(class: &Class, receiver: &str, record: &Path) -> Command {
    let Rect { x, y, width, height } = INSET;
    let encoder = |kbps: u32| {
        format!(
            "x264enc speed-preset=superfast tune=zerolatency bitrate={kbps} key-int-max={} bframes=0 \
             option-string=scenecut=0 ! video/x-h264,profile=high ! h264parse",
            FPS * 2
        )
    };
    // As everywhere in lecternd: without this the mixer converts what it gets.
    let colours = "video/x-raw,format=I420,colorimetry=bt709,chroma-site=mpeg2";
    let sound = format!("audioconvert ! avenc_aac bitrate={SOUND_BPS} ! aacparse");
    let description = format!(
        "compositor name=mix background=black latency=20000000 sink_1::xpos={x} sink_1::ypos={y} ! \
         {colours},width={WIDTH},height={HEIGHT},framerate={FPS}/1 ! tee name=pictures \
         ximagesrc display-name={display} use-damage=false show-pointer=true ! \
         video/x-raw,framerate={FPS}/1 ! videoconvertscale method=bilinear2 n-threads=1 ! \
         {colours},width={WIDTH},height={HEIGHT} ! queue ! mix.sink_0 \
         rtspsrc location={camera} latency=100 protocols=tcp drop-on-latency=true ! \
         application/x-rtp,media=video ! decodebin ! videoconvertscale method=bilinear2 n-threads=1 ! \
         {colours},width={width},height={height} ! queue ! mix.sink_1 \
         audiotestsrc is-live=true wave=white-noise volume=0.2 samplesperbuffer=480 ! \
         audio/x-raw,format=F32LE,rate=48000,channels=2 ! tee name=sounds \
         mp4mux name=file fragment-duration=2000 ! filesink location={record} sync=false async=false \
         pictures. ! queue ! {record_encoder} ! queue ! file. \
         sounds. ! queue ! {sound} ! queue ! file. \
         mpegtsmux name=live alignment=7 ! srtsink uri={receiver} sync=false async=false \
         pictures. ! queue ! {live_encoder} ! queue ! live. \
         sounds. ! queue ! {sound} ! queue ! live.",
        display = class.display,
        camera = class.camera,
        record = record.display(),
        record_encoder = encoder(RECORD_KBPS),
        live_encoder = encoder(LIVE_KBPS),
    );
    let mut command = Command::new("gst-launch-1.0");
    command.arg("-e").args(description.split_whitespace()).stdout(std::process::Stdio::null());
    command
}

/// The same for ffmpeg.
pub(crate) fn ffmpeg(class: &Class, receiver: &str, record: &Path) -> Command {
    let Rect { x, y, width, height } = INSET;
    let size = format!("{WIDTH}x{HEIGHT}");
    let (fps, group) = (FPS.to_string(), (FPS * 2).to_string());
    let noise = |seed: u32| format!("anoisesrc=sample_rate=48000:amplitude=0.2:seed={seed}[n{seed}]");
    let sound = format!("{};{};[n1][n2]join=inputs=2:channel_layout=stereo", noise(1), noise(2));
    let mix = format!(
        "[0:v]format=yuv420p[board];[1:v]scale={width}:{height}[camera];\
         [board][camera]overlay={x}:{y}:format=yuv420,split[a][b]"
    );
    // ffmpeg counts SRT's latency in microseconds.
    let receiver = receiver.replace(&format!("latency={LATENCY_MS}"), &format!("latency={LATENCY_MS}000"));
    let mut command = Command::new("ffmpeg");
    command.args(["-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning", "-y"]);
    command.args(["-thread_queue_size", "64", "-f", "x11grab", "-framerate", &fps, "-video_size", &size]);
    command.args(["-i", &class.display]);
    command.args(["-thread_queue_size", "64", "-rtsp_transport", "tcp", "-i", &class.camera]);
    command.args(["-thread_queue_size", "64", "-re", "-f", "lavfi", "-i", &sound]);
    command.args(["-filter_complex", &mix]);
    let outputs = [("[a]", RECORD_KBPS), ("[b]", LIVE_KBPS)];
    for (picture, kbps) in outputs {
        // As x264enc does it: constant rate with a buffer of 600 ms.
        let (rate, buffer) = (format!("{kbps}k"), format!("{}k", kbps * 6 / 10));
        command.args(["-map", picture, "-map", "2:a", "-c:v", "libx264", "-preset", "superfast"]);
        command.args(["-tune", "zerolatency", "-profile:v", "high", "-bf", "0", "-g", &group]);
        command.args(["-x264-params", "scenecut=0", "-b:v", &rate, "-maxrate", &rate, "-bufsize", &buffer]);
        command.args(["-c:a", "aac", "-b:a", &SOUND_BPS.to_string()]);
        if kbps == RECORD_KBPS {
            command.args(["-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof"]);
            command.arg(record);
        } else {
            command.args(["-f", "mpegts", &format!("{receiver}&pkt_size=1316")]);
        }
    }
    command.stdout(std::process::Stdio::null());
    command
}
