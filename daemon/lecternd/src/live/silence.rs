//! Silence, as the live encoder would have made it.

/// Samples in a frame of AAC.
const SAMPLES: u64 = 1024;
const RATE: u64 = 48_000;

/// One frame of AAC-LC, 48 kHz, stereo, in ADTS (ISO/IEC 14496-3, 4.4.2.1 and
/// 1.A.3.2): a channel pair whose two channels have no band above zero.
const FRAME: [u8; 14] = [0xff, 0xf1, 0x4c, 0x80, 0x01, 0xdf, 0xfc, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0e];

/// How long so many frames last.
pub(super) const fn lasts(frames: u64) -> gst::ClockTime {
    gst::ClockTime::from_nseconds(frames * SAMPLES * 1_000_000_000 / RATE)
}

/// So many frames, from time zero on.
pub(super) fn frames(count: u64) -> impl Iterator<Item = gst::Buffer> {
    (0..count).map(|before| {
        let mut frame = gst::Buffer::from_slice(FRAME);
        let stamps = frame.make_mut();
        stamps.set_pts(lasts(before));
        stamps.set_duration(lasts(before + 1) - lasts(before));
        frame
    })
}

#[cfg(test)]
mod tests {
    use super::super::encode::SOUND_CAPS;
    use super::*;

    #[test]
    fn three_frames_are_decoded_to_64_ms_of_nothing() {
        gst::init().unwrap();
        let mut decoder = gst_check::Harness::new_parse("aacparse ! avdec_aac");
        decoder.set_src_caps_str(SOUND_CAPS);
        decoder.set_sink_caps_str("audio/x-raw,format=F32LE,rate=48000,channels=2,layout=non-interleaved");
        for frame in frames(3) {
            decoder.push(frame).unwrap();
        }
        decoder.push_event(gst::event::Eos::new());
        let mut samples = 0;
        while let Some(decoded) = decoder.try_pull() {
            let bytes = decoded.map_readable().unwrap();
            let mut heard = bytes.as_chunks::<4>().0.iter().map(|sample| f32::from_le_bytes(*sample));
            assert!(heard.all(|sample| sample == 0.0));
            samples += bytes.len() / 8;
        }
        assert_eq!(samples, 3 * 1024);
        assert_eq!(lasts(3), gst::ClockTime::from_mseconds(64));
    }
}
