//! The program, raw: what the mixer makes is handed to every encoder from
//! here. A tap is one encoder's share of it, from one point in time to another.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gst::prelude::*;
use tokio::sync::watch;

use super::time::{ClockPoint, Pulse};

/// One start of the mixer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch {
    /// Counts the starts.
    pub(crate) number: u64,
    base: gst::ClockTime,
    fps: u32,
}

impl Epoch {
    /// The first frame of the program that is not captured before `at`, and that
    /// the mixer has not made yet: it may be ahead of the clock by a frame, and
    /// by a piece of sound, which is shorter.
    pub(crate) fn next_frame_from(&self, at: ClockPoint) -> ClockPoint {
        let ahead = ClockPoint(ClockPoint::now().0 + gst::ClockTime::SECOND / u64::from(self.fps));
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
    pictures: Pulse,
    sounds: Pulse,
}

impl ProgramFeed {
    pub(crate) fn new() -> Self {
        Self {
            epoch: watch::Sender::new(None),
            starts: AtomicU64::new(0),
            taps: Mutex::default(),
            pictures: Pulse::default(),
            sounds: Pulse::default(),
        }
    }

    /// The mixer plays with this base time.
    pub(crate) fn open(&self, base: gst::ClockTime, fps: u32) {
        let number = self.starts.fetch_add(1, Ordering::Relaxed);
        self.pictures.reset();
        self.sounds.reset();
        self.epoch.send_replace(Some(Epoch { number, base, fps }));
    }

    /// The mixer is gone.
    pub(crate) fn close(&self) {
        self.epoch.send_replace(None);
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
        for tap in self.taps().iter() {
            tap.picture(buffer, at);
        }
    }

    /// Sound of the program; called from the mixer's streaming thread.
    pub(crate) fn sound(&self, buffer: &gst::Buffer, at: ClockPoint) {
        self.sounds.beat();
        for tap in self.taps().iter() {
            tap.sound(buffer, at);
        }
    }

    fn taps(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Tap>>> {
        self.taps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `avenc_aac` puts 1024 samples of silence before the first sound and does not
/// say so in its time stamps: what it gets is stamped earlier by as much, so
/// that sound and picture meet again behind it. Measured with flash and beep.
const SOUND_ENCODER_DELAY: gst::ClockTime = gst::ClockTime::from_nseconds(21_333_333);

/// Frames an encoder may be behind before pictures are dropped: a second.
const MOST_WAITING_SECONDS: u32 = 1;

/// One encoder's share of the program.
#[derive(Debug)]
pub(crate) struct Tap {
    picture: gst_app::AppSrc,
    sound: gst_app::AppSrc,
    most_waiting: u64,
    /// The first frame; time stamps count from `zero`.
    begin: ClockPoint,
    zero: ClockPoint,
    end: Mutex<Option<ClockPoint>>,
    ended: [AtomicBool; 2],
    keys: Mutex<KeySchedule>,
    dropped: AtomicU64,
    losses: Mutex<Vec<(ClockPoint, ClockPoint)>>,
    frame: gst::ClockTime,
}

/// When the next keyframe is due. By time, not by frame count: a camera that
/// slows down to 12 fps would otherwise stretch a fragment to 4 s.
#[derive(Debug)]
struct KeySchedule {
    encoder: gst::Pad,
    next: gst::ClockTime,
}

/// The length of a group of pictures, and so of a fragment.
pub(crate) const GOP: gst::ClockTime = gst::ClockTime::from_seconds(2);

impl Tap {
    /// `begin` is on the mixer's frame grid; `encoder` is the source pad of
    /// the video encoder, which is told when to make keyframes.
    pub(crate) fn new(
        picture: gst_app::AppSrc,
        sound: gst_app::AppSrc,
        encoder: gst::Pad,
        begin: ClockPoint,
        zero: ClockPoint,
        fps: u32,
    ) -> Self {
        let keys = KeySchedule { encoder, next: begin.since(zero) + GOP };
        Self {
            picture,
            sound,
            most_waiting: u64::from(fps * MOST_WAITING_SECONDS),
            begin,
            zero,
            end: Mutex::default(),
            ended: [AtomicBool::new(false), AtomicBool::new(false)],
            keys: Mutex::new(keys),
            dropped: AtomicU64::new(0),
            losses: Mutex::default(),
            frame: gst::ClockTime::SECOND / u64::from(fps),
        }
    }

    /// Ends the streams before the first frame captured at `at` or later.
    pub(crate) fn end_at(&self, at: ClockPoint) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    /// Ends the streams at once, for when the mixer brings nothing any more.
    pub(crate) fn end_now(&self) {
        for (source, ended) in [&self.picture, &self.sound].into_iter().zip(&self.ended) {
            if !ended.swap(true, Ordering::Relaxed) {
                let _ = source.end_of_stream();
            }
        }
    }

    /// Pictures that were dropped because the encoder was behind, ever.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Stretches that were dropped since the last call.
    pub(crate) fn take_losses(&self) -> Vec<(ClockPoint, ClockPoint)> {
        std::mem::take(&mut self.losses.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn ends_before(&self, at: ClockPoint) -> bool {
        self.end.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|end| at >= end)
    }

    fn picture(&self, buffer: &gst::Buffer, at: ClockPoint) {
        if at < self.begin || self.ended[0].load(Ordering::Relaxed) {
            return;
        }
        if self.ends_before(at) {
            self.ended[0].store(true, Ordering::Relaxed);
            let _ = self.picture.end_of_stream();
            return;
        }
        let pts = at.since(self.zero);
        self.schedule_key(pts);
        if self.picture.current_level_buffers() >= self.most_waiting {
            self.lose(at);
            return;
        }
        let mut copy = buffer.copy();
        let meta = copy.make_mut();
        meta.set_pts(pts);
        meta.set_dts(gst::ClockTime::NONE);
        let _ = self.picture.push_buffer(copy);
    }

    fn sound(&self, buffer: &gst::Buffer, at: ClockPoint) {
        if self.ended[1].load(Ordering::Relaxed) {
            return;
        }
        let end = *self.end.lock().unwrap_or_else(PoisonError::into_inner);
        if end.is_some_and(|end| at.0 >= end.0 + SOUND_ENCODER_DELAY) {
            self.ended[1].store(true, Ordering::Relaxed);
            let _ = self.sound.end_of_stream();
            return;
        }
        // Nothing of it, or less than a sample: the clipping below would complain.
        let length = buffer.duration().unwrap_or(gst::ClockTime::ZERO);
        let first = self.begin.0 + SOUND_ENCODER_DELAY;
        if at.0 + length <= first + gst::ClockTime::from_useconds(25) {
            return;
        }
        let mut copy = buffer.copy();
        copy.make_mut().set_pts(at.0);
        let mut window = gst::FormattedSegment::<gst::ClockTime>::new();
        window.set_start(first);
        if let Some(end) = end {
            window.set_stop(end.0 + SOUND_ENCODER_DELAY);
        }
        let bytes_per_frame = 2 * 4; // two channels of F32
        let Some(mut cut) = gst_audio::audio_buffer_clip(copy, window.upcast_ref(), 48_000, bytes_per_frame)
        else {
            return;
        };
        let Some(pts) = cut.pts() else { return };
        let at = ClockPoint(pts.saturating_sub(SOUND_ENCODER_DELAY));
        cut.make_mut().set_pts(at.since(self.zero));
        let _ = self.sound.push_buffer(cut);
    }

    /// Orders the next keyframe one second ahead, so that the order is there
    /// before the frame is, whatever waits in between.
    fn schedule_key(&self, pts: gst::ClockTime) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        while pts + gst::ClockTime::SECOND >= keys.next {
            let order =
                gst_video::UpstreamForceKeyUnitEvent::builder().running_time(keys.next).all_headers(true);
            let _ = keys.encoder.send_event(order.build());
            keys.next += GOP;
        }
    }

    fn lose(&self, at: ClockPoint) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
        let mut losses = self.losses.lock().unwrap_or_else(PoisonError::into_inner);
        let until = ClockPoint(at.0 + self.frame);
        match losses.last_mut() {
            // Frame times are rounded, so neighbours may be 1 ns apart.
            Some((_, end)) if at.since(*end) < self.frame / 2 => *end = until,
            _ => losses.push((at, until)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_frame_is_never_before_the_bell_and_lies_on_the_grid() {
        let base = gst::ClockTime::from_nseconds(123_456_789_123);
        for fps in [5_u32, 12, 25, 30, 60] {
            let epoch = Epoch { number: 0, base, fps };
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
