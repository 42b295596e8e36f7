use std::sync::{LazyLock, Mutex, MutexGuard};

use gst::glib;
use gst::subclass::prelude::*;
use gst_base::subclass::prelude::*;
use gst_video::prelude::*;
use gst_video::subclass::prelude::*;

use super::code::{Code, NUMBERS};
use super::{CAPS, Placement, format_of};

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new("lecternstamp", gst::DebugColorFlags::empty(), Some("Picture stamp"))
});

const SECOND_NS: u64 = 1_000_000_000;
const FLASH_NS: u64 = 80_000_000;
/// Time stamps that went through a container are rounded; a picture this close before a second
/// belongs to it.
const ROUNDING_NS: u64 = 1_000_000;

/// Where the frame number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLecternStampSource")]
pub enum Source {
    /// Every picture that passes counts one.
    #[default]
    #[enum_value(name = "Count the pictures that pass", nick = "counter")]
    Counter,
    /// Running time × frame rate. Counts when the frame rate or the time is unknown.
    #[enum_value(name = "Running time × frame rate", nick = "time")]
    Time,
}

struct Settings {
    placement: Placement,
    source: Source,
    first: u32,
    flash: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { placement: Placement::default(), source: Source::default(), first: 0, flash: true }
    }
}

#[derive(Default)]
struct State {
    passed: u64,
    fps: Option<gst::Fraction>,
}

/// Lock order: `settings`, then `state`; neither is held while a picture is written.
#[derive(Default)]
pub struct Stamp {
    settings: Mutex<Settings>,
    state: Mutex<State>,
}

impl Stamp {
    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn running_time(&self, pts: Option<gst::ClockTime>) -> Option<gst::ClockTime> {
        let segment = self.obj().segment();
        segment.downcast_ref::<gst::ClockTime>()?.to_running_time(pts?)
    }
}

/// The number of the picture at `time`, counted at `fps` from running time zero.
fn number_at(time: gst::ClockTime, fps: gst::Fraction) -> Option<u64> {
    let (numer, denom) = (u64::try_from(fps.numer()).ok()?, u64::try_from(fps.denom()).ok()?);
    if numer == 0 || denom == 0 {
        return None;
    }
    time.nseconds().mul_div_round(numer, denom * SECOND_NS)
}

fn is_flash(time: gst::ClockTime) -> bool {
    (time.nseconds() + ROUNDING_NS) % SECOND_NS < FLASH_NS + ROUNDING_NS
}

#[glib::object_subclass]
impl ObjectSubclass for Stamp {
    const NAME: &'static str = "GstLecternStamp";
    type Type = super::Stamp;
    type ParentType = gst_video::VideoFilter;
}

impl ObjectImpl for Stamp {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
            let mut properties = Placement::properties();
            properties.extend([
                glib::ParamSpecEnum::builder_with_default("source", Source::default())
                    .blurb("Where the frame number comes from")
                    .mutable_ready()
                    .build(),
                glib::ParamSpecUInt::builder("first")
                    .blurb("First number of source=counter; added to the number of source=time")
                    .maximum(NUMBERS - 1)
                    .mutable_ready()
                    .build(),
                glib::ParamSpecBoolean::builder("flash")
                    .blurb("Show a white patch during the first 80 ms of each second of running time")
                    .default_value(true)
                    .mutable_playing()
                    .build(),
            ]);
            properties
        });
        &PROPERTIES
    }

    fn set_property(&self, _id: usize, value: &glib::Value, spec: &glib::ParamSpec) {
        let mut settings = self.settings();
        match (spec.name(), value.type_()) {
            ("source", _) => settings.source = value.get().unwrap_or_default(),
            ("first", _) => settings.first = value.get().unwrap_or_default(),
            ("flash", _) => settings.flash = value.get().unwrap_or_default(),
            (name, _) => {
                settings.placement.set(name, value);
            }
        }
    }

    fn property(&self, _id: usize, spec: &glib::ParamSpec) -> glib::Value {
        let settings = self.settings();
        match spec.name() {
            "source" => settings.source.to_value(),
            "first" => settings.first.to_value(),
            "flash" => settings.flash.to_value(),
            name => settings.placement.get(name).unwrap_or_else(|| spec.default_value().clone()),
        }
    }
}

impl GstObjectImpl for Stamp {}

impl ElementImpl for Stamp {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Lectern picture stamp",
                "Filter/Editor/Video",
                "Writes a frame number that machines can read and a flash on every picture",
                "The Lectern authors",
            )
        });
        Some(&METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> = LazyLock::new(|| {
            [("sink", gst::PadDirection::Sink), ("src", gst::PadDirection::Src)]
                .into_iter()
                .filter_map(|(name, direction)| {
                    gst::PadTemplate::new(name, direction, gst::PadPresence::Always, &CAPS).ok()
                })
                .collect()
        });
        &TEMPLATES
    }
}

impl BaseTransformImpl for Stamp {
    const MODE: gst_base::subclass::BaseTransformMode = gst_base::subclass::BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = false;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = false;

    fn start(&self) -> Result<(), gst::ErrorMessage> {
        *self.state() = State::default();
        Ok(())
    }
}

impl VideoFilterImpl for Stamp {
    fn set_info(
        &self,
        incaps: &gst::Caps,
        in_info: &gst_video::VideoInfo,
        outcaps: &gst::Caps,
        out_info: &gst_video::VideoInfo,
    ) -> Result<(), gst::LoggableError> {
        let fps = in_info.fps();
        let fps = (fps.numer() > 0).then_some(fps);
        if fps.is_none() && self.settings().source == Source::Time {
            gst::warning!(CAT, imp = self, "no fixed frame rate: pictures are counted instead");
        }
        self.state().fps = fps;
        self.parent_set_info(incaps, in_info, outcaps, out_info)
    }

    fn transform_frame_ip(
        &self,
        frame: &mut gst_video::VideoFrameRef<&mut gst::BufferRef>,
    ) -> Result<gst::FlowSuccess, gst::FlowError> {
        let time = self.running_time(frame.buffer().pts());
        let (area, code) = {
            let settings = self.settings();
            let mut state = self.state();
            let counted = state.passed;
            state.passed += 1;
            let by_time = match settings.source {
                Source::Counter => None,
                Source::Time => time.zip(state.fps).and_then(|(time, fps)| number_at(time, fps)),
            };
            let number = (by_time.unwrap_or(counted) + u64::from(settings.first)) % u64::from(NUMBERS);
            let flash = settings.flash && time.is_some_and(is_flash);
            (settings.placement.area, Code { number: number as u32, flash })
        };
        gst::trace!(CAT, imp = self, "{code:?} at {}", time.display());
        format_of(frame).write(&mut frame.planes_data_mut(), area, code);
        Ok(gst::FlowSuccess::Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_time_are_exact_at_ntsc_rates_after_hours() {
        let fps = gst::Fraction::new(30_000, 1001);
        for number in [0, 1, 29, 30, 1_000_000] {
            let time = gst::ClockTime::from_nseconds(number * 1_001_000_000 / 30);
            assert_eq!(number_at(time, fps), Some(number));
        }
        assert_eq!(number_at(gst::ClockTime::SECOND, gst::Fraction::new(0, 1)), None);
    }

    #[test]
    fn the_flash_lasts_80_ms_and_forgives_rounding() {
        let at = |ms| is_flash(gst::ClockTime::from_mseconds(ms));
        assert!(at(0) && at(79) && at(1000) && at(3040) && at(999));
        assert!(!at(80) && !at(500) && !at(998));
    }
}
