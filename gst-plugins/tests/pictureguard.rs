//! The guard of pictures in pipelines: its messages, its formats, and that nothing is copied.

#![allow(clippy::unwrap_used, reason = "only tests call this")]

use gst::prelude::*;

mod support;
use support::run;

const MS: u64 = 1_000_000;
const SMALL: &str = "video/x-raw,format=GRAY8,width=64,height=48,framerate=25/1";

/// A guard alone, fed by hand, with the bus that hears it.
struct Guarded {
    harness: gst_check::Harness,
    bus: gst::Bus,
}

impl Guarded {
    fn new(caps: &str) -> Self {
        support::init();
        let mut harness = gst_check::Harness::new("pictureguard");
        let bus = gst::Bus::new();
        harness.element().unwrap().set_bus(Some(&bus));
        harness.set_src_caps_str(caps);
        Self { harness, bus }
    }

    fn push(&mut self, ms: u64, buffer: gst::Buffer) -> gst::Buffer {
        let mut buffer = buffer;
        buffer.make_mut().set_pts(ms * gst::ClockTime::MSECOND);
        self.harness.push_and_pull(buffer).unwrap()
    }

    /// A second of pictures of one brightness, from the given millisecond on.
    fn second(&mut self, from_ms: u64, brightness: u8) {
        for n in 0..25 {
            self.push(from_ms + n * 40, grey(brightness));
        }
    }

    fn said(&self) -> Vec<gst::Structure> {
        std::iter::from_fn(|| self.bus.pop_filtered(&[gst::MessageType::Element]))
            .map(|message| message.structure().unwrap().to_owned())
            .collect()
    }

    fn verdict(&self) -> gst::Structure {
        self.harness.element().unwrap().property("verdict")
    }
}

fn grey(brightness: u8) -> gst::Buffer {
    gst::Buffer::from_slice(vec![brightness; 64 * 48])
}

fn is(structure: &gst::Structure, field: &str) -> bool {
    structure.get(field).unwrap()
}

#[test]
fn black_is_said_once_and_its_end_once_with_all_fields() {
    let mut guarded = Guarded::new(SMALL);
    assert!(!guarded.verdict().has_field("pts"), "nothing was looked at");
    (0..5).for_each(|second| guarded.second(second * 1000, 0));
    let said = guarded.said();
    let [black] = &said[..] else { panic!("{said:?}") };
    assert_eq!(black.name(), "lectern-picture");
    assert!(is(black, "black") && !is(black, "frozen") && !is(black, "no-signal"));
    assert_eq!(black.get::<&str>("exposure").unwrap(), "normal");
    assert_eq!(black.get::<u64>("since").unwrap(), 0);
    assert!((1500 * MS..2000 * MS).contains(&black.get::<u64>("pts").unwrap()));
    assert!(black.get::<f64>("brightness").unwrap() < 0.001);
    assert!(!black.has_field("pattern"));
    assert!(is(&guarded.verdict(), "black"));
    (5..8).for_each(|second| guarded.second(second * 1000, 120));
    let said = guarded.said();
    let [over] = &said[..] else { panic!("{said:?}") };
    assert!(!is(over, "black"));
    assert!((5000 * MS..5080 * MS).contains(&over.get::<u64>("since").unwrap()));
    assert_eq!(guarded.verdict().get::<f64>("brightness").unwrap(), 120.0 / 255.0);
}

#[test]
fn a_picture_in_which_nothing_is_wrong_says_nothing() {
    let done = run("lecternroomsrc scene=camera is-live=false num-buffers=500 \
         ! video/x-raw,width=320,height=180 ! pictureguard name=guard ! fakesink");
    assert!(done.messages.is_empty(), "{:?}", done.messages);
    let verdict: gst::Structure = done.pipeline.by_name("guard").unwrap().property("verdict");
    assert!(verdict.get::<u64>("pts").unwrap() > 19_000 * MS);
}

#[test]
fn every_picture_passes_as_the_same_memory_though_others_hold_it() {
    let mut guarded = Guarded::new(SMALL);
    for n in 0..50 {
        let mut buffer = grey(n);
        buffer.make_mut().set_pts(u64::from(n) * 40 * gst::ClockTime::MSECOND);
        // A second owner: whoever wanted to write would have to copy.
        let held = buffer.clone();
        let passed = guarded.harness.push_and_pull(buffer).unwrap();
        assert_eq!(passed.as_ptr(), held.as_ptr());
        assert_eq!(passed.peek_memory(0).as_ptr(), held.peek_memory(0).as_ptr());
    }
    assert!(guarded.verdict().has_field("pts"), "it looked at none of them");
}

#[test]
fn colour_bars_and_blue_are_no_signal_in_every_format_with_colours_at_odd_sizes() {
    for format in [
        "NV12",
        "I420",
        "NV21",
        "YV12",
        "NV16",
        "Y42B",
        "Y444",
        "NV61",
        "NV24",
        "Y41B",
        "AYUV",
        "Y444_10LE",
        "YUY2",
        "UYVY",
        "YVYU",
        "P010_10LE",
        "I420_10LE",
        "I422_10LE",
        "BGRx",
        "RGBx",
        "xRGB",
        "xBGR",
        "BGRA",
        "RGBA",
        "ARGB",
        "ABGR",
        "RGB",
        "BGR",
    ] {
        for (pattern, expected) in [
            ("smpte", Some("bars")),
            ("smpte75", Some("bars")),
            ("bar", None),
            ("blue", Some("blue")),
            ("red", None),
            ("checkers-8", None),
        ] {
            let done = run(&format!(
                "videotestsrc pattern={pattern} num-buffers=50 \
                 ! video/x-raw,format={format},width=321,height=181,framerate=25/1 \
                 ! pictureguard check-frozen=false ! fakesink"
            ));
            let said: Vec<_> = done.messages.iter().map(|said| said.get::<String>("pattern").ok()).collect();
            let expected: Vec<_> = expected.iter().map(|name| Some((*name).to_owned())).collect();
            assert_eq!(said, expected, "{pattern} as {format}: {:?}", done.messages);
        }
    }
}

#[test]
fn black_is_black_and_grey_is_not_in_every_format() {
    for format in ["NV12", "YUY2", "GRAY8", "GRAY16_LE", "P010_10LE", "I420_10LE", "RGB", "BGRx"] {
        for (colour, black) in [("0xff000000", true), ("0xff808080", false)] {
            let done = run(&format!(
                "videotestsrc pattern=solid-color foreground-color={colour} num-buffers=50 \
                 ! video/x-raw,format={format},width=319,height=99,framerate=25/1 ! pictureguard name=guard \
                 ! fakesink"
            ));
            let verdict: gst::Structure = done.pipeline.by_name("guard").unwrap().property("verdict");
            assert_eq!(is(&verdict, "black"), black, "{format}");
            assert_eq!(done.messages.len(), usize::from(black), "{format}");
            let brightness = verdict.get::<f64>("brightness").unwrap();
            // The test picture's grey formats have the black of television in the range of computers.
            let slack = if format.starts_with("GRAY") { 0.07 } else { 0.01 };
            let expected = if black { 0.0 } else { 0.5 };
            assert!((brightness - expected).abs() < slack, "{format}: {brightness}");
        }
    }
}

#[test]
fn strides_and_offsets_of_the_buffers_meta_are_followed() {
    let mut guarded = Guarded::new("video/x-raw,format=NV12,width=33,height=21,framerate=25/1");
    // White beside, before and behind the black picture.
    let (offset, stride) = (100_usize, 64_usize);
    for n in 0..60 {
        let mut bytes = vec![235_u8; offset + stride * (21 + 11) + 50];
        for y in 0..21 {
            bytes[offset + y * stride..][..33].fill(16);
        }
        for y in 21..32 {
            bytes[offset + y * stride..][..34].fill(128);
        }
        let mut buffer = gst::Buffer::from_slice(bytes);
        gst_video::VideoMeta::add_full(
            buffer.make_mut(),
            gst_video::VideoFrameFlags::empty(),
            gst_video::VideoFormat::Nv12,
            33,
            21,
            &[offset, offset + stride * 21],
            &[stride as i32, stride as i32],
        )
        .unwrap();
        guarded.push(n * 40, buffer);
    }
    assert!(is(&guarded.verdict(), "black"), "{:?}", guarded.verdict());
}

#[test]
fn a_buffer_that_is_no_picture_of_its_caps_passes_unjudged() {
    let mut guarded = Guarded::new(SMALL);
    for n in 0..60 {
        let passed = guarded.push(n * 40, gst::Buffer::from_slice(vec![0_u8; 100]));
        assert_eq!(passed.size(), 100);
    }
    // A meta that claims more than there is.
    for n in 60..120 {
        let mut buffer = gst::Buffer::from_slice(vec![0_u8; 100]);
        let (format, flags) = (gst_video::VideoFormat::Gray8, gst_video::VideoFrameFlags::empty());
        gst_video::VideoMeta::add_full(buffer.make_mut(), flags, format, 64, 48, &[0], &[64]).unwrap();
        guarded.push(n * 40, buffer);
    }
    assert!(guarded.said().is_empty() && !guarded.verdict().has_field("pts"));
}

#[test]
fn what_cannot_be_judged_is_refused_when_caps_are_agreed_on() {
    support::init();
    for caps in [
        "video/x-raw,format=v210,width=64,height=48,framerate=25/1",
        "video/x-raw,format=RGB16,width=64,height=48,framerate=25/1",
        "video/x-raw(memory:DMABuf),format=NV12,width=64,height=48,framerate=25/1",
        "video/x-raw(format:Interlaced),interlace-mode=alternate,format=NV12,width=64,height=48,framerate=25/1",
        "image/jpeg,width=64,height=48,framerate=25/1",
    ] {
        let element = gst::ElementFactory::make("pictureguard").build().unwrap();
        let pad = element.static_pad("sink").unwrap();
        let caps: gst::Caps = caps.parse().unwrap();
        assert!(!pad.query_accept_caps(&caps), "{caps}");
        assert!(!pad.query_caps(None).can_intersect(&caps), "{caps}");
    }
}

#[test]
fn buffers_that_fill_a_gap_and_buffers_without_a_time_are_not_judged() {
    let mut guarded = Guarded::new(SMALL);
    for n in 0..60 {
        let mut buffer = grey(0);
        buffer.make_mut().set_flags(gst::BufferFlags::GAP);
        guarded.push(n * 40, buffer);
        guarded.harness.push_and_pull(grey(0)).unwrap();
    }
    assert!(guarded.said().is_empty() && !guarded.verdict().has_field("pts"));
}

#[test]
fn a_change_of_caps_a_flush_and_a_pause_begin_the_count_anew() {
    let mut guarded = Guarded::new(SMALL);
    guarded.second(0, 0);
    guarded.harness.set_src_caps_str("video/x-raw,format=GRAY8,width=48,height=64,framerate=25/1");
    guarded.second(1000, 0);
    guarded.harness.push_event(gst::event::FlushStart::new());
    guarded.harness.push_event(gst::event::FlushStop::new(true));
    let segment = gst::FormattedSegment::<gst::ClockTime>::new();
    guarded.harness.push_event(gst::event::Segment::new(&segment));
    guarded.second(2000, 0);
    guarded.second(60_000, 0);
    assert!(guarded.said().is_empty());
    guarded.second(61_000, 0);
    assert_eq!(guarded.said().len(), 1);
}

#[test]
fn after_a_restart_nothing_holds_until_a_picture_was_looked_at() {
    let mut guarded = Guarded::new(SMALL);
    (0..3).for_each(|second| guarded.second(second * 1000, 0));
    assert!(is(&guarded.verdict(), "black"));
    let element = guarded.harness.element().unwrap();
    element.set_state(gst::State::Ready).unwrap();
    assert!(is(&guarded.verdict(), "black"), "what stood when it stopped can still be read");
    element.set_state(gst::State::Playing).unwrap();
    assert!(!is(&guarded.verdict(), "black") && !guarded.verdict().has_field("pts"));
}

#[test]
fn limits_change_while_pictures_pass() {
    let mut guarded = Guarded::new(SMALL);
    let element = guarded.harness.element().unwrap();
    element.set_property("black-time", 10_000_u32);
    (0..3).for_each(|second| guarded.second(second * 1000, 0));
    assert!(guarded.said().is_empty());
    element.set_property("black-time", 100_u32);
    guarded.second(3000, 0);
    assert_eq!(guarded.said().len(), 1);
    element.set_property("check-black", false);
    element.set_property("check-exposure", false);
    guarded.second(4000, 0);
    let said = guarded.said();
    assert!(said.len() == 1 && !is(&said[0], "black"), "{said:?}");
    assert_eq!(element.property::<u32>("frozen-time"), 1500);
    assert_eq!(element.property::<f64>("bright-share"), 0.5);
}

/// What the guard says of thirty seconds of a room with a sensor's noise, in which nobody moves, through
/// x264 with a keyframe each four seconds.
fn through_x264(quantiser: u32, frozen_quiet_ms: u32) -> Vec<gst::Structure> {
    support::init();
    let mut harness = gst_check::Harness::new_parse(&format!(
        "x264enc pass=quant quantizer={quantiser} speed-preset=superfast tune=zerolatency key-int-max=100 \
         option-string=scenecut=0 \
         ! avdec_h264 ! pictureguard name=guard frozen-quiet-time={frozen_quiet_ms}"
    ));
    let guard = harness.find_element("pictureguard").unwrap();
    let bus = gst::Bus::new();
    guard.set_bus(Some(&bus));
    harness.set_src_caps_str("video/x-raw,format=I420,width=320,height=180,framerate=25/1");
    let mut random = 7_u64;
    for n in 0..750 {
        let mut planes = vec![128_u8; 320 * 180 * 3 / 2];
        for (at, point) in planes[..320 * 180].iter_mut().enumerate() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let noise = [0, 1, 2, 3, 4].map(|part| (random >> (24 + 8 * part) & 3) as u8);
            *point = 60 + (at % 320 / 4) as u8 + 40 * u8::from(at / 320 > 90) + noise.iter().sum::<u8>();
        }
        let mut buffer = gst::Buffer::from_slice(planes);
        let made = buffer.make_mut();
        made.set_pts(n * 40 * gst::ClockTime::MSECOND);
        made.set_duration(40 * gst::ClockTime::MSECOND);
        harness.push(buffer).unwrap();
    }
    harness.push_event(gst::event::Eos::new());
    let verdict: gst::Structure = guard.property("verdict");
    assert!(verdict.get::<u64>("pts").unwrap() > 29_000 * MS, "{verdict:?}");
    std::iter::from_fn(|| bus.pop_filtered(&[gst::MessageType::Element]))
        .map(|message| message.structure().unwrap().to_owned())
        .collect()
}

#[test]
fn a_still_room_through_a_strong_encoder_is_not_frozen_unless_keyframes_are_not_waited_for() {
    for quantiser in [20, 28, 36, 42] {
        let said = through_x264(quantiser, 12_000);
        assert!(said.is_empty(), "{quantiser}: {said:?}");
    }
    let impatient = through_x264(36, 1_500);
    assert!(impatient.iter().any(|said| is(said, "frozen")), "the encoder repeats nothing: {impatient:?}");
}
