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
    /// Held by nobody who hands on: a mixer's thread that hangs in there must not
    /// keep the next mixer, or an encoder that comes or goes.
    taps: Mutex<Arc<[Arc<Tap>]>>,
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

    /// The mixer is gone, and the taps that were cut on its frame grid with it: a
    /// thread of its may still hang in one.
    pub(crate) fn close(&self) {
        self.epoch.send_replace(None);
        *self.list() = Arc::default();
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

    /// How long ago the mixer made both a picture and sound and every encoder had
    /// been handed it; nothing when it has not done so with both yet.
    pub(crate) fn age(&self) -> Option<std::time::Duration> {
        Some(self.pictures.age()?.max(self.sounds.age()?))
    }

    pub(crate) fn attach(&self, tap: &Arc<Tap>) {
        let mut taps = self.list();
        *taps = taps.iter().chain([tap]).cloned().collect();
    }

    pub(crate) fn detach(&self, tap: &Arc<Tap>) {
        let mut taps = self.list();
        *taps = taps.iter().filter(|t| !Arc::ptr_eq(t, tap)).cloned().collect();
    }

    /// A picture of the program; called from the mixer's streaming thread.
    pub(crate) fn picture(&self, buffer: &gst::Buffer, at: ClockPoint) {
        self.hand_on_picture(buffer, at);
        self.pictures.beat();
    }

    fn hand_on_picture(&self, buffer: &gst::Buffer, at: ClockPoint) {
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
        let length = buffer.duration().unwrap_or(gst::ClockTime::ZERO);
        let shutter = *self.shutter.borrow();
        let silence =
            (shutter.hides(at) || shutter.hides(ClockPoint(at.0 + length))).then(|| silence(buffer));
        let buffer = silence.as_ref().unwrap_or(buffer);
        for tap in self.taps().iter() {
            tap.sound(buffer, at);
        }
        self.sounds.beat();
    }

    fn taps(&self) -> Arc<[Arc<Tap>]> {
        Arc::clone(&self.list())
    }

    fn list(&self) -> std::sync::MutexGuard<'_, Arc<[Arc<Tap>]>> {
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
    use std::time::Duration;

    use super::*;
    use crate::capture::tap::Entrances;
    use crate::capture::window::Window;

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

    /// A tap into a pipeline that takes one picture and no more.
    fn clogged(epoch: &Epoch, begin: ClockPoint) -> (gst::Pipeline, Arc<Tap>) {
        let description = "appsrc name=picture block=true max-buffers=1 format=time ! fakesink \
                           appsrc name=sound format=time ! fakesink";
        let pipeline = gst::parse::launch(description).unwrap().downcast::<gst::Pipeline>().unwrap();
        let entrance = |name| pipeline.by_name(name).unwrap().downcast::<gst_app::AppSrc>().unwrap();
        let (picture, sound) = (entrance("picture"), entrance("sound"));
        let encoder = picture.static_pad("src").unwrap();
        let window = Window::new(epoch, begin, &[(begin, None)]);
        let tap = Tap::new(Entrances { picture, sound, encoder }, epoch, window, begin);
        (pipeline, Arc::new(tap))
    }

    #[test]
    fn a_mixer_that_hangs_while_it_hands_on_keeps_neither_the_next_one_nor_an_encoder() {
        const LIMIT: Duration = Duration::from_secs(20);
        gst::init().unwrap();
        let feed = Arc::new(ProgramFeed::new(watch::Sender::default().subscribe()));
        let begin = ClockPoint::now();
        let epoch = Epoch::new(0, begin.0, 25);
        let frame = move |n: u64| ClockPoint(begin.0 + epoch.frame() * n);
        let (clogged_pipeline, clogged_tap) = clogged(&epoch, begin);
        clogged_pipeline.set_state(gst::State::Paused).unwrap();
        feed.open(begin.0, 25);
        feed.attach(&clogged_tap);
        let (told, handed_on) = std::sync::mpsc::sync_channel(4);
        let hanging = Arc::clone(&feed);
        let mixer = std::thread::spawn(move || {
            for n in 0..4 {
                hanging.picture(&gst::Buffer::new(), frame(n));
                told.send(n).unwrap();
            }
        });
        while handed_on.recv_timeout(Duration::from_millis(500)).is_ok() {}
        assert!(!mixer.is_finished(), "it hangs in the entrance");

        let (told, next) = std::sync::mpsc::sync_channel(4);
        let after = Arc::clone(&feed);
        std::thread::spawn(move || {
            after.close();
            after.open(begin.0, 25);
            let (_pipeline, tap) = clogged(&epoch, begin);
            after.attach(&tap);
            assert!(after.age().is_none());
            after.picture(&gst::Buffer::new(), frame(9));
            after.sound(&gst::Buffer::new(), frame(9));
            after.detach(&tap);
            told.send((tap.passed(), after.age().is_some())).unwrap();
        });
        assert_eq!(next.recv_timeout(LIMIT), Ok((1, true)), "the next mixer hands on");
        clogged_tap.set_window(Window::new(&epoch, begin, &[]));
        clogged_pipeline.set_state(gst::State::Null).unwrap();
        mixer.join().unwrap();
    }
}
