//! The encoded broadcast: what the live encoder makes is handed to every
//! connected target from here. Lives as long as the daemon.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::gate::{Gate, GopCache, UnitKind};
use super::silence;
use crate::capture::shutter::Shutter;
use crate::capture::time::ClockPoint;

/// One target's connection, as the stream sees it.
#[derive(Debug)]
pub(crate) struct Outlet {
    picture: gst_app::AppSrc,
    sound: gst_app::AppSrc,
    stamps: Stamps,
    gate: Mutex<Gate>,
    /// Whether the target takes what it is given.
    established: AtomicBool,
    offered: AtomicU64,
    dropped: AtomicU64,
}

/// Which time stamps a target's multiplexer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stamps {
    AsEncoded,
    /// Pictures are to be decoded [`DECODED_AHEAD`] of the moment at which they
    /// are shown. A multiplexer goes by decoding times and gives out nothing
    /// before its turn: a picture would wait for the sound of its own moment,
    /// which leaves its encoder 60 ms later.
    DecodedAhead,
}

/// Players that go by the transport stream's clock buffer for so much longer,
/// and get every picture by as much sooner.
const DECODED_AHEAD: gst::ClockTime = silence::lasts(FRAMES_AHEAD);
const FRAMES_AHEAD: u64 = 3;

impl Stamps {
    /// The sound before that of the broadcast's first picture. Without it the
    /// multiplexer would wait for the first sound, which leaves its encoder
    /// some 100 ms later.
    fn lead_in(self, kind: UnitKind, unit: &gst::Buffer) -> impl Iterator<Item = gst::Buffer> {
        let is_first = kind == UnitKind::Key && unit.pts().is_some_and(|pts| pts < DECODED_AHEAD);
        let wanted = self == Self::DecodedAhead && is_first;
        silence::frames(if wanted { FRAMES_AHEAD } else { 0 })
    }

    fn of(self, kind: UnitKind, unit: &gst::Buffer) -> gst::Buffer {
        if self == Self::AsEncoded {
            return unit.clone();
        }
        let mut unit = unit.copy();
        let encoded = unit.pts();
        let stamps = unit.make_mut();
        // All is shifted, so that no decoding time lies before zero.
        stamps.set_pts(encoded.map(|pts| pts + DECODED_AHEAD));
        stamps.set_dts(encoded.filter(|_| kind != UnitKind::Sound));
        unit
    }
}

/// A target that is connected may be so far behind before it loses pictures.
const MOST_WAITING: gst::ClockTime = gst::ClockTime::from_seconds(6);
/// While a connection is being made, the newest so much is kept for it: two
/// groups of pictures, so that one is whole. What is older is no longer live.
const KEPT_WHILE_CONNECTING: gst::ClockTime = gst::ClockTime::from_seconds(4);

impl Outlet {
    pub(crate) fn new(picture: gst_app::AppSrc, sound: gst_app::AppSrc, stamps: Stamps) -> Self {
        for source in [&picture, &sound] {
            source.set_leaky_type(gst_app::AppLeakyType::Downstream);
            source.set_max_time(KEPT_WHILE_CONNECTING);
        }
        let (established, offered, dropped) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
        Self { picture, sound, stamps, gate: Mutex::default(), established, offered, dropped }
    }

    /// The connection stands: from here on nothing is left out silently.
    pub(crate) fn establish(&self) {
        if !self.established.swap(true, Ordering::Relaxed) {
            for source in [&self.picture, &self.sound] {
                source.set_leaky_type(gst_app::AppLeakyType::None);
                source.set_max_time(gst::ClockTime::ZERO);
            }
        }
    }

    /// Whether something waits for a connection that does not stand yet.
    pub(crate) fn holds_back(&self) -> bool {
        !self.established.load(Ordering::Relaxed) && self.offered() > 0
    }

    /// Units that were meant for this connection, ever. Before the bell there
    /// are none.
    pub(crate) fn offered(&self) -> u64 {
        self.offered.load(Ordering::Relaxed)
    }

    /// Pictures that this connection did not take in time.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn push(&self, kind: UnitKind, unit: &gst::Buffer, hidden: bool) {
        let established = self.established.load(Ordering::Relaxed);
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        if hidden && !established {
            return gate.close();
        }
        self.offered.fetch_add(1, Ordering::Relaxed);
        let full = established && self.picture.current_level_time() > MOST_WAITING;
        let passes = gate.passes(kind, full);
        drop(gate);
        if !passes {
            if established && kind != UnitKind::Sound {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
            return;
        }
        let source = if kind == UnitKind::Sound { &self.sound } else { &self.picture };
        // A pipeline that is going down refuses; its target knows already.
        for silence in self.stamps.lead_in(kind, unit) {
            let _ = self.sound.push_buffer(silence);
        }
        let _ = source.push_buffer(self.stamps.of(kind, unit));
    }
}

#[derive(Debug)]
struct Inner {
    /// Counts the encoder's sessions; what comes late from an earlier one fits
    /// to nothing.
    session: u64,
    /// Where the time stamps of its units begin.
    zero: ClockPoint,
    group: GopCache<gst::Buffer>,
    outlets: Vec<Arc<Outlet>>,
}

/// Hands encoded units to the outlets.
#[derive(Debug)]
pub(crate) struct LiveStream {
    inner: Mutex<Inner>,
    flowing: watch::Sender<bool>,
    shutter: watch::Receiver<Shutter>,
}

impl LiveStream {
    pub(crate) fn new(shutter: watch::Receiver<Shutter>) -> Self {
        let zero = ClockPoint(gst::ClockTime::ZERO);
        let inner = Mutex::new(Inner { session: 0, zero, group: GopCache::new(), outlets: Vec::new() });
        Self { inner, flowing: watch::Sender::new(false), shutter }
    }

    /// Connects a target: it begins with the current group of pictures. While
    /// the shutter is closed, nothing from before is given to whoever comes.
    pub(crate) fn attach(&self, outlet: &Arc<Outlet>) {
        let mut inner = self.inner();
        for (kind, unit) in inner.group.iter() {
            outlet.push(*kind, unit, self.is_from_before_the_shutter(inner.zero, unit));
        }
        inner.outlets.push(Arc::clone(outlet));
    }

    pub(crate) fn detach(&self, outlet: &Arc<Outlet>) {
        self.inner().outlets.retain(|o| !Arc::ptr_eq(o, outlet));
    }

    /// The encoder begins: what it made before fits to nothing. Gives the number
    /// that its units must carry; their time stamps count from `zero`.
    pub(crate) fn begin(&self, zero: ClockPoint) -> u64 {
        let mut inner = self.inner();
        inner.session += 1;
        inner.zero = zero;
        inner.group.clear();
        self.flowing.send_replace(true);
        inner.session
    }

    /// A unit from the encoder; called from its streaming threads.
    pub(crate) fn push(&self, session: u64, kind: UnitKind, unit: gst::Buffer) {
        let mut inner = self.inner();
        if session != inner.session {
            return;
        }
        let hidden = self.is_from_before_the_shutter(inner.zero, &unit);
        for outlet in &inner.outlets {
            outlet.push(kind, &unit, hidden);
        }
        inner.group.push(kind, unit);
    }

    fn is_from_before_the_shutter(&self, zero: ClockPoint, unit: &gst::Buffer) -> bool {
        let captured = ClockPoint(zero.0 + unit.pts().unwrap_or(gst::ClockTime::ZERO));
        self.shutter.borrow().closed_since().is_some_and(|since| captured < since)
    }

    /// The encoder has made its last unit.
    pub(crate) fn end(&self) {
        let mut inner = self.inner();
        inner.session += 1;
        inner.group.clear();
        self.flowing.send_replace(false);
    }

    /// Waits until nothing more comes.
    pub(crate) async fn ended(&self) {
        let _ = self.flowing.subscribe().wait_for(|flowing| !flowing).await;
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(millis: u64) -> gst::Buffer {
        gst::init().unwrap();
        let mut unit = gst::Buffer::from_slice([0_u8; 4]);
        let stamps = unit.get_mut().unwrap();
        stamps.set_pts(gst::ClockTime::from_mseconds(millis));
        stamps.set_dts(gst::ClockTime::from_mseconds(millis));
        unit
    }

    fn stamped(stamps: Stamps, kind: UnitKind, millis: u64) -> (Option<u64>, Option<u64>) {
        let unit = stamps.of(kind, &unit(millis));
        let millis = |at: Option<gst::ClockTime>| at.map(gst::ClockTime::mseconds);
        (millis(unit.pts()), millis(unit.dts()))
    }

    #[test]
    fn a_picture_is_decoded_ahead_and_stays_with_its_sound() {
        assert_eq!(stamped(Stamps::DecodedAhead, UnitKind::Key, 0), (Some(64), Some(0)));
        assert_eq!(stamped(Stamps::DecodedAhead, UnitKind::Delta, 40), (Some(104), Some(40)));
        assert_eq!(stamped(Stamps::DecodedAhead, UnitKind::Sound, 40), (Some(104), None));
        assert_eq!(stamped(Stamps::AsEncoded, UnitKind::Key, 40), (Some(40), Some(40)));
    }

    #[test]
    fn only_a_broadcast_s_first_picture_is_led_in_and_up_to_its_first_sound() {
        let led_in = |stamps: Stamps, kind, millis| stamps.lead_in(kind, &unit(millis)).collect::<Vec<_>>();
        let silence = led_in(Stamps::DecodedAhead, UnitKind::Key, 27);
        let ends = silence.last().and_then(|last| Some(last.pts()? + last.duration()?));
        assert_eq!((silence.len(), silence[0].pts()), (3, Some(gst::ClockTime::ZERO)));
        assert_eq!(ends, Stamps::DecodedAhead.of(UnitKind::Sound, &unit(0)).pts());
        assert!(led_in(Stamps::DecodedAhead, UnitKind::Key, 2000).is_empty());
        assert!(led_in(Stamps::DecodedAhead, UnitKind::Sound, 0).is_empty());
        assert!(led_in(Stamps::AsEncoded, UnitKind::Key, 0).is_empty());
    }
}
