//! The guard of sound in pipelines: its messages, its formats, and that nothing is copied.

#![allow(clippy::unwrap_used, reason = "only tests call this")]

use gst::prelude::*;

mod support;
use support::run;

fn is(structure: &gst::Structure, field: &str) -> bool {
    structure.get(field).unwrap()
}

#[test]
fn silence_hum_and_clipping_are_said_once_in_every_format_at_any_rate() {
    for format in ["S16LE", "F32LE"] {
        for (rate, channels) in [(48_000, 2), (44_100, 1), (16_000, 1)] {
            for (sound, field) in [
                ("wave=silence", "silent"),
                ("wave=sine freq=100 volume=0.05", "hum"),
                ("wave=square freq=400 volume=1.0", "clipping"),
            ] {
                // A square folds its overtones back, at some rates onto lines of the mains.
                let hum = field != "clipping";
                let done = run(&format!(
                    "audiotestsrc {sound} samplesperbuffer=1031 num-buffers={} \
                     ! audio/x-raw,format={format},rate={rate},channels={channels} \
                     ! soundguard check-hum={hum} ! fakesink",
                    rate * 18 / 1031
                ));
                let what = format!("{sound} {format} {rate}: {:?}", done.messages);
                assert_eq!(done.messages.len(), 1, "{what}");
                let said = &done.messages[0];
                assert_eq!(said.name(), "lectern-sound");
                for known in ["silent", "hum", "clipping"] {
                    assert_eq!(is(said, known), known == field, "{what}");
                }
                assert!(said.get::<u64>("since").unwrap() <= said.get::<u64>("pts").unwrap());
                assert!(
                    said.has_field("level-db") && (!hum || said.has_field("hum-db") == (field == "hum")),
                    "{what}"
                );
            }
        }
    }
}

#[test]
fn speech_says_nothing_and_passes_as_the_same_memory() {
    support::init();
    let done = run("lecternvoicesrc is-live=false num-buffers=3000 ! soundguard name=guard ! fakesink");
    assert!(done.messages.is_empty(), "{:?}", done.messages);
    let verdict: gst::Structure = done.pipeline.by_name("guard").unwrap().property("verdict");
    assert!(verdict.get::<f64>("level-db").unwrap() > -144.0 && verdict.has_field("pts"));
    let mut harness = gst_check::Harness::new("soundguard");
    harness.set_src_caps_str("audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=1");
    for n in 0..20 {
        let mut buffer = gst::Buffer::from_slice(vec![0_u8; 960]);
        buffer.make_mut().set_pts(n * 10 * gst::ClockTime::MSECOND);
        buffer.make_mut().set_duration(10 * gst::ClockTime::MSECOND);
        // A second owner: whoever wanted to write would have to copy.
        let held = buffer.clone();
        assert_eq!(harness.push_and_pull(buffer).unwrap().as_ptr(), held.as_ptr());
    }
    let verdict: gst::Structure = harness.element().unwrap().property("verdict");
    assert!(verdict.has_field("pts"), "it heard nothing");
}

#[test]
fn silence_with_a_seam_in_it_is_counted_anew_and_what_cannot_be_judged_is_refused() {
    support::init();
    let mut harness = gst_check::Harness::new("soundguard");
    let bus = gst::Bus::new();
    harness.element().unwrap().set_bus(Some(&bus));
    harness.set_src_caps_str("audio/x-raw,format=F32LE,layout=interleaved,rate=8000,channels=1");
    let mut push = |from_s: u64, seconds: u64| {
        for n in 0..seconds {
            let mut buffer = gst::Buffer::from_slice(vec![0_u8; 4 * 8000]);
            buffer.make_mut().set_pts((from_s + n) * gst::ClockTime::SECOND);
            harness.push_and_pull(buffer).unwrap();
        }
        std::iter::from_fn(|| bus.pop_filtered(&[gst::MessageType::Element])).count()
    };
    assert_eq!((push(0, 14), push(100, 14)), (0, 0));
    assert_eq!(push(114, 2), 1);
    let element = gst::ElementFactory::make("soundguard").build().unwrap();
    let pad = element.static_pad("sink").unwrap();
    for caps in ["audio/x-raw,format=S24LE,layout=interleaved,rate=48000,channels=1", "audio/mpeg"] {
        assert!(!pad.query_accept_caps(&caps.parse().unwrap()), "{caps}");
    }
}
