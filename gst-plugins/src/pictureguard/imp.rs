use std::sync::{LazyLock, Mutex, MutexGuard};
use std::time::Duration;

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;
use gst_base::prelude::*;
use gst_base::subclass::prelude::*;

use super::frame::{self, CAPS};
use super::judge::{Judge, Verdict};
use super::limits::Limits;
use super::properties;

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new("pictureguard", gst::DebugColorFlags::empty(), Some("Picture guard"))
});

#[derive(Default)]
struct State {
    info: Option<gst_video::VideoInfo>,
    judge: Judge,
    /// Said once in a row, not with every picture.
    is_unreadable: bool,
}

/// Lock order: `settings` and `state` are never held together; `state` is held while a picture is looked
/// at (a fraction of a millisecond), never while a message is posted.
#[derive(Default)]
pub struct PictureGuard {
    settings: Mutex<Limits>,
    state: Mutex<State>,
}

impl PictureGuard {
    fn settings(&self) -> MutexGuard<'_, Limits> {
        self.settings.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn running_time(&self, buffer: &gst::BufferRef) -> Option<Duration> {
        let segment = self.obj().segment();
        segment.downcast_ref::<gst::ClockTime>()?.to_running_time(buffer.pts()?).map(Duration::from)
    }

    /// Looks at a picture when it is time to; answers a verdict that is new.
    fn look(&self, buffer: &gst::BufferRef) -> Option<Verdict> {
        // What fills a gap is not what the source sees.
        if buffer.flags().contains(gst::BufferFlags::GAP) {
            return None;
        }
        let now = self.running_time(buffer)?;
        let limits = *self.settings();
        let mut state = self.state();
        let State { info, judge, is_unreadable } = &mut *state;
        let info = info.as_ref()?;
        if !judge.is_due(now, &limits) {
            return None;
        }
        let frame = gst_video::VideoFrameRef::from_buffer_ref_readable(buffer, info);
        let Some(picture) = frame.as_ref().ok().and_then(frame::picture) else {
            if !std::mem::replace(is_unreadable, true) {
                gst::warning!(CAT, imp = self, "a buffer is not a picture of its caps: it is not judged");
            }
            return None;
        };
        *is_unreadable = false;
        judge.look(&picture, now, &limits)
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
    gst::Structure::builder("lectern-picture")
        .field("black", verdict.black)
        .field("frozen", verdict.frozen)
        .field("no-signal", verdict.no_signal.is_some())
        .field_if_some("pattern", verdict.no_signal.map(|pattern| pattern.name()))
        .field("exposure", verdict.exposure.name())
        .field_if_some("brightness", verdict.brightness)
        .field_if_some("pts", verdict.looked.map(ns))
        .field_if_some("since", verdict.since.map(ns))
        .build()
}

#[glib::object_subclass]
impl ObjectSubclass for PictureGuard {
    const NAME: &'static str = "GstLecternPictureGuard";
    type Type = super::PictureGuard;
    type ParentType = gst_base::BaseTransform;
}

impl ObjectImpl for PictureGuard {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
            let verdict = glib::ParamSpecBoxed::builder::<gst::Structure>("verdict")
                .blurb("What holds now, as the newest message has it; without `pts` before the first picture")
                .read_only()
                .build();
            properties::specs().chain([verdict]).collect()
        });
        &PROPERTIES
    }

    fn set_property(&self, _id: usize, value: &glib::Value, spec: &glib::ParamSpec) {
        properties::set(&mut self.settings(), spec.name(), value);
    }

    fn property(&self, _id: usize, spec: &glib::ParamSpec) -> glib::Value {
        if spec.name() == "verdict" {
            return structure(&self.state().judge.verdict()).to_value();
        }
        properties::get(&self.settings(), spec.name()).unwrap_or_else(|| spec.default_value().clone())
    }
}

impl GstObjectImpl for PictureGuard {}

impl ElementImpl for PictureGuard {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Lectern picture guard",
                "Filter/Analyzer/Video",
                "Says when a picture is black, frozen, no signal, too dark or too bright",
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

/// A plain transform and not a `VideoFilter`: that maps every picture, also those that are not looked at,
/// and lets its quality of service drop them.
impl BaseTransformImpl for PictureGuard {
    const MODE: gst_base::subclass::BaseTransformMode = gst_base::subclass::BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = true;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = true;

    fn start(&self) -> Result<(), gst::ErrorMessage> {
        *self.state() = State::default();
        Ok(())
    }

    fn set_caps(&self, incaps: &gst::Caps, _outcaps: &gst::Caps) -> Result<(), gst::LoggableError> {
        let info = gst_video::VideoInfo::from_caps(incaps)
            .map_err(|error| gst::loggable_error!(CAT, "cannot read the caps {incaps}: {error}"))?;
        let mut state = self.state();
        state.info = Some(info);
        state.judge.begin_anew();
        Ok(())
    }

    fn sink_event(&self, event: gst::Event) -> bool {
        if event.type_() == gst::EventType::FlushStop {
            self.state().judge.begin_anew();
        }
        self.parent_sink_event(event)
    }

    fn transform_ip_passthrough(&self, buffer: &gst::Buffer) -> Result<gst::FlowSuccess, gst::FlowError> {
        if let Some(verdict) = self.look(buffer) {
            self.post(&verdict);
        }
        Ok(gst::FlowSuccess::Ok)
    }
}
