use std::collections::VecDeque;
use std::sync::{LazyLock, Mutex, MutexGuard};

use gst::glib;
use gst::subclass::prelude::*;
use gst_audio::prelude::*;
use gst_audio::subclass::prelude::*;

use super::detector::{Detector, Wanted};
use crate::beep::imp::{CAPS, encoding};
use crate::beep::samples::Encoding;

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new("lecternbeepread", gst::DebugColorFlags::empty(), Some("Beep finder"))
});

/// A buffer this far from where the one before ended begins a new piece of sound.
const SEAM: gst::ClockTime = gst::ClockTime::from_mseconds(20);
/// Seconds for which the times of buffers are kept: an onset is reported up to 0.7 s after it was heard.
const TIMES_KEPT_S: u64 = 1;

#[derive(Clone, Copy)]
struct Settings {
    frequency_hz: f64,
    duration_ms: u32,
    level_dbfs: f64,
    silent: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { frequency_hz: 1000.0, duration_ms: 60, level_dbfs: -30.0, silent: false }
    }
}

/// A piece of sound without seams.
struct Piece {
    detector: Detector,
    /// First sample of a buffer, counted in this piece, and its running time; oldest first.
    times: VecDeque<(u64, gst::ClockTime)>,
    heard: u64,
    rate_hz: u32,
}

#[derive(Default)]
struct State {
    info: Option<gst_audio::AudioInfo>,
    piece: Option<Piece>,
    count: u64,
    last: Option<gst::ClockTime>,
}

/// Lock order: `settings` and `state` are never held together, nor while a message is posted.
#[derive(Default)]
pub struct BeepRead {
    settings: Mutex<Settings>,
    state: Mutex<State>,
}

impl Piece {
    fn new(wanted: Wanted) -> Self {
        Self { detector: Detector::new(wanted), times: VecDeque::new(), heard: 0, rate_hz: wanted.rate_hz }
    }

    fn duration(&self, samples: u64) -> gst::ClockTime {
        let second = gst::ClockTime::SECOND;
        second.mul_div_round(samples, u64::from(self.rate_hz.max(1))).unwrap_or(second)
    }

    /// Whether a buffer at `time` goes on with this piece.
    fn goes_on(&self, time: gst::ClockTime) -> bool {
        self.times.back().is_none_or(|(sample, before)| {
            let expected = *before + self.duration(self.heard - sample);
            expected.absdiff(time) <= SEAM
        })
    }

    fn hear(&mut self, bytes: &[u8], time: gst::ClockTime, encoding: Encoding, channels: usize) -> Vec<f64> {
        self.times.push_back((self.heard, time));
        let oldest = self.heard.saturating_sub(TIMES_KEPT_S * u64::from(self.rate_hz));
        while self.times.get(1).is_some_and(|(sample, _)| *sample <= oldest) {
            self.times.pop_front();
        }
        let mut onsets = Vec::new();
        for frame in bytes.chunks_exact(encoding.bytes() * channels) {
            let sum: f32 = frame.chunks_exact(encoding.bytes()).map(|sample| encoding.read(sample)).sum();
            onsets.extend(self.detector.hear(sum / channels as f32));
            self.heard += 1;
        }
        onsets
    }

    /// The running time of `sample`, by the buffer that held it.
    fn time_of(&self, sample: f64) -> Option<gst::ClockTime> {
        let holds = |(first, _): &&(u64, gst::ClockTime)| *first as f64 <= sample;
        let (first, time) = self.times.iter().rev().find(holds).or(self.times.front())?;
        let offset_ns = (sample - *first as f64) * 1e9 / f64::from(self.rate_hz.max(1));
        Some(if offset_ns < 0.0 {
            time.saturating_sub(gst::ClockTime::from_nseconds(-offset_ns as u64))
        } else {
            *time + gst::ClockTime::from_nseconds(offset_ns as u64)
        })
    }
}

impl BeepRead {
    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Hears a buffer; answers the running times of the beeps it made known.
    fn hear(&self, buffer: &gst::BufferRef, bytes: &[u8]) -> Vec<gst::ClockTime> {
        let settings = *self.settings();
        let segment = self.obj().segment();
        let time = segment
            .downcast_ref::<gst::ClockTime>()
            .and_then(|segment| segment.to_running_time(buffer.pts()));
        let mut state = self.state();
        let (Some(time), Some(info)) = (time, &state.info) else { return Vec::new() };
        let Some(encoding) = encoding(info) else { return Vec::new() };
        let channels = (info.channels() as usize).max(1);
        let wanted = Wanted {
            rate_hz: info.rate(),
            frequency_hz: settings.frequency_hz,
            duration_ms: settings.duration_ms,
            level_dbfs: settings.level_dbfs,
        };
        let mut times = Vec::new();
        if state.piece.as_ref().is_some_and(|piece| !piece.goes_on(time)) {
            gst::debug!(CAT, imp = self, "a new piece of sound begins at {time}");
            times.extend(state.finish());
        }
        let piece = state.piece.get_or_insert_with(|| Piece::new(wanted));
        let onsets = piece.hear(bytes, time, encoding, channels);
        times.extend(onsets.into_iter().filter_map(|onset| piece.time_of(onset)));
        state.note(&times);
        times
    }

    fn post(&self, times: &[gst::ClockTime]) {
        if self.settings().silent || times.is_empty() {
            return;
        }
        let before = self.state().count - times.len() as u64;
        for (time, count) in times.iter().zip(before + 1..) {
            gst::debug!(CAT, imp = self, "beep {count} at {time}");
            let fields = gst::Structure::builder("lectern-beep")
                .field("pts", time.nseconds())
                .field("count", count)
                .build();
            let element = self.obj();
            let message = gst::message::Element::builder(fields).src(&*element).build();
            if element.post_message(message).is_err() {
                gst::debug!(CAT, imp = self, "no bus takes the message");
            }
        }
    }
}

impl State {
    /// Ends the piece; answers the beep that was still open.
    fn finish(&mut self) -> Option<gst::ClockTime> {
        let mut piece = self.piece.take()?;
        let onset = piece.detector.finish()?;
        piece.time_of(onset)
    }

    fn note(&mut self, times: &[gst::ClockTime]) {
        self.count += times.len() as u64;
        self.last = times.last().copied().or(self.last);
    }
}

#[glib::object_subclass]
impl ObjectSubclass for BeepRead {
    const NAME: &'static str = "GstLecternBeepRead";
    type Type = super::BeepRead;
    type ParentType = gst_audio::AudioFilter;
}

impl ObjectImpl for BeepRead {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
            vec![
                glib::ParamSpecDouble::builder("frequency")
                    .blurb("Pitch of the beep in Hz")
                    .minimum(100.0)
                    .maximum(20_000.0)
                    .default_value(1000.0)
                    .mutable_ready()
                    .build(),
                glib::ParamSpecUInt::builder("duration")
                    .blurb("Length of the beep in ms")
                    .minimum(10)
                    .maximum(500)
                    .default_value(60)
                    .mutable_ready()
                    .build(),
                glib::ParamSpecDouble::builder("level")
                    .blurb("Softest beep that is reported, in dB below full scale")
                    .minimum(-80.0)
                    .maximum(0.0)
                    .default_value(-30.0)
                    .mutable_ready()
                    .build(),
                glib::ParamSpecBoolean::builder("silent").blurb("Post no messages").mutable_playing().build(),
                glib::ParamSpecBoxed::builder::<gst::Structure>("stats")
                    .blurb("What was heard since the start")
                    .read_only()
                    .build(),
            ]
        });
        &PROPERTIES
    }

    fn set_property(&self, _id: usize, value: &glib::Value, spec: &glib::ParamSpec) {
        let mut settings = self.settings();
        match (spec.name(), value.get::<f64>(), value.get::<u32>()) {
            ("frequency", Ok(value), _) => settings.frequency_hz = value,
            ("level", Ok(value), _) => settings.level_dbfs = value,
            ("duration", _, Ok(value)) => settings.duration_ms = value,
            ("silent", ..) => settings.silent = value.get().unwrap_or_default(),
            _ => {}
        }
    }

    fn property(&self, _id: usize, spec: &glib::ParamSpec) -> glib::Value {
        match spec.name() {
            "frequency" => self.settings().frequency_hz.to_value(),
            "level" => self.settings().level_dbfs.to_value(),
            "duration" => self.settings().duration_ms.to_value(),
            "silent" => self.settings().silent.to_value(),
            "stats" => {
                let state = self.state();
                gst::Structure::builder("lectern-beep-stats")
                    .field("count", state.count)
                    .field_if_some("last", state.last.map(|time| time.nseconds()))
                    .build()
                    .to_value()
            }
            _ => spec.default_value().clone(),
        }
    }
}

impl GstObjectImpl for BeepRead {}

impl ElementImpl for BeepRead {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Lectern beep finder",
                "Filter/Analyzer/Audio",
                "Finds the beeps of lecternbeep and dates their onset",
                "The Lectern authors",
            )
        });
        Some(&METADATA)
    }
}

impl BaseTransformImpl for BeepRead {
    const MODE: gst_base::subclass::BaseTransformMode = gst_base::subclass::BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = true;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = true;

    fn start(&self) -> Result<(), gst::ErrorMessage> {
        *self.state() = State::default();
        Ok(())
    }

    fn sink_event(&self, event: gst::Event) -> bool {
        if matches!(event.type_(), gst::EventType::Eos | gst::EventType::Segment | gst::EventType::FlushStop)
        {
            let last = {
                let mut state = self.state();
                let last = state.finish();
                state.note(last.as_slice());
                last
            };
            self.post(last.as_slice());
        }
        self.parent_sink_event(event)
    }

    fn transform_ip_passthrough(&self, buffer: &gst::Buffer) -> Result<gst::FlowSuccess, gst::FlowError> {
        let map = buffer.map_readable().map_err(|error| {
            gst::error!(CAT, imp = self, "cannot map a buffer: {error}");
            gst::FlowError::Error
        })?;
        let times = self.hear(buffer, &map);
        drop(map);
        self.post(&times);
        Ok(gst::FlowSuccess::Ok)
    }
}

impl AudioFilterImpl for BeepRead {
    fn allowed_caps() -> &'static gst::Caps {
        &CAPS
    }

    fn setup(&self, info: &gst_audio::AudioInfo) -> Result<(), gst::LoggableError> {
        let mut state = self.state();
        state.info = Some(info.clone());
        state.piece = None;
        drop(state);
        self.parent_setup(info)
    }
}
