//! What pictures and sound say: frame numbers, flashes and beeps, decoded from
//! a recording.

use std::path::Path;

use gst::prelude::*;
use gstlectern::lipsync::{self, FlashOnsets, Offsets};

/// What one picture says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The picture's number, as its maker counted.
    pub number: u64,
    /// Whether it belongs to a flash.
    pub flash: bool,
}

/// One picture of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// On the recording's time line.
    pub pts_ns: u64,
    /// What the picture that fills the frame says.
    pub board: Option<Stamp>,
    /// What the small picture in the corner says.
    pub camera: Option<Stamp>,
}

/// Everything that was read.
#[derive(Debug, Clone, Default)]
pub struct Readings {
    /// In order of time.
    pub pictures: Vec<Picture>,
    /// Onsets, in order of time.
    pub beeps_ns: Vec<u64>,
    /// Begin and length of every piece of sound.
    pub sounds_ns: Vec<(u64, u64)>,
}

/// How a recording is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// Fragmented MP4, as archives hold it.
    Mp4,
    /// As RTMP servers write it.
    Flv,
    /// As SRT receivers write it.
    Ts,
}

impl Container {
    fn demuxer(self) -> &'static str {
        match self {
            Self::Mp4 => "qtdemux",
            Self::Flv => "flvdemux",
            Self::Ts => "tsdemux",
        }
    }
}

/// Where the camera's picture lies in a program of one board and one camera,
/// as fractions: a quarter wide, a 45th of the height away from the corner.
const CAMERA: &str = "preset=wide frame-x=0.7375 frame-y=0.727777778 frame-width=0.25 frame-height=0.25";

/// Whether a picture with a readable number stands on an X screen now.
///
/// # Panics
/// When screens cannot be captured here.
#[must_use]
pub fn shows_a_number(display: &str) -> bool {
    init();
    let pipeline = gst::parse::launch(&format!(
        "ximagesrc display-name={display:?} use-damage=false num-buffers=1 ! videoconvert ! \
         lecternstampread name=board ! fakesink"
    ));
    let pipeline: gst::Pipeline =
        pipeline.ok().and_then(|element| element.downcast().ok()).expect("gstreamer1.0-x is installed");
    let mut readings = Readings::default();
    let played = readings.play(&pipeline);
    let _ = pipeline.set_state(gst::State::Null);
    played.is_ok() && !readings.board().is_empty()
}

/// Initialises GStreamer with our elements.
///
/// # Panics
/// When GStreamer is not installed.
pub fn init() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        gst::init().expect("GStreamer starts");
        gstlectern::plugin_register_static().expect("our elements are registered");
    });
}

impl Readings {
    /// Decodes a recording of a program of 640 × 360.
    ///
    /// # Panics
    /// When it cannot be decoded to its end.
    #[must_use]
    #[track_caller]
    pub fn decode(file: &Path, container: Container) -> Self {
        init();
        let demuxer = container.demuxer();
        let queue = "queue max-size-bytes=0 max-size-buffers=0 max-size-time=10000000000";
        let pipeline = gst::parse::launch(&format!(
            "filesrc name=file ! {demuxer} name=demux \
             demux. ! {queue} ! h264parse ! avdec_h264 max-threads=1 ! lecternstampread name=board ! \
             lecternstampread name=camera {CAMERA} ! fakesink sync=false \
             demux. ! {queue} ! aacparse ! avdec_aac ! audioconvert ! lecternbeepread ! \
             fakesink name=sound sync=false"
        ));
        let pipeline: gst::Pipeline =
            pipeline.ok().and_then(|element| element.downcast().ok()).expect("the reader can be built");
        let source = pipeline.by_name("file").expect("the reader has a source");
        source.set_property("location", file);
        let sounds = watch_sound(&pipeline);
        let mut readings = Self::default();
        let outcome = readings.play(&pipeline);
        let _ = pipeline.set_state(gst::State::Null);
        if let Err(error) = outcome {
            panic!("{} cannot be decoded: {error}", file.display());
        }
        readings.sounds_ns = sounds.lock().map(|sounds| sounds.clone()).unwrap_or_default();
        readings.pictures.sort_by_key(|picture| picture.pts_ns);
        readings
    }

    fn play(&mut self, pipeline: &gst::Pipeline) -> Result<(), String> {
        let bus = pipeline.bus().ok_or("no bus")?;
        pipeline.set_state(gst::State::Playing).map_err(|error| error.to_string())?;
        loop {
            let message = bus.timed_pop(gst::ClockTime::from_seconds(30)).ok_or("nothing moves")?;
            match message.view() {
                gst::MessageView::Eos(_) => return Ok(()),
                gst::MessageView::Error(error) => return Err(format!("{error:?}")),
                gst::MessageView::Element(element) => {
                    let name = message.src().map(|src| src.name().to_string()).unwrap_or_default();
                    if let Some(structure) = element.structure() {
                        self.note(&name, structure);
                    }
                }
                _ => {}
            }
        }
    }

    /// The board's reader stands before the camera's, so that each picture is
    /// noted by the first and completed by the second.
    fn note(&mut self, reader: &str, message: &gst::StructureRef) {
        let Ok(pts_ns) = message.get::<u64>("pts") else { return };
        if message.name() == "lectern-beep" {
            self.beeps_ns.push(pts_ns);
            return;
        }
        let stamp = match (message.get("number"), message.get("flash")) {
            (Ok(number), Ok(flash)) => Some(Stamp { number, flash }),
            _ => None,
        };
        if reader == "board" {
            self.pictures.push(Picture { pts_ns, board: stamp, camera: None });
        } else if let Some(picture) = self.pictures.last_mut().filter(|p| p.pts_ns == pts_ns) {
            picture.camera = stamp;
        }
    }

    /// The numbers of the board's readable pictures, in order of time.
    #[must_use]
    pub fn board(&self) -> Vec<u64> {
        self.pictures.iter().filter_map(|picture| Some(picture.board?.number)).collect()
    }

    /// The numbers of the camera's readable pictures, in order of time.
    #[must_use]
    pub fn camera(&self) -> Vec<u64> {
        self.pictures.iter().filter_map(|picture| Some(picture.camera?.number)).collect()
    }

    /// How far the board's flashes and the beeps are apart.
    ///
    /// # Panics
    /// When fewer than `least` flashes have a beep.
    #[must_use]
    #[track_caller]
    pub fn lip_sync(&self, least: usize) -> Offsets {
        let mut onsets = FlashOnsets::default();
        let flash = |picture: &Picture| picture.board.map(|stamp| stamp.flash);
        let flashes: Vec<u64> = self
            .pictures
            .iter()
            .filter_map(|picture| onsets.picture(picture.pts_ns, flash(picture)))
            .collect();
        let found = lipsync::offsets(&flashes, &self.beeps_ns);
        let pairs = found.map_or(0, |found| found.pairs);
        assert!(
            pairs >= least,
            "only {pairs} flashes have a beep\nflashes {flashes:?}\nbeeps   {:?}",
            self.beeps_ns
        );
        found.expect("there are pairs")
    }

    /// The greatest distance from one picture to the next, in ns.
    #[must_use]
    pub fn greatest_step_ns(&self) -> u64 {
        let times = self.pictures.windows(2).map(|pair| pair[1].pts_ns - pair[0].pts_ns);
        times.max().unwrap_or_default()
    }

    /// The greatest stretch without sound between two pieces of sound, in ns.
    #[must_use]
    pub fn greatest_silence_ns(&self) -> u64 {
        let pairs = self.sounds_ns.windows(2);
        let gaps = pairs.map(|pair| pair[1].0.saturating_sub(pair[0].0 + pair[0].1));
        gaps.max().unwrap_or_default()
    }

    /// Asserts that pictures and sound go on without a hole from the first to
    /// the last, to half a frame at 25 pictures per second.
    ///
    /// # Panics
    /// When there is a hole.
    #[track_caller]
    pub fn assert_continuous(&self) {
        const FRAME_NS: u64 = 40_000_000;
        let step = self.greatest_step_ns();
        assert!(step <= FRAME_NS + FRAME_NS / 2, "a picture lasts {} ms", step / 1_000_000);
        let silence = self.greatest_silence_ns();
        assert!(silence <= FRAME_NS, "{} ms without sound", silence / 1_000_000);
    }
}

impl Readings {
    /// Asserts that there is sound from the first picture to the last: to a
    /// picture and a piece of sound, 40 and 21 ms.
    ///
    /// # Panics
    /// When there is not.
    #[track_caller]
    pub fn assert_sounds_throughout(&self) {
        const TOLERANCE_NS: u64 = 65_000_000;
        let (first, last) = match self.pictures.as_slice() {
            [first, .., last] => (first.pts_ns, last.pts_ns + 40_000_000),
            _ => panic!("there are no pictures"),
        };
        let (begin, end) = match self.sounds_ns.as_slice() {
            [first, .., last] => (first.0, last.0 + last.1),
            _ => panic!("there is no sound"),
        };
        let fits = begin.abs_diff(first) <= TOLERANCE_NS && end.abs_diff(last) <= TOLERANCE_NS;
        assert!(
            fits,
            "pictures from {} to {} ms, sound from {} to {} ms",
            first / 1_000_000,
            last / 1_000_000,
            begin / 1_000_000,
            end / 1_000_000
        );
    }
}

type Sounds = std::sync::Arc<std::sync::Mutex<Vec<(u64, u64)>>>;

fn watch_sound(pipeline: &gst::Pipeline) -> Sounds {
    let sounds = Sounds::default();
    let pad = pipeline.by_name("sound").and_then(|sink| sink.static_pad("sink")).expect("a pad for sound");
    let noted = Sounds::clone(&sounds);
    pad.add_probe(gst::PadProbeType::BUFFER, move |pad, info| {
        let segment = pad.sticky_event::<gst::event::Segment>(0);
        let segment = segment.and_then(|event| event.segment().clone().downcast::<gst::ClockTime>().ok());
        let times = info.buffer().and_then(|buffer| {
            let begin = segment?.to_running_time(buffer.pts()?)?;
            Some((begin.nseconds(), buffer.duration().unwrap_or_default().nseconds()))
        });
        if let (Some(times), Ok(mut sounds)) = (times, noted.lock()) {
            sounds.push(times);
        }
        gst::PadProbeReturn::Ok
    });
    sounds
}
