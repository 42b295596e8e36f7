use std::sync::{LazyLock, Mutex, MutexGuard};
use std::time::Duration;

use gst::glib;
use gst::subclass::prelude::*;
use gst_audio::prelude::*;
use gst_audio::subclass::prelude::*;

use super::judge::{Form, Judge, Verdict};
use super::limits::Limits;
use crate::beep::imp::{CAPS, encoding};
use crate::beep::samples::Encoding;

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new("soundguard", gst::DebugColorFlags::empty(), Some("Sound guard"))
});

/// A buffer this far from where the one before ended begins a new piece of sound.
const SEAM: Duration = Duration::from_millis(20);
const LONGEST_MS: u32 = 3_600_000;

struct Listening {
    judge: Judge,
    encoding: Encoding,
    /// Before the first buffer nothing is expected.
    has_begun: bool,
}

/// Lock order: `settings` and `state` are never held together; neither is held while a message is posted.
#[derive(Default)]
pub struct SoundGuard {
    settings: Mutex<Limits>,
    state: Mutex<Option<Listening>>,
}

impl SoundGuard {
    fn settings(&self) -> MutexGuard<'_, Limits> {
        self.settings.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn state(&self) -> MutexGuard<'_, Option<Listening>> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn hear(&self, buffer: &gst::BufferRef, bytes: &[u8]) -> Vec<Verdict> {
        let limits = *self.settings();
        let segment = self.obj().segment();
        let time = segment
            .downcast_ref::<gst::ClockTime>()
            .and_then(|segment| segment.to_running_time(buffer.pts()));
        let mut state = self.state();
        let (Some(time), Some(listening)) = (time.map(Duration::from), state.as_mut()) else {
            return Vec::new();
        };
        if !listening.has_begun || listening.judge.next().abs_diff(time) > SEAM {
            listening.judge.begin_anew(time);
            listening.has_begun = true;
        }
        let encoding = listening.encoding;
        let samples = bytes.chunks_exact(encoding.bytes()).map(|sample| encoding.read(sample));
        listening.judge.hear(samples, &limits)
    }

    fn post(&self, verdict: &Verdict) {
        gst::info!(CAT, imp = self, "{verdict:?}");
        let element = self.obj();
        let message = gst::message::Element::builder(structure(verdict)).src(&*element).build();
        if element.post_message(message).is_err() {
            gst::debug!(CAT, imp = self, "no bus takes the message");
        }
    }
}

fn structure(verdict: &Verdict) -> gst::Structure {
    let ns = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    gst::Structure::builder("lectern-sound")
        .field("silent", verdict.silent)
        .field("clipping", verdict.clipping)
        .field("hum", verdict.hum)
        .field_if_some("level-db", verdict.level_db)
        .field_if_some("hum-db", verdict.hum_db)
        .field_if_some("pts", verdict.heard.map(ns))
        .field_if_some("since", verdict.since.map(ns))
        .build()
}

fn check(name: &str, blurb: &str) -> glib::ParamSpec {
    glib::ParamSpecBoolean::builder(name).blurb(blurb).default_value(true).mutable_playing().build()
}

fn time(name: &str, blurb: &str, default: Duration) -> glib::ParamSpec {
    let builder = glib::ParamSpecUInt::builder(name).blurb(blurb).maximum(LONGEST_MS);
    builder.default_value(millis(default)).mutable_playing().build()
}

fn number(name: &str, blurb: &str, (least, most): (f64, f64), default: f64) -> glib::ParamSpec {
    let builder = glib::ParamSpecDouble::builder(name).blurb(blurb).minimum(least).maximum(most);
    builder.default_value(default).mutable_playing().build()
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

#[glib::object_subclass]
impl ObjectSubclass for SoundGuard {
    const NAME: &'static str = "GstLecternSoundGuard";
    type Type = super::SoundGuard;
    type ParentType = gst_audio::AudioFilter;
}

impl ObjectImpl for SoundGuard {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
            let is = Limits::default();
            let loudness = (-144.0, 0.0);
            vec![
                check("check-silent", "Listen for silence"),
                check("check-clipping", "Listen for peaks that are cut off"),
                check("check-hum", "Listen for the hum of the mains"),
                time("silent-time", "Milliseconds that it is silent before it is said", is.silent_time),
                time("mute-time", "The same where no tenth was silent in the 20 s before", is.mute_time),
                time("hum-time", "Milliseconds that there is hum before it is said", is.hum_time),
                time("clear-time", "Milliseconds that a condition is over before it is said", is.clear_time),
                number("silent-level", "Silence is below this (dBFS, RMS)", loudness, is.silent_level_db),
                number("hum-level", "Hum is above this (dBFS, RMS)", loudness, is.hum_level_db),
                number(
                    "clipping-share",
                    "Share of the last five seconds that is clipped before it is said",
                    (0.0, 1.0),
                    is.clipping_share,
                ),
                glib::ParamSpecUInt::builder("mains-frequency")
                    .blurb("Frequency of the mains in Hz")
                    .minimum(40)
                    .maximum(70)
                    .default_value(is.mains_hz)
                    .mutable_playing()
                    .build(),
                glib::ParamSpecBoxed::builder::<gst::Structure>("verdict")
                    .blurb(
                        "What holds now, as the newest message has it; without `pts` before the first sound",
                    )
                    .read_only()
                    .build(),
            ]
        });
        &PROPERTIES
    }

    fn set_property(&self, _id: usize, value: &glib::Value, spec: &glib::ParamSpec) {
        let mut limits = self.settings();
        let (is, count, number) = (value.get::<bool>(), value.get::<u32>(), value.get::<f64>());
        let time = count.as_ref().map(|count| Duration::from_millis((*count).into()));
        match (spec.name(), is, count.as_ref(), time, number) {
            ("check-silent", Ok(is), ..) => limits.check_silent = is,
            ("check-clipping", Ok(is), ..) => limits.check_clipping = is,
            ("check-hum", Ok(is), ..) => limits.check_hum = is,
            ("silent-time", _, _, Ok(time), _) => limits.silent_time = time,
            ("mute-time", _, _, Ok(time), _) => limits.mute_time = time,
            ("hum-time", _, _, Ok(time), _) => limits.hum_time = time,
            ("clear-time", _, _, Ok(time), _) => limits.clear_time = time,
            ("silent-level", .., Ok(number)) => limits.silent_level_db = number,
            ("hum-level", .., Ok(number)) => limits.hum_level_db = number,
            ("clipping-share", .., Ok(number)) => limits.clipping_share = number,
            ("mains-frequency", _, Ok(count), ..) => limits.mains_hz = *count,
            _ => {}
        }
    }

    fn property(&self, _id: usize, spec: &glib::ParamSpec) -> glib::Value {
        let limits = *self.settings();
        match spec.name() {
            "check-silent" => limits.check_silent.to_value(),
            "check-clipping" => limits.check_clipping.to_value(),
            "check-hum" => limits.check_hum.to_value(),
            "silent-time" => millis(limits.silent_time).to_value(),
            "mute-time" => millis(limits.mute_time).to_value(),
            "hum-time" => millis(limits.hum_time).to_value(),
            "clear-time" => millis(limits.clear_time).to_value(),
            "silent-level" => limits.silent_level_db.to_value(),
            "hum-level" => limits.hum_level_db.to_value(),
            "clipping-share" => limits.clipping_share.to_value(),
            "mains-frequency" => limits.mains_hz.to_value(),
            "verdict" => {
                let state = self.state();
                let verdict = state.as_ref().map(|listening| listening.judge.verdict());
                structure(&verdict.unwrap_or_default()).to_value()
            }
            _ => spec.default_value().clone(),
        }
    }
}

impl GstObjectImpl for SoundGuard {}

impl ElementImpl for SoundGuard {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Lectern sound guard",
                "Filter/Analyzer/Audio",
                "Says when a sound is silent, clipped, or has the hum of the mains in it",
                "The Lectern authors",
            )
        });
        Some(&METADATA)
    }
}

impl BaseTransformImpl for SoundGuard {
    const MODE: gst_base::subclass::BaseTransformMode = gst_base::subclass::BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = true;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = true;

    fn start(&self) -> Result<(), gst::ErrorMessage> {
        *self.state() = None;
        Ok(())
    }

    fn sink_event(&self, event: gst::Event) -> bool {
        if event.type_() == gst::EventType::FlushStop
            && let Some(listening) = self.state().as_mut()
        {
            listening.has_begun = false;
        }
        self.parent_sink_event(event)
    }

    fn transform_ip_passthrough(&self, buffer: &gst::Buffer) -> Result<gst::FlowSuccess, gst::FlowError> {
        let Ok(map) = buffer.map_readable() else {
            gst::warning!(CAT, imp = self, "a buffer cannot be read: it is not judged");
            return Ok(gst::FlowSuccess::Ok);
        };
        let verdicts = self.hear(buffer, &map);
        drop(map);
        verdicts.iter().for_each(|verdict| self.post(verdict));
        Ok(gst::FlowSuccess::Ok)
    }
}

impl AudioFilterImpl for SoundGuard {
    fn allowed_caps() -> &'static gst::Caps {
        &CAPS
    }

    fn setup(&self, info: &gst_audio::AudioInfo) -> Result<(), gst::LoggableError> {
        let form = Form { rate_hz: info.rate(), channels: info.channels() as usize };
        let mut state = self.state();
        let encoding =
            encoding(info).ok_or_else(|| gst::loggable_error!(CAT, "cannot judge {:?}", info.format()))?;
        let mut judge = Judge::new(form);
        if let Some(before) = state.take() {
            judge.take_over(&before.judge);
        }
        *state = Some(Listening { judge, encoding, has_begun: false });
        drop(state);
        self.parent_setup(info)
    }
}
