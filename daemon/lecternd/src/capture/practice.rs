//! Faults of the test room, to be practised with: a file in which whoever
//! practises writes, at any time, what is to be wrong. It is read ten times a
//! second.
//!
//! Words, with spaces or lines between them: `unplug` for every source; `freeze`,
//! `black`, `dark`, `bright`, `bars` and `blue` for pictures; `mute`, `clip` and
//! `hum` for sound. An empty file, or none, is a source without a fault.

use std::collections::BTreeSet;
use std::f64::consts::TAU;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gst::prelude::*;
use gst_video::prelude::*;

use super::stage::{Stage, StageError};
use super::time::ClockPoint;

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mishap {
    Unplug,
    Freeze,
    Black,
    Dark,
    Bright,
    Bars,
    Blue,
    Mute,
    Clip,
    Hum,
}

const EVERY: Duration = Duration::from_millis(100);

/// Reads what is to be wrong; words that mean nothing are given back.
fn read(text: &str) -> (BTreeSet<Mishap>, Vec<&str>) {
    let (mut mishaps, mut unknown) = (BTreeSet::new(), Vec::new());
    for word in text.split_whitespace() {
        mishaps.insert(match word {
            "unplug" => Mishap::Unplug,
            "freeze" => Mishap::Freeze,
            "black" => Mishap::Black,
            "dark" => Mishap::Dark,
            "bright" => Mishap::Bright,
            "bars" => Mishap::Bars,
            "blue" => Mishap::Blue,
            "mute" => Mishap::Mute,
            "clip" => Mishap::Clip,
            "hum" => Mishap::Hum,
            _ => {
                unknown.push(word);
                continue;
            }
        });
    }
    (mishaps, unknown)
}

/// Lets a source suffer what stands in `file`, from the pad on that comes before
/// everybody who looks or listens.
///
/// # Errors
/// When the source is unplugged.
pub(super) fn begin(stage: &Stage, pad: &gst::Pad, file: &Path) -> Result<(), StageError> {
    let mut practice = Practice { file: file.to_owned(), ..Practice::default() };
    practice.look(ClockPoint::now());
    if practice.is(Mishap::Unplug) {
        return Err(StageError::NoDevice { stage: stage.name().to_owned() });
    }
    let practice = Mutex::new(practice);
    pad.add_probe(gst::PadProbeType::BUFFER, move |pad, info| {
        let Some(gst::PadProbeData::Buffer(buffer)) = &mut info.data else {
            return gst::PadProbeReturn::Ok;
        };
        let mut practice = practice.lock().unwrap_or_else(PoisonError::into_inner);
        practice.look(ClockPoint::now());
        if practice.is(Mishap::Unplug) {
            if let Some(element) = pad.parent_element() {
                gst::element_error!(element, gst::ResourceError::Read, ["unplugged, for practice"]);
            }
            // Not `Drop`: the bindings have the picture already and let it go, and GStreamer
            // would let go of it once more.
            return gst::PadProbeReturn::Handled;
        }
        let caps = pad.current_caps();
        match caps.as_ref().and_then(|caps| gst_video::VideoInfo::from_caps(caps).ok()) {
            Some(info) => practice.picture(buffer, &info),
            None => practice.sound(buffer),
        }
        gst::PadProbeReturn::Ok
    });
    Ok(())
}

/// A source that suffers.
#[derive(Debug, Default)]
struct Practice {
    file: PathBuf,
    looked: Option<ClockPoint>,
    text: String,
    mishaps: BTreeSet<Mishap>,
    /// The picture that stays.
    kept: Option<gst::Buffer>,
}

impl Practice {
    fn is(&self, mishap: Mishap) -> bool {
        self.mishaps.contains(&mishap)
    }

    fn look(&mut self, now: ClockPoint) {
        if self.looked.is_some_and(|looked| now.duration_since(looked) < EVERY) {
            return;
        }
        self.looked = Some(now);
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        if text == self.text {
            return;
        }
        let (mishaps, unknown) = read(&text);
        tracing::info!(file = %self.file.display(), ?mishaps, ?unknown, "practice");
        (self.mishaps, self.text) = (mishaps, text);
    }

    /// Pictures in I420, as the test room makes them.
    fn picture(&mut self, buffer: &mut gst::Buffer, info: &gst_video::VideoInfo) {
        if !self.is(Mishap::Freeze) {
            self.kept = None;
        } else if let Some(kept) = &self.kept {
            let mut again = kept.clone();
            let (pts, duration) = (buffer.pts(), buffer.duration());
            let meta = again.make_mut();
            meta.set_pts(pts);
            meta.set_duration(duration);
            *buffer = again;
        } else {
            self.kept = Some(buffer.clone());
        }
        let paint = [Mishap::Black, Mishap::Dark, Mishap::Bright, Mishap::Bars, Mishap::Blue];
        for mishap in paint.into_iter().filter(|mishap| self.is(*mishap)) {
            let Ok(mut frame) = gst_video::VideoFrameRef::from_buffer_ref_writable(buffer.make_mut(), info)
            else {
                return;
            };
            match mishap {
                Mishap::Dark => change(&mut frame, 0, |_, luma| 16 + luma.saturating_sub(16) / 8),
                Mishap::Bright => change(&mut frame, 0, |_, luma| 235 - 235_u8.saturating_sub(luma) / 8),
                Mishap::Bars => paint_all(&mut frame, |part| BARS[(part * 8.0) as usize % 8]),
                Mishap::Blue => paint_all(&mut frame, |_| BLUE),
                _ => paint_all(&mut frame, |_| BLACK),
            }
        }
    }

    /// Sound in [`AUDIO_CAPS`](super::source::AUDIO_CAPS).
    fn sound(&self, buffer: &mut gst::Buffer) {
        let (mute, clip, hum) = (self.is(Mishap::Mute), self.is(Mishap::Clip), self.is(Mishap::Hum));
        if !(mute || clip || hum) {
            return;
        }
        let begin = buffer.pts().unwrap_or_default().nseconds() as f64 / 1e9;
        let Ok(mut map) = buffer.make_mut().map_writable() else { return };
        for (n, raw) in map.chunks_exact_mut(4).enumerate() {
            let mut sample = f32::from_le_bytes([raw[0], raw[1], raw[2], raw[3]]);
            if clip {
                sample = (sample * 40.0).clamp(-1.0, 1.0);
            }
            if hum {
                let turn = TAU * 50.0 * (begin + (n / 2) as f64 / 48_000.0);
                sample += (0.02 * turn.sin() + 0.03 * (2.0 * turn).sin()) as f32;
            }
            if mute {
                sample = 0.0;
            }
            raw.copy_from_slice(&sample.to_le_bytes());
        }
    }
}

type Frame<'a> = gst_video::VideoFrameRef<&'a mut gst::BufferRef>;
/// Brightness and the two differences of colour, in BT.709.
type Colour = [u8; 3];

const BLACK: Colour = [16, 128, 128];
const BLUE: Colour = [32, 240, 118];
/// Bars of 75 %, from white to black.
const BARS: [Colour; 8] = [
    [180, 128, 128],
    [168, 44, 136],
    [145, 147, 44],
    [133, 63, 52],
    [63, 193, 204],
    [51, 109, 212],
    [28, 212, 120],
    BLACK,
];

/// Paints by columns: `colour` is asked with a place from 0 to 1.
fn paint_all(frame: &mut Frame<'_>, colour: impl Fn(f64) -> Colour) {
    for plane in 0..3 {
        change(frame, plane, |part, _| colour(part)[plane as usize]);
    }
}

/// Changes each value of a plane by its place in the line and what it was.
fn change(frame: &mut Frame<'_>, plane: u32, value: impl Fn(f64, u8) -> u8) {
    let width = frame.comp_width(plane) as usize;
    let stride = usize::try_from(frame.plane_stride()[plane as usize]).unwrap_or_default().max(1);
    let Ok(data) = frame.plane_data_mut(plane) else { return };
    for line in data.chunks_mut(stride) {
        for (at, to) in line.iter_mut().take(width).enumerate() {
            *to = value(at as f64 / width as f64, *to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_wherever_they_stand_and_what_means_nothing_is_told() {
        let (mishaps, unknown) = read(" freeze\nhum  clip\tbleu\n");
        assert_eq!(mishaps, BTreeSet::from([Mishap::Freeze, Mishap::Clip, Mishap::Hum]));
        assert_eq!(unknown, ["bleu"]);
        assert_eq!(read("").0, BTreeSet::new());
    }

    #[test]
    fn a_file_that_changes_changes_what_is_wrong_within_a_tenth_of_a_second() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("camera");
        let at = |millis| ClockPoint(gst::ClockTime::from_mseconds(millis));
        let mut practice = Practice { file: file.clone(), ..Practice::default() };
        practice.look(at(0));
        assert_eq!(practice.mishaps, BTreeSet::new(), "no file is no fault");
        std::fs::write(&file, "black").unwrap();
        practice.look(at(99));
        assert!(!practice.is(Mishap::Black));
        practice.look(at(100));
        assert!(practice.is(Mishap::Black));
        std::fs::remove_file(&file).unwrap();
        practice.look(at(200));
        assert!(!practice.is(Mishap::Black));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_picture_that_goes_nowhere_is_let_go_of_once() {
        crate::capture::init().unwrap();
        let twice = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let count = std::sync::Arc::clone(&twice);
        let levels = gst::glib::LogLevels::LEVEL_CRITICAL;
        let handler =
            gst::glib::log_set_handler(Some("GStreamer"), levels, false, false, move |_, _, said| {
                if said.contains("gst_mini_object_unref") {
                    count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                }
            });
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("camera");
        let mut stage =
            Stage::parse("room".to_owned(), "videotestsrc is-live=true name=room ! fakesink").unwrap();
        let pad = stage.element::<gst::Element>("room").unwrap().static_pad("src").unwrap();
        begin(&stage, &pad, &file).unwrap();
        stage.play(std::time::Duration::from_secs(30)).await.unwrap();
        std::fs::write(&file, "unplug").unwrap();
        let error = tokio::time::timeout(std::time::Duration::from_secs(30), stage.failed()).await.unwrap();
        assert!(matches!(error, StageError::Element { .. }), "{error}");
        stage.stop().await;
        gst::glib::log_remove_handler(Some("GStreamer"), handler);
        assert_eq!(twice.load(std::sync::atomic::Ordering::SeqCst), 0);
    }

    #[test]
    fn what_is_muted_is_silent_and_what_is_clipped_is_cut_off() {
        gst::init().unwrap();
        let heard = |mishaps: &[Mishap]| -> Vec<f32> {
            let practice = Practice { mishaps: mishaps.iter().copied().collect(), ..Practice::default() };
            let samples: Vec<u8> =
                (0..960).flat_map(|n| (0.1 * (n as f32 / 9.0).sin()).to_le_bytes()).collect();
            let mut buffer = gst::Buffer::from_mut_slice(samples);
            practice.sound(&mut buffer);
            let map = buffer.map_readable().unwrap();
            map.chunks_exact(4).map(|raw| f32::from_le_bytes(raw.try_into().unwrap())).collect()
        };
        assert!(heard(&[Mishap::Mute, Mishap::Hum]).iter().all(|sample| *sample == 0.0));
        assert!(heard(&[Mishap::Clip]).windows(3).any(|three| three == [1.0; 3]));
        assert_ne!(heard(&[Mishap::Hum]), heard(&[]));
    }
}
