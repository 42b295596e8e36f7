//! The classroom that is not there: its sources in step with the clock, and its picture and sound
//! together on their way to a receiver.

use gst::prelude::*;
use gstlectern::lipsync;

mod support;
use support::{count, run};

/// A live source under a clock that the test moves by hand.
fn under_test_clock(line: &str) -> gst_check::Harness {
    support::init();
    let mut harness = gst_check::Harness::new_parse(line);
    harness.use_testclock();
    harness.play();
    harness
}

fn pts_ms(buffer: &gst::Buffer) -> u64 {
    buffer.pts().expect("every buffer has a time").mseconds()
}

#[test]
fn a_scene_has_the_size_and_rate_that_is_asked_for_or_720p25() {
    for (scene, asked, expected) in [
        ("board", "", (1280, 720, 25)),
        ("camera", "! video/x-raw,width=321,height=243,framerate=30/1", (321, 243, 30)),
        ("board", "! video/x-raw,width=322,height=182", (322, 182, 25)),
    ] {
        let done = run(&format!(
            "lecternroomsrc scene={scene} is-live=false num-buffers=2 {asked} \
             ! fakesink name=sink enable-last-sample=true"
        ));
        let sample: gst::Sample = done.pipeline.by_name("sink").unwrap().property("last-sample");
        let caps = sample.caps().unwrap().structure(0).unwrap();
        let value = |name: &str| caps.get::<i32>(name).unwrap();
        let fps = caps.get::<gst::Fraction>("framerate").unwrap().numer();
        assert_eq!((value("width"), value("height"), fps), expected);
        let buffer = sample.buffer().unwrap();
        assert_eq!(buffer.pts().unwrap().nseconds(), 1_000_000_000 / expected.2 as u64);
    }
}

#[test]
fn a_live_picture_comes_when_the_clock_shows_its_time() {
    let mut harness =
        under_test_clock("lecternroomsrc ! capsfilter caps=video/x-raw,width=64,height=64,framerate=25/1");
    let mut times = Vec::new();
    for _ in 0..5 {
        harness.crank_single_clock_wait().unwrap();
        times.push(pts_ms(&harness.pull().unwrap()));
    }
    let first = times[0];
    assert_eq!(times, [first, first + 40, first + 80, first + 120, first + 160]);
    assert_eq!(first % 40, 0);
}

#[test]
fn a_source_that_fell_behind_leaves_pictures_out_and_says_so() {
    let mut harness =
        under_test_clock("lecternroomsrc ! capsfilter caps=video/x-raw,width=64,height=64,framerate=25/1");
    harness.crank_single_clock_wait().unwrap();
    let before = pts_ms(&harness.pull().unwrap());
    harness.wait_for_clock_id_waits(1, 10).unwrap();
    harness.set_time(gst::ClockTime::from_mseconds(before + 2010)).unwrap();
    harness.testclock().unwrap().process_next_clock_id().unwrap();
    // The picture that was waited for still comes, then all whose time is over are left out.
    assert_eq!(pts_ms(&harness.pull().unwrap()), before + 40);
    harness.crank_single_clock_wait().unwrap();
    let after = harness.pull().unwrap();
    assert_eq!(pts_ms(&after), before + 2040);
    assert!(after.flags().contains(gst::BufferFlags::DISCONT));
}

#[test]
fn a_waiting_source_stops_at_once() {
    for source in ["lecternroomsrc", "lecternvoicesrc"] {
        let mut harness = under_test_clock(source);
        harness.wait_for_clock_id_waits(1, 10).unwrap();
        let element = harness.element().unwrap();
        assert!(element.set_state(gst::State::Null).is_ok());
    }
}

#[test]
fn live_sources_answer_their_latency() {
    for (source, latency_ms) in [
        ("lecternroomsrc ! capsfilter caps=video/x-raw,width=64,height=64,framerate=25/1", 40),
        ("lecternvoicesrc", 20),
    ] {
        let mut harness = under_test_clock(source);
        harness.crank_single_clock_wait().unwrap();
        harness.pull().unwrap();
        assert_eq!(harness.query_latency(), Some(gst::ClockTime::from_mseconds(latency_ms)), "{source}");
    }
}

#[test]
fn sound_times_are_exact_by_their_samples() {
    let mut harness = under_test_clock("lecternvoicesrc ! capsfilter caps=audio/x-raw,format=S16LE");
    for number in 0..10 {
        harness.crank_single_clock_wait().unwrap();
        let buffer = harness.pull().unwrap();
        assert_eq!(pts_ms(&buffer), 20 * number);
        assert_eq!((buffer.size(), buffer.offset()), (1920, 960 * number));
    }
}

fn room(mux: &str, demux: &str) -> String {
    format!(
        "lecternroomsrc scene=camera is-live=false num-buffers=130 \
           ! video/x-raw,width=480,height=270,framerate=25/1 ! lecternstamp source=time \
           ! x264enc bitrate=400 speed-preset=superfast ! h264parse ! queue ! {mux} name=mux \
         lecternvoicesrc is-live=false num-buffers=260 ! audioconvert ! lecternbeep ! audioconvert \
           ! avenc_aac bitrate=96000 ! aacparse ! queue max-size-time=5000000000 ! mux. \
         mux. ! {demux} name=demux \
         demux. ! queue max-size-time=5000000000 max-size-buffers=0 max-size-bytes=0 ! h264parse ! avdec_h264 \
           ! lecternstampread name=pictures ! fakesink \
         demux. ! queue max-size-time=5000000000 ! aacparse ! avdec_aac ! audioconvert ! lecternbeepread name=sounds \
           ! fakesink"
    )
}

/// `avenc_aac` puts 1024 samples before the sound and does not take them off its times.
const AAC_PRIMING_NS: i64 = 1024 * 1_000_000_000 / 48_000;

#[test]
fn picture_and_sound_stay_within_20_ms_through_containers() {
    for (mux, demux) in [("mpegtsmux", "tsdemux"), ("mp4mux", "qtdemux")] {
        let done = run(&room(mux, demux));
        assert_eq!(done.numbers(), (0..130).collect::<Vec<u64>>(), "{mux}");
        assert_eq!(count(&done.stats("pictures"), "missing"), 0);
        let found = lipsync::offsets(&done.flashes(), &done.beeps()).unwrap();
        assert!(found.pairs >= 4, "{mux}: {found:?}");
        let (min, max) = (found.min_ns + AAC_PRIMING_NS, found.max_ns + AAC_PRIMING_NS);
        assert!(min > -20_000_000 && max < 20_000_000, "{mux}: {found:?}");
    }
}
