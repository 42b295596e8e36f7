use std::sync::{LazyLock, Mutex, MutexGuard};

use gst::glib;
use gst::subclass::prelude::*;
use gst_audio::prelude::*;
use gst_audio::subclass::prelude::*;

use super::samples::Encoding;
use super::tone::Tone;

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new("lecternbeep", gst::DebugColorFlags::empty(), Some("Beep at each second"))
});

/// Buffers whose time is off by no more than this follow the one before without a seam: their times
/// are rounded.
const SEAMLESS_SAMPLES: u64 = 2;

/// What `lecternbeep` and `lecternbeepread` take.
pub(crate) static CAPS: LazyLock<gst::Caps> = LazyLock::new(|| {
    gst_audio::AudioCapsBuilder::new_interleaved()
        .format_list([gst_audio::AudioFormat::S16le, gst_audio::AudioFormat::F32le])
        .build()
});

#[derive(Clone, Copy)]
struct Settings {
    frequency_hz: f64,
    duration_ms: u32,
    level_dbfs: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { frequency_hz: 1000.0, duration_ms: 60, level_dbfs: -6.0 }
    }
}

#[derive(Default)]
struct State {
    info: Option<gst_audio::AudioInfo>,
    /// Sample of running time that follows the last buffer.
    next: Option<u64>,
}

/// Lock order: `settings` and `state` are never held together, nor while samples are mixed.
#[derive(Default)]
pub struct Beep {
    settings: Mutex<Settings>,
    state: Mutex<State>,
}

/// How the samples of `info` are written; nothing for a format that the caps do not allow.
pub(crate) fn encoding(info: &gst_audio::AudioInfo) -> Option<Encoding> {
    match info.format() {
        gst_audio::AudioFormat::S16le => Some(Encoding::S16),
        gst_audio::AudioFormat::F32le => Some(Encoding::F32),
        _ => None,
    }
}

impl Beep {
    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The first sample of the buffer, counted from running time zero, and its tone.
    fn place(&self, buffer: &gst::BufferRef) -> Option<(u64, Tone, Encoding, usize)> {
        let settings = *self.settings();
        let segment = self.obj().segment();
        let time = segment.downcast_ref::<gst::ClockTime>()?.to_running_time(buffer.pts()?)?;
        let mut state = self.state();
        let info = state.info.as_ref()?;
        let (rate_hz, bytes_per_frame, encoding) = (info.rate(), info.bpf() as usize, encoding(info)?);
        let dated = time.nseconds().mul_div_round(u64::from(rate_hz), gst::ClockTime::SECOND.nseconds())?;
        let position = match state.next {
            Some(next) if next.abs_diff(dated) <= SEAMLESS_SAMPLES => next,
            Some(next) => {
                gst::debug!(CAT, imp = self, "jump from sample {next} to {dated}");
                dated
            }
            None => dated,
        };
        state.next = Some(position + (buffer.size() / bytes_per_frame.max(1)) as u64);
        let Settings { frequency_hz, duration_ms, level_dbfs } = settings;
        Some((position, Tone { rate_hz, frequency_hz, duration_ms, level_dbfs }, encoding, bytes_per_frame))
    }
}

/// Mixes `tone` into `bytes`, whose first sample is `position`.
fn mix(bytes: &mut [u8], position: u64, tone: &Tone, encoding: Encoding, bytes_per_frame: usize) {
    let frames = (bytes.len() / bytes_per_frame.max(1)) as u64;
    let mut frame = 0;
    while frame < frames {
        let Some(value) = tone.at(position + frame) else {
            frame = frame.saturating_add(tone.silence_from(position + frame).max(1));
            continue;
        };
        let start = frame as usize * bytes_per_frame;
        for sample in bytes[start..start + bytes_per_frame].chunks_exact_mut(encoding.bytes()) {
            encoding.write(sample, encoding.read(sample) + value);
        }
        frame += 1;
    }
}

#[glib::object_subclass]
impl ObjectSubclass for Beep {
    const NAME: &'static str = "GstLecternBeep";
    type Type = super::Beep;
    type ParentType = gst_audio::AudioFilter;
}

impl ObjectImpl for Beep {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
            vec![
                glib::ParamSpecDouble::builder("frequency")
                    .blurb("Pitch of the beep in Hz")
                    .minimum(100.0)
                    .maximum(20_000.0)
                    .default_value(1000.0)
                    .mutable_playing()
                    .build(),
                glib::ParamSpecUInt::builder("duration")
                    .blurb("Length of a beep in ms")
                    .minimum(10)
                    .maximum(500)
                    .default_value(60)
                    .mutable_playing()
                    .build(),
                glib::ParamSpecDouble::builder("level")
                    .blurb("Level of the beep in dB below full scale")
                    .minimum(-60.0)
                    .maximum(0.0)
                    .default_value(-6.0)
                    .mutable_playing()
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
            _ => {}
        }
    }

    fn property(&self, _id: usize, spec: &glib::ParamSpec) -> glib::Value {
        let settings = self.settings();
        match spec.name() {
            "frequency" => settings.frequency_hz.to_value(),
            "level" => settings.level_dbfs.to_value(),
            "duration" => settings.duration_ms.to_value(),
            _ => spec.default_value().clone(),
        }
    }
}

impl GstObjectImpl for Beep {}

impl ElementImpl for Beep {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Lectern beep",
                "Filter/Effect/Audio",
                "Mixes a beep into the sound at each whole second of running time",
                "The Lectern authors",
            )
        });
        Some(&METADATA)
    }
}

impl BaseTransformImpl for Beep {
    const MODE: gst_base::subclass::BaseTransformMode = gst_base::subclass::BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = false;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = false;

    fn start(&self) -> Result<(), gst::ErrorMessage> {
        *self.state() = State::default();
        Ok(())
    }

    fn transform_ip(&self, buffer: &mut gst::BufferRef) -> Result<gst::FlowSuccess, gst::FlowError> {
        let Some((position, tone, encoding, bytes_per_frame)) = self.place(buffer) else {
            gst::debug!(CAT, imp = self, "a buffer without running time passes unchanged");
            return Ok(gst::FlowSuccess::Ok);
        };
        let mut map = buffer.map_writable().map_err(|error| {
            gst::error!(CAT, imp = self, "cannot map a buffer: {error}");
            gst::FlowError::Error
        })?;
        mix(&mut map, position, &tone, encoding, bytes_per_frame);
        Ok(gst::FlowSuccess::Ok)
    }
}

impl AudioFilterImpl for Beep {
    fn allowed_caps() -> &'static gst::Caps {
        &CAPS
    }

    fn setup(&self, info: &gst_audio::AudioInfo) -> Result<(), gst::LoggableError> {
        *self.state() = State { info: Some(info.clone()), next: None };
        self.parent_setup(info)
    }
}
