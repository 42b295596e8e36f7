//! An encoder like a chip with one session: a second one is refused as long as
//! the first is open.

use std::sync::atomic::{AtomicBool, Ordering};

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;

pub(super) const FACTORY: &str = "lecternsingleenc";

static IN_USE: AtomicBool = AtomicBool::new(false);

#[derive(Debug, Default)]
pub(super) struct Inner {
    owns: AtomicBool,
}

#[glib::object_subclass]
impl ObjectSubclass for Inner {
    const NAME: &'static str = "LecternSingleSessionEncoder";
    type Type = SingleSessionEncoder;
    type ParentType = gst::Bin;
}

impl ObjectImpl for Inner {
    fn constructed(&self) {
        self.parent_constructed();
        let encoder = gst::ElementFactory::make("x264enc").name("chip");
        let encoder = encoder
            .property_from_str("speed-preset", "ultrafast")
            .property_from_str("tune", "zerolatency")
            .property("key-int-max", 1000_u32)
            .build()
            .unwrap();
        let bin = self.obj();
        bin.add(&encoder).unwrap();
        for name in ["sink", "src"] {
            let pad = gst::GhostPad::with_target(&encoder.static_pad(name).unwrap()).unwrap();
            pad.set_property("name", name);
            bin.add_pad(&pad).unwrap();
        }
    }
}

impl GstObjectImpl for Inner {}
impl BinImpl for Inner {}

impl ElementImpl for Inner {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: std::sync::OnceLock<gst::subclass::ElementMetadata> = std::sync::OnceLock::new();
        Some(METADATA.get_or_init(|| {
            gst::subclass::ElementMetadata::new("One session", "Codec/Encoder/Video", "For tests", "Lectern")
        }))
    }

    fn change_state(
        &self,
        change: gst::StateChange,
    ) -> Result<gst::StateChangeSuccess, gst::StateChangeError> {
        if change == gst::StateChange::NullToReady {
            if IN_USE.swap(true, Ordering::SeqCst) {
                gst::element_imp_error!(self, gst::ResourceError::Busy, ["the only session is in use"]);
                return Err(gst::StateChangeError);
            }
            self.owns.store(true, Ordering::SeqCst);
        }
        let changed = self.parent_change_state(change);
        if change == gst::StateChange::ReadyToNull && self.owns.swap(false, Ordering::SeqCst) {
            IN_USE.store(false, Ordering::SeqCst);
        }
        changed
    }
}

glib::wrapper! {
    pub(super) struct SingleSessionEncoder(ObjectSubclass<Inner>) @extends gst::Bin, gst::Element, gst::Object;
}

/// Makes it known to this process.
pub(super) fn register() {
    gst::Element::register(None, FACTORY, gst::Rank::NONE, SingleSessionEncoder::static_type()).unwrap();
}
