//! The encoded broadcast: what the live encoder makes is handed to every
//! connected target from here. Lives as long as the daemon.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::gate::{Gate, GopCache, UnitKind};

/// One target's connection, as the stream sees it.
#[derive(Debug)]
pub(crate) struct Outlet {
    picture: gst_app::AppSrc,
    sound: gst_app::AppSrc,
    gate: Mutex<Gate>,
    dropped: AtomicU64,
}

/// A target may be so far behind before it loses pictures.
const MOST_WAITING: gst::ClockTime = gst::ClockTime::from_seconds(6);

impl Outlet {
    pub(crate) fn new(picture: gst_app::AppSrc, sound: gst_app::AppSrc) -> Self {
        Self { picture, sound, gate: Mutex::default(), dropped: AtomicU64::new(0) }
    }

    /// Pictures that this connection did not take in time.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn push(&self, kind: UnitKind, unit: &gst::Buffer) {
        let full = self.picture.current_level_time() > MOST_WAITING;
        let passes = self.gate.lock().unwrap_or_else(PoisonError::into_inner).passes(kind, full);
        if !passes {
            if kind != UnitKind::Sound {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
            return;
        }
        let source = if kind == UnitKind::Sound { &self.sound } else { &self.picture };
        // A pipeline that is going down refuses; its target knows already.
        let _ = source.push_buffer(unit.clone());
    }
}

#[derive(Debug)]
struct Inner {
    group: GopCache<gst::Buffer>,
    outlets: Vec<Arc<Outlet>>,
}

/// Hands encoded units to the outlets.
#[derive(Debug)]
pub(crate) struct LiveStream {
    inner: Mutex<Inner>,
}

impl LiveStream {
    pub(crate) fn new() -> Self {
        Self { inner: Mutex::new(Inner { group: GopCache::new(), outlets: Vec::new() }) }
    }

    /// Connects a target: it begins with the current group of pictures.
    pub(crate) fn attach(&self, outlet: &Arc<Outlet>) {
        let mut inner = self.inner();
        for (kind, unit) in inner.group.iter() {
            outlet.push(*kind, unit);
        }
        inner.outlets.push(Arc::clone(outlet));
    }

    pub(crate) fn detach(&self, outlet: &Arc<Outlet>) {
        self.inner().outlets.retain(|o| !Arc::ptr_eq(o, outlet));
    }

    /// A unit from the encoder; called from its streaming threads.
    pub(crate) fn push(&self, kind: UnitKind, unit: gst::Buffer) {
        let mut inner = self.inner();
        for outlet in &inner.outlets {
            outlet.push(kind, &unit);
        }
        inner.group.push(kind, unit);
    }

    /// The encoder begins anew, or ends: what it made before fits to nothing.
    pub(crate) fn restart(&self) {
        self.inner().group.clear();
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
