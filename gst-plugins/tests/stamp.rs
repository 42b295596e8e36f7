//! Stamps on their way through encoders, scalers and careless pipelines.

use gst_video::prelude::*;

mod support;
use support::{count, run};

const SMALL: &str =
    "videotestsrc pattern=ball num-buffers=60 ! video/x-raw,width=640,height=360,framerate=25/1";

fn all(from: u64, many: u64) -> Vec<u64> {
    (from..from + many).collect()
}

#[test]
fn every_format_carries_a_stamp() {
    for format in [
        "I420", "NV12", "YV12", "NV21", "Y42B", "Y444", "YUY2", "UYVY", "GRAY8", "BGRx", "RGBx", "xRGB",
        "xBGR", "BGRA", "RGBA", "ARGB", "ABGR", "RGB", "BGR",
    ] {
        let done = run(&format!(
            "videotestsrc pattern=smpte num-buffers=3 ! video/x-raw,format={format},width=322,height=182 \
             ! lecternstamp first=70000 ! lecternstampread ! fakesink"
        ));
        assert_eq!(done.numbers(), all(70_000, 3), "{format}");
    }
}

#[test]
fn a_stamp_written_in_rgb_is_read_in_luma_and_the_other_way_round() {
    for (written, read) in [("BGRx", "I420"), ("NV12", "RGB"), ("YUY2", "BGRA")] {
        let done = run(&format!(
            "videotestsrc num-buffers=3 ! video/x-raw,format={written},width=640,height=360 ! lecternstamp \
             ! videoconvert ! video/x-raw,format={read} ! lecternstampread ! fakesink"
        ));
        assert_eq!(done.numbers(), all(0, 3), "{written} to {read}");
    }
}

#[test]
fn a_stamp_survives_x264_at_400_kbps() {
    let done = run(&format!(
        "{SMALL} ! lecternstamp first=1000 ! x264enc bitrate=400 speed-preset=superfast tune=zerolatency \
         ! h264parse ! avdec_h264 ! lecternstampread name=read ! fakesink"
    ));
    assert_eq!(done.numbers(), all(1000, 60));
    let stats = done.stats("read");
    assert_eq!((count(&stats, "frames"), count(&stats, "unreadable"), count(&stats, "missing")), (60, 0, 0));
    assert!(stats.get::<f64>("late-max-ms").unwrap() < 1.0);
}

#[test]
fn a_stamp_survives_x264_at_300_kbps_and_a_half_size_scale() {
    let done = run(&format!(
        "{SMALL} ! lecternstamp ! x264enc bitrate=300 speed-preset=superfast ! h264parse ! avdec_h264 \
         ! videoscale ! video/x-raw,width=320,height=180 ! lecternstampread ! fakesink"
    ));
    assert_eq!(done.numbers(), all(0, 60));
}

#[test]
fn a_small_picture_in_a_picture_keeps_every_number() {
    let done = run("compositor name=mix sink_0::zorder=1 sink_1::zorder=2 \
           sink_1::xpos=470 sink_1::ypos=260 sink_1::width=160 sink_1::height=90 \
         ! video/x-raw,format=I420,width=640,height=360,framerate=25/1 ! lecternstamp \
         ! x264enc bitrate=600 speed-preset=superfast tune=zerolatency ! h264parse ! avdec_h264 \
         ! lecternstampread name=programme silent=true \
         ! lecternstampread name=camera preset=wide frame-x=0.734375 frame-y=0.7222222 frame-width=0.25 \
           frame-height=0.25 ! fakesink \
         videotestsrc num-buffers=60 pattern=smpte ! video/x-raw,width=640,height=360,framerate=25/1 ! mix.sink_0 \
         videotestsrc num-buffers=60 pattern=ball ! video/x-raw,width=640,height=360,framerate=25/1 \
         ! lecternstamp preset=wide first=5000 ! mix.sink_1");
    assert_eq!(done.numbers(), all(5000, 60));
    assert_eq!(count(&done.stats("programme"), "unreadable"), 0);
}

#[test]
fn the_flash_is_the_first_80_ms_of_each_second() {
    let done = run(&format!("{SMALL} ! lecternstamp ! lecternstampread ! fakesink"));
    let flashes: Vec<u64> = done
        .named("lectern-stamp")
        .iter()
        .filter(|message| message.get::<bool>("flash").unwrap())
        .map(|message| message.get::<u64>("pts").unwrap() / 1_000_000)
        .collect();
    assert_eq!(flashes, [0, 40, 1000, 1040, 2000, 2040]);
}

#[test]
fn without_flash_no_flash_is_seen() {
    let done = run(&format!("{SMALL} ! lecternstamp flash=false ! lecternstampread ! fakesink"));
    assert!(done.named("lectern-stamp").iter().all(|message| !message.get::<bool>("flash").unwrap()));
}

#[test]
fn a_picture_without_a_stamp_is_invalid_and_has_no_number() {
    let done = run(&format!("{SMALL} ! lecternstampread name=read ! fakesink"));
    let messages = done.named("lectern-stamp");
    assert_eq!(messages.len(), 60);
    assert!(messages.iter().all(|message| !message.get::<bool>("valid").unwrap()));
    assert!(messages.iter().all(|message| !message.has_field("number") && !message.has_field("flash")));
    assert_eq!(count(&done.stats("read"), "unreadable"), 60);
}

#[test]
fn a_silent_reader_still_counts() {
    let done = run(&format!("{SMALL} ! lecternstamp ! lecternstampread name=read silent=true ! fakesink"));
    assert!(done.messages.is_empty());
    assert_eq!(count(&done.stats("read"), "frames"), 60);
}

#[test]
fn dropped_and_doubled_buffers_are_in_the_statistics() {
    support::init();
    let mut writer = gst_check::Harness::new_parse("lecternstamp");
    let mut reader = gst_check::Harness::new("lecternstampread");
    let caps = "video/x-raw,format=I420,width=320,height=180,framerate=25/1";
    writer.set_src_caps_str(caps);
    reader.set_src_caps_str(caps);
    for number in 0..20_u64 {
        let mut buffer = gst::Buffer::with_size(320 * 180 * 3 / 2).unwrap();
        buffer.get_mut().unwrap().set_pts(40 * number * gst::ClockTime::MSECOND);
        let stamped = writer.push_and_pull(buffer).unwrap();
        let times = match number {
            4 | 5 => 0,
            9 => 2,
            _ => 1,
        };
        for _ in 0..times {
            let passed = reader.push_and_pull(stamped.clone()).unwrap();
            assert!(passed.as_ptr() == stamped.as_ptr(), "the reader copied a picture");
        }
    }
    let stats: gst::Structure = reader.element().unwrap().property("stats");
    assert_eq!(count(&stats, "frames"), 19);
    assert_eq!(count(&stats, "missing"), 2);
    assert_eq!(count(&stats, "doubled"), 1);
    assert_eq!(count(&stats, "out-of-order"), 0);
    assert_eq!((count(&stats, "first"), count(&stats, "last")), (0, 19));
}

#[test]
fn numbers_by_time_show_pictures_lost_before_the_stamp() {
    support::init();
    let mut harness =
        gst_check::Harness::new_parse("lecternstamp source=time first=100 ! lecternstampread name=read");
    harness.set_src_caps_str("video/x-raw,format=NV12,width=320,height=180,framerate=25/1");
    for number in [0_u64, 1, 2, 6, 7] {
        let mut buffer = gst::Buffer::with_size(320 * 180 * 3 / 2).unwrap();
        buffer.get_mut().unwrap().set_pts(40 * number * gst::ClockTime::MSECOND);
        harness.push_and_pull(buffer).unwrap();
    }
    let stats: gst::Structure = harness.find_element("lecternstampread").unwrap().property("stats");
    assert_eq!((count(&stats, "missing"), count(&stats, "first"), count(&stats, "last")), (3, 100, 107));
}

#[test]
fn a_preset_sets_the_rectangle_and_later_properties_change_it() {
    support::init();
    let element = gst::parse::launch("lecternstampread preset=wide height=0.3").unwrap();
    let value = |name: &str| element.property::<f64>(name);
    assert_eq!((value("x"), value("y"), value("width"), value("height")), (0.02, 0.02, 0.96, 0.3));
    assert_eq!((value("frame-x"), value("frame-width")), (0.0, 1.0));
}
