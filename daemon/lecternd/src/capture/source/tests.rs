//! What stands between a source and the mixer, in real pipelines.

use super::*;

/// The format in which a source's guard is handed pictures that come as `format`.
fn watched_as(uri: &str, role: Role, format: &str) -> String {
    crate::capture::init().unwrap();
    let uri = SourceUri::parse(uri).unwrap();
    let stage = Stage::parse(
        "test",
        &format!(
            "videotestsrc num-buffers=2 ! video/x-raw,format={format},width=320,height=180 ! {} \
             ! videoconvertscale ! {} ! fakesink",
            watch(&uri, role),
            picture_caps(160, 90)
        ),
    )
    .unwrap();
    stage.pipeline().set_state(gst::State::Paused).unwrap();
    let (state, ..) = stage.pipeline().state(gst::ClockTime::from_seconds(20));
    state.unwrap();
    let pad = stage.element::<gst::Element>(WATCH).unwrap().static_pad("sink").unwrap();
    let caps = pad.current_caps().unwrap();
    let format = caps.structure(0).unwrap().get::<String>("format").unwrap();
    stage.pipeline().set_state(gst::State::Null).unwrap();
    format
}

#[test]
fn pictures_are_watched_as_the_source_delivers_them() {
    for role in [Role::Camera, Role::Board] {
        for format in ["NV12", "I420", "YUY2", "Y42B", "UYVY", "RGB", "NV24"] {
            for uri in ["v4l2:/dev/video0", "rtsp://camera/stream", "file:/lesson.mp4", "pipewire:"] {
                assert_eq!(watched_as(uri, role, format), format, "{uri}");
            }
        }
        assert_eq!(watched_as("x11:::0", role, "BGRx"), "BGRx");
        assert_eq!(watched_as("test:board", role, "I420"), "I420");
    }
}

#[test]
fn a_format_that_the_guard_does_not_know_is_converted_and_not_refused() {
    for format in ["RGB16", "v210", "GBR"] {
        let watched = watched_as("v4l2:/dev/video0", Role::Camera, format);
        assert_ne!(watched, format);
    }
}

#[test]
fn only_behind_an_encoder_may_a_picture_stand_until_a_keyframe() {
    let still = |uri: &str| still_time(&SourceUri::parse(uri).unwrap()).as_secs();
    assert_eq!(still("v4l2:/dev/video0"), 2);
    assert_eq!(still("test:camera?faults=/run/practice/camera"), 2);
    assert_eq!(still("rtsp://camera/stream"), 12);
    assert_eq!(still("file:/lesson.mp4"), 12);
}
