//! The program, raw: what the mixer makes is handed to every encoder from
//! here, or a slate and silence while the privacy shutter hides it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gst::prelude::*;
use tokio::sync::watch;

use super::shutter::Shutter;
use super::tap::Tap;
use super::time::{ClockPoint, Pulse};

/// One start of the mixer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch {
    /// Counts the starts.
    number: u64,
    base: gst::ClockTime,
    fps: u32,
}

impl Epoch {
    /// The start with this number, base time and pace.
    pub(super) fn new(number: u64, base: gst::ClockTime, fps: u32) -> Self {
        Self { number, base, fps }
    }

    pub(crate) fn fps(&self) -> u32 {
        self.fps
    }

    /// How long a frame lasts.
    pub(crate) fn frame(&self) -> gst::ClockTime {
        gst::ClockTime::SECOND / u64::from(self.fps)
    }

    /// The first frame of the program that is not captured before `at`, and that
    /// the mixer has not made yet: it may be ahead of the clock by a frame, and
    /// by a piece of sound, which is shorter.
    pub(crate) fn next_frame_from(&self, at: ClockPoint) -> ClockPoint {
        let ahead = ClockPoint(ClockPoint::now().0 + self.frame());
        self.first_frame_from(at.max(ahead))
    }

    /// The first frame of the program that is not captured before `at`. The
    /// mixer's frames lie at n / fps of its running time, so picture and sound
    /// can both be cut there without waiting for each other.
    pub(crate) fn first_frame_from(&self, at: ClockPoint) -> ClockPoint {
        let since = at.0.saturating_sub(self.base);
        let number = since.mul_div_ceil(self.fps.into(), gst::ClockTime::SECOND.nseconds());
        let number = number.map_or(0, gst::ClockTime::nseconds);
        let offset = gst::ClockTime::SECOND.mul_div_floor(number, self.fps.into());
        ClockPoint(self.base + offset.unwrap_or(since))
    }
}

/// Hands the program to the taps. Lives as long as the daemon.
#[derive(Debug)]
pub(crate) struct ProgramFeed {
    epoch: watch::Sender<Option<Epoch>>,
    starts: AtomicU64,
    taps: Mutex<Vec<Arc<Tap>>>,
    shutter: watch::Receiver<Shutter>,
    /// What is shown while the shutter hides the room.
    slate: Mutex<Option<gst::Buffer>>,
    pictures: Pulse,
    sounds: Pulse,
}

impl ProgramFeed {
    pub(crate) fn new(shutter: watch::Receiver<Shutter>) -> Self {
        Self {
            epoch: watch::Sender::new(None),
            starts: AtomicU64::new(0),
            taps: Mutex::default(),
            shutter,
            slate: Mutex::default(),
            pictures: Pulse::default(),
            sounds: Pulse::default(),
        }
    }

    /// The mixer plays with this base time.
    pub(crate) fn open(&self, base: gst::ClockTime, fps: u32) {
        let number = self.starts.fetch_add(1, Ordering::Relaxed);
        self.pictures.reset();
        self.sounds.reset();
        self.epoch.send_replace(Some(Epoch::new(number, base, fps)));
    }

    /// The mixer is gone.
    pub(crate) fn close(&self) {
        self.epoch.send_replace(None);
    }

    /// The picture that is shown while the shutter hides the room. Without one
    /// there is none.
    pub(crate) fn set_slate(&self, slate: gst::Buffer) {
        *self.slate.lock().unwrap_or_else(PoisonError::into_inner) = Some(slate);
    }

    /// Follows the mixer's starts and stops.
    pub(crate) fn epochs(&self) -> watch::Receiver<Option<Epoch>> {
        self.epoch.subscribe()
    }

    /// How long ago the mixer made both a picture and sound; nothing when it
    /// has not made both yet.
    pub(crate) fn age(&self) -> Option<std::time::Duration> {
        Some(self.pictures.age()?.max(self.sounds.age()?))
    }

    pub(crate) fn attach(&self, tap: &Arc<Tap>) {
        self.taps().push(Arc::clone(tap));
    }

    pub(crate) fn detach(&self, tap: &Arc<Tap>) {
        self.taps().retain(|t| !Arc::ptr_eq(t, tap));
    }

    /// A picture of the program; called from the mixer's streaming thread.
    pub(crate) fn picture(&self, buffer: &gst::Buffer, at: ClockPoint) {
        self.pictures.beat();
        let hidden = self.shutter.borrow().hides(at);
        let slate =
            if hidden { self.slate.lock().unwrap_or_else(PoisonError::into_inner).clone() } else { None };
        let Some(buffer) = (if hidden { slate.as_ref() } else { Some(buffer) }) else { return };
        for tap in self.taps().iter() {
            tap.picture(buffer, at, hidden);
        }
    }

    /// Sound of the program; called from the mixer's streaming thread.
    pub(crate) fn sound(&self, buffer: &gst::Buffer, at: ClockPoint) {
        self.sounds.beat();
        let length = buffer.duration().unwrap_or(gst::ClockTime::ZERO);
        let shutter = *self.shutter.borrow();
        let silence =
            (shutter.hides(at) || shutter.hides(ClockPoint(at.0 + length))).then(|| silence(buffer));
        let buffer = silence.as_ref().unwrap_or(buffer);
        for tap in self.taps().iter() {
            tap.sound(buffer, at);
        }
    }

    fn taps(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Tap>>> {
        self.taps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As much silence as there is sound in a buffer.
fn silence(of: &gst::Buffer) -> gst::Buffer {
    let mut silence = gst::Buffer::from_slice(vec![0_u8; of.size()]);
    if let Some(silence) = silence.get_mut() {
        silence.set_duration(of.duration());
    }
    silence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_frame_is_never_before_the_bell_and_lies_on_the_grid() {
        let base = gst::ClockTime::from_nseconds(123_456_789_123);
        for fps in [5_u32, 12, 25, 30, 60] {
            let epoch = Epoch::new(0, base, fps);
            for offset in (0..4_000_000_000_u64).step_by(7_654_321) {
                let at = ClockPoint(base + gst::ClockTime::from_nseconds(offset));
                let frame = epoch.first_frame_from(at);
                assert!(frame.0 + gst::ClockTime::from_nseconds(1) >= at.0, "{fps}: {at:?} {frame:?}");
                assert!(
                    frame.since(at)
                        <= gst::ClockTime::SECOND / u64::from(fps) + gst::ClockTime::from_nseconds(1)
                );
                assert_eq!(epoch.first_frame_from(frame), frame, "{fps}");
            }
        }
    }
}
