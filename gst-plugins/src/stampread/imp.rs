use std::sync::{LazyLock, Mutex, MutexGuard};

use gst::glib;
use gst::subclass::prelude::*;
use gst_base::subclass::prelude::*;
use gst_video::prelude::*;
use gst_video::subclass::prelude::*;

use super::ledger::Ledger;
use crate::stamp::code::{Code, Unreadable};
use crate::stamp::layout::Area;
use crate::stamp::{CAPS, Placement, area_properties, format_of, get_area, set_area};

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new("lecternstampread", gst::DebugColorFlags::empty(), Some("Picture stamp reader"))
});

struct Settings {
    placement: Placement,
    frame: Area,
    silent: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { placement: Placement::default(), frame: Area::WHOLE, silent: false }
    }
}

#[derive(Default)]
struct State {
    ledger: Ledger,
    fps: Option<(u64, u64)>,
}

/// Lock order: `settings` and `state` are never held together, nor while a picture is read or a
/// message is posted.
#[derive(Default)]
pub struct StampRead {
    settings: Mutex<Settings>,
    state: Mutex<State>,
}

impl StampRead {
    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn stats(&self) -> gst::Structure {
        let account = self.state().ledger.account().clone();
        gst::Structure::builder("lectern-stamp-stats")
            .field("frames", account.frames)
            .field("unreadable", account.unreadable)
            .field("missing", account.missing)
            .field("doubled", account.doubled)
            .field("out-of-order", account.out_of_order)
            .field("restarts", account.restarts)
            .field_if_some("first", account.first)
            .field_if_some("last", account.last)
            .field_if_some("late-max-ms", account.late_max_ns.map(|late| late as f64 / 1e6))
            .build()
    }

    fn post(
        &self,
        code: Result<Code, Unreadable>,
        running_time: Option<gst::ClockTime>,
        stream_time: Option<gst::ClockTime>,
    ) {
        let fields = gst::Structure::builder("lectern-stamp")
            .field("valid", code.is_ok())
            .field_if_some("number", code.ok().map(|code| u64::from(code.number)))
            .field_if_some("flash", code.ok().map(|code| code.flash))
            .field_if_some("pts", running_time.map(|time| time.nseconds()))
            .field_if_some("stream-time", stream_time.map(|time| time.nseconds()))
            .build();
        let element = self.obj();
        let message = gst::message::Element::builder(fields).src(&*element).build();
        if element.post_message(message).is_err() {
            gst::debug!(CAT, imp = self, "no bus takes the message");
        }
    }
}

#[glib::object_subclass]
impl ObjectSubclass for StampRead {
    const NAME: &'static str = "GstLecternStampRead";
    type Type = super::StampRead;
    type ParentType = gst_video::VideoFilter;
}

impl ObjectImpl for StampRead {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
            let mut properties = Placement::properties();
            properties.extend(area_properties("frame-", "the stamped picture", Area::WHOLE));
            properties.extend([
                glib::ParamSpecBoolean::builder("silent").blurb("Post no messages").mutable_playing().build(),
                glib::ParamSpecBoxed::builder::<gst::Structure>("stats")
                    .blurb("What was read since the start")
                    .read_only()
                    .build(),
            ]);
            properties
        });
        &PROPERTIES
    }

    fn set_property(&self, _id: usize, value: &glib::Value, spec: &glib::ParamSpec) {
        let mut settings = self.settings();
        let name = spec.name();
        if name == "silent" {
            settings.silent = value.get().unwrap_or_default();
        } else if let Some(name) = name.strip_prefix("frame-") {
            set_area(&mut settings.frame, name, value);
        } else {
            settings.placement.set(name, value);
        }
    }

    fn property(&self, _id: usize, spec: &glib::ParamSpec) -> glib::Value {
        let name = spec.name();
        if name == "stats" {
            return self.stats().to_value();
        }
        let settings = self.settings();
        if name == "silent" {
            return settings.silent.to_value();
        }
        match name.strip_prefix("frame-") {
            Some(name) => get_area(settings.frame, name),
            None => settings.placement.get(name),
        }
        .unwrap_or_else(|| spec.default_value().clone())
    }
}

impl GstObjectImpl for StampRead {}

impl ElementImpl for StampRead {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Lectern picture stamp reader",
                "Filter/Analyzer/Video",
                "Reads the frame numbers of lecternstamp and keeps account of them",
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

impl BaseTransformImpl for StampRead {
    const MODE: gst_base::subclass::BaseTransformMode = gst_base::subclass::BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = true;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = true;

    fn start(&self) -> Result<(), gst::ErrorMessage> {
        *self.state() = State::default();
        Ok(())
    }
}

impl VideoFilterImpl for StampRead {
    fn set_info(
        &self,
        incaps: &gst::Caps,
        in_info: &gst_video::VideoInfo,
        outcaps: &gst::Caps,
        out_info: &gst_video::VideoInfo,
    ) -> Result<(), gst::LoggableError> {
        let fps = in_info.fps();
        self.state().fps = match (u64::try_from(fps.numer()), u64::try_from(fps.denom())) {
            (Ok(numer), Ok(denom)) if numer > 0 && denom > 0 => Some((numer, denom)),
            _ => None,
        };
        self.parent_set_info(incaps, in_info, outcaps, out_info)
    }

    fn transform_frame_ip_passthrough(
        &self,
        frame: &gst_video::VideoFrameRef<&gst::BufferRef>,
    ) -> Result<gst::FlowSuccess, gst::FlowError> {
        let (area, silent) = {
            let settings = self.settings();
            (settings.placement.area.within(settings.frame), settings.silent)
        };
        let code = format_of(frame).read(&frame.planes_data(), area);

        let segment = self.obj().segment();
        let segment = segment.downcast_ref::<gst::ClockTime>();
        let pts = frame.buffer().pts();
        let running_time = segment.and_then(|segment| segment.to_running_time(pts));
        let stream_time = segment.and_then(|segment| segment.to_stream_time(pts));
        {
            let mut state = self.state();
            let fps = state.fps;
            match code {
                Ok(code) => {
                    state.ledger.number(code.number, running_time.map(|time| time.nseconds()), fps);
                }
                Err(_) => state.ledger.unreadable(),
            }
        }
        gst::trace!(CAT, imp = self, "{code:?} at {}", running_time.display());
        if !silent {
            self.post(code, running_time, stream_time);
        }
        Ok(gst::FlowSuccess::Ok)
    }
}
