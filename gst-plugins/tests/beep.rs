//! Beeps on their way through encoders.

use gst::prelude::*;

mod support;
use support::{Run, count, run};

const MS: u64 = 1_000_000;

/// Expects a beep in each second, `late_ns` after it began.
fn assert_whole_seconds(done: &Run, late_ns: u64, many: u64, within_ms: u64) {
    let onsets = done.beeps();
    let seconds: Vec<u64> = (0..many).map(|second| second * 1000 * MS + late_ns).collect();
    assert_eq!(onsets.len(), seconds.len(), "{onsets:?}");
    for (onset, second) in onsets.iter().zip(seconds) {
        assert!(onset.abs_diff(second) <= within_ms * MS, "{onsets:?}");
    }
}

#[test]
fn beeps_are_found_in_every_format_at_any_rate() {
    for format in ["S16LE", "F32LE"] {
        for (rate, channels) in [(48_000, 1), (44_100, 2), (16_000, 1)] {
            let done = run(&format!(
                "audiotestsrc wave=silence num-buffers=100 samplesperbuffer={} \
                 ! audio/x-raw,format={format},rate={rate},channels={channels} \
                 ! lecternbeep ! lecternbeepread name=read ! fakesink",
                rate / 40 + 7
            ));
            assert_whole_seconds(&done, 0, 3, 1);
            assert_eq!(count(&done.stats("read"), "count"), 3);
        }
    }
}

#[test]
fn a_beep_begins_on_the_very_sample_whatever_the_buffers_are() {
    support::init();
    for samples in [480_u64, 777, 1024] {
        let mut harness = gst_check::Harness::new("lecternbeep");
        harness.set_src_caps_str("audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=1");
        let mut sound: Vec<i16> = Vec::new();
        while sound.len() < 100_000 {
            let mut buffer = gst::Buffer::with_size(2 * samples as usize).unwrap();
            let position = sound.len() as u64;
            let pts = gst::ClockTime::SECOND.mul_div_floor(position, 48_000).unwrap();
            buffer.get_mut().unwrap().map_writable().unwrap().fill(0);
            buffer.get_mut().unwrap().set_pts(pts);
            let buffer = harness.push_and_pull(buffer).unwrap();
            let map = buffer.map_readable().unwrap();
            sound.extend(map.chunks_exact(2).map(|sample| i16::from_le_bytes([sample[0], sample[1]])));
        }
        let loud: Vec<usize> =
            sound.iter().enumerate().filter(|(_, sample)| **sample != 0).map(|(at, _)| at).collect();
        assert_eq!(loud[0], 1);
        assert!(loud.contains(&48_001) && !loud.iter().any(|at| (2880..=48_000).contains(at)));
    }
}

#[test]
fn beeps_over_speech_survive_aac_within_3_ms() {
    // `avenc_aac` puts 1024 samples before the sound and does not take them off its times.
    let priming_ns = 1024 * 1_000_000_000 / 48_000;
    for bitrate in [96_000, 128_000] {
        let done = run(&format!(
            "lecternvoicesrc is-live=false num-buffers=250 ! audioconvert ! lecternbeep ! audioconvert \
             ! avenc_aac bitrate={bitrate} ! mp4mux ! qtdemux ! avdec_aac ! audioconvert \
             ! lecternbeepread ! fakesink"
        ));
        assert_whole_seconds(&done, priming_ns, 5, 3);
    }
}

#[test]
fn speech_alone_is_no_beep() {
    for seed in 1..4 {
        let done = run(&format!(
            "lecternvoicesrc seed={seed} is-live=false num-buffers=1500 ! lecternbeepread ! fakesink"
        ));
        assert!(done.beeps().is_empty());
    }
}

#[test]
fn a_silent_reader_still_counts() {
    let done = run("audiotestsrc wave=silence num-buffers=100 ! audio/x-raw,rate=48000 ! lecternbeep \
         ! lecternbeepread name=read silent=true ! fakesink");
    assert!(done.messages.is_empty());
    let stats = done.stats("read");
    assert_eq!(count(&stats, "count"), 3);
    assert!(count(&stats, "last").abs_diff(2000 * MS) < MS);
}
